"""An emergency overtakes a running bulk of 25,000, with a real sender under the real cap."""

import pytest

from dispatch import jobs, lease
from dispatch.models import Batch
from dispatch.outcomes import Outcome
from residents.models import Device
from residents.tokens import decrypt_push, encrypt_push, push_hash
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident
from tests.emulator import wait_until
from tests.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)
BULK, PER_S = 25_000, 100
# What goes before it: batches under way for BEGIN_WITHIN_S, and what the cap lets through at once.
AT_MOST_BEFORE = 5 * PER_S


def many_phones(count):
    resident = make_resident()
    token = encrypt_push("bulk")  # the same for all: it is the sending that matters
    return Device.objects.bulk_create(
        [
            Device(
                resident=resident,
                secret_hash=b"x" * 32,
                platform="android",
                push_kind="token",
                push_value_encrypted=token,
                push_hash=push_hash("token", f"bulk-{n}"),
            )
            for n in range(count)
        ]
    )


def accepted(message):
    return sum(
        batch.codes.count(Outcome.ACCEPTED) for batch in Batch.objects.filter(message_id=message.pk)
    )


@pytest.mark.slow
def test_an_emergency_overtakes_a_running_bulk(queue_server, emulator):
    gmina = make_gmina()
    bulk = make_message(make_alert(gmina, severity="info"), many_phones(BULK))
    jobs.wake(2)
    sender = manage("worker", "emergency", "normal", FCM_RATE=str(PER_S))
    try:
        wait_until(lambda: accepted(bulk) > 0, "the bulk is under way", seconds=60)
        phones = [make_device() for _ in range(30)]
        urgent = make_message(make_alert(gmina, severity="emergency"), phones)
        jobs.wake(0)
        before = accepted(bulk)
        wait_until(lambda: accepted(urgent) == 30, "the emergency is out", seconds=60)
        assert accepted(bulk) - before <= AT_MOST_BEFORE
        assert all(
            len(emulator.inbox(decrypt_push(phone.push_value_encrypted))) == 1 for phone in phones
        )
        assert lease.most_urgent_due() == 2  # the bulk goes on
    finally:
        sender.terminate()
        sender.wait(timeout=30)
