"""What the sender does beside sending: other channels, holds, waits, a slow cap, an emergency."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch import channels, holds, lease, rate, sender
from dispatch.models import Batch, Delivery, Message, MessageText, StaffNotice
from dispatch.outcomes import Outcome, Result, of_error
from residents.tokens import decrypt_push
from tests.builders import (
    make_alert,
    make_device,
    make_gmina,
    make_message,
    make_resident,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)
O = Outcome  # noqa: E741


@pytest.fixture
def gmina(emulator):
    return make_gmina()


def phones(count):
    resident = make_resident()
    return [make_device(resident) for _ in range(count)]


def frozen(gmina, devices, *, batch=100, severity="important", **fields):
    return make_message(make_alert(gmina, severity=severity), devices, batch=batch, **fields)


def token(device):
    return decrypt_push(device.push_value_encrypted)


def send_all():
    return sender.drain(lambda: False)


def codes():
    return [code for batch in Batch.objects.order_by("no") for code in batch.codes]


def waits():
    """Seconds until each position of the only batch may go; None: it is final."""
    wake_at, now = Batch.objects.get().wake_at, timezone.now()
    return [wake and (wake - now).total_seconds() for wake in wake_at]


# ── Another channel ─────────────────────────────────────────────────────────────────────────────


class Posters:
    """A person with posters: each endpoint gets one at once, but there is no wall for every third.

    All that a channel needs; batches, leases, outcomes and counts are the sender's.
    """

    def __init__(self, give_up):
        self.put_up, self.answers, self.retired, self.closed = [], [], [], False

    def fits(self, message):
        return True

    def letters(self, claim, message, due):
        deliveries = Delivery.objects.filter(message_id=message.pk, batch_no=claim.no)
        endpoints = deliveries.order_by("pos").values_list("endpoint_id", flat=True)
        return {index: endpoints[index] for index in due}

    def may_begin(self, message):
        return True

    def begin(self, letter, tag):
        no_wall = letter % 3 == 0
        self.put_up.append(letter)
        result = Result(O.TOKEN_DEAD) if no_wall else Result(O.ACCEPTED, fcm_id=f"wall-{letter}")
        self.answers.append((tag, result))

    def collect(self, wait_s):
        answers, self.answers = self.answers, []
        return answers

    def abandon(self):
        return []

    def retire(self, letters):
        self.retired += letters

    def close(self):
        self.closed = True


def on_channel(message, name, endpoints):
    """Make the message's first batch one of another channel."""
    Batch.objects.update(channel=name)
    for pos, endpoint in enumerate(endpoints, start=1):
        Delivery.objects.filter(message_id=message.pk, pos=pos).update(
            channel=name, endpoint_id=endpoint
        )


def test_another_channel_needs_nothing_but_its_own_class(gmina, monkeypatch):
    made = []
    monkeypatch.setitem(
        channels.CHANNELS, "poster", lambda give_up: made.append(Posters(give_up)) or made[0]
    )
    message = frozen(gmina, phones(4))
    on_channel(message, "poster", [1, 2, 3, 4])
    assert send_all() == 1
    assert codes() == [O.ACCEPTED, O.ACCEPTED, O.TOKEN_DEAD, O.ACCEPTED]
    assert Batch.objects.get().fcm_ids == ["wall-1", "wall-2", None, "wall-4"]
    [posters] = made
    assert (posters.put_up, posters.retired, posters.closed) == ([1, 2, 3, 4], [3], True)
    message.refresh_from_db()
    assert message.sent_at is not None


def test_two_channels_send_side_by_side(gmina, emulator, monkeypatch):
    monkeypatch.setitem(channels.CHANNELS, "poster", Posters)
    on_channel(frozen(gmina, phones(1)), "poster", [1])
    [device] = phones(1)
    frozen(gmina, [device])
    assert send_all() == 2
    assert codes() == [O.ACCEPTED, O.ACCEPTED]
    assert len(emulator.inbox(token(device))) == 1


def test_a_channel_that_nobody_knows_is_held(gmina):
    on_channel(frozen(gmina, phones(1)), "pigeon", [1])
    send_all()
    batch = Batch.objects.get()
    assert (batch.state, batch.codes, batch.attempt) == (Batch.State.WAITING, [O.WAITING], 0)
    assert batch.not_before > timezone.now() + timedelta(seconds=50)


# ── Waiting ─────────────────────────────────────────────────────────────────────────────────────


def test_each_delivery_waits_as_long_as_its_own_answer_asks(gmina, emulator):
    devices = phones(4)
    emulator.inject("UNAVAILABLE", token=token(devices[0]))
    emulator.inject("UNAVAILABLE", token=token(devices[1]), retry_after_s=200)
    emulator.inject("QUOTA_EXCEEDED", token=token(devices[2]))
    frozen(gmina, devices)
    send_all()
    assert codes() == [O.RETRY, O.RETRY, O.RETRY, O.ACCEPTED]
    first, second, third, last = waits()
    assert 8 < first <= 15
    assert 195 < second <= 300
    assert 55 < third <= 90
    assert last is None
    assert Batch.objects.get().not_before == Batch.objects.get().wake_at[0]


def test_only_those_whose_time_has_come_go_again(gmina, emulator):
    soon, later = phones(2)
    emulator.inject("UNAVAILABLE", token=token(soon), times=1)
    emulator.inject("UNAVAILABLE", token=token(later), times=1, retry_after_s=500)
    frozen(gmina, [soon, later])
    send_all()
    batch = Batch.objects.get()
    batch.wake_at[0] = batch.not_before = timezone.now()
    batch.save()
    send_all()
    assert codes() == [O.ACCEPTED, O.RETRY]
    assert 480 < waits()[1] <= 750


def test_nothing_waits_beyond_its_expiry(gmina, emulator):
    [device] = phones(1)
    emulator.inject("UNAVAILABLE", token=token(device), retry_after_s=3000)
    frozen(gmina, [device])
    Message.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    send_all()
    assert 50 < waits()[0] <= 60


def test_a_rule_holds_a_delivery_until_its_time_or_ends_it(gmina, emulator, monkeypatch):
    awake, asleep, over = devices = phones(3)
    morning = timezone.now() + timedelta(hours=7)
    monkeypatch.setattr(holds, "RULES", (lambda *_: {1: morning, 2: O.SLEPT_THROUGH},))
    message = frozen(gmina, devices)
    Message.objects.update(expires_at=timezone.now() + timedelta(hours=20))
    send_all()
    assert codes() == [O.ACCEPTED, O.WAITING, O.SLEPT_THROUGH]
    assert waits()[1] == pytest.approx(7 * 3600, abs=30)
    batch = Batch.objects.get()
    assert (batch.held_until, batch.attempt) == (morning, 0)
    assert lease.claim() is None
    assert [len(emulator.inbox(token(each))) for each in (awake, asleep, over)] == [1, 0, 0]
    message.refresh_from_db()
    assert message.sent_at is None


def test_the_hour_of_trying_begins_when_a_hold_ends(gmina, emulator):
    [device] = phones(1)
    emulator.inject("UNAVAILABLE", token=token(device))
    frozen(gmina, [device])
    evening = timezone.now() - timedelta(hours=9)
    Batch.objects.update(retry_since=evening, held_until=timezone.now() - timedelta(minutes=59))
    send_all()
    assert codes() == [O.RETRY]
    Batch.objects.update(
        held_until=timezone.now() - timedelta(minutes=61), not_before=None, wake_at=None
    )
    send_all()
    assert codes() == [O.GAVE_UP]


def test_a_delivery_that_is_gone_moves_no_other_to_its_place(gmina, emulator):
    gone, still_there = phones(2)
    message = frozen(gmina, [gone, still_there])
    Delivery.objects.filter(message_id=message.pk, pos=1).delete()
    send_all()
    assert codes() == [O.UNREACHABLE, O.ACCEPTED]
    [got] = emulator.inbox(token(still_there))
    assert got["data"]["delivery_id"] == f"{message.pk}.1.2"
    assert emulator.inbox(token(gone)) == []


# ── Two senders, one broken batch ───────────────────────────────────────────────────────────────


def test_dead_targets_are_forgotten_in_one_order_whatever_the_batchs(gmina, emulator):
    # Two senders whose batches name the same phones would else wait for each other.
    near, far = phones(2)
    for device in (near, far):
        emulator.inject("UNREGISTERED", token=token(device))
    frozen(gmina, [far, near])
    with CaptureQueriesContext(connection) as queries:
        send_all()
    assert codes() == [O.TOKEN_DEAD] * 2
    statements = [query["sql"] for query in queries]
    [first, second] = [sql for sql in statements if 'SET "push_kind" = NULL' in sql]
    assert f'"id" = {near.pk} ' in first
    assert f'"id" = {far.pk} ' in second


def test_a_batch_that_cannot_be_made_ready_takes_no_other_down(gmina, emulator, caplog):
    [lost], [told] = phones(1), phones(1)
    broken = frozen(gmina, [lost], severity="emergency")
    MessageText.objects.filter(message=broken).delete()
    fine = frozen(gmina, [told])
    send_all()
    assert len(emulator.inbox(token(told))) == 1
    batch = Batch.objects.get(message_id=broken.pk)
    assert (batch.codes, batch.state, batch.attempt) == ([O.WAITING], Batch.State.WAITING, 0)
    assert batch.not_before > timezone.now() + timedelta(seconds=45)
    assert "batch can't be sent, held" in caplog.text
    fine.refresh_from_db()
    assert fine.sent_at is not None


# ── Our own faults ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("INVALID_ARGUMENT", "message_halted"),
        ("PERMISSION_DENIED", "credentials_failed"),
        ("THIRD_PARTY_AUTH_ERROR", "credentials_failed"),
    ],
)
def test_staff_are_told_of_our_own_faults_once(gmina, emulator, error, kind):
    officer = make_user("anna@example.com", "admin", gmina=gmina)
    emulator.inject(error, rate=1)
    frozen(gmina, phones(2), batch=1)
    send_all()
    Batch.objects.update(not_before=None, wake_at=None)
    send_all()
    [notice] = StaffNotice.objects.filter(user=officer, kind=kind)
    assert notice.gmina_id == gmina.pk


def test_a_refused_message_stops_what_was_not_begun_of_it(gmina, emulator, settings):
    settings.SEND_CONNECTIONS = 1
    devices = phones(6)
    emulator.inject("INVALID_ARGUMENT", token=token(devices[0]))
    frozen(gmina, devices)
    send_all()
    assert codes() == [O.PAYLOAD_REFUSED] + [O.STOPPED] * 5


def test_refused_credentials_spare_what_was_not_begun(gmina, emulator, settings):
    settings.SEND_CONNECTIONS = 1
    devices = phones(6)
    emulator.inject("PERMISSION_DENIED", rate=1)
    frozen(gmina, devices)
    before = emulator.get("/stats")["answers"].get("PERMISSION_DENIED", 0)
    send_all()
    assert emulator.get("/stats")["answers"]["PERMISSION_DENIED"] - before == 1
    assert codes() == [O.CREDENTIALS] + [O.WAITING] * 5
    assert min(waits()) > 50


def test_a_quota_answer_slows_the_cap(gmina, emulator, monkeypatch):
    slowed = []
    monkeypatch.setattr(rate.Cap, "slow", lambda _cap, for_s: slowed.append(for_s))
    [asked, unasked] = phones(2)
    emulator.inject("QUOTA_EXCEEDED", token=token(asked), retry_after_s=30)
    emulator.inject("QUOTA_EXCEEDED", token=token(unasked))
    frozen(gmina, [asked, unasked])
    send_all()
    assert sorted(slowed) == [30, 60]


# ── Slow and urgent ─────────────────────────────────────────────────────────────────────────────


def test_what_the_cap_lets_wait_goes_back_within_seconds(gmina, emulator, monkeypatch):
    """So that an end, or an emergency, is heeded however slow the sending is."""
    monkeypatch.setattr(sender, "BEGIN_WITHIN_S", 0.3)
    left = iter(range(3))
    monkeypatch.setattr(rate.Cap, "take", lambda *_: next(left, None) is not None)
    frozen(gmina, phones(8))
    polls = iter([False])
    sender.drain(lambda: next(polls, True))
    assert codes() == [O.ACCEPTED] * 3 + [O.WAITING] * 5
    batch = Batch.objects.get()
    assert (batch.state, batch.attempt) == (Batch.State.WAITING, 0)
    assert batch.not_before <= timezone.now()


def test_leases_are_renewed_while_answers_are_awaited(gmina, emulator, monkeypatch, settings):
    monkeypatch.setattr(sender, "RENEWALS", 300)  # of 60 s: every 0.2 s
    settings.FCM_TIMEOUT_S = 1
    renewed = []
    real = lease.renew
    monkeypatch.setattr(lease, "renew", lambda claims: renewed.append(len(claims)) or real(claims))
    [device] = phones(1)
    emulator.inject("HANG", token=token(device))
    frozen(gmina, [device])
    send_all()
    assert len(renewed) >= 2
    assert codes() == [O.RETRY]


def test_a_process_in_a_hurry_gives_back_what_it_can(gmina, emulator, monkeypatch, settings):
    monkeypatch.setattr(sender, "STOP_WITHIN_S", 0.5)
    settings.SEND_CONNECTIONS = 1
    devices = phones(3)
    emulator.inject("HANG", token=token(devices[0]))
    frozen(gmina, devices)
    begun = time.monotonic()

    def hurry():
        return time.monotonic() - begun > 1

    sender.drain(hurry, hurry)
    assert time.monotonic() - begun < 5
    assert codes() == [O.RETRY, O.WAITING, O.WAITING]
    ambiguous, *unbegun = waits()
    assert ambiguous > 8
    assert max(unbegun) <= 0


def test_an_unreachable_login_keeps_everything(gmina, settings):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:9"
    frozen(gmina, phones(3))
    send_all()
    assert codes() == [of_error("UNAVAILABLE").outcome] * 3
    assert min(waits()) > 8
