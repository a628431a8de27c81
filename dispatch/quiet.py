"""Quiet hours of residents: who sleeps now, and until when their messages wait.

Each day has its own hours by its date: Sundays and public holidays one pair, the other days
another. From 22:00 until 6:00 means before 6:00 and from 22:00 on of that day, so a night from
Saturday to Sunday ends when Sunday's does. Equal ends mean no quiet hours on such days. Emergencies
ask nobody (`held` is empty for them).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from dispatch import queries
from dispatch.lease import Claim
from dispatch.models import Message, Severity
from dispatch.outcomes import Outcome
from dispatch.schedule import instants, next_existing, transition_between, wall_of
from dispatch.working_days import is_free_day
from residents.models import Resident

ONE_DAY = timedelta(days=1)
# No quiet hours cover a whole day of 24 hours; of a shorter one in March they may.
DAYS_AHEAD = 3
FRESH = timedelta(seconds=60)
# Moments as PostgreSQL writes them.
NOW, NEVER = "-infinity", "infinity"


@dataclass(frozen=True)
class Hours:
    """When a resident does not want to be woken, on working days and on free days."""

    since: time
    until: time
    free_since: time
    free_until: time

    @classmethod
    def named(cls, name: str) -> "Hours":
        """From Resident.quiet_name."""
        return cls(*map(time.fromisoformat, name.split("-")))

    def on(self, day: date) -> tuple[time, time]:
        """Beginning and end on this day."""
        if is_free_day(day):
            return self.free_since, self.free_until
        return self.since, self.until


def is_quiet(hours: Hours, moment: datetime) -> bool:
    shown = wall_of(moment)
    since, until = hours.on(shown.date())
    if since <= until:
        return since <= shown.time() < until
    return shown.time() < until or since <= shown.time()


def held_until(hours: Hours | None, moment: datetime) -> datetime | None:
    """The first moment after `moment` at which the resident may be told; None: at once."""
    if hours is None or not is_quiet(hours, moment):
        return None
    return next(end for end in _ends(hours, moment) if end > moment and not is_quiet(hours, end))


@dataclass(frozen=True)
class Held:
    """Who is held until when, as freeze_endpoints.sql and freeze_write.sql want it.

    `names`: JSON {Resident.quiet_name: moment}; `moments`: each moment there is, NOW first. NEVER
    stands for people whom the message would find asleep until it has expired.
    """

    names: str
    moments: list[str]


def held(severity: str, now: datetime, expires_at: datetime) -> Held:
    """Whom a message frozen now must not wake. Empty for an emergency.

    Those who change their hours between this question and the freezing are told at once.
    """
    waits = {} if severity == Severity.EMERGENCY else _waits(now)
    names = {name: NEVER if end >= expires_at else end.isoformat() for name, end in waits.items()}
    return Held(json.dumps(names), [NOW, *sorted({*names.values()})])


def rule(claim: Claim, message: Message, due: Sequence[int]) -> dict[int, datetime | Outcome]:
    """Of a batch about to go: who sleeps by now, until when; or sleeps through it (holds.py).

    Freezing has asked the same. So a fresh message's first attempt, the bulk of all sending, costs
    no question.
    """
    now = timezone.now()
    is_fresh = claim.attempt == 1 and now - message.frozen_at < FRESH
    if is_fresh or message.severity == Severity.EMERGENCY:
        return {}
    key = {"month": claim.month, "message": claim.message_id, "batch": claim.no}
    names = {row["pos"] - 1: row["quiet_name"] for row in queries.rows("sleepers_of_batch", **key)}
    asleep = {index: held_until(Hours.named(names[index]), now) for index in due if index in names}
    return {
        index: Outcome.SLEPT_THROUGH if end >= message.expires_at else end
        for index, end in asleep.items()
        if end is not None
    }


def _waits(now: datetime) -> dict[str, datetime]:
    """{quiet_name: end} of those whose quiet hours it is; by distinct hours, not by people."""
    used = Resident.objects.exclude(quiet_name=None).order_by()
    names = used.values_list("quiet_name", flat=True).distinct()
    ends = {name: held_until(Hours.named(name), now) for name in names}
    return {name: end for name, end in ends.items() if end is not None}


def _ends(hours: Hours, moment: datetime) -> Iterator[datetime]:
    """Every moment at which quiet may end, in order, from the day of `moment` on."""
    first = wall_of(moment).date()
    for day in (first + ONE_DAY * n for n in range(DAYS_AHEAD)):
        yield from sorted(_ends_on(hours, day))


def _ends_on(hours: Hours, day: date) -> Iterable[datetime]:
    """Midnight, the end of the day's quiet, and the moment at which the clocks change."""
    midnight = next_existing(datetime.combine(day, time.min))
    until = datetime.combine(day, hours.on(day)[1])
    change = transition_between(midnight, next_existing(datetime.combine(day + ONE_DAY, time.min)))
    return {midnight, *instants(until), *([change] if change else [])}
