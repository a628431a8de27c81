"""A claimed batch on its way, from what is to be sent of it to what became of each delivery."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dispatch import halting, holds
from dispatch.channels import Channel
from dispatch.lease import Claim
from dispatch.models import Message
from dispatch.outcomes import Outcome, Result


@dataclass(eq=False)
class Flight:
    """A batch on its way. Positions count from 0."""

    claim: Claim
    message: Message
    channel: Channel
    boarded: float = field(default_factory=time.monotonic)
    # Not begun yet, in order.
    waiting: deque[tuple[int, Any]] = field(default_factory=deque)
    # Begun, and not answered.
    under_way: dict[int, Any] = field(default_factory=dict)
    letters: dict[int, Any] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)
    # What rules hold back, until when.
    held: dict[int, datetime] = field(default_factory=dict)
    # How long what is cut off waits.
    cut_wait_s: float = 0.0
    is_lost: bool = False

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.under_way

    def cut(self, wait_s: float = 0.0) -> None:
        """Begin nothing more: it goes back, due after so long."""
        self.waiting.clear()
        self.cut_wait_s = max(self.cut_wait_s, wait_s)

    def retire(self, indexes: Iterable[int]) -> None:
        """Forget the endpoints of positions that were sent to one."""
        self.channel.retire([self.letters[index] for index in indexes if index in self.letters])

    def ids(self) -> dict[str, object]:
        """What every line about the batch says of it."""
        return halting.ids(self.message) | {"batch": self.claim.no}


def board(flight: Flight) -> None:
    """Sort the batch's open positions: held back, settled without a call, or to be begun."""
    claim, due = flight.claim, flight.claim.due()
    for index, held in holds.held(claim, flight.message, due).items():
        if isinstance(held, Outcome):
            flight.results[index] = Result(held)
        else:
            flight.held[index] = held
    due = [index for index in due if index not in flight.held and index not in flight.results]
    for index, letter in flight.channel.letters(claim, flight.message, due).items():
        if isinstance(letter, Result):
            flight.results[index] = letter
        else:
            flight.waiting.append((index, letter))
