"""Encoded tiles, kept in the process and in Redis; however many ask for a cold one, one query.

A key names a tile's bytes for good (tile_revisions.Known.key), so nothing is ever taken out but by
age and for room. Without Redis each process encodes for itself: slower, and never wrong.
"""

import gzip
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

REDIS_TIMEOUT_S = 0.3
ALONE_S = 5  # how long we go without Redis after it failed
KEPT_S = 86_400  # in Redis; a map that nobody looked at for a day is cheap to encode again
# Nothing is there: not kept for long, as whoever makes up addresses could fill the memory.
EMPTY_KEPT_S = 10
CLAIM_S = 5  # longer than the slowest tile takes; after that another process may try
LOOK_EVERY_S = 0.02
NAME_BYTES = 8  # of a tile's hash
GZIP_LEVEL = 6
ENTRY_BYTES = 200  # what keeping a tile takes beside its bytes

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Body:
    """A tile's MVT, empty where nothing is, as it came or gzipped, whichever there was."""

    name: str  # hash of the MVT, in hex
    plain: bytes | None = None
    packed: bytes | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.plain or self.packed)

    def as_plain(self) -> bytes:
        return gzip.decompress(self.packed or b"") if self.plain is None else self.plain

    def as_gzip(self) -> bytes:
        if self.packed is None:
            return gzip.compress(self.plain or b"", GZIP_LEVEL, mtime=0)
        return self.packed


def named(mvt: bytes) -> Body:
    return Body(blake2b(mvt, digest_size=NAME_BYTES).hexdigest(), plain=mvt)


def packed(mvt: bytes) -> Body:
    """What is kept: gzipped once, as nearly every client asks for it."""
    body = named(mvt)
    return Body(body.name, packed=body.as_gzip() if mvt else b"")


class Memory:
    """The tiles asked for last, up to a number of bytes; for any number of threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._used = most_bytes, 0
        self._kept: OrderedDict[str, Body] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Body | None:
        with self._lock:
            body = self._kept.get(key)
            if body:
                self._kept.move_to_end(key)
            return body

    def put(self, key: str, body: Body) -> None:
        size = _size(body)
        with self._lock:
            if size > self._most or key in self._kept:
                return
            self._kept[key] = body
            self._used += size
            while self._used > self._most:
                self._used -= _size(self._kept.popitem(last=False)[1])


def _size(body: Body) -> int:
    return len(body.packed or b"") + ENTRY_BYTES


class TileCache:
    """One process's view of the cache. `url` empty: no Redis; `memory_bytes` 0: no memory."""

    def __init__(self, url: str, memory_bytes: int) -> None:
        self._memory = Memory(memory_bytes)
        self._is_off = not (url or memory_bytes)
        self._alone_until = 0.0
        self._flights: dict[str, Future[Body]] = {}
        self._lock = threading.Lock()
        self._server = url and redis.Redis.from_url(
            url,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            socket_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )

    def get(self, key: str, make: Callable[[], bytes]) -> Body:
        """The tile kept under `key`, or what `make` encodes; its errors go to all who wait."""
        if self._is_off:
            return named(make())
        if found := self._memory.get(key):
            return found
        with self._lock:
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if is_first:
            self._fly(flight, key, make)
        return flight.result()

    def _fly(self, flight: Future[Body], key: str, make: Callable[[], bytes]) -> None:
        try:
            # Another flight may have landed since we looked.
            body = self._memory.get(key) or self._found_or_made(key, make)
        except BaseException as error:  # whatever it is, those who wait must hear of it
            flight.set_exception(error)
        else:
            if not body.is_empty:
                self._memory.put(key, body)
            flight.set_result(body)
        finally:
            with self._lock:
                del self._flights[key]

    def _found_or_made(self, key: str, make: Callable[[], bytes]) -> Body:
        """From Redis; else made here, unless another process is making it."""
        if not self._server or time.monotonic() < self._alone_until:
            return packed(make())
        try:
            body = self._await(self._server, key)
        except redis.RedisError:
            self._go_alone()
            return packed(make())
        return body or self._make(self._server, key, make)

    def _await(self, server: redis.Redis, key: str) -> Body | None:
        """What Redis has, or gets meanwhile; None: ours to make."""
        deadline = time.monotonic() + CLAIM_S
        while time.monotonic() < deadline:
            kept = server.get(key)
            if isinstance(kept, bytes):
                return Body(kept[: 2 * NAME_BYTES].decode(), packed=kept[2 * NAME_BYTES :])
            if server.set(_claim(key), 1, nx=True, ex=CLAIM_S):
                return None
            time.sleep(LOOK_EVERY_S)
        return None

    def _make(self, server: redis.Redis, key: str, make: Callable[[], bytes]) -> Body:
        body: Body | None = None
        try:
            body = packed(make())
            return body
        finally:
            # Also where it failed, so that the next one need not wait for the claim to age.
            self._hand_over(server, key, body)

    def _hand_over(self, server: redis.Redis, key: str, body: Body | None) -> None:
        try:
            if body:
                kept_s = EMPTY_KEPT_S if body.is_empty else KEPT_S
                server.set(key, body.name.encode() + (body.packed or b""), ex=kept_s)
            server.delete(_claim(key))
        except redis.RedisError:
            self._go_alone()

    def _go_alone(self) -> None:
        logger.warning("tile cache: Redis does not answer")
        self._alone_until = time.monotonic() + ALONE_S


def _claim(key: str) -> str:
    return f"{key}:claim"


@cache
def tile_cache() -> TileCache:
    """The process's own, made when it is first asked for: after any fork."""
    return TileCache(settings.TILE_CACHE_URL, settings.TILE_MEMORY_MB * 2**20)
