"""Knocks at RQ's queues from any package. Jobs carry no work: PostgreSQL knows what waits."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django_rq import get_queue
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.types import FunctionReferenceType

logger = logging.getLogger(__name__)
MAINTENANCE = "maintenance"
REDIS_TIMEOUT_S = 2  # a click, or the clock, waits for this at most where Redis is away or hangs


def put(job: FunctionReferenceType, *, timeout_s: int | None = None) -> bool:
    """Put a job, or the one of a dotted name, on the queue unless it waits there already.

    False where Redis is away. RQ ends the job after `timeout_s` seconds; None: the queue's limit.
    """
    name = job if isinstance(job, str) else f"{job.__module__}.{job.__qualname__}"
    try:
        with opened(MAINTENANCE) as queue:  # now: waiting for a commit is the caller's part
            if all(waiting.func_name != name for waiting in queue.jobs):
                queue.enqueue(job, job_timeout=timeout_s)
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
