"""When an alert goes out: the plan it was given as wall time, zone and rule, and its instants.

The wall time counts. `send_at` is worked out of it: of a single alert its start, of a series the
next one. Expiry and expected end of a series are those of its next date, and move with it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from dispatch import recurrence, schedule
from dispatch.errors import (
    EventEndsBeforeStart,
    ExpiryBeforeStart,
    StartMissing,
    StartPassed,
)
from dispatch.models import Alert
from dispatch.recurrence import Occurrence

FIELDS = ("send_wall", "send_zone", "send_fold", "if_missed", "rrule", "on_holiday")
# Nobody has agreed to it yet: a start in the past can still be put right.
OPEN = frozenset({Alert.State.DRAFT, Alert.State.AWAITING_APPROVAL})


def apply(alert: Alert, data: Mapping[str, Any]) -> None:
    """Take what a draft's `data` says of the plan; an empty `send_wall` means at once.

    Raises WallTimeInvalid, WallTimeMissing, WallTimeTwice, RecurrenceInvalid and its like, or
    StartMissing for a rule without a first start.
    """
    given = {name: data[name] for name in FIELDS if name in data}
    if not given:
        return
    for name, value in given.items():
        setattr(alert, name, value)
    is_asked = "send_wall" in given or "send_fold" in given
    fold = given.get("send_fold") if is_asked else alert.send_fold
    alert.send_at = _first_start(alert, fold)
    alert.send_fold = fold or 0


def settle(alert: Alert) -> None:
    """Let a series begin with its next date from now on: what is past is not made up for."""
    if alert.rrule and (next_one := _next(alert, timezone.now())):
        move_to(alert, next_one.at)


def check(alert: Alert) -> None:
    """Raise StartPassed, ExpiryBeforeStart or EventEndsBeforeStart."""
    if alert.send_at is None:
        return
    if alert.state in OPEN and alert.send_at <= timezone.now():
        raise StartPassed(field="send_wall")
    if alert.expires_at <= alert.send_at:
        raise ExpiryBeforeStart(field="expires_at")
    if alert.event_ends_at and alert.event_ends_at <= alert.send_at:
        raise EventEndsBeforeStart(field="event_ends_at")


def dates(alert: Alert) -> list[Occurrence]:
    """When it goes out: of a series all dates, of a single alert its start, of others none."""
    if alert.rrule:
        return occurrences_of(alert)
    if alert.send_at is None:
        return []
    return [Occurrence(alert.send_wall, schedule.parse(alert.send_wall), alert.send_at)]


def occurrences_of(series: Alert) -> list[Occurrence]:
    """All dates of a series, past ones too."""
    return recurrence.occurrences(
        series.rrule, series.send_wall, on_holiday=series.on_holiday, zone=series.send_zone
    )


def move_to(alert: Alert, at: datetime) -> None:
    """Set the start; expiry and expected end keep their distance from it."""
    if alert.send_at is not None:
        moved = at - alert.send_at
        alert.expires_at += moved
        alert.event_ends_at = alert.event_ends_at and alert.event_ends_at + moved
    alert.send_at = at


def recompute(alert: Alert, now: datetime) -> bool:
    """Work the coming start out anew, by the zone and the holidays as they are known now.

    Whether it moved. What was a time of the clock when it was agreed to may be none by now: then
    the next there is.
    """
    at = _start_by_now(alert, now)
    if at is None or at == alert.send_at:
        return False
    move_to(alert, at)
    return True


def _start_by_now(alert: Alert, now: datetime) -> datetime | None:
    if alert.rrule:
        coming = _next(alert, now)
        return coming.at if coming else None
    zone, wall = ZoneInfo(alert.send_zone), schedule.parse(alert.send_wall)
    found = schedule.instants(wall, zone)
    if len(found) == 2:
        return found[alert.send_fold]
    return found[0] if found else schedule.next_existing(wall, zone)


def _next(series: Alert, moment: datetime) -> Occurrence | None:
    return next((one for one in occurrences_of(series) if one.at > moment), None)


def _first_start(alert: Alert, fold: int | None) -> datetime | None:
    if not alert.send_wall:
        if alert.rrule:
            raise StartMissing(field="send_wall")
        return None
    if alert.rrule:
        return occurrences_of(alert)[0].at
    return schedule.instant(alert.send_wall, alert.send_zone, fold)
