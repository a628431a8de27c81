"""A gmina's statistics of a year: what was sent, to how many, how fast, how much was read.

From folded figures alone (statistics.py), so it costs the same however many deliveries there were.
Every sum is of figures that the alerts' own pages tell, so it tells nothing more: an alert whose
figure may not be told is counted as an alert and left out of the sum, and the row says so.
An alert counts with its first message; updates and all-clears go to people who are in it already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median_low
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Gmina
from dispatch.masking import Count
from dispatch.models import Message

WARSAW = ZoneInfo("Europe/Warsaw")
SHARES = (50, 90, 99)


class Period(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_OF = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


@dataclass(frozen=True)
class Sent:
    """One alert as statistics see it; figures None: none yet."""

    at: datetime
    category: str
    kind: str
    severity: str
    is_drill: bool
    residents: Mapping[str, Count]
    seconds: Mapping[int, float | None]


@dataclass(frozen=True)
class Line:
    """Alerts of one period, category, kind or severity, summed up.

    `people`: to whom alerts were handed over, a person once an alert. `untold`: alerts that are not
    in it, because their figure is no exact one or not there yet. Shares are of `people`, in
    percent, None without any. `seconds`: medians over alerts until so many in 100 had it.
    """

    key: str
    alerts: int
    people: int
    untold: int
    received: int | None
    opened: int | None
    seconds: Mapping[int, float | None]


@dataclass(frozen=True)
class Report:
    year: int
    period: Period
    total: Line
    by_period: list[Line]
    by_category: list[Line]
    by_kind: list[Line]
    by_severity: list[Line]
    drills: list[Line]


def report(gmina: Gmina, year: int, period: Period) -> Report:
    """The year's statistics; drills are apart, in no other line."""
    sent = list(_sent(gmina, year))
    real = [one for one in sent if not one.is_drill]

    def by_time(one: Sent) -> str:
        return str((one.at.month - 1) // MONTHS_OF[period] + 1)

    keys = [str(n + 1) for n in range(12 // MONTHS_OF[period])]
    return Report(
        year=year,
        period=period,
        total=_line("", real),
        by_period=_lines(real, by_time, keys),
        by_category=_lines(real, lambda one: one.category),
        by_kind=_lines(real, lambda one: one.kind),
        by_severity=_lines(real, lambda one: one.severity),
        drills=_lines([one for one in sent if one.is_drill], by_time),
    )


def years(gmina: Gmina) -> list[int]:
    """The years with alerts, newest first; this one always."""
    found = Message.objects.filter(gmina=gmina).datetimes("frozen_at", "year", tzinfo=WARSAW)
    return sorted({timezone.localdate().year} | {first.year for first in found}, reverse=True)


def _sent(gmina: Gmina, year: int) -> Iterator[Sent]:
    starts = datetime(year, 1, 1, tzinfo=WARSAW), datetime(year + 1, 1, 1, tzinfo=WARSAW)
    rows = Message.objects.filter(
        gmina=gmina, kind=Message.Kind.ALERT, frozen_at__gte=starts[0], frozen_at__lt=starts[1]
    ).values_list(
        "frozen_at",
        "alert__kind__category",
        "alert__kind__code",
        "severity",
        "is_drill",
        "figures__told__residents",
        *(f"figures__seconds_to_{share}" for share in SHARES),
    )
    for at, category, kind, severity, is_drill, told, *seconds in rows:
        residents = {step: Count.from_json(count) for step, count in (told or {}).items()}
        speed = dict(zip(SHARES, seconds, strict=True))
        yield Sent(at.astimezone(WARSAW), category, kind, severity, is_drill, residents, speed)


def _lines(
    sent: Iterable[Sent], key: Callable[[Sent], str], keys: Iterable[str] = ()
) -> list[Line]:
    """A line a key: those given in their order, also where nothing was sent; else most alerts
    first."""
    groups: dict[str, list[Sent]] = {name: [] for name in keys}
    is_ordered = bool(groups)
    for one in sent:
        groups.setdefault(key(one), []).append(one)
    found = [_line(name, group) for name, group in groups.items()]
    return found if is_ordered else sorted(found, key=lambda line: (-line.alerts, line.key))


def _line(key: str, sent: list[Sent]) -> Line:
    told = [one for one in sent if _exact(one, "accepted") is not None]
    people = sum(_exact(one, "accepted") or 0 for one in told)
    return Line(
        key=key,
        alerts=len(sent),
        people=people,
        untold=len(sent) - len(told),
        received=_percent(told, "received", people),
        opened=_percent(told, "opened", people),
        seconds={share: _median(one.seconds[share] for one in sent) for share in SHARES},
    )


def _exact(one: Sent, step: str) -> int | None:
    count = one.residents.get(step)
    return count.count if count else None


def _percent(told: list[Sent], step: str, people: int) -> int | None:
    """Rounded; a figure that reads "fewer than" counts as none."""
    return round(100 * sum(_exact(one, step) or 0 for one in told) / people) if people else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median_low(known) if known else None


def cells(line: Line) -> list[Any]:
    """The figures of a line in the order of the table's columns; None where there is none."""
    times = [None if value is None else round(value) for value in line.seconds.values()]
    return [line.alerts, line.people, line.untold, line.received, line.opened, *times]
