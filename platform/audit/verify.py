"""Checks the log against itself and against the heads kept outside the database."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.anchors import Anchor, HeadsFile
from audit.chain import GENESIS, chain_name, hash_of
from audit.models import Event

UNLINKED_MAX_S = 60
UNANCHORED_MAX = timedelta(hours=3)  # anchors are hourly; a missed one is not yet an alarm


class Fault(enum.IntEnum):
    """What can be wrong; the number is the exit code of `audit_verify`."""

    CHANGED = 10
    GAP = 11
    BROKEN = 12
    REWRITTEN = 13
    CUT_TAIL = 14
    UNLINKED = 15
    UNANCHORED = 16
    BAD_ANCHOR = 17


MESSAGES = {
    Fault.CHANGED: _("Row {seq} was changed after it was linked."),
    Fault.GAP: _("Rows are missing before place {seq}."),
    Fault.BROKEN: _("Row {seq} does not follow from the one before it: that one was replaced."),
    Fault.REWRITTEN: _("The chain was rewritten: row {seq} is not the one that was anchored."),
    Fault.CUT_TAIL: _("The end was cut off: row {seq} was anchored and is not there."),
    Fault.UNLINKED: _("{count} rows have waited over a minute to be linked. Is a clock running?"),
    Fault.UNANCHORED: _("No head since row {seq} is in the heads file, for over three hours."),
    Fault.BAD_ANCHOR: _("Line {line} of the heads file cannot be read."),
}


@dataclass(frozen=True)
class Finding:
    fault: Fault
    chain: str
    seq: int = 0
    count: int = 0
    line: int = 0

    def __str__(self) -> str:
        text = str(MESSAGES[self.fault]).format(seq=self.seq, count=self.count, line=self.line)
        return f"{self.chain}: {self.fault.name}: {text}"


def verify(heads: HeadsFile) -> list[Finding]:
    """Everything that is wrong. Read `heads` before calling: rows linked since then do no harm."""
    found = [Finding(Fault.BAD_ANCHOR, "-", line=number) for number in heads.bad_lines]
    anchored_of = defaultdict(list)
    for anchor in heads.anchors:
        anchored_of[anchor.chain].append(anchor)
    for chain, gmina_id in chains(anchored_of).items():
        anchored = anchored_of[chain]
        linked = Event.objects.filter(gmina_id=gmina_id, seq__isnull=False).order_by("seq")
        found += check_chain(chain, linked.iterator(chunk_size=2000), anchored)
        found += check_anchored(chain, gmina_id, anchored)
    return found + unlinked()


def chains(anchored: Iterable[str]) -> dict[str, int | None]:
    """Name -> gmina id of every chain that the log or the heads file (`anchored`) knows."""
    ids = Event.objects.order_by().values_list("gmina_id", flat=True).distinct()
    known = {chain_name(gmina_id): gmina_id for gmina_id in ids}
    for chain in anchored:
        _kind, _colon, number = chain.partition(":")
        known.setdefault(chain, int(number) if number else None)
    return known


def check_chain(
    chain: str, linked: Iterable[Event], anchors: Iterable[Anchor]
) -> Iterator[Finding]:
    """Walk one chain, `linked` in order of seq."""
    anchored = {(anchor.seq, anchor.hash) for anchor in anchors}
    waiting = {seq for seq, _hash in anchored}
    place, previous = 1, GENESIS
    for event in linked:
        seq, own_hash = event.seq or 0, bytes(event.hash or b"")
        if seq != place:
            yield Finding(Fault.GAP, chain, seq)
        elif bytes(event.previous_hash or b"") != previous:
            yield Finding(Fault.BROKEN, chain, seq)
        if hash_of(event) != own_hash:
            yield Finding(Fault.CHANGED, chain, seq)
        if seq in waiting and (seq, own_hash.hex()) not in anchored:
            yield Finding(Fault.REWRITTEN, chain, seq)
        place, previous = seq + 1, own_hash
    for seq in sorted(seq for seq in waiting if seq >= place):
        yield Finding(Fault.CUT_TAIL, chain, seq)


def check_anchored(
    chain: str, gmina_id: int | None, anchors: Iterable[Anchor]
) -> Iterator[Finding]:
    last = max((anchor.seq for anchor in anchors), default=0)
    late = Event.objects.filter(
        gmina_id=gmina_id, seq__gt=last, at__lt=timezone.now() - UNANCHORED_MAX
    )
    if late.exists():
        yield Finding(Fault.UNANCHORED, chain, last)


def unlinked() -> list[Finding]:
    """Chains with rows that no clock has linked for UNLINKED_MAX_S."""
    since = timezone.now() - timedelta(seconds=UNLINKED_MAX_S)
    waiting = Event.objects.filter(seq__isnull=True, at__lt=since)
    counts = waiting.order_by().values("gmina_id").annotate(rows=Count("id"))
    return [
        Finding(Fault.UNLINKED, chain_name(row["gmina_id"]), count=row["rows"]) for row in counts
    ]
