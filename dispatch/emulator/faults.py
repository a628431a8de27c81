"""Errors on order: for one push target, or for a share of all calls."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from dispatch.emulator.answers import INJECTABLE, Refusal

# These never answer, cut the connection, or answer byte by byte without an end.
HANG, RESET, SLOW_BODY = "HANG", "RESET", "SLOW_BODY"
ERRORS = frozenset(INJECTABLE) | {HANG, RESET, SLOW_BODY}


@dataclass
class Fault:
    """One order. Exactly one of `token` and `rate` (share of calls, 0 … 1) says whom it meets.

    `times` left (None: for ever); `delivered`: the phone gets the message all the same, as when
    FCM answers 503 for what it did deliver.
    """

    error: str
    token: str | None = None
    rate: float | None = None
    times: int | None = None
    retry_after_s: int | None = None
    retry_after_as_date: bool = False
    delivered: bool = False
    seed: int = 0
    _dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.error not in ERRORS:
            raise ValueError(f"error must be one of {', '.join(sorted(ERRORS))}")
        if (self.token is None) == (self.rate is None):
            raise ValueError("give either token or rate")
        if self.rate is not None and not 0 <= self.rate <= 1:
            raise ValueError("rate is a share between 0 and 1")
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def meets(self, token: str) -> bool:
        """Whether it strikes this call; uses up one of `times`."""
        if self.times == 0:
            return False
        hit = self._dice.random() < self.rate if self.rate is not None else token == self.token
        if hit and self.times is not None:
            self.times -= 1
        return hit

    def refusal(self) -> Refusal:
        refusal = INJECTABLE[self.error]()
        if self.retry_after_s is not None:
            refusal.headers["Retry-After"] = self._retry_after(self.retry_after_s)
        return refusal

    def _retry_after(self, seconds: int) -> str:
        """In either form that HTTP has."""
        if self.retry_after_as_date:
            return formatdate(time.time() + seconds, usegmt=True)
        return str(seconds)


def fault_from(order: Mapping[str, Any]) -> Fault:
    """A Fault from its JSON; raises ValueError or TypeError for what it doesn't understand."""
    return Fault(**order)
