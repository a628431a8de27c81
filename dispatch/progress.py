"""How far an alert has come, for the staff's page: a funnel of people, a course over time.

Both in steps (steps.py): the true counts leave this file for tests only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import Any

from dispatch import queries
from dispatch.masking import Count, Told
from dispatch.models import Alert, Message
from dispatch.steps import difference, rounded_down, step_of, stepped, total

POINTS_MAX = 60  # of the course; more would be drawn on top of each other
# Widths of a point in seconds; the smallest that keeps to POINTS_MAX is taken.
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
SERIES = ("accepted", "received", "opened")
CREDENTIALS = "credentials"
FOLLOWED = (Message.Kind.ALERT, Message.Kind.UPDATE)

Counts = dict[str, int]
Funnel = dict[str, Count]


@dataclass(frozen=True)
class Progress:
    """A message's funnel, as it may be told: counts between none and all go by `step`.

    `muted`: residents of the area who got nothing, having muted the kind. `trouble`: why sending
    stands still ("payload_refused", "credentials"), or "".
    """

    alert: Alert
    message: Message
    residents: Funnel
    devices: Funnel
    muted: Count
    step: int
    seconds_to_99: float | None
    timeline: list[dict[str, int]]
    trouble: str

    @property
    def final(self) -> bool:
        return self.message.sent_at is not None


def followed(alert: Alert) -> Message | None:
    """The message whose course the page shows: the newest that tells of the event itself."""
    return alert.messages.filter(kind__in=FOLLOWED).order_by("-pk").first()


def progress_of(alert: Alert) -> Progress | None:
    """The alert's progress now, as it may be told; None where nothing was sent yet."""
    message = followed(alert)
    if message is None:
        return None
    row, told = counted(message), Told.from_json(message.told)
    step = step_of(alert, told.residents)
    residents = _funnel(row["residents"], told.residents, step)
    residents["unreachable"] = total(residents["unreachable"], told.unreachable)
    return Progress(
        alert=alert,
        message=message,
        residents=residents,
        devices=_funnel(row["devices"], told.devices, step),
        muted=told.muted,
        step=step,
        seconds_to_99=row["seconds_to_99"],
        timeline=_told_course(course(_seconds(message)), told.devices, step),
        trouble=message.halted_reason or (CREDENTIALS if row["held"] else ""),
    )


def counted(message: Message) -> dict[str, Any]:
    """The true counts of `residents` and `devices` at each step, and what else progress.sql has."""
    [row] = queries.rows("progress", **_key(message))
    return row


def _seconds(message: Message) -> list[dict[str, int]]:
    return queries.rows("progress_timeline", **_key(message))


def _key(message: Message) -> dict[str, Any]:
    return {"month": message.month, "message": message.pk, "frozen_at": message.frozen_at}


def _funnel(counts: Counts, selected: Count, step: int) -> Funnel:
    told = {name: stepped(count, selected, step) for name, count in counts.items()}
    return told | {
        "selected": selected,
        "no_trace": difference(told["accepted"], told["received"], audience=selected, step=step),
        "unreachable": rounded_down(counts["unreachable"], step),
    }


def _told_course(points: list[dict[str, int]], selected: Count, step: int) -> list[dict[str, int]]:
    """The course in the steps of the funnel; too few to be told are drawn as none."""
    if selected.count is None:
        return []
    return [
        {"t_s": point["t_s"]}
        | {name: stepped(point[name], selected, step).count or 0 for name in SERIES}
        for point in points
    ]


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
