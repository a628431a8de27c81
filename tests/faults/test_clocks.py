"""Several clocks at once, one of them killed, and the time itself jumping."""

import os
import signal
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db.models import F

from audit.models import Event
from audit.verbs import Verb
from dispatch import clock, closing, lease
from dispatch.heartbeats import SILENT_AFTER
from dispatch.models import Heartbeat
from tests.faults.conftest import database_of
from tests.faults.machine import CLOCKS, SENDERS
from tests.faults.town import AT_RISK, done

LIBRARIES = Path("/usr/lib")
HOUR_S = 3600


def test_two_clocks_and_two_more_sweepers_do_everything_once(machine, town, ends_well, report):
    """With something to sweep: a sender is killed, and so is a clock."""
    message = town.send(5_000)
    with sweeping(machine), sweeping(machine):
        machine.until(lambda: done(message) >= 10, "it is under way")
        machine.kill(SENDERS[0])
        machine.kill(CLOCKS[0])
        found = ends_well(message)
    report("four sweepers", found)
    assert found.repeats <= AT_RISK
    sent = Event.objects.filter(verb=Verb.ALERT_SENT, target_id=message.alert.ref)
    assert sent.count() == 1


def test_a_clock_that_hangs_is_replaced(machine, town, ends_well, report):
    """While it hangs a sender dies, whose batches only a clock gives back."""
    machine.until(lambda: acting() is not None, "a clock acts")
    hung = acting()
    os.kill(hung.pid, signal.SIGSTOP)
    try:
        message = town.send(5_000)
        machine.until(lambda: done(message) >= 10, "it is under way")
        machine.kill(machine.at_work())
        Heartbeat.objects.filter(pk=hung.pk).update(at=F("at") - SILENT_AFTER)
        found = ends_well(message)
        assert acting().pid != hung.pid
    finally:
        os.kill(hung.pid, signal.SIGCONT)
    report("acting clock hangs", found)
    assert found.repeats <= AT_RISK


def test_leases_of_a_time_that_is_gone_hold_up_nothing(machine, town, ends_well, report, jump):
    """Two hours forward: every lease is over. Four hours back: a dead sender's lease would hold
    its batches until tomorrow's news."""
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    jump(2 * HOUR_S)
    machine.until(lambda: done(message) >= 20, "it goes on")
    machine.kill(SENDERS[0])
    jump(-2 * HOUR_S)
    found = ends_well(message)
    report("time jumps", found)
    assert found.repeats <= 2 * len(SENDERS) * AT_RISK


def acting():
    """The clock that went round last with the lock."""
    return Heartbeat.objects.filter(acting=True).order_by("-at").first()


@contextmanager
def sweeping(machine):
    """The clock's own duties in a thread, over and over."""
    over = threading.Event()
    failures = []

    def work():
        with database_of(machine):
            while not over.wait(0.02):
                try:
                    for duty in (lease.sweep, closing.close_finished, clock.expire_alerts):
                        duty()
                except Exception as error:
                    failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert failures == []


@pytest.fixture
def jump(machine):
    """`jump(s)` puts the whole machine's time s seconds from the true one; monotonic time goes on.

    Nobody can set the time of the machine that tests run on: libfaketime shifts what the processes
    read of it. They look for a new shift every second.
    """
    [library] = LIBRARIES.glob("*/faketime/libfaketime.so.1")
    shift = machine.folder / "shift"
    shift.write_text("+0s\n")
    faked = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(shift),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    try:
        machine.reboot(**faked)
        yield lambda seconds: shift.write_text(f"{seconds:+}s\n")
    finally:
        machine.reboot()
