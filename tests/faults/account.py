"""The accountant: what phones got, set against what was planned for them."""

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from dispatch.models import Batch, Delivery, Message
from dispatch.outcomes import OPEN, Outcome
from tests.faults.town import token_of


@dataclass(frozen=True)
class Account:
    """Deliveries by their id on the wire. `arrivals`: the lines of the emulator's memory (from 1)
    in which each came."""

    planned: int
    lost: frozenset[str]
    strangers: frozenset[str]
    arrivals: dict[str, list[int]] = field(repr=False)

    @property
    def repeats(self) -> int:
        return sum(len(lines) - 1 for lines in self.arrivals.values())

    def repeats_after(self, lines: list[int]) -> list[int]:
        """For each fault, noted by the memory's last line then, the repeats it brought; and last
        those that came of none. A repeat is due to the first fault after the arrival before it.
        """
        counts = [0] * (len(lines) + 1)
        for arrived in self.arrivals.values():
            for line in arrived[:-1]:
                counts[bisect_left(lines, line)] += 1
        return counts


def account(message: Message, received: Path) -> Account:
    """Compare the plan with the emulator's memory.

    Every phone of these tests lives, so a delivery is lost that no phone got, or that our own
    books don't call accepted. A stranger is what was never planned, or came to another's phone.
    """
    planned, accepted = _planned(message), _accepted(message)
    arrivals: dict[str, list[int]] = {}
    strangers = set()
    for number, wire, token in _entries(message, received):
        arrivals.setdefault(wire, []).append(number)
        if planned.get(wire) != token:
            strangers.add(wire)
    lost = frozenset(planned) - (frozenset(arrivals) & accepted)
    return Account(len(planned), lost, frozenset(strangers), arrivals)


def lines_of(received: Path) -> int:
    """How many messages the emulator has accepted so far."""
    with received.open("rb") as lines:
        return sum(1 for _line in lines)


def open_deliveries(message: Message) -> int:
    """Deliveries without a final outcome in our books."""
    batches = Batch.objects.filter(message_id=message.pk).values_list("codes", flat=True)
    return sum(code in OPEN for codes in batches for code in codes)


def unfinished(message: Message) -> list[Batch]:
    """Batches that are neither final nor waiting for a stated moment that is still to come."""
    batches = Batch.objects.filter(message_id=message.pk).exclude(state=Batch.State.DONE)
    return [
        batch
        for batch in batches
        if batch.state != Batch.State.WAITING
        or batch.not_before is None
        or batch.not_before <= timezone.now()
    ]


def _planned(message: Message) -> dict[str, str]:
    """Wire id -> push target."""
    rows = Delivery.objects.filter(month=message.month, message_id=message.pk)
    return {
        f"{message.pk}.{no}.{pos}": token_of(endpoint)
        for no, pos, endpoint in rows.values_list("batch_no", "pos", "endpoint_id")
    }


def _accepted(message: Message) -> frozenset[str]:
    return frozenset(
        f"{message.pk}.{no}.{pos}"
        for no, codes in Batch.objects.filter(message_id=message.pk).values_list("no", "codes")
        for pos, code in enumerate(codes, start=1)
        if code == Outcome.ACCEPTED
    )


def _entries(message: Message, received: Path) -> Iterator[tuple[int, str, str]]:
    """(line, wire id, push target) of what the emulator accepted of this message."""
    mark = f'"{message.pk}.'
    with received.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if mark not in line:
                continue
            entry = json.loads(line)
            wire = entry["message"]["data"]["delivery_id"]
            if wire.startswith(f"{message.pk}."):
                yield number, wire, entry["token"]
