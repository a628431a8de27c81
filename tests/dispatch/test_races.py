"""Two acts on one alert at the same moment, in two real transactions: one is first, one refused."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import DomainError
from audit.models import Event
from dispatch import clock, closing, compose, jobs, notices, states, updates
from dispatch.models import Alert, Batch, Delivery, Message, StaffNotice
from dispatch.notices import Notice
from tests.dispatch.town import Town, state_of

pytestmark = pytest.mark.django_db(transaction=True)

State = Alert.State
NEWS = {"texts": {"pl": {"title": "Woda do 20:00", "body": "Druga rura.", "instruction": ""}}}


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


def race(*acts):
    """Do all at once; what each ended with: "done" or the refusal's code, in their order."""
    start, outcomes = threading.Barrier(len(acts)), {}

    def run(number, act):
        try:
            start.wait(timeout=10)
            act()
            outcomes[number] = "done"
        except DomainError as refused:
            outcomes[number] = refused.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [outcomes[number] for number in range(len(acts))]


def test_an_approval_and_its_authors_taking_it_back_cannot_both_happen():
    town = Town()
    alert = town.submitted()
    outcomes = race(
        lambda: compose.approve(alert, by=town.bartek),
        lambda: compose.recall(alert, by=town.anna),
    )
    assert sorted(outcomes) == ["done", "move_refused"]
    is_sent = outcomes[0] == "done"
    assert Message.objects.count() == is_sent
    assert Alert.objects.get().state == (State.SENDING if is_sent else State.DRAFT)


def test_an_approval_and_a_bypass_make_one_message():
    town = Town()
    alert = town.submitted(severity="emergency")
    outcomes = race(
        lambda: compose.approve(alert, by=town.bartek),
        lambda: compose.bypass(alert, by=town.ewa, reason="Nikt nie odbiera."),
    )
    assert sorted(outcomes) == ["done", "move_refused"]
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 3


def test_after_an_all_clear_no_update_goes_out():
    town = Town()
    alert = town.sent()
    update = updates.propose(alert, NEWS, by=town.anna)
    outcomes = race(
        lambda: compose.all_clear(alert, by=town.anna, texts={}),
        lambda: updates.approve(update, by=town.bartek),
    )
    assert outcomes[0] == "done"
    assert outcomes[1] in ("done", "move_refused")
    kinds = list(alert.messages.order_by("pk").values_list("kind", flat=True))
    updated = ["update"] if outcomes[1] == "done" else []
    assert kinds == ["alert", *updated, "all_clear"]
    assert Alert.objects.get().state == State.ENDED


def test_calling_off_and_starting_cannot_both_happen():
    town = Town()
    alert = town.draft()
    Alert.objects.filter(pk=alert.pk).update(send_at=timezone.now() + timedelta(hours=1))
    compose.approve(compose.submit(alert, by=town.anna), by=town.bartek)
    scheduled = Alert.objects.get()
    outcomes = race(
        lambda: compose.cancel(scheduled, by=town.anna),
        lambda: compose.start(scheduled),
        lambda: compose.start(scheduled),
    )
    assert sorted(outcomes) == ["done", "move_refused", "move_refused"]
    is_sent = outcomes[0] != "done"
    assert Message.objects.count() == is_sent
    assert Event.objects.filter(verb="alert_sending").count() == is_sent
    assert Alert.objects.get().state == (State.SENDING if is_sent else State.ENDED)


def test_two_proposals_leave_one_update_to_decide():
    town = Town()
    alert = town.sent()
    outcomes = race(
        lambda: updates.propose(alert, NEWS, by=town.anna),
        lambda: updates.propose(alert, NEWS, by=town.bartek),
    )
    assert sorted(outcomes) == ["done", "update_awaits"]
    assert alert.updates.count() == 1


# ── While an officer's act takes long: an update for a whole city is frozen for half a minute ─────


@contextmanager
def in_hand(alert, by):
    """Somebody has begun an act on the alert and not finished; what waits for them here fails."""
    begun, goes_on = threading.Event(), threading.Event()

    def act():
        try:
            with states.moving(states.EXTEND, alert, by=by):
                begun.set()
                goes_on.wait(timeout=30)
        finally:
            connection.close()

    officer = threading.Thread(target=act)
    officer.start()
    assert begun.wait(timeout=10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
    try:
        yield
    finally:
        goes_on.set()
        officer.join(timeout=30)
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def test_a_sender_can_tell_staff_of_trouble_meanwhile():
    # It has batches locked by then which the officer's freezing waits for: a deadlock.
    town = Town()
    alert = town.sent()
    with in_hand(alert, town.anna):
        notices.notify(Notice.CREDENTIALS_FAILED, gmina=town.gmina, alert=alert)
        assert StaffNotice.objects.filter(alert=alert, kind=Notice.CREDENTIALS_FAILED).exists()


def test_no_sender_waits_to_close_a_message_and_the_clock_closes_it_later():
    town = Town()
    alert = town.sent()
    with in_hand(alert, town.anna):
        assert closing.close_finished(alert.messages.get().pk) == 0
        assert (state_of(alert), alert.messages.get().sent_at) == (State.SENDING, None)
    assert closing.close_finished() == 1
    assert state_of(alert) == State.ACTIVE


def test_no_sender_waits_to_make_an_alert_active_of_which_only_sleepers_are_left():
    town = Town()
    alert = town.sent()
    morning = timezone.now() + timedelta(hours=4)
    Batch.objects.update(state=Batch.State.WAITING, codes=[0] * 3, held_until=morning)
    with in_hand(alert, town.anna):
        closing.close_finished(alert.messages.get().pk)
        assert state_of(alert) == State.SENDING
    closing.close_finished()
    assert state_of(alert) == State.ACTIVE


def test_the_clock_does_not_wait_to_end_what_has_expired():
    town = Town()
    alert = town.sent()
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now())
    with in_hand(alert, town.anna):
        assert clock.expire_alerts() == 0
    assert clock.expire_alerts() == 1
    assert alert.messages.count() == 1
