"""What RQ runs for residents. Jobs carry no work: PostgreSQL knows what waits."""

from django.db import transaction
from django.utils import timezone

from accounts import work_queue
from residents import privacy, reattachment, weighing
from residents.models import Reattachment


def wake() -> None:
    """Have waiting re-attachments worked once the caller's transaction is committed.

    A failed wake is logged, never shown as a failure of the publication: `catch_up` follows.
    """
    transaction.on_commit(_knock, robust=True)


def weigh_soon() -> bool:
    """Have waiting change sets weighed; False where Redis is away: `catch_up` follows."""
    return work_queue.put(weigh_editions)


def catch_up() -> None:
    """A duty of the clock: see to it that what waits will be worked."""
    if Reattachment.objects.filter(done_at=None).exists():
        _knock()
    if weighing.waiting().exists():
        weigh_soon()


def forget_silent() -> bool:
    """A daily duty of the clock: have silent devices erased; False: ask again."""
    return work_queue.put(erase_silent_devices)


def reattach_places() -> int:
    """RQ's entry point; how many publications were worked. Safe to run twice, at any time."""
    return reattachment.run_pending()


def weigh_editions() -> int:
    """RQ's entry point; how many change sets were weighed. Safe to run twice, at any time."""
    return weighing.run_pending()


def erase_silent_devices() -> int:
    """RQ's entry point; how many devices went. Safe to run twice, at any time."""
    return privacy.erase_silent(timezone.now())


def _knock() -> bool:
    return work_queue.put(reattach_places)
