"""What RQ runs for residents. Jobs carry no work: PostgreSQL knows what waits."""

import django_rq
from django.db import transaction

from residents import reattachment

QUEUE = "maintenance"


def wake() -> None:
    """Have waiting re-attachments worked once the caller's transaction is committed.

    A failed wake is logged, never shown as a failure of the publication: the row stays, and the
    next job works it too.
    """
    transaction.on_commit(_enqueue, robust=True)


def _enqueue() -> None:
    django_rq.get_queue(QUEUE).enqueue(reattach_places)


def reattach_places() -> int:
    """RQ's entry point; how many publications were worked. Safe to run twice, at any time."""
    return reattachment.run_pending()
