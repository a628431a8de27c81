"""Redis emptied, and away: it only carries knocks."""

import time

import redis

from tests.faults.town import done

AWAY_S = 20


def test_flushall_loses_nobody_and_repeats_nothing(machine, town, ends_well, report):
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    with redis.Redis.from_url(machine.env["REDIS_URL"]) as server:
        server.flushall()
    found = ends_well(message)
    report("FLUSHALL", found)
    assert found.repeats == 0


def test_without_redis_alerts_are_approved_and_sent_and_the_senders_come_back(
    machine, town, ends_well, report
):
    """Redis goes in the middle of one alert; another is approved while it is away."""
    begun = town.send(5_000)
    machine.until(lambda: done(begun) >= 10, "it is under way")
    machine.stop("redis")
    over = time.monotonic() + AWAY_S
    meanwhile = town.send(1_000, severity="emergency")
    machine.until(lambda: done(meanwhile) > 0, "the clock sends by itself")
    machine.until(lambda: time.monotonic() > over, "Redis was away long enough")
    machine.start("redis")
    found = ends_well(begun)
    report("Redis away 20 s", found)
    assert found.repeats == ends_well(meanwhile).repeats == 0
    afterwards = town.send(1_000)
    machine.at_work()
    assert ends_well(afterwards).repeats == 0
