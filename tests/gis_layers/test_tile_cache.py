"""The tile cache: one query for a cold tile, whoever asks; right without Redis; bounded."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings

from gis_layers import tile_cache as module
from gis_layers.tile_cache import KEPT_S, Body, Memory, TileCache, packed
from tests.emulator import free_port

MVT = b"mvt " * 500
MEMORY = 2**20


class Encoder:
    """Counts how often a tile is encoded; slow, so that those who ask meet."""

    def __init__(self, mvt: bytes = MVT, takes_s: float = 0.15) -> None:
        self.count, self._mvt, self._takes_s = 0, mvt, takes_s
        self._lock = threading.Lock()

    def __call__(self) -> bytes:
        with self._lock:
            self.count += 1
        time.sleep(self._takes_s)
        return self._mvt


@pytest.fixture
def key() -> str:
    return f"tile:test:{uuid.uuid4()}"


@pytest.fixture
def server():
    with redis.Redis.from_url(settings.TILE_CACHE_URL) as server:
        yield server


def process(memory_bytes: int = MEMORY) -> TileCache:
    """Another process's cache: it shares Redis with the others and nothing else."""
    return TileCache(settings.TILE_CACHE_URL, memory_bytes)


def all_at_once(clients: int, ask: Callable[[int], Body]) -> list[Body]:
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(ask, range(clients)))


def test_100_clients_of_three_processes_cost_one_query(key):
    encoder, processes = Encoder(), [process() for _ in range(3)]
    bodies = all_at_once(100, lambda n: processes[n % 3].get(key, encoder))
    assert encoder.count == 1
    assert {body.as_plain() for body in bodies} == {MVT}


def test_an_empty_tile_costs_one_query_too_and_is_not_kept_for_long(key, server):
    encoder, processes = Encoder(b""), [process() for _ in range(3)]
    bodies = all_at_once(30, lambda n: processes[n % 3].get(key, encoder))
    assert encoder.count == 1
    assert all(body.is_empty for body in bodies)
    assert server.ttl(key) <= module.EMPTY_KEPT_S


def test_without_redis_each_process_encodes_once(key, monkeypatch):
    away = f"redis://127.0.0.1:{free_port()}/0"
    encoder, processes = Encoder(), [TileCache(away, MEMORY) for _ in range(2)]
    bodies = all_at_once(20, lambda n: processes[n % 2].get(key, encoder))
    assert encoder.count == 2
    assert {body.as_plain() for body in bodies} == {MVT}


def test_with_neither_redis_nor_memory_nothing_is_kept_or_shared(key):
    encoder, off = Encoder(takes_s=0), TileCache("", 0)
    assert [off.get(key, encoder).as_plain() for _ in range(3)] == [MVT] * 3
    assert encoder.count == 3


def test_an_error_reaches_all_who_wait_and_the_next_one_tries_again_at_once(key):
    def broken() -> bytes:
        time.sleep(0.1)
        raise OSError("away")

    one, other = process(), process()

    def ask(_n: int) -> str:
        with pytest.raises(OSError, match="away"):
            one.get(key, broken)
        return "told"

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(ask, range(5))) == ["told"] * 5
    encoder = Encoder(takes_s=0)
    assert other.get(key, encoder).as_plain() == MVT
    assert encoder.count == 1


def test_a_process_that_died_while_encoding_holds_nobody_up_for_long(key, server, monkeypatch):
    monkeypatch.setattr(module, "CLAIM_S", 1)
    server.set(f"{key}:claim", 1, ex=1)
    assert process().get(key, Encoder(takes_s=0)).as_plain() == MVT


def test_redis_that_goes_away_meanwhile_loses_no_answer(key, monkeypatch):
    cache = process()

    def cut(*args: object, **named: object) -> None:
        raise redis.ConnectionError

    def encode() -> bytes:
        monkeypatch.setattr(cache._server, "set", cut)
        return MVT

    assert cache.get(key, encode).as_plain() == MVT
    # For a while it isn't even asked.
    monkeypatch.setattr(cache._server, "get", lambda *args: pytest.fail("asked"))
    assert cache.get(f"{key}:other", Encoder(takes_s=0)).as_plain() == MVT


def test_what_is_kept_is_the_same_under_the_same_name_for_a_day(key, server):
    made = process().get(key, Encoder(takes_s=0))
    found = process().get(key, lambda: pytest.fail("encoded again"))
    assert (found.name, found.as_gzip()) == (made.name, made.as_gzip())
    assert KEPT_S - 60 <= server.ttl(key) <= KEPT_S


def test_other_bytes_have_another_name():
    assert packed(b"a").name != packed(b"b").name


def test_memory_forgets_what_was_asked_for_longest_ago():
    bodies = {name: packed(name.encode() * 10) for name in "abc"}
    room = sum(module._size(body) for body in bodies.values()) - 1
    memory = Memory(room)
    memory.put("a", bodies["a"])
    memory.put("b", bodies["b"])
    memory.get("a")
    memory.put("c", bodies["c"])
    assert [name for name in "abc" if memory.get(name)] == ["a", "c"]


def test_memory_keeps_nothing_larger_than_itself():
    memory = Memory(10)
    memory.put("a", packed(MVT))
    assert memory.get("a") is None
