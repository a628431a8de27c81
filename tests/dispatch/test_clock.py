"""The clock: each duty, then as a process without Redis, without PostgreSQL, told to stop."""

import os
import signal
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.utils import timezone
from django_rq import get_queue

from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from dispatch import clock, heartbeats, lease, personal
from dispatch.clock import Clock
from dispatch.models import Alert, Batch, Heartbeat
from residents.models import Reattachment
from tests.builders import make_alert, make_device, make_gmina, make_message
from tests.emulator import free_port, wait_until
from tests.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gmina(tmp_path, settings, queue_server):
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads.log")
    return make_gmina()


@pytest.fixture
def the_clock():
    """Gives the lock back with its session, or the next test's clock would stand by."""
    yield Clock()
    connection.close()


def frozen(gmina, *, devices=1, **alert):
    return make_message(make_alert(gmina, **alert), [make_device() for _ in range(devices)])


def test_it_takes_expired_leases_back(gmina, the_clock):
    frozen(gmina)
    lease.claim()
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    the_clock.tick()
    assert Batch.objects.get().state == Batch.State.WAITING


def test_it_has_waiting_places_attached_and_silent_devices_erased(gmina, the_clock):
    Reattachment.objects.create(edition_id=1)
    the_clock.tick()
    the_clock.tick()
    names = [job.func_name for job in get_queue("maintenance").jobs]
    assert names == ["residents.jobs.reattach_places", "residents.jobs.erase_silent_devices"]


@pytest.mark.parametrize(("severity", "queue"), [("emergency", "emergency"), ("info", "normal")])
def test_it_wakes_senders_while_a_batch_is_due(gmina, the_clock, severity, queue):
    the_clock.tick()
    assert get_queue(queue).count == 0
    frozen(gmina, severity=severity)
    the_clock.tick()
    the_clock.tick()
    assert get_queue(queue).count == 1


def test_it_sends_by_itself_while_redis_is_away(gmina, the_clock, emulator, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    message = frozen(gmina, devices=3)
    the_clock.tick()
    assert Batch.objects.get().codes == [1, 1, 1]
    message.refresh_from_db()
    assert message.sent_at is not None


def test_it_closes_a_message_that_a_crash_left_open(gmina, the_clock):
    message = frozen(gmina)
    Batch.objects.update(state=Batch.State.DONE, codes=[1])
    the_clock.tick()
    message.refresh_from_db()
    assert message.alert.state == Alert.State.ACTIVE


@pytest.mark.parametrize(
    ("state", "ends"),
    [("sending", True), ("active", True), ("draft", False), ("awaiting_approval", False)],
)
def test_it_ends_running_alerts_when_they_expire(gmina, the_clock, state, ends):
    alert = make_alert(gmina, state=state, expires_at=timezone.now() - timedelta(seconds=1))
    running = make_alert(gmina, state=state)
    the_clock.tick()
    alert.refresh_from_db()
    running.refresh_from_db()
    assert running.state == state
    assert (alert.state, alert.end_reason) == (("ended", "expired") if ends else (state, ""))
    assert (alert.ended_at is not None) == ends
    assert Event.objects.filter(verb=Verb.ALERT_EXPIRED).count() == ends


def test_it_sweeps_the_erased_out_of_deliveries_once_a_day(gmina, the_clock, monkeypatch):
    swept = []
    monkeypatch.setattr(personal, "forget_missed", lambda: swept.append(timezone.localdate()))
    today = timezone.localdate()
    the_clock.tick()
    the_clock.tick()
    monkeypatch.setattr(timezone, "localdate", lambda: today + timedelta(days=1))
    the_clock.tick()
    assert swept == [today, today + timedelta(days=1)]


def test_it_links_the_audit_chain_and_anchors_it_once_an_hour(
    gmina, the_clock, settings, monkeypatch
):
    heads = Path(settings.AUDIT_HEADS_FILE)
    record(Verb.ALERT_DRAFTED, by=None, gmina=gmina)
    the_clock.tick()
    assert Event.objects.get().seq == 1
    record(Verb.ALERT_DRAFTED, by=None, gmina=gmina)
    the_clock.tick()
    assert len(heads.read_text().splitlines()) == 1
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    the_clock.tick()
    assert len(heads.read_text().splitlines()) == 2


def test_a_clock_that_starts_anchors_at_once(gmina, the_clock, settings):
    the_clock.tick()
    record(Verb.ALERT_DRAFTED, by=None, gmina=gmina)
    the_clock.tick()
    restarted = Clock()
    connection.close()
    restarted.tick()
    assert len(Path(settings.AUDIT_HEADS_FILE).read_text().splitlines()) == 1


def test_it_throws_away_sessions_that_have_ended(gmina, the_clock):
    for key, hours in (("ended", -1), ("running", 1)):
        ends = timezone.now() + timedelta(hours=hours)
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    the_clock.tick()
    assert [session.session_key for session in Session.objects.all()] == ["running"]


def test_it_ends_planned_alerts_that_an_outage_let_expire(gmina, the_clock):
    past = timezone.now() - timedelta(hours=1)
    alert = make_alert(gmina, state="scheduled", send_at=past, expires_at=past)
    the_clock.tick()
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == ("ended", "missed")


def test_a_duty_that_fails_holds_up_no_other(gmina, the_clock, caplog):
    def broken():
        raise ValueError("on purpose")

    the_clock.duties = (broken, *the_clock.duties)
    record(Verb.ALERT_DRAFTED, by=None, gmina=gmina)
    assert the_clock.tick()
    assert "duty failed" in caplog.text
    assert Event.objects.get().seq == 1


def test_of_two_clocks_one_acts_and_the_other_takes_over(gmina, the_clock):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [clock.LOCK])
    assert not the_clock.tick()
    other.close()
    wait_until(the_clock.tick, "the standby acts")


@pytest.mark.parametrize(("silent_s", "hangs"), [(2, False), (120, True)])
def test_a_clock_that_hangs_loses_its_lock_to_the_other(gmina, the_clock, silent_s, hangs):
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [clock.LOCK])
    at = timezone.now() - timedelta(seconds=silent_s)
    Heartbeat.objects.create(host="elsewhere", pid=1, at=at, acting=True)
    if hangs:
        wait_until(the_clock.tick, "the standby acts")
        with pytest.raises(OperationalError), holder.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        assert not the_clock.tick()
    holder.close()


def test_a_clock_whose_statement_takes_long_keeps_its_lock(gmina, the_clock):
    # Ended over and over, two clocks would never get a large planned alert frozen.
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [clock.LOCK])
        long_ago = timezone.now() - timedelta(minutes=5)
        Heartbeat.objects.create(host="elsewhere", pid=1, at=long_ago, acting=True)
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
        freezing = threading.Thread(target=cursor.execute, args=["SELECT pg_sleep(2)"])
        freezing.start()
        wait_until(lambda: is_active(pid), "its statement runs")
        assert not the_clock.tick()
        freezing.join()
        cursor.execute("SELECT 1")
    holder.close()


def test_a_long_round_says_in_between_that_it_goes_on(gmina, the_clock, monkeypatch):
    monkeypatch.setattr(clock, "BEAT_EVERY_S", 0)
    long_ago = timezone.now() - timedelta(minutes=5)
    silent = []
    the_clock.duties = (
        lambda: Heartbeat.objects.update(at=long_ago),
        lambda: silent.append(heartbeats.acting_is_silent()),
    )
    the_clock.tick()
    assert silent == [False]


def is_active(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone() == ("active",)


# ── As a process ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def clock_process(gmina, emulator, tmp_path):
    started = []

    def start(**environment):
        heads = str(tmp_path / "heads.log")
        started.append(manage("clock", AUDIT_HEADS_FILE=heads, **environment))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=10)


def acts(gmina):
    """Waits until a clock has linked a new audit event."""
    event = record(Verb.ALERT_DRAFTED, by=None, gmina=gmina)
    wait_until(lambda: Event.objects.get(pk=event.pk).seq is not None, "the clock acts")


def backends():
    """Sessions on this database other than ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def test_it_ends_at_once_and_in_order_when_told_to(gmina, clock_process):
    others = backends()  # a live server of earlier tests keeps its connections
    process = clock_process()
    acts(gmina)
    told = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - told < 3
    assert set(backends()) <= set(others)


def test_it_survives_the_loss_of_its_database_session(gmina, clock_process):
    process = clock_process()
    acts(gmina)
    with connection.cursor() as cursor:
        for pid in backends():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    acts(gmina)
    assert process.poll() is None


def test_it_keeps_trying_while_the_database_is_away(clock_process):
    with socket.create_server(("127.0.0.1", 0)) as hangs_up:
        hangs_up.settimeout(30)
        port = hangs_up.getsockname()[1]
        process = clock_process(DATABASE_URL=f"postgis://postgres@127.0.0.1:{port}/nothing")
        for _ in range(2):
            connection_tried, _address = hangs_up.accept()
            connection_tried.close()
        assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_after_a_flush_of_redis_everything_is_still_sent(gmina, clock_process, queue_server):
    message = frozen(gmina, devices=3)
    get_queue("normal").enqueue("dispatch.draining.drain")
    queue_server.flushdb()
    clock_process()
    wait_until(lambda: get_queue("normal").count == 1, "the clock knocks again")
    worker = manage("worker", "emergency", "normal", "--burst")
    assert worker.wait(timeout=60) == 0
    assert Batch.objects.get().codes == [1, 1, 1]
    message.refresh_from_db()
    assert message.sent_at is not None


def test_with_redis_away_the_clock_process_sends(gmina, clock_process):
    frozen(gmina, devices=3)
    clock_process(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    wait_until(lambda: Batch.objects.get().codes == [1, 1, 1], "it sends by itself")
