"""The hash chain over the log: linking committed rows, and heads written outside the database.

A chain per gmina and one for the operator. `record` inserts unlinked rows; `link` gives each
committed row its place: seq, the hash before it, its own hash. A row committed late gets a later
place than its id suggests; the order of a chain is the order of linking. So a long transaction
holds nobody up, and nobody waits for the chain's lock while approving an alert.
"""

import hashlib
import json
import logging
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import anchors
from audit.anchors import Anchor
from audit.models import Event

logger = logging.getLogger(__name__)

GENESIS = bytes(32)  # what stands before the first row of a chain
LOCK_SPACE = 0x41554449  # "AUDI": first key of this package's advisory locks
LINK_LIMIT = 1000  # rows of one chain a call


def chain_name(gmina_id: int | None) -> str:
    return "operator" if gmina_id is None else f"gmina:{gmina_id}"


def hash_of(event: Event) -> bytes:
    """SHA-256 over the hash before and every column, as canonical JSON."""
    content = [
        chain_name(event.gmina_id),
        event.seq,
        event.id,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.actor,
        event.verb,
        event.target_kind,
        event.target_id,
        event.data,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(bytes(event.previous_hash or b"") + text.encode()).digest()


def link(limit: int = LINK_LIMIT) -> int:
    """Link the committed rows that have no place yet; at most `limit` a chain. Returns how many.

    Safe to call from several processes: a chain that another one is linking is left to it.
    """
    waiting = Event.objects.filter(seq__isnull=True)
    chains = waiting.order_by().values_list("gmina_id", flat=True).distinct()
    return sum(link_chain(gmina_id, limit) for gmina_id in chains)


@transaction.atomic
def link_chain(gmina_id: int | None, limit: int) -> int:
    if not try_lock(gmina_id):
        return 0
    last = head(gmina_id)
    seq, previous = (last.seq or 0, bytes(last.hash or b"")) if last else (0, GENESIS)
    rows = list(Event.objects.filter(gmina_id=gmina_id, seq__isnull=True).order_by("id")[:limit])
    for event in rows:
        seq += 1
        event.seq, event.previous_hash = seq, previous
        event.hash = previous = hash_of(event)
    Event.objects.bulk_update(rows, ["seq", "previous_hash", "hash"], batch_size=200)
    return len(rows)


def try_lock(gmina_id: int | None) -> bool:
    """The chain's advisory lock until the transaction ends; False if another holds it."""
    # Ids of gminas are far below 2³¹; the operator's chain takes the 0 that no row has.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, gmina_id or 0])
        return bool(cursor.fetchone()[0])


def head(gmina_id: int | None) -> Event | None:
    """The last linked row of a chain."""
    return Event.objects.filter(gmina_id=gmina_id, seq__isnull=False).order_by("-seq").first()


def heads() -> list[Event]:
    """The last linked row of every chain."""
    linked = Event.objects.filter(seq__isnull=False)
    return list(linked.order_by("gmina_id", "-seq").distinct("gmina_id"))


def anchor() -> int:
    """Append the heads that moved since the last time to settings.AUDIT_HEADS_FILE, and log them.

    Keep the file, or the log, where the database's owner cannot reach: with both in one hand a
    rewritten chain looks whole. Returns how many heads were written.
    """
    path = Path(settings.AUDIT_HEADS_FILE)
    known = {(a.chain, a.seq) for a in anchors.read(path).anchors}
    moved = [anchor_of(event) for event in heads()]
    new = [a for a in moved if (a.chain, a.seq) not in known]
    anchors.append(path, new)
    for one in new:
        logger.info("audit head", extra=one.as_json())
    return len(new)


def anchor_of(event: Event) -> Anchor:
    return Anchor(
        at=timezone.now(),
        chain=chain_name(event.gmina_id),
        seq=event.seq or 0,
        hash=bytes(event.hash or b"").hex(),
    )
