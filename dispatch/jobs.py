"""Knocks by RQ: a job carries no work, only the wish that somebody look into PostgreSQL."""

import threading

from django.db import transaction
from rq import Queue
from rq.types import FunctionReferenceType

from accounts.work_queue import opened
from dispatch import queues

# By name: what it imports imports us.
DRAIN = "dispatch.draining.drain"
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


def put(queue: Queue, job: FunctionReferenceType) -> None:
    """`job`: a function without arguments, or its dotted name."""
    queue.enqueue(job, result_ttl=queues.RESULT_TTL_S, failure_ttl=queues.FAILURE_TTL_S)
