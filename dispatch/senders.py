"""Places for senders: at most settings.SENDERS_MAX processes send at once, over all machines.

Each holds an advisory lock of its session, which PostgreSQL frees when the process dies.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from dispatch import queries

# First half of the advisory locks' number ("SAO1"); the second is the slot, from 0.
SLOT_LOCKS = 0x53414F31


@contextmanager
def slot() -> Iterator[int | None]:
    """One of the places, held for the block; None when all are taken."""
    taken = next((number for number in range(settings.SENDERS_MAX) if _lock(number)), None)
    try:
        yield taken
    finally:
        if taken is not None:
            _unlock(taken)


def at_work() -> int:
    """How many processes hold a place now."""
    [(count,)] = queries.tuples("senders_at_work", locks=SLOT_LOCKS)
    return int(count)


def _lock(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SLOT_LOCKS, number])
        return bool(cursor.fetchone()[0])


def _unlock(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SLOT_LOCKS, number])
