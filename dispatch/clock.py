"""The clock: a plain supervised process that decides from PostgreSQL alone what is due.

Any number may run; the one that holds the advisory lock acts, the others stand by, and take its
place when it dies or hangs. Every duty may
be done twice or late without harm, and a failed one holds up no other.
"""

import logging
import signal
import time
from collections.abc import Callable
from datetime import date
from types import FrameType

import redis
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from audit import chain
from dispatch import (
    draining,
    escalation,
    heartbeats,
    idempotency,
    jobs,
    late,
    lease,
    notice_sending,
    partitions,
    personal,
    queries,
    queues,
    severally,
    starts,
    states,
    statistics,
    tally,
    updates,
    watch,
)
from dispatch.closing import close_finished, end_waiting
from dispatch.errors import MoveRefused
from dispatch.models import Alert
from dispatch.periodic import Periodic, this_hour, this_minute, today
from gis_layers import scheduling
from gis_layers.imports import jobs as imports_jobs
from gis_layers.imports import nightly
from gis_layers.imports import runs as imports_runs
from residents import jobs as residents_jobs

logger = logging.getLogger(__name__)
LOCK = 0x53414F434C4B  # "SAOCLK"
# While Redis is away the clock sends by itself, so long at a time: leases are swept in between.
OWN_RUN_S = 10
# A long round says in between that it is none of a clock that hangs.
BEAT_EVERY_S = 10


class Clock:
    """One clock process. `tick` is a round of duties; `run` repeats it until `stop`."""

    def __init__(self) -> None:
        self._session: object = None  # the database session in which we hold the lock
        self._beat_at = 0.0
        self._forgot_on: date | None = None
        self._swept_on: date | None = None
        self.duties: tuple[Callable[[], object], ...] = (
            lease.sweep,
            expire_alerts,
            end_waiting,
            close_finished,
            starts.start_due,
            starts.ask_about_ends,
            send_what_is_due,
            escalation.escalate_due,
            notice_sending.catch_up,
            chain.link,
            imports_runs.sweep,
            imports_jobs.catch_up,
            nightly.start_due,
            residents_jobs.catch_up,
            scheduling.catch_up,
            late.catch_up,
            statistics.catch_up,
            watch.look,
            Periodic(watch.count_failures, this_minute),
            Periodic(tally.roll_up, this_minute),
            partitions.make_ahead,
            Periodic(partitions.drop_old, this_minute),
            Periodic(chain.anchor, this_hour),
            Periodic(starts.replan, today),
            Periodic(SessionStore.clear_expired, today),
            Periodic(idempotency.forget_old, this_hour),
            self.forget_daily,
            self.sweep_daily,
        )

    def run(self) -> None:
        logger.info("clock started", extra={"tick_s": settings.CLOCK_TICK_S})
        while not jobs.stopping.is_set():
            self.tick()
            jobs.stopping.wait(settings.CLOCK_TICK_S)
        connection.close()
        logger.info("clock stopped")

    def tick(self) -> bool:
        """One round, if this process is the acting clock; False where it isn't, or can't be."""
        try:
            acting = self.leads() or self._takes_over()
            self._beat(acting=acting)
            if not acting:
                return False
        except (DatabaseError, InterfaceError) as error:
            _lost_database(error)
            return False
        for duty in self.duties:
            _perform(duty)
            _perform(self.beat_again)
        return True

    def beat_again(self) -> None:
        """Between duties, where the round is long; not by whoever lost the lock in one."""
        if time.monotonic() >= self._beat_at and self._session is connection.connection:
            self._beat(acting=True)

    def leads(self) -> bool:
        """Whether we hold the lock. It belongs to the session and goes with a lost connection."""
        connection.ensure_connection()
        if self._session is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                if not cursor.fetchone()[0]:
                    return False
            self._session = connection.connection
        return True

    def _takes_over(self) -> bool:
        """Whether we hold the lock now because its holder hangs: then its session is ended.

        Should it wake up, it finds its connection gone, and stands by. A holder whose statement
        runs does not hang: it freezes an alert for a city, and would never be done otherwise.
        """
        if not heartbeats.acting_is_silent() or not queries.rows("end_lock_holder", lock=LOCK):
            return False
        logger.error("the acting clock hangs, its session is ended")
        return self.leads()

    def _beat(self, *, acting: bool) -> None:
        heartbeats.beat(acting=acting)
        self._beat_at = time.monotonic() + BEAT_EVERY_S

    def forget_daily(self) -> None:
        """Have devices erased that nobody has used for too long."""
        today = timezone.localdate()
        if self._forgot_on != today and residents_jobs.forget_silent():
            self._forgot_on = today

    def sweep_daily(self) -> None:
        """Take those out of deliveries whose erasure came while their alert was being frozen."""
        today = timezone.localdate()
        if self._swept_on != today:
            personal.forget_missed()
            self._swept_on = today


def expire_alerts() -> int:
    """End the alerts whose message expired; how many."""
    due = Alert.objects.filter(state__in=states.RUNNING, expires_at__lte=timezone.now())
    return severally.each(_expire, due)


def send_what_is_due() -> None:
    """Wake a sender if a batch is due; with Redis away, be the sender."""
    priority = lease.most_urgent_due()
    if priority is None:
        return
    try:
        jobs.knock(queues.for_priority(priority))
    except redis.RedisError as error:
        logger.warning("Redis is away, sending here", extra={"error": type(error).__name__})
        draining.drain_for(OWN_RUN_S)


def stop_on_signals() -> None:
    """SIGTERM and SIGINT end the process after what is under way."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    jobs.stopping.set()


def _expire(alert: Alert) -> bool:
    try:
        with states.moving(states.EXPIRE, alert, by=None, waits=False) as step:
            step.alert.ended_at = timezone.now()
            updates.drop_waiting(step.alert)
    except MoveRefused:  # somebody ended it meanwhile, or has it in hand
        return False
    return True


def _perform(duty: Callable[[], object]) -> None:
    if jobs.stopping.is_set():
        return
    try:
        duty()
    except (DatabaseError, InterfaceError) as error:
        _lost_database(error)
    except Exception:
        # The outermost line of a duty: recorded, and the others are still done.
        logger.exception("duty failed", extra={"duty": duty.__name__})


def _lost_database(error: Exception) -> None:
    logger.warning("database trouble", extra={"error": type(error).__name__})
    connection.close()
