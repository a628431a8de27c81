"""What RQ runs. A job carries no work, only a knock: PostgreSQL is the queue of record."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django.db import connection, transaction
from django_rq import get_queue
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from dispatch import lease, queues, sender

# First half of the advisory locks' number ("SAO1"); the second is the slot, from 0.
SLOT_LOCKS = 0x53414F31
REDIS_TIMEOUT_S = 2  # an officer's click waits for this at most, where Redis is away
# Set by SIGTERM (worker.py, clock.py): finish what is under way, claim nothing more.
stopping = threading.Event()


def wake(priority: int) -> None:
    """Let a sender look for work once the caller's transaction is committed.

    A failed wake is logged and never shown as a failure: the clock finds the batches anyway.
    """
    name = queues.for_priority(priority)
    # A lambda: Django logs a failed hook by its __qualname__, which a partial doesn't have.
    transaction.on_commit(lambda: knock(name), robust=True)


def knock(queue_name: str) -> None:
    """Put a job on the queue unless one waits there already; raises redis.RedisError."""
    with opened(queue_name) as queue:
        if queue.count == 0:
            put(queue, drain)


@contextmanager
def opened(queue_name: str) -> Iterator[Queue]:
    """A queue over a connection of its own, which gives up soon where Redis is away."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        socket_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    with client:
        yield get_queue(queue_name, connection=client, commit_mode="auto")


def put(queue: Queue, job: Callable[[], object]) -> None:
    queue.enqueue(job, result_ttl=queues.RESULT_TTL_S, failure_ttl=queues.FAILURE_TTL_S)


def drain() -> int:
    """RQ's entry point: send what is due for at most settings.SENDER_RUN_S; how many batches.

    Leaves at once where as many senders as allowed are at it. Safe to run twice, at any time.
    """
    call_for_more()  # another process may help; it leaves again where none is needed
    sent = drain_for(settings.SENDER_RUN_S)
    call_for_more()
    return sent


def call_for_more() -> None:
    """Wake a sender if a batch is due."""
    if (priority := lease.most_urgent_due()) is not None:
        wake(priority)


def drain_for(seconds: float) -> int:
    """Send what is due, in one of the slots for senders, for so long at most; how many batches."""
    until = time.monotonic() + seconds
    with sender_slot() as slot:
        if slot is None:
            return 0
        return sender.drain(lambda: stopping.is_set() or time.monotonic() > until)


@contextmanager
def sender_slot() -> Iterator[int | None]:
    """One of settings.SENDERS_MAX places for senders, by advisory lock; None when all are taken.

    The lock is the session's: PostgreSQL frees it when the process dies.
    """
    slot = next((slot for slot in range(settings.SENDERS_MAX) if _lock(slot)), None)
    try:
        yield slot
    finally:
        if slot is not None:
            _unlock(slot)


def _lock(slot: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SLOT_LOCKS, slot])
        return bool(cursor.fetchone()[0])


def _unlock(slot: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SLOT_LOCKS, slot])
