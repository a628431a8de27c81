"""The outbox of notices: claims what is due, hands it to its channel, writes down the outcome.

A claim moves `not_before` on by a lease, so that two workers never send the same; whoever dies in
between leaves a row that comes due again. Redis only carries a knock: what nobody took in time the
clock sends itself.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Min
from django.utils import timezone

from accounts.access import actions_of
from accounts.work_queue import opened
from dispatch import jobs, notice_mail, queries, queues, staff_push
from dispatch.errors import NotSent
from dispatch.models import NoticeDelivery, StaffNotice
from dispatch.standing import STANDING

logger = logging.getLogger(__name__)
State = NoticeDelivery.State
SEND: Mapping[str, Callable[[NoticeDelivery], None]] = {
    NoticeDelivery.Channel.EMAIL: notice_mail.send,
    NoticeDelivery.Channel.PUSH: staff_push.send,
}
# So many, each as slow as its channel's time limit, still fit into a lease.
CLAIM = 5
RUN_S = 60
OVERDUE = timedelta(seconds=20)
ASIDE = "notices"  # the clock's thread for what nobody took
FIRST_RETRY_S, LONGEST_RETRY_S = 15, 900
LONGEST_WAIT = timedelta(seconds=2 * LONGEST_RETRY_S)  # with a margin above retries and leases


def knock() -> None:
    """Have what is due sent, by a worker; raises redis.RedisError."""
    name = f"{deliver.__module__}.{deliver.__qualname__}"
    with opened(queues.MAINTENANCE) as queue:
        if all(waiting.func_name != name for waiting in queue.jobs):
            jobs.put(queue, deliver)


def deliver() -> int:
    """RQ's entry point; how many were sent. Safe to run twice, at any time."""
    return deliver_for(RUN_S)


def catch_up() -> None:
    """A duty of the clock: see to it that what is due goes out; send what nobody took in time."""
    now = timezone.now()
    waiting = NoticeDelivery.objects.filter(state=State.WAITING)
    # Put off so far only before the machine's clock was put back.
    waiting.filter(not_before__gt=now + LONGEST_WAIT).update(not_before=now)
    due = waiting.filter(not_before__lte=now)
    since = due.aggregate(first=Min("not_before"))["first"]
    if since is None:
        return
    try:
        knock()
    except redis.RedisError as error:
        logger.warning("Redis is away", extra={"error": type(error).__name__})
    if since < now - OVERDUE:
        _deliver_aside()


def _deliver_aside() -> None:
    """Send in a thread, one at a time: a slow mail server must not hold up the clock's duties.

    It goes with the process, which leaves claims that come due again.
    """
    if all(thread.name != ASIDE for thread in threading.enumerate()):
        threading.Thread(target=_deliver_and_close, name=ASIDE, daemon=True).start()


def _deliver_and_close() -> None:
    try:
        deliver()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("database trouble", extra={"error": type(error).__name__})
    finally:
        connection.close()


def deliver_for(seconds: float) -> int:
    """Send what is due, for so long at most; how many went out."""
    until = time.monotonic() + seconds
    sent = 0
    while not jobs.stopping.is_set() and time.monotonic() < until:
        claimed = queries.rows("notice_claim", most=CLAIM, lease_s=settings.NOTICE_LEASE_S)
        if not claimed:
            break
        sent += _work({row["id"]: row["attempt"] for row in claimed})
    return sent


def _work(attempts: Mapping[int, int]) -> int:
    """Send the deliveries of one claim, {id: attempt}; a channel that is down is tried once."""
    down: dict[str, NotSent] = {}
    sent = 0
    for delivery in _read(attempts):
        attempt, trouble = attempts[delivery.pk], down.get(delivery.channel)
        if not _is_wanted(delivery.notice):
            _finish(delivery, attempt, state=State.DROPPED)
            continue
        try:
            if trouble:
                raise trouble
            _send(delivery)
        except NotSent as refusal:
            _failed(delivery, attempt, refusal)
            if refusal.channel_down:
                down[delivery.channel] = refusal
        else:
            sent += _finish(delivery, attempt, state=State.SENT, sent_at=timezone.now(), error="")
    return sent


def _send(delivery: NoticeDelivery) -> None:
    """Raises NotSent, or DatabaseError: one that is broken holds up none of the same claim."""
    try:
        SEND[delivery.channel](delivery)
    except (NotSent, DatabaseError, InterfaceError):
        raise
    except Exception as error:
        extra = {"channel": delivery.channel, "notice": delivery.notice_id}
        logger.exception("notice can't be made", extra=extra)
        raise NotSent("broken") from error


def _read(attempts: Mapping[int, int]) -> list[NoticeDelivery]:
    related = ("notice__user", "notice__gmina", "notice__alert", "phone__device")
    found = NoticeDelivery.objects.filter(pk__in=attempts).select_related(*related)
    return list(found.order_by("pk"))


def _is_wanted(notice: StaffNotice) -> bool:
    """Unread, not settled by anybody, and to somebody who still works there."""
    standing = StaffNotice.objects.filter(STANDING, pk=notice.pk, read_at=None).exists()
    return standing and bool(actions_of(notice.user, notice.gmina))


def _failed(delivery: NoticeDelivery, attempt: int, refusal: NotSent) -> None:
    age = timezone.now() - delivery.notice.created_at
    if refusal.permanent or age > timedelta(seconds=settings.NOTICE_GIVE_UP_S):
        _finish(delivery, attempt, state=State.GAVE_UP, error=refusal.code)
    else:
        wait_s = min(FIRST_RETRY_S * 2 ** min(attempt - 1, 10), LONGEST_RETRY_S)
        later = timezone.now() + timedelta(seconds=wait_s)
        _finish(delivery, attempt, not_before=later, error=refusal.code)
    logger.warning(
        "notice not sent",
        extra={"channel": delivery.channel, "code": refusal.code, "attempt": attempt},
    )


def _finish(delivery: NoticeDelivery, attempt: int, **changes: object) -> int:
    """Write what became of a claim; 0: the lease ran out and somebody else has it."""
    mine = NoticeDelivery.objects.filter(pk=delivery.pk, attempt=attempt, state=State.WAITING)
    return mine.update(**changes)
