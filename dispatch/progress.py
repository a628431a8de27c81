"""How far an alert has come, for the staff's page: a funnel of people, a course over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add

from dispatch import queries
from dispatch.models import Alert, Message
from dispatch.overview import mask_below

POINTS_MAX = 60  # of the course; more would be drawn on top of each other
# Widths of a point in seconds; the smallest that keeps to POINTS_MAX is taken.
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
SERIES = ("accepted", "received", "opened")
CREDENTIALS = "credentials"
FOLLOWED = (Message.Kind.ALERT, Message.Kind.UPDATE)

Counts = dict[str, int | None]


@dataclass(frozen=True)
class Progress:
    """A message's funnel. Counts of a masked audience are None unless 0.

    `trouble`: why sending stands still ("payload_refused", "credentials"), or "".
    """

    alert: Alert
    message: Message
    residents: Counts
    devices: Counts
    seconds_to_99: float | None
    timeline: list[dict[str, int]]
    trouble: str
    below: int | None

    @property
    def masked(self) -> bool:
        return self.below is not None

    @property
    def final(self) -> bool:
        return self.message.sent_at is not None


def followed(alert: Alert) -> Message | None:
    """The message whose course the page shows: the newest that tells of the event itself."""
    return alert.messages.filter(kind__in=FOLLOWED).order_by("-pk").first()


def progress_of(alert: Alert) -> Progress | None:
    """The alert's progress now; None where nothing was sent yet.

    Counts are masked where the audience itself is smaller than may be told.
    """
    message = followed(alert)
    if message is None:
        return None
    key = {"month": message.month, "message": message.pk, "frozen_at": message.frozen_at}
    [row] = queries.rows("progress", **key)
    residents, devices = row["residents"], row["devices"]
    residents["unreachable"] += message.unreachable
    limit = mask_below(alert)
    masked = 0 < message.residents < limit
    return Progress(
        alert=alert,
        message=message,
        residents=_masked(residents) if masked else residents,
        devices=_masked(devices) if masked else devices,
        seconds_to_99=row["seconds_to_99"],
        timeline=[] if masked else course(queries.rows("progress_timeline", **key)),
        trouble=message.halted_reason or (CREDENTIALS if row["held"] else ""),
        below=limit if masked else None,
    )


def course(seconds: Sequence[Mapping[str, int]]) -> list[dict[str, int]]:
    """Counts by second as at most POINTS_MAX points, each with the total so far at its end."""
    if not seconds:
        return []
    last = seconds[-1]["t_s"]
    step = next((step for step in STEPS_S if last // step < POINTS_MAX), last // POINTS_MAX + 1)
    length = last // step + 1
    totals = {name: [0] * length for name in SERIES}
    for second in seconds:
        for name in SERIES:
            totals[name][second["t_s"] // step] += second[name]
    sums = [accumulate(totals[name], add) for name in SERIES]
    return [
        {"t_s": (index + 1) * step, **dict(zip(SERIES, values, strict=True))}
        for index, values in enumerate(zip(*sums, strict=True))
    ]


def _masked(counts: Mapping[str, int]) -> Counts:
    """Only what is none is told; of the rest not even which is larger."""
    return {name: None if count else 0 for name, count in counts.items()}
