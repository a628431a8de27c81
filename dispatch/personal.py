"""What dispatch keeps of one resident: given out on request, and forgotten when they are erased."""

from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from dispatch import queries
from dispatch.outcomes import Outcome
from residents.models import Resident
from residents.signals import resident_erased, resident_exported

# Freezing takes seconds and this is looked for daily; the rest is for a clock that stood still.
MISSED_WITHIN = timedelta(days=7)


@receiver(resident_erased, sender=Resident)
def forget(resident_id: int, **_signal: object) -> None:
    """Take the resident out of deliveries and receipts; the alerts' counts stay as they are.

    In the transaction of the erasure. A delivery still waiting finds no device and is unreachable.
    """
    queries.run("forget_resident", resident=resident_id)


def forget_missed() -> int:
    """Forget those who were erased while a freezing that told them was not committed; how many.

    The erasure can't see such deliveries. It doesn't wait for them either: a lock that both take
    would hold up an emergency's freezing behind somebody's erasure behind another's freezing.
    """
    missed = queries.rows("erased_residents", since=timezone.now() - MISSED_WITHIN)
    for row in missed:
        forget(**row)
    return len(missed)


@receiver(resident_exported, sender=Resident)
def export(resident_id: int, **_signal: object) -> dict[str, list[dict[str, Any]]]:
    """The alerts that went to the resident's devices, and what the devices said of them."""
    return {
        "alerts": [_described(row) for row in queries.rows("export_resident", resident=resident_id)]
    }


def _described(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "ref": row["ref"],
        "message_id": str(row["message_id"]),
        "message_kind": row["kind"],
        "sent_at": row["frozen_at"].isoformat(),
        "because_of": row["place_kind"],
        "outcome": Outcome(row["outcome"]).name.lower(),
        "receipts": row["receipts"] or {},
    }
