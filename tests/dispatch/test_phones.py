"""Simulated phones: what they report through the real API, as processes against a live server."""

import signal
import statistics

import pytest

from dispatch import progress, sender
from dispatch.emulator.phones import OPEN_MEDIAN_S, habit_of
from dispatch.models import Receipt
from residents.authentication import secret_hash
from residents.models import Device
from residents.simulated import SimulatedPhone
from tests.builders import make_alert, make_device, make_gmina, make_message
from tests.emulator import wait_until
from tests.processes import manage

HABITS = [habit_of(f"7.1.{n}", speed=60) for n in range(4000)]


def share(attribute):
    return sum(getattr(habit, attribute) is not None for habit in HABITS) / len(HABITS)


def test_most_phones_receive_and_two_thirds_open():
    assert share("received_s") == pytest.approx(0.91, abs=0.02)
    assert share("opened_s") == pytest.approx(0.68, abs=0.03)


def test_nobody_opens_what_was_not_received_nor_before():
    for habit in HABITS:
        if habit.opened_s is not None:
            assert habit.received_s is not None
            assert habit.opened_s > habit.received_s


def test_people_look_faster_by_the_speed():
    waits = [h.opened_s - h.received_s for h in HABITS if h.opened_s is not None]
    assert statistics.median(waits) == pytest.approx(OPEN_MEDIAN_S / 60, rel=0.15)  # seconds


def test_a_delivery_has_one_habit():
    assert habit_of("1.2.3", speed=60) == habit_of("1.2.3", speed=60)
    assert habit_of("1.2.3", speed=60) != habit_of("1.2.4", speed=60)


def simulated_devices(count):
    devices = []
    for number in range(1, count + 1):
        phone = SimulatedPhone("testowo", 1, number)
        device = make_device(token=phone.token, public_id=phone.public_id)
        Device.objects.filter(pk=device.pk).update(secret_hash=secret_hash(phone.secret))
        devices.append(device)
    return devices


@pytest.mark.django_db(transaction=True)
def test_phones_report_what_was_sent_to_them_and_the_funnel_rises(emulator, live_server):
    gmina = make_gmina()
    devices = [*simulated_devices(30), make_device()]  # the last is nobody's simulation
    message = make_message(make_alert(gmina), devices)
    process = manage("simulate_phones", "--speed", "600", BASE_URL=live_server.url)
    try:
        sender.drain(lambda: False)
        expected = [habit_of(f"{message.pk}.1.{n}", speed=600) for n in range(1, 31)]
        received = sum(habit.received_s is not None for habit in expected)
        opened = sum(habit.opened_s is not None for habit in expected)
        assert 0 < opened < received < 31
        wait_until(
            lambda: Receipt.objects.filter(event="opened").count() == opened, "all have opened"
        )
        wait_until(
            lambda: Receipt.objects.filter(event="received").count() == received, "all received"
        )
        counts = progress.progress_of(message.alert).figures.devices
        assert counts["accepted"].count == 31
        # Told in steps of five (dispatch/steps.py).
        assert received - 5 < counts["received"].count <= received
        assert opened - 5 < counts["opened"].count <= opened
        assert not Receipt.objects.filter(endpoint_id=devices[-1].pk).exists()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
