"""Waking senders, and what real worker processes do when they are killed."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_rq import get_queue

from dispatch import draining, jobs, lease, senders
from dispatch.models import Batch, Delivery
from residents.models import Device
from residents.tokens import decrypt_push
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident
from tests.emulator import Emulator, EmulatorProcess, free_port, wait_until
from tests.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)


def waiting_jobs(queue):
    return get_queue(queue).count


def frozen(devices, *, batch=100, **alert):
    resident = make_resident()
    phones = [make_device(resident) for _ in range(devices)]
    return make_message(make_alert(make_gmina(), **alert), phones, batch=batch)


def all_done():
    return not Batch.objects.exclude(state=Batch.State.DONE).exists()


def delivered(emulator, message):
    """How often each delivery of the message reached a phone: {delivery id: times}."""
    counts = {}
    for delivery in Delivery.objects.filter(message_id=message.pk):
        device = Device.objects.get(pk=delivery.endpoint_id)
        got = emulator.inbox(decrypt_push(device.push_value_encrypted))
        wire = f"{message.pk}.{delivery.batch_no}.{delivery.pos}"
        counts[wire] = sum(entry["data"]["delivery_id"] == wire for entry in got)
    return counts


# ── Waking ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("priority", "queue"), [(0, "emergency"), (1, "normal"), (2, "normal")])
def test_a_wake_knocks_on_the_queue_of_its_severity(queue_server, priority, queue):
    jobs.wake(priority)
    assert waiting_jobs(queue) == 1
    [job] = get_queue(queue).jobs
    assert (job.func, job.args, job.timeout) == (draining.drain, (), 300)


def test_a_wake_waits_for_the_commit(queue_server):
    with transaction.atomic():
        jobs.wake(1)
        assert waiting_jobs("normal") == 0
    assert waiting_jobs("normal") == 1


def test_a_rolled_back_transaction_wakes_nobody(queue_server):
    with transaction.atomic():
        jobs.wake(1)
        transaction.set_rollback(True)
    assert waiting_jobs("normal") == 0


def test_many_wakes_leave_one_job(queue_server):
    for _ in range(5):
        jobs.wake(1)
    assert waiting_jobs("normal") == 1


def test_a_failed_wake_is_logged_and_nothing_more(settings, caplog):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    with transaction.atomic():
        gmina = make_gmina()
        jobs.wake(0)
    gmina.refresh_from_db()
    assert "Error calling" in caplog.text


# ── Draining ────────────────────────────────────────────────────────────────────────────────────


def test_a_drain_sends_what_is_due_and_leaves_no_further_job(queue_server, emulator):
    message = frozen(5, batch=2)
    assert draining.drain() == 3
    assert set(delivered(emulator, message).values()) == {1}
    # It called for help before it began, which finds nothing and ends the chain.
    assert waiting_jobs("normal") == 1
    get_queue("normal").empty()
    assert draining.drain() == 0
    assert waiting_jobs("normal") == 0


def test_a_drain_out_of_time_asks_to_be_continued(queue_server, emulator, settings):
    settings.SENDER_RUN_S = 0
    frozen(3, batch=1)
    assert draining.drain() == 0
    assert waiting_jobs("normal") == 1
    assert lease.most_urgent_due() == 1


def test_no_more_senders_work_than_there_are_slots(queue_server, emulator, settings):
    settings.SENDERS_MAX = 1
    frozen(1)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 0)", [senders.SLOT_LOCKS])
    assert draining.drain_for(10) == 0
    other.close()
    wait_until(lambda: draining.drain_for(10) == 1, "the slot is free when its session is gone")


# ── Real workers ────────────────────────────────────────────────────────────────────────────────


def test_a_worker_process_sends_on_a_wake(queue_server, emulator):
    message = frozen(5, batch=2, severity="emergency")
    jobs.wake(0)
    worker = manage("worker", "emergency", "normal", "--burst")
    assert worker.wait(timeout=60) == 0
    assert all_done()
    assert set(delivered(emulator, message).values()) == {1}


@pytest.fixture
def slow_emulator(tmp_path, settings):
    """Answers after 0.3 s, so that a worker can be caught in the middle."""
    process = EmulatorProcess(tmp_path / "slow.ndjson", latency_ms=300)
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", process.url
    yield Emulator(process.url)
    process.stop()


def caught_with_batches(pids):
    """Whether these processes, halted where they are, have a batch in hand; else they go on."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(0.2)  # what the database was doing for them is done
    if Batch.objects.filter(state=Batch.State.CLAIMED).exists():
        return True
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    return False


def test_a_killed_worker_loses_nothing(queue_server, slow_emulator):
    message = frozen(40, batch=4)
    jobs.wake(1)
    victim = manage("worker", "emergency", "normal")
    wait_until(lambda: slow_emulator.get("/stats")["accepted"] >= 6, "the victim has begun")
    processes = (victim.pid, *children_of(victim.pid))
    wait_until(lambda: caught_with_batches(processes), "it has batches in hand")
    for pid in processes:
        os.kill(pid, signal.SIGKILL)
    victim.wait(timeout=10)
    claimed = Batch.objects.filter(state=Batch.State.CLAIMED)
    assert not all_done()
    at_risk = set(claimed.values_list("no", flat=True))

    claimed.update(lease_until=timezone.now() - timedelta(seconds=1))  # a minute later
    lease.sweep()
    queue_server.flushdb()
    jobs.wake(1)
    worker = manage("worker", "emergency", "normal", "--burst")
    assert worker.wait(timeout=60) == 0
    assert all_done()

    counts = delivered(slow_emulator, message)
    assert len(counts) == 40
    assert min(counts.values()) == 1
    repeated = {int(wire.split(".")[1]) for wire, times in counts.items() if times > 1}
    assert repeated <= at_risk
    message.refresh_from_db()
    assert message.sent_at is not None


def test_a_terminated_worker_ends_what_it_began_and_claims_no_more(queue_server, slow_emulator):
    message = frozen(40, batch=4)
    jobs.wake(1)
    worker = manage("worker", "emergency", "normal")
    wait_until(lambda: slow_emulator.get("/stats")["accepted"] >= 6, "it has begun")
    worker.terminate()
    assert worker.wait(timeout=20) == 0
    assert not Batch.objects.filter(state=Batch.State.CLAIMED).exists()
    assert Batch.objects.filter(state=Batch.State.WAITING).exists()
    assert max(delivered(slow_emulator, message).values()) == 1


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]
