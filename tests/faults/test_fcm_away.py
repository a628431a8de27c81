"""FCM gone, silent, or cutting connections: tried again, with the same delivery id."""

import os
import signal

import requests

from tests.faults.account import open_deliveries
from tests.faults.machine import SENDERS
from tests.faults.town import AT_RISK, done, tried_in_vain

CUTS = 200


def test_gone_and_back_it_loses_nobody(machine, town, ends_well, report):
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    machine.stop("emulator", by=signal.SIGKILL)
    machine.until(lambda: tried_in_vain(message), "calls are refused")
    machine.start("emulator")
    found = ends_well(message)
    report("FCM gone", found)
    assert found.repeats <= len(SENDERS) * AT_RISK


def test_silent_it_loses_nobody(machine, town, ends_well, report):
    """What it read and never answered may have arrived: that, and no more, is repeated."""
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    emulator = machine.roles["emulator"].pid
    os.kill(emulator, signal.SIGSTOP)
    try:
        machine.until(lambda: tried_in_vain(message), "calls run out of time")
        unanswered = open_deliveries(message)
    finally:
        os.kill(emulator, signal.SIGCONT)
    found = ends_well(message)
    report("FCM silent", found)
    assert found.repeats <= unanswered


def test_cutting_connections_it_loses_nobody(machine, town, ends_well, report):
    """Each cut comes after the phone has the message, so that only the answer is lost."""
    url = f"{machine.env['FCM_EMULATOR_URL']}/inject"
    order = {"error": "RESET", "rate": 0.1, "times": CUTS, "delivered": True}
    requests.post(url, json=order, timeout=5).raise_for_status()
    try:
        found = ends_well(town.send(5_000))
    finally:
        requests.delete(url, timeout=5).raise_for_status()
    report("FCM cuts connections", found)
    assert found.repeats == CUTS
