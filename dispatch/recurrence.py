"""Series: a rule of RFC 5545 over a wall time, as dates on which residents are told.

A rule gives days; the hour is that of the series' first start, by the clock in Poland. What falls
on a free day (working_days.py) is sent, left out, or moved to a working day; two that land on one
day are one. A start in the hour that March skips goes at the minute after it, one in the hour that
October has twice goes at the first.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.conf import settings

from dispatch import schedule
from dispatch.errors import RecurrenceEmpty, RecurrenceEndless, RecurrenceInvalid, RecurrenceTooLong
from dispatch.models import Alert
from dispatch.schedule import POLAND
from dispatch.working_days import is_free_day, working_day_after, working_day_before

OnHoliday = Alert.OnHoliday
# Several a day are no series of alerts but a nuisance.
FREQUENCIES = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
WEEKDAYS = {str(day): day for day in rrule.weekdays}
BYDAY = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)")
CYCLE_YEARS = 400
FAR = 10_000  # dates; more than any limit
UNTIL = re.compile(r"(\d{8})(?:T(\d{4})\d{2}(Z?))?")


@dataclass(frozen=True)
class Occurrence:
    """One date of a series. `key`: its wall time by the rule alone, before any moving."""

    key: str
    wall: datetime
    at: datetime

    @property
    def shown(self) -> datetime:
        """What the clock in Poland shows then; another time than `wall` where that is skipped."""
        return schedule.wall_of(self.at)


@dataclass(frozen=True)
class Rule:
    """A parsed rule: arguments of dateutil's rrule, and where it ends."""

    options: Mapping[str, Any]
    count: int | None
    until: datetime | None


def occurrences(
    rule: str, start: str, *, on_holiday: str = OnHoliday.SEND, zone: str = schedule.ZONE
) -> list[Occurrence]:
    """All dates of a series whose first start is meant for the wall time `start`, in order.

    The first date is the first that fits the rule, `start` or later. Raises RecurrenceInvalid,
    RecurrenceEndless, RecurrenceTooLong, RecurrenceEmpty or WallTimeInvalid.
    """
    place = ZoneInfo(zone)
    first = schedule.parse(start)
    days: dict[date, datetime] = {}
    for wall in _walls(parse(rule, place), first):
        _take(days, wall, OnHoliday(on_holiday))
    if not days:
        raise RecurrenceEmpty(field="rrule")
    return [_occurrence(day, days[day], place) for day in sorted(days)]


def parse(rule: str, zone: ZoneInfo = POLAND) -> Rule:
    """Read "FREQ=WEEKLY;BYDAY=MO;COUNT=10"; raises RecurrenceInvalid, RecurrenceEndless."""
    parts = _split(rule)
    if "FREQ" not in parts:
        raise _broken("FREQ")
    options = {option: _read(parts, name, reader) for name, (option, reader) in OPTIONS.items()}
    count = _read(parts, "COUNT", _positive)
    until = _read(parts, "UNTIL", lambda value: _until(value, zone))
    if count is not None and until is not None:
        raise _broken("COUNT, UNTIL")
    if count is None and until is None:
        raise RecurrenceEndless(field="rrule")
    given = {option: value for option, value in options.items() if value is not None}
    return Rule(given, count, until)


def _walls(rule: Rule, first: datetime) -> list[datetime]:
    """The rule's own dates. COUNT is applied here, so that UNTIL can bound the years as well."""
    horizon = first + timedelta(days=366 * settings.RECURRENCE_MAX_YEARS)
    dates = _by_rule(rule, first, min(rule.until or horizon, horizon))
    found = list(islice(dates, min(rule.count or FAR, settings.RECURRENCE_MAX + 1)))
    if found and (len(found) > settings.RECURRENCE_MAX or not _is_whole(rule, found, horizon)):
        limits = {"limit": settings.RECURRENCE_MAX, "years": settings.RECURRENCE_MAX_YEARS}
        raise RecurrenceTooLong(field="rrule", details=limits)
    return found


def _by_rule(rule: Rule, first: datetime, last: datetime) -> Iterator[datetime]:
    """dateutil's dates. Where none fits it looks on until the year 9999, for seconds.

    So the rule is asked as many centuries later as that allows: every 400 years the calendar is
    the same again, to the day of the week.
    """
    cycles = (MAXYEAR - first.year - settings.RECURRENCE_MAX_YEARS - 1) // CYCLE_YEARS * CYCLE_YEARS
    start, end = (wall.replace(year=wall.year + cycles) for wall in (first, last))
    try:
        found = rrule.rrule(dtstart=start, until=end, **rule.options)
        yield from (wall.replace(year=wall.year - cycles) for wall in found)
    except ValueError as error:  # a combination that the standard forbids
        raise _broken(str(error)) from error


def _is_whole(rule: Rule, found: Sequence[datetime], horizon: datetime) -> bool:
    if rule.count:
        return len(found) == rule.count
    return rule.until is not None and rule.until <= horizon


def _take(days: dict[date, datetime], wall: datetime, on_holiday: OnHoliday) -> None:
    """Note a date on the day it is sent; what was not moved there goes before what was."""
    own = wall.date()
    day = MOVES[on_holiday](own) if is_free_day(own) else own
    if day is not None and (day == own or day not in days):
        days[day] = wall


MOVES: Mapping[OnHoliday, Callable[[date], date | None]] = {
    OnHoliday.SEND: lambda day: day,
    OnHoliday.SKIP: lambda day: None,
    OnHoliday.PREVIOUS: working_day_before,
    OnHoliday.NEXT: working_day_after,
}


def _occurrence(day: date, by_rule: datetime, zone: ZoneInfo) -> Occurrence:
    wall = datetime.combine(day, by_rule.time())
    return Occurrence(schedule.text(by_rule), wall, schedule.next_existing(wall, zone))


def _split(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not (equals and value) or name in parts or name not in {*OPTIONS, "COUNT", "UNTIL"}:
            raise _broken(part)
        parts[name] = value
    return parts


def _read(parts: Mapping[str, str], name: str, reader: Callable[[str], Any]) -> Any:
    """None: the rule says nothing of it."""
    if name not in parts:
        return None
    try:
        return reader(parts[name])
    except (ValueError, KeyError) as error:
        raise _broken(f"{name}={parts[name]}") from error


def _broken(part: str) -> RecurrenceInvalid:
    return RecurrenceInvalid(field="rrule", details={"part": part[:80]})


def _positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise ValueError(text)
    return int(text)


def _numbers(least: int, most: int) -> Callable[[str], list[int]]:
    """Reads "1,15,-1": numbers between `least` and `most`, never 0."""

    def read(text: str) -> list[int]:
        found = [int(one) for one in text.split(",") if re.fullmatch(r"[+-]?\d{1,3}", one)]
        if len(found) != text.count(",") + 1 or not all(
            least <= number <= most and number for number in found
        ):
            raise ValueError(text)
        return found

    return read


def _weekdays(text: str) -> list[rrule.weekday]:
    matches = [BYDAY.fullmatch(one) for one in text.split(",")]
    if not all(matches):
        raise ValueError(text)
    return [
        WEEKDAYS[match[2]](int(match[1])) if match[1] else WEEKDAYS[match[2]]
        for match in matches
        if match
    ]


def _until(text: str, zone: ZoneInfo) -> datetime:
    """A date includes its day; a time is UTC where it ends in Z, else the clock's in Poland."""
    match = UNTIL.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day = datetime.strptime(match[1], "%Y%m%d")
    if match[2] is None:
        return datetime.combine(day, time.max)
    moment = datetime.strptime(match[1] + match[2], "%Y%m%d%H%M")
    return schedule.wall_of(moment.replace(tzinfo=UTC), zone) if match[3] else moment


# Part of a rule -> dateutil's name for it and how its value is read. The hour is no part of it.
OPTIONS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "FREQ": ("freq", lambda value: FREQUENCIES[value]),
    "INTERVAL": ("interval", _positive),
    "BYDAY": ("byweekday", _weekdays),
    "BYMONTHDAY": ("bymonthday", _numbers(-31, 31)),
    "BYMONTH": ("bymonth", _numbers(1, 12)),
    "BYSETPOS": ("bysetpos", _numbers(-366, 366)),
    "WKST": ("wkst", lambda value: WEEKDAYS[value]),
}
