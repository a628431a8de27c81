"""Senders that are killed, told to stop, or asleep for longer than their lease."""

import os
import signal
import time

from django.conf import settings

from dispatch.models import Batch
from tests.faults.account import lines_of
from tests.faults.machine import CLOCKS, SENDERS
from tests.faults.town import AT_RISK, PHONES, done

KILLS = 5


def test_five_kills_within_25_000_lose_nobody(machine, town, ends_well, report):
    """At each sixth of the way a sender is killed, with what it has in flight."""
    message = town.send(PHONES)
    moments = []
    for kill in range(1, KILLS + 1):
        share = kill * PHONES // (KILLS + 1) // settings.SEND_BATCH
        machine.until(lambda share=share: done(message) >= share, f"{share} batches are done")
        machine.kill(machine.at_work())
        time.sleep(0.5)  # the emulator reads what was on the wire
        moments.append(lines_of(machine.received))
    found = ends_well(message)
    *after_kills, after_none = found.repeats_after(moments)
    report("killed 5 ×", found, f"repeats by kill: {after_kills}")
    assert found.planned == PHONES
    assert max(after_kills) <= AT_RISK
    assert after_none == 0


def test_all_senders_killed_at_once_lose_nobody(machine, town, ends_well, report):
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    for name in SENDERS:
        machine.kill(name)
    found = ends_well(message)
    report("all senders killed", found)
    assert found.repeats <= len(SENDERS) * AT_RISK


def test_everything_told_to_stop_ends_what_it_began_and_repeats_nothing(
    machine, town, ends_well, report
):
    everybody = [machine.roles[name] for name in (*SENDERS, *CLOCKS)]
    machine.until(lambda: all(role.heeds_sigterm for role in everybody), "all have started")
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    assert set(machine.stop(*SENDERS, *CLOCKS, by=signal.SIGTERM)) == {0}
    batches = Batch.objects.filter(message_id=message.pk)
    assert not batches.filter(state=Batch.State.CLAIMED).exists()
    assert batches.filter(state=Batch.State.WAITING).exists()
    machine.start(*SENDERS, *CLOCKS)
    found = ends_well(message)
    report("SIGTERM to all", found)
    assert found.repeats == 0


def test_a_sender_that_slept_through_its_lease_overwrites_nothing(machine, town, ends_well, report):
    """It is stopped with batches in hand; others send these; then it goes on with its answers."""
    name, other = SENDERS
    machine.stop(other)
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    sleeper = fallen_asleep(machine, name, message)
    try:
        machine.start(other)
        found = ends_well(message)
        before, logged = list(books(message)), len(machine.log(name))
    finally:
        os.kill(sleeper, signal.SIGCONT)
    machine.until(lambda: sleeper not in machine.roles[name].horses(), "it has noticed")
    assert "lease lost" in machine.log(name)[logged:]
    assert list(books(message)) == before
    report("asleep past its lease", found)
    assert found.repeats <= AT_RISK


def fallen_asleep(machine, name, message):
    """The pid of the sender's fork, stopped while it holds batches."""
    held = Batch.objects.filter(message_id=message.pk, state=Batch.State.CLAIMED)

    def asleep():
        for pid in machine.roles[name].horses():
            os.kill(pid, signal.SIGSTOP)
            if held.exists():
                return True
            os.kill(pid, signal.SIGCONT)
        return False

    machine.until(asleep, "it is stopped with batches in hand")
    [pid] = machine.roles[name].horses()
    return pid


def books(message):
    """Our record of the message: who had it, by which of FCM's ids."""
    batches = Batch.objects.filter(message_id=message.pk).order_by("no")
    return batches.values_list("no", "state", "codes", "fcm_ids", "attempt")
