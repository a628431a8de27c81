"""The cap on sending: its arithmetic, the same in Redis, and two processes under one cap."""

import multiprocessing
import time
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings as project
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import rate
from dispatch.rate import AT_ONCE, BURST_S, EMERGENCY_BURST_S, RAMP_S, SLOWEST, Bucket, Cap
from tests.emulator import free_port

RATE = 600
T0 = 1_000_000.0


def message(severity="important", *, devices=100, pk=1):
    return SimpleNamespace(severity=severity, devices=devices, pk=pk)


# ── The arithmetic ──────────────────────────────────────────────────────────────────────────────

PAUSES = st.lists(st.floats(0, 0.2), min_size=1, max_size=200)


@given(PAUSES, st.floats(10, 5000))
def test_no_span_sees_more_than_the_rate_and_one_burst(pauses, per_s):
    bucket, now, granted = Bucket(), T0, []
    for pause in pauses:
        now += pause
        if bucket.take(now, AT_ONCE, per_s, BURST_S) == 0:
            granted.append(now)
    for i, begun in enumerate(granted):
        for j in range(i, len(granted)):
            most = per_s * (granted[j] - begun + BURST_S) + AT_ONCE
            assert (j - i + 1) * AT_ONCE <= most * 1.0001 + AT_ONCE


@given(st.floats(10, 5000), st.floats(1, 30))
def test_whoever_comes_back_when_told_gets_all_of_the_rate(per_s, span_s):
    bucket, now, granted = Bucket(), T0, 0
    while now < T0 + span_s:
        wait = bucket.take(now, AT_ONCE, per_s, BURST_S)
        if wait == 0:
            granted += AT_ONCE
        now += wait + 1e-6
    assert granted >= per_s * span_s * 0.98 - AT_ONCE


@given(PAUSES)
def test_a_bulk_never_keeps_an_emergency_waiting(pauses):
    """However greedy the bulk is, half a second of the rate is the emergency's at once."""
    bucket, now = Bucket(), T0
    for pause in pauses:
        now += pause
        while bucket.take(now, AT_ONCE, RATE, BURST_S) == 0:
            pass
    reserve = int((EMERGENCY_BURST_S - BURST_S) * RATE / AT_ONCE)
    for _ in range(reserve - 1):
        assert bucket.take(now, AT_ONCE, RATE, EMERGENCY_BURST_S) == 0
        assert bucket.take(now, AT_ONCE, RATE, BURST_S) > 0


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 120)), max_size=30), st.floats(0, 200))
def test_a_429_slows_and_time_heals(refusals, later_s):
    bucket, now = Bucket(), T0
    for pause, for_s in refusals:
        now += pause
        before = bucket.speed(now)
        bucket.slow(now, for_s)
        assert SLOWEST <= bucket.speed(now) <= max(before, SLOWEST)
    assert SLOWEST <= bucket.speed(now + later_s) <= 1
    healed = bucket.slow_until + rate.RECOVERY_S
    assert bucket.speed(max(now, healed)) == 1


def test_many_429s_that_come_together_count_as_one():
    bucket = Bucket()
    for _ in range(100):
        bucket.slow(T0, 60)
    assert (bucket.speed(T0 + 59), bucket.speed(T0 + 60)) == (0.5, 0.5)
    assert bucket.speed(T0 + 75) == 0.75
    assert bucket.speed(T0 + 91) == 1


def sent_within(seconds, *, ramp):
    bucket, now, granted = Bucket(), T0, 0
    while now < T0 + seconds:
        wait = bucket.take(now, AT_ONCE, RATE, BURST_S, ramp)
        granted += AT_ONCE if wait == 0 else 0
        now += wait + 1e-6
    return granted


def test_a_slow_beginning_takes_a_minute_and_half_of_its_messages():
    in_ramp = sent_within(RAMP_S, ramp=7)
    assert in_ramp == pytest.approx(RATE * RAMP_S / 2, rel=0.04)
    assert sent_within(5, ramp=7) < RATE * 5 * 0.15
    after = sent_within(RAMP_S + 30, ramp=7) - in_ramp
    assert after == pytest.approx(RATE * 30, rel=0.02)


# ── In Redis ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server():
    with redis.Redis.from_url(project.REDIS_URL) as client:
        forget(client)
        yield client
        forget(client)


def forget(client):
    for key in client.scan_iter(f"{rate.BUCKET}*"):
        client.delete(key)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.floats(0, 3), st.booleans(), st.sampled_from([None, 1, 2])),
        st.tuples(st.just("slow"), st.floats(0, 3), st.integers(1, 90), st.none()),
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_redis_reckons_as_we_do(steps):
    with redis.Redis.from_url(project.REDIS_URL) as client:
        forget(client)
        script = client.register_script(rate.script())
        bucket, now = Bucket(), T0
        for what, pause, choice, ramp in steps:
            now += pause
            if what == "slow":
                bucket.slow(now, choice)
                script(keys=[rate.BUCKET, ""], args=["slow", choice, now])
                continue
            tolerance = EMERGENCY_BURST_S if choice else BURST_S
            ours = bucket.take(now, AT_ONCE, RATE, tolerance, ramp)
            args = ["take", AT_ONCE, RATE, tolerance, RAMP_S if ramp else 0, now]
            theirs = float(script(keys=[rate.BUCKET, f"{rate.BUCKET}:{ramp or ''}"], args=args))
            assert theirs == pytest.approx(ours, abs=1e-4)
        forget(client)


def greedy(seconds, severity, results):
    """A process that takes what it can get."""
    cap, until, got = Cap(lambda: 1), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        if cap.take(message(severity)):
            got += 1
        else:
            time.sleep(0.005)
    results.put(got)


def together(seconds, *severities):
    """What processes with these messages got, together, in this time."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [
        context.Process(target=greedy, args=(seconds, severity, results)) for severity in severities
    ]
    for process in processes:
        process.start()
    got = [results.get(timeout=seconds + 20) for _ in processes]
    for process in processes:
        process.join()
    return got


@pytest.mark.parametrize("per_s", [400, 1000])
def test_two_processes_keep_one_cap_within_two_percent(server, settings, per_s):
    settings.FCM_RATE = per_s
    seconds = 5
    got = together(seconds, "important", "important")
    burst = per_s * BURST_S + AT_ONCE  # what may come at once at the beginning
    assert per_s * seconds * 0.98 <= sum(got) <= per_s * seconds * 1.02 + burst
    assert min(got) > 0


def test_a_cap_of_zero_asks_nobody(settings):
    settings.FCM_RATE, settings.REDIS_URL = 0, f"redis://127.0.0.1:{free_port()}/0"
    cap = Cap(lambda: pytest.fail("nobody is counted"))
    assert all(cap.take(message()) for _ in range(10_000))


def taken(cap, message, *, seconds=0.3):
    until, got = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        got += cap.take(message)
    return got


def test_without_redis_each_sender_keeps_its_share(settings):
    settings.FCM_RATE, settings.REDIS_URL = 1000, f"redis://127.0.0.1:{free_port()}/0"
    alone, one_of_four = Cap(lambda: 1), Cap(lambda: 4)
    burst = BURST_S * 1000 + 2 * AT_ONCE
    assert taken(alone, message(), seconds=2) <= 2000 * 1.02 + burst
    assert taken(one_of_four, message(), seconds=2) <= 500 * 1.02 + burst / 4 + 2 * AT_ONCE


def test_an_emergency_goes_though_a_bulk_has_emptied_the_bucket(server, settings):
    settings.FCM_RATE = 40  # half a second passes before the bucket has enough for more
    cap = Cap(lambda: 1)
    taken(cap, message("info"))
    assert not cap.take(message("info"))
    assert cap.take(message("emergency"))


def test_only_large_bulks_begin_slowly(server, settings):
    settings.FCM_RATE = 5000
    large = {"devices": rate.RAMP_ABOVE + 1}
    slow = taken(Cap(lambda: 1), message("important", pk=5, **large))
    fast = taken(Cap(lambda: 1), message("important", pk=6, devices=rate.RAMP_ABOVE))
    urgent = taken(Cap(lambda: 1), message("emergency", pk=7, **large))
    assert slow < 5000 * 0.3 * 0.3
    assert min(fast, urgent) > 5000 * 0.3 * 0.5


def test_a_429_slows_the_other_senders_too(server, settings):
    settings.FCM_RATE = 2000
    refused, other = Cap(lambda: 2), Cap(lambda: 2)
    refused.slow(30)
    taken(other, message())  # the burst
    assert taken(other, message(), seconds=1) == pytest.approx(1000, rel=0.1)
