"""SIGTERM while FCM hangs: worker, horse and clock end within ten seconds, and nothing is lost."""

import signal
import time

import pytest
from django.utils import timezone

from dispatch import jobs, lease
from dispatch.models import Batch
from dispatch.outcomes import Outcome
from residents.tokens import decrypt_push
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident
from tests.emulator import free_port, wait_until
from tests.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)
O = Outcome  # noqa: E741
WITHIN_S = 10
HANGS, BATCHES = 3, 5


def frozen():
    """Five batches of two; the second phone of the first three hangs."""
    resident = make_resident()
    phones = [make_device(resident) for _ in range(2 * BATCHES)]
    make_message(make_alert(make_gmina()), phones, batch=2)
    return phones


def hang(emulator, phones):
    for phone in phones[1 : 2 * HANGS : 2]:
        emulator.inject("HANG", token=decrypt_push(phone.push_value_encrypted))


def hanging():
    """Both batches that a sender has on their way are with it, and their other calls answered."""
    return Batch.objects.filter(state=Batch.State.CLAIMED).count() == 2


def stopped_within(process):
    """Seconds that it takes to end after SIGTERM."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    return time.monotonic() - began


def assert_everything_is_kept():
    """What hung may have been taken and goes again later; nothing is with anybody."""
    assert not Batch.objects.filter(state=Batch.State.CLAIMED).exists()
    codes = [batch.codes for batch in Batch.objects.order_by("no")]
    assert codes[:2] == [[O.ACCEPTED, O.RETRY]] * 2
    assert codes[2:] == [[O.WAITING, O.WAITING]] * 3
    for batch in Batch.objects.order_by("no")[:2]:
        assert (batch.not_before - timezone.now()).total_seconds() > 5
    assert lease.claim().no == 3


def test_a_worker_and_its_horse_end_though_fcm_hangs(queue_server, emulator):
    phones = frozen()
    hang(emulator, phones)
    jobs.wake(1)
    worker = manage("worker", "emergency", "normal")
    wait_until(hanging, "it has two batches on their way", seconds=40)
    time.sleep(1)
    assert stopped_within(worker) < WITHIN_S
    assert_everything_is_kept()


def test_a_clock_that_sends_itself_ends_though_fcm_hangs(emulator):
    phones = frozen()
    hang(emulator, phones)
    clock = manage("clock", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    wait_until(hanging, "it has two batches on their way", seconds=40)
    time.sleep(1)
    assert stopped_within(clock) < WITHIN_S
    assert_everything_is_kept()


def test_an_idle_worker_and_an_idle_clock_end_at_once(queue_server, emulator):
    processes = [manage("worker", "emergency", "normal"), manage("clock")]
    time.sleep(8)
    assert [stopped_within(process) < WITHIN_S for process in processes] == [True, True]
