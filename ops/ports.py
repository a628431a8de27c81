"""Ports of this checkout: chosen once from its path, kept, chosen again only when taken."""

import socket

from ops.local import CHECKOUT

# Below Linux's ephemeral range (32768 and up), so that no outgoing connection sits on one.
FIRST, LAST, STEP = 20_000, 30_000, 10


def is_free(port: int) -> bool:
    """True when nobody listens on `port` of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose(offset: int, *, checkout: str = CHECKOUT) -> int:
    """A free port for the service numbered `offset` (0–9), the same as last time if possible."""
    slots = (LAST - FIRST) // STEP
    home = int(checkout, 16) % slots
    for slot in range(slots):
        port = FIRST + (home + slot) % slots * STEP + offset
        if is_free(port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST}")
