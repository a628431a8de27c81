"""One message's figures: a funnel of people, why some are not reached, a course over time.

`live` works them out of deliveries and receipts, as long as those are kept; statistics.py keeps
what it found. All in steps (steps.py): the true counts leave this file for tests only.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag, auto
from itertools import accumulate
from operator import add
from typing import Any

from dispatch import part_figures, parts, queries
from dispatch.masking import Count, Told, limit_of
from dispatch.models import Message
from dispatch.outcomes import OPEN, Outcome
from dispatch.part_figures import PartFigures
from dispatch.steps import breakdown, difference, rounded_down, step_of, stepped, total

POINTS_MAX = 60  # of the course; more would be drawn on top of each other
# Widths of a point in seconds; the smallest that keeps to POINTS_MAX is taken.
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
SERIES = ("accepted", "received", "opened")
HELD = "held"
MIXED = "mixed"
# Why a resident is not reached, by the final outcome of a delivery; ours to mend come first, and
# name the reason of a resident whose phones have several.
REASONS: dict[Outcome, str] = {
    Outcome.PAYLOAD_REFUSED: "payload_refused",
    Outcome.GAVE_UP: "gave_up",
    Outcome.STOPPED: "stopped",
    Outcome.SLEPT_THROUGH: "slept_through",
    Outcome.TOKEN_DEAD: "token_dead",
    Outcome.UNREACHABLE: "no_target",
}


class Flag(IntFlag):
    """What is known of a device, or of a resident by any of their devices (sql/progress.sql)."""

    RECEIVED = auto()
    SHOWN = auto()
    OPENED = auto()
    CONFIRMED = auto()
    ACCEPTED = auto()
    WAITING = auto()
    FREE = auto()  # waits for no stated time
    PAYLOAD_REFUSED = auto()
    GAVE_UP = auto()
    STOPPED = auto()
    SLEPT_THROUGH = auto()
    TOKEN_DEAD = auto()
    UNREACHABLE = auto()


FLAGS_OF = {
    outcome: Flag.ACCEPTED
    if outcome == Outcome.ACCEPTED
    else Flag.WAITING | Flag.FREE
    if outcome in OPEN
    else Flag[outcome.name]
    for outcome in Outcome
}
# A receipt of a later event proves the earlier ones: who opened has received.
_received = Flag.ACCEPTED | Flag.RECEIVED
SAID = {
    "received": _received,
    "shown": _received | Flag.SHOWN,
    "opened": _received | Flag.SHOWN | Flag.OPENED,
    "confirmed": _received | Flag.SHOWN | Flag.OPENED | Flag.CONFIRMED,
}
STEP_FLAGS = {name: Flag[name.upper()] for name in ("accepted", *SAID)}

Counts = dict[str, int]
Funnel = dict[str, Count]


@dataclass(frozen=True)
class Speed:
    """Seconds from the freezing until so many in 100 were accepted; None: not yet, or never."""

    to_50: float | None
    to_90: float | None
    to_99: float | None


@dataclass(frozen=True)
class Figures:
    """A message's figures as they may be told: counts between none and all go by `step`.

    `unreached`: why residents have nothing, the largest group first; `MIXED` holds the small ones,
    `HELD` those who wait for a stated time. `muted`: residents of the area who got nothing, having
    muted the kind. `parts`: of an area of several, those that may be followed apart.
    """

    residents: Funnel
    devices: Funnel
    unreached: tuple[tuple[str, Count], ...]
    muted: Count
    step: int
    speed: Speed
    timeline: list[dict[str, int]]
    parts: tuple[PartFigures, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Without `speed`, which has columns of its own."""
        return {
            "residents": _json(self.residents),
            "devices": _json(self.devices),
            "unreached": [[why, count.to_json()] for why, count in self.unreached],
            "muted": self.muted.to_json(),
            "step": self.step,
            "timeline": self.timeline,
            "parts": part_figures.kept(self.parts),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], speed: Speed) -> "Figures":
        """What `to_json` made."""
        return cls(
            residents=_counts(kept["residents"]),
            devices=_counts(kept["devices"]),
            unreached=tuple((why, Count.from_json(count)) for why, count in kept["unreached"]),
            muted=Count.from_json(kept["muted"]),
            step=kept["step"],
            speed=speed,
            timeline=kept["timeline"],
            parts=part_figures.read(kept.get("parts", ())),  # kept before there were any
        )


def live(message: Message) -> Figures | None:
    """The message's figures now; None where its deliveries are not kept any more."""
    row, told = counted(message), Told.from_json(message.told)
    batches = queries.rows("progress_batches", **_key(message))
    if message.devices and not row["devices"]["selected"]:
        return None
    step = step_of(message.alert, told.residents)
    late = rounded_down(message.late_residents, step), rounded_down(message.late_devices, step)
    residents = _funnel(row["residents"], told.residents, late[0], step)
    residents["unreachable"] = total(residents["unreachable"], told.unreachable)
    return Figures(
        residents=residents,
        devices=_funnel(row["devices"], told.devices, late[1], step),
        unreached=breakdown(row["unreached"], step, rest=MIXED),
        muted=told.muted,
        step=step,
        speed=_speed(batches, row["devices"]["selected"] - row["devices"]["unreachable"]),
        timeline=_told_course(course(_seconds(message, batches)), told.devices, step),
        parts=_parts(message, row["homes"], residents),
    )


def _parts(
    message: Message, counts: Mapping[int, Counts], whole: Funnel
) -> tuple[PartFigures, ...]:
    limit = limit_of(parts.from_row(row) for row in message.alert.parts.all())
    settled = {step: _settled(message, whole, step) for step in part_figures.STEPS}
    return part_figures.told(counts, _followed(message), settled, limit)


def _settled(message: Message, whole: Funnel, step: str) -> bool | None:
    """Whether all of the whole are told to have come to the step, or none (False).

    All of those whom a later message goes to are not all of the people of a part.
    """
    if whole[step].count == 0:
        return False
    if message.kind != Message.Kind.ALERT or whole[step].count is None:
        return None
    return True if whole[step] == whole["selected"] else None


def _followed(message: Message) -> dict[int, int]:
    return {int(position): people for position, people in message.followed_parts.items()}


def counted(message: Message) -> dict[str, Any]:
    """The true counts of `residents` and `devices` at each step, and why residents are unreached.

    A resident is at a step where one of their devices is. `homes`: the steps of residents by the
    followed part that they count for.
    """
    people = _followed(message)
    rows = queries.rows("progress", **_key(message), **_flags(), by_part=bool(people))
    groups: dict[str, list[tuple[Flag, int]]] = {"residents": [], "devices": []}
    for row in rows:
        groups[row["what"]].append((Flag(row["flags"]), row["n"]))
    found: dict[str, Any] = {what: _steps(group) for what, group in groups.items()}
    homes: dict[int, list[tuple[Flag, int]]] = {}
    for row in rows:
        home = part_figures.home_of(_positions(row["parts"]), people)
        if home is not None:
            homes.setdefault(home, []).append((Flag(row["flags"]), row["n"]))
    return found | {
        "unreached": _unreached(groups["residents"]),
        "homes": {home: _steps(group) for home, group in homes.items()},
    }


def _positions(bits: str | None) -> frozenset[int]:
    """Of the parts whose bits are set in Delivery.parts."""
    return frozenset(n for n, bit in enumerate(bits or "") if bit == "1")


def _flags() -> dict[str, Any]:
    """What progress.sql is told of the flags."""
    return {
        "flag_of": [int(FLAGS_OF[outcome]) for outcome in sorted(Outcome)],
        **{name: int(flag) for name, flag in SAID.items()},
        "free": int(Flag.FREE),
    }


def _steps(groups: Sequence[tuple[Flag, int]]) -> Counts:
    """How many have come to each step; a later one includes the earlier."""
    counts = {
        step: sum(n for flags, n in groups if flag in flags) for step, flag in STEP_FLAGS.items()
    }
    return counts | {
        "selected": sum(n for _flags, n in groups),
        "no_trace": counts["accepted"] - counts["received"],
        "unreachable": sum(n for flags, n in groups if not flags & (Flag.ACCEPTED | Flag.WAITING)),
    }


def _unreached(groups: Sequence[tuple[Flag, int]]) -> Counts:
    """Residents who have nothing, by name of the reason."""
    found: Counter[str] = Counter()
    for flags, n in groups:
        if not flags & (Flag.ACCEPTED | Flag.FREE):
            found[_why(flags)] += n
    return dict(found)


def _why(flags: Flag) -> str:
    if Flag.WAITING in flags:
        return HELD
    return next(name for outcome, name in REASONS.items() if FLAGS_OF[outcome] in flags)


def _speed(batches: Sequence[Mapping[str, Any]], n: int) -> Speed:
    """When so many in 100 of `n` deliveries, which were or can be accepted, were."""
    totals = list(accumulate(batch["accepted"] for batch in batches))

    def seconds_to(share: int) -> float | None:
        index = bisect_left(totals, -(-share * n // 100))
        return batches[index]["t_s"] if n and index < len(batches) else None

    return Speed(*(seconds_to(share) for share in (50, 90, 99)))


def _seconds(message: Message, batches: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
    """What happened in each second since the freezing, in order."""
    found: dict[int, dict[str, int]] = {}
    accepted = [
        {"t_s": max(int(batch["t_s"]), 0), "accepted": batch["accepted"]} for batch in batches
    ]
    for event in [*accepted, *queries.rows("progress_receipts", **_key(message))]:
        second = found.setdefault(event["t_s"], dict.fromkeys(SERIES, 0))
        for name in SERIES:
            second[name] += event.get(name, 0)
    return [{"t_s": t_s} | found[t_s] for t_s in sorted(found)]


def _key(message: Message) -> dict[str, Any]:
    return {"month": message.month, "message": message.pk, "frozen_at": message.frozen_at}


def _json(funnel: Funnel) -> dict[str, Any]:
    return {name: count.to_json() for name, count in funnel.items()}


def _counts(kept: Mapping[str, Any]) -> Funnel:
    return {name: Count.from_json(count) for name, count in kept.items()}


def _funnel(counts: Counts, frozen: Count, late: Count, step: int) -> Funnel:
    """`late`: those who came later, in steps; they are selected besides those of the freezing."""
    selected = total(frozen, late) if late.count else frozen
    told = {name: stepped(count, selected, step) for name, count in counts.items()}
    return told | {
        "selected": selected,
        "late": late,
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
