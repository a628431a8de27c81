"""Who may send a batch now: conditional UPDATEs only, so that no crash leaves a lock behind.

A claim lasts settings.LEASE_S seconds and is renewed while the batch is under way. Whoever doesn't
finish or renew by then loses it to the sweep, and what it sent meanwhile is sent again: at least
once, never silently lost.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Now

from dispatch import queries, tally
from dispatch.models import Batch
from dispatch.outcomes import OPEN


@dataclass(frozen=True)
class Claim:
    """A batch that is ours until the lease runs out. Lists are by position, from 0.

    Instants are the database's; `since` is time.monotonic() just before the claim: the lease is
    not older than this.
    """

    id: int
    month: date
    message_id: int
    gmina_id: int
    no: int
    channel: str
    priority: int
    attempt: int
    owner: UUID
    codes: list[int]
    fcm_ids: list[str | None]
    wake_at: list[datetime | None] | None
    retry_since: datetime | None
    held_until: datetime | None
    claimed_at: datetime
    since: float = field(default_factory=time.monotonic)

    def due(self) -> list[int]:
        """The open positions whose time has come."""
        return [index for index in self.open() if self.waits_s(index) <= 0]

    def open(self) -> list[int]:
        return [index for index, code in enumerate(self.codes) if code in OPEN]

    def waits_s(self, index: int) -> float:
        """Seconds from the claim until an open position may go."""
        wake_at = self.wake_at[index] if self.wake_at else None
        return (wake_at - self.claimed_at).total_seconds() if wake_at else 0


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
    waits_s: Sequence[float | None] | None = None,
    tried: bool = True,
    held_until: datetime | None = None,
) -> bool:
    """Record outcomes. `waits_s` puts the batch back for its open deliveries, each after so many
    seconds (null: it is final); None closes it. `tried` counts it as an attempt;
    `held_until` notes until when a rule holds some of them.

    False: the lease was lost meanwhile and nothing was written.
    """
    changed = queries.run(
        "finish",
        id=claim.id,
        owner=claim.owner,
        codes=list(codes),
        fcm_ids=list(fcm_ids),
        waits_s=None if waits_s is None else [None if s is None else float(s) for s in waits_s],
        tried=tried,
        held_until=held_until,
        **tally.parameters(claim.codes, codes),
    )
    return changed == 1


def renew(claims: Sequence[Claim]) -> set[int]:
    """Prolong leases by settings.LEASE_S from now; the ids of the batches that still are ours."""
    ids, owners = [claim.id for claim in claims], [claim.owner for claim in claims]
    kept = queries.rows("renew", ids=ids, owners=owners, lease_s=settings.LEASE_S)
    return {row["id"] for row in kept}


def sweep() -> int:
    """Take back leases that are over, and leases and waits of a time that is gone; how many."""
    return queries.run("sweep", lease_s=settings.LEASE_S)


def hold(seconds: float) -> int:
    """Let no waiting batch go for so long; how many that delays."""
    return queries.run("hold", hold_s=seconds)


def most_urgent_due() -> int | None:
    """The lowest priority number among batches that could be claimed now; None: there are none."""
    due = Batch.objects.filter(state=Batch.State.WAITING).exclude(not_before__gt=Now())
    return due.aggregate(most=Min("priority"))["most"]
