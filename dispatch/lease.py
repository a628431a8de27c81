"""Who may send a batch now: conditional UPDATEs only, so that no crash leaves a lock behind.

A claim lasts settings.LEASE_S seconds. Whoever doesn't finish by then loses it to the sweep, and
what it sent meanwhile is sent again: at least once, never silently lost.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Min
from django.db.models.functions import Now

from dispatch import queries, tally
from dispatch.models import Batch


@dataclass(frozen=True)
class Claim:
    """A batch that is ours until the lease runs out. Lists are by position, from 0."""

    id: int
    month: date
    message_id: int
    gmina_id: int
    no: int
    priority: int
    attempt: int
    owner: UUID
    codes: list[int]
    fcm_ids: list[str | None]
    # time.monotonic() just before the claim: the lease is not older than this.
    since: float = field(default_factory=time.monotonic)


def claim() -> Claim | None:
    """The next batch that is due, in order of severity and freezing; None when nothing is."""
    since = time.monotonic()
    found = queries.rows("claim", owner=uuid4(), lease_s=settings.LEASE_S)
    return Claim(**found[0], since=since) if found else None


def finish(
    claim: Claim,
    codes: Sequence[int],
    fcm_ids: Sequence[str | None],
    *,
    retry_s: float | None = None,
) -> bool:
    """Record outcomes; `retry_s` puts the batch back for its open deliveries, None closes it.

    False: the lease was lost meanwhile and nothing was written.
    """
    changed = queries.run(
        "finish",
        id=claim.id,
        owner=claim.owner,
        codes=list(codes),
        fcm_ids=list(fcm_ids),
        retry_s=retry_s,
        **tally.parameters(claim.codes, codes),
    )
    return changed == 1


def release(claim: Claim) -> bool:
    """Put a batch back untouched, due at once; False where the lease was lost meanwhile.

    The attempt doesn't count: nothing was tried.
    """
    return bool(
        Batch.objects.filter(id=claim.id, owner=claim.owner, state=Batch.State.CLAIMED).update(
            state=Batch.State.WAITING, owner=None, lease_until=None, attempt=F("attempt") - 1
        )
    )


def sweep() -> int:
    """Take expired leases back; how many there were."""
    return queries.run("sweep")


def hold(seconds: float) -> int:
    """Let no waiting batch go for so long; how many that delays."""
    return queries.run("hold", hold_s=seconds)


def most_urgent_due() -> int | None:
    """The lowest priority number among batches that could be claimed now; None: there are none."""
    due = Batch.objects.filter(state=Batch.State.WAITING).exclude(not_before__gt=Now())
    return due.aggregate(most=Min("priority"))["most"]
