"""Simulated phones of a demonstration: everything about one follows from its push token.

The simulator of phones sees only what the emulator accepted, a token and a message; the token names
the phone, and the seed in it gives the id and the secret that the phone authenticates with. Whoever
reads this can log in as such a phone, so they are made only where FCM_EMULATOR_URL is set
(manage.py simulate_residents).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import cache
from uuid import UUID

_TOKEN = re.compile(r"^demo-(?P<gmina>[a-z0-9-]+)-(?P<seed>\d+)-(?P<number>\d+)$")
_RANGE_BYTES = 6  # leading bytes of an id that say whose simulation it is; ten are left for the row


@dataclass(frozen=True)
class SimulatedPhone:
    """Phone `number` (from 1) of the residents made for one gmina with one seed."""

    gmina: str
    seed: int
    number: int

    @property
    def token(self) -> str:
        return f"demo-{self.gmina}-{self.seed}-{self.number}"

    @property
    def public_id(self) -> UUID:
        return simulated_id(self.gmina, self.seed, f"device-{self.number}")

    @property
    def secret(self) -> str:
        return _mac(self.seed, f"secret-{self.token}").hex()


def phone_of(token: str) -> SimulatedPhone | None:
    """The simulated phone behind a push token; None for anybody else's."""
    match = _TOKEN.match(token)
    if match is None:
        return None
    return SimulatedPhone(match["gmina"], int(match["seed"]), int(match["number"]))


def simulated_id(gmina: str, seed: int, label: str) -> UUID:
    """A UUID in the form of version 4 that falls into `id_range(gmina)`."""
    tail = _mac(seed, f"id-{gmina}-{label}")[: 16 - _RANGE_BYTES]
    return UUID(bytes=_prefix(gmina) + tail, version=4)


def id_range(gmina: str) -> tuple[UUID, UUID]:
    """First and last id a simulation for this gmina may give; guests have theirs elsewhere."""
    prefix, rest = _prefix(gmina), 16 - _RANGE_BYTES
    return UUID(bytes=prefix + bytes(rest)), UUID(bytes=prefix + b"\xff" * rest)


@cache
def _prefix(gmina: str) -> bytes:
    return hashlib.sha256(f"simulated-{gmina}".encode()).digest()[:_RANGE_BYTES]


def _mac(seed: int, label: str) -> bytes:
    return hmac.digest(f"simulation-{seed}".encode(), label.encode(), "sha256")
