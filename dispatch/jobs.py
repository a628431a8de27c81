"""Knocks by RQ: a job carries no work, only the wish that somebody look into PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings
from django.db import transaction
from django_rq import get_queue
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.types import FunctionReferenceType

from dispatch import queues

# By name: what it imports imports us.
DRAIN = "dispatch.draining.drain"
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
            put(queue, DRAIN)


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


def put(queue: Queue, job: FunctionReferenceType) -> None:
    """`job`: a function without arguments, or its dotted name."""
    queue.enqueue(job, result_ttl=queues.RESULT_TTL_S, failure_ttl=queues.FAILURE_TTL_S)
