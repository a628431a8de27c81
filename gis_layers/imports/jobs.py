"""What RQ runs for imports. Jobs carry no work: PostgreSQL knows which files wait."""

from django.conf import settings
from django.db import transaction

from accounts import work_queue
from gis_layers.models import ImportRun

# By name: what it imports imports us.
WORK = "gis_layers.imports.working.work"


def wake() -> None:
    """Have waiting files imported once the caller's transaction is committed.

    A failed wake is logged, never shown as a failure: `catch_up` follows.
    """
    transaction.on_commit(knock, robust=True)


def knock() -> bool:
    return work_queue.put(WORK, timeout_s=settings.IMPORT_TIMEOUT_S)


def catch_up() -> None:
    """A duty of the clock: see to it that what waits will be worked."""
    if ImportRun.objects.filter(state=ImportRun.State.WAITING).exists():
        knock()
