"""What RQ runs for residents. Jobs carry no work: PostgreSQL knows what waits."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_rq import get_queue
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from residents import privacy, reattachment
from residents.models import Reattachment

logger = logging.getLogger(__name__)
QUEUE = "maintenance"
REDIS_TIMEOUT_S = 2  # a click, or the clock, waits for this at most where Redis is away or hangs


def wake() -> None:
    """Have waiting re-attachments worked once the caller's transaction is committed.

    A failed wake is logged, never shown as a failure of the publication: `catch_up` follows.
    """
    transaction.on_commit(_knock, robust=True)


def catch_up() -> None:
    """A duty of the clock: see to it that what waits will be worked."""
    if Reattachment.objects.filter(done_at=None).exists():
        _knock()


def forget_silent() -> bool:
    """A daily duty of the clock: have silent devices erased; False: ask again."""
    return put(erase_silent_devices)


def reattach_places() -> int:
    """RQ's entry point; how many publications were worked. Safe to run twice, at any time."""
    return reattachment.run_pending()


def erase_silent_devices() -> int:
    """RQ's entry point; how many devices went. Safe to run twice, at any time."""
    return privacy.erase_silent(timezone.now())


def _knock() -> bool:
    return put(reattach_places)


def put(job: Callable[[], int]) -> bool:
    """Put a job on the queue unless the same one waits there; False where Redis is away."""
    name = f"{job.__module__}.{job.__qualname__}"
    try:
        with opened(QUEUE) as queue:  # now: waiting for a commit is wake's part
            if all(waiting.func_name != name for waiting in queue.jobs):
                queue.enqueue(job)
    except redis.RedisError as error:
        logger.warning("Redis is away", extra={"job": name, "error": type(error).__name__})
        return False
    return True


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
