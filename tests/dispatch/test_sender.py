"""A batch from its claim to its outcomes, through firebase-admin and the emulator."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import requests
from django.db import connection
from django.utils import timezone

from audit.models import Event
from audit.verbs import Verb
from dispatch import lease, sender
from dispatch.closing import close_finished
from dispatch.models import Alert, Batch, Delivery, Message
from dispatch.outcomes import Outcome
from dispatch.push_channel import PushChannel
from residents.tokens import decrypt_push, encrypt_push, push_hash
from tests.builders import at, make_alert, make_device, make_gmina, make_message, make_place

pytestmark = pytest.mark.django_db(transaction=True)
O = Outcome  # noqa: E741


@pytest.fixture
def gmina(emulator):
    return make_gmina()


def phones(*names, **fields):
    """A phone for each name, its token made unlike any other test's."""
    return [make_device(token=f"{name}-{timezone.now().timestamp()}", **fields) for name in names]


def token(device):
    return decrypt_push(device.push_value_encrypted)


def frozen(gmina, devices, *, batch=100, **fields):
    alert = {key: fields.pop(key) for key in ("severity", "state", "kind_code") if key in fields}
    return make_message(make_alert(gmina, **alert), devices, batch=batch, **fields)


def send_all():
    return sender.drain(lambda: False)


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: act once, after the first calls have begun and before their answers."""

    def order(act, *, quietly=False):
        real, acts = PushChannel.collect, [act]

        def collect(channel, wait_s):
            while acts:
                acts.pop()()
            if not quietly:
                return real(channel, wait_s)
            with connection.execute_wrapper(lambda *_: pytest.fail("a query while FCM is asked")):
                return real(channel, wait_s)

        monkeypatch.setattr(PushChannel, "collect", collect)

    return order


def send_one():
    """Claim and send a single batch."""
    polls = iter([False])
    sender.drain(lambda: next(polls, True))


def codes():
    return [code for batch in Batch.objects.order_by("no") for code in batch.codes]


def make_due():
    Batch.objects.update(not_before=None, wake_at=None)


# ── Sent ────────────────────────────────────────────────────────────────────────────────────────


def test_each_phone_of_a_message_gets_it_once(gmina, emulator):
    devices = phones("a", "b", "c", "d", "e")
    message = frozen(gmina, devices, batch=2)
    assert send_all() == 3
    assert codes() == [O.ACCEPTED] * 5
    for index, device in enumerate(devices):
        [got] = emulator.inbox(token(device))
        assert got["data"]["delivery_id"] == f"{message.pk}.{index // 2 + 1}.{index % 2 + 1}"
    ids = [name for batch in Batch.objects.all() for name in batch.fcm_ids]
    assert len({*ids}) == 5
    assert all(name.startswith("projects/") for name in ids)


def test_a_phone_gets_its_own_language_and_polish_where_there_is_none(gmina, emulator):
    polish, english, german = phones("p"), phones("e", lang="en"), phones("g", lang="de")
    texts = {"pl": ("Brak wody", "Do 18."), "en": ("No water", "Until 6 pm.")}
    frozen(gmina, [*polish, *english, *german], texts=texts)
    send_all()
    titles = [emulator.inbox(token(p[0]))[0]["data"]["title"] for p in (polish, english, german)]
    assert titles == ["Brak wody", "No water", "Brak wody"]


def test_a_phone_known_by_its_installation_is_sent_to_by_it(gmina, emulator):
    value = f"fid-{timezone.now().timestamp()}"
    device = make_device(token="")
    device.push_kind, device.push_value_encrypted = "fid", encrypt_push(value)
    device.push_hash = push_hash("fid", value)
    device.save()
    frozen(gmina, [device])
    send_all()
    assert emulator.inbox(value)[0]["fid"] == value


def test_after_the_last_batch_the_message_is_sent_and_the_alert_active(gmina):
    message = frozen(gmina, phones("a", "b"), batch=1)
    send_one()
    message.refresh_from_db()
    assert message.sent_at is None
    send_one()
    message.refresh_from_db()
    assert message.sent_at is not None
    assert message.alert.state == Alert.State.ACTIVE
    event = Event.objects.get(verb=Verb.ALERT_SENT)
    assert (event.target_id, event.data) == (message.alert.ref, {"message_id": message.pk})


def test_what_a_crash_left_before_closing_is_closed_later(gmina):
    message = frozen(gmina, phones("a"))
    Batch.objects.update(state=Batch.State.DONE, codes=[O.ACCEPTED])
    assert close_finished() == 1
    assert close_finished() == 0
    message.refresh_from_db()
    assert message.alert.state == Alert.State.ACTIVE


def test_the_payload_holds_the_public_text_and_opaque_ids_only(gmina, emulator):
    """Nothing of a resident's place leaves: not its name, its street, its coordinates."""
    device = phones("private")[0]
    place = make_place(device.resident, gmina, at=at(1234, 5678))
    place.address_encrypted = encrypt_push("Tajna 12a/3")
    place.save()
    message = frozen(gmina, [device], texts={"pl": ("Awaria", "Nie ma wody.")})
    send_all()
    [got] = emulator.inbox(token(device))
    assert got["data"] == {
        "v": "1",
        "alert_ref": message.alert.ref,
        "message_id": str(message.pk),
        "delivery_id": f"{message.pk}.1.1",
        "kind": "woda",
        "severity": "important",
        "lang": "pl",
        "title": "Awaria",
        "body": "Nie ma wody.",
    }
    assert set(got) == {"token", "data", "android"}
    assert not re.search(r"Tajna|home|50\d{4}|27\d{4}|place", str(got["data"]))


def test_no_connection_is_used_and_no_transaction_open_while_fcm_is_awaited(gmina, meanwhile):
    frozen(gmina, phones("a"))
    seen = []

    def look():
        with connection.cursor() as cursor:
            cursor.execute("SELECT txid_current_if_assigned()")
            seen.append((connection.in_atomic_block, cursor.fetchone()[0]))

    meanwhile(look, quietly=True)
    send_all()
    assert seen == [(False, None)]


# ── Stopped ─────────────────────────────────────────────────────────────────────────────────────


def test_a_withdrawn_alert_sends_nothing_more(gmina, emulator):
    sent, unsent = phones("sent"), phones("unsent")
    message = frozen(gmina, [*sent, *unsent], batch=1)
    send_one()
    Alert.objects.update(state="ended", end_reason="withdrawn")
    send_all()
    assert codes() == [O.ACCEPTED, O.STOPPED]
    assert emulator.inbox(token(unsent[0])) == []
    message.refresh_from_db()
    assert message.sent_at is not None
    assert message.alert.state == "ended"


def test_an_all_clear_goes_although_its_alert_ended(gmina, emulator):
    [device] = phones("clear")
    frozen(gmina, [device], kind="all_clear", state="active")
    Alert.objects.update(state="ended", end_reason="all_clear")
    send_all()
    assert len(emulator.inbox(token(device))) == 1


def test_an_expired_message_gives_up(gmina, emulator):
    [device] = phones("expired")
    frozen(gmina, [device])
    Message.objects.update(expires_at=timezone.now())
    send_all()
    assert codes() == [O.GAVE_UP]
    assert emulator.inbox(token(device)) == []


def test_a_message_for_another_transport_is_held(gmina, emulator):
    [device] = phones("real")
    frozen(gmina, [device], transport="fcm")
    send_all()
    batch = Batch.objects.get()
    assert (batch.state, batch.codes) == (Batch.State.WAITING, [O.WAITING])
    assert batch.not_before > timezone.now() + timedelta(seconds=50)
    assert emulator.inbox(token(device)) == []


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────


def test_a_dead_token_is_retired_and_the_device_stays(gmina, emulator):
    dead, alive = phones("dead", "alive")
    emulator.inject("UNREGISTERED", token=token(dead))
    frozen(gmina, [dead, alive])
    send_all()
    assert codes() == [O.TOKEN_DEAD, O.ACCEPTED]
    dead.refresh_from_db()
    alive.refresh_from_db()
    assert dead.push_hash is None
    assert alive.push_hash is not None


def test_a_token_that_changed_while_it_was_sent_to_is_not_retired(gmina, emulator, meanwhile):
    [device] = phones("old")
    emulator.inject("UNREGISTERED", token=token(device))
    frozen(gmina, [device])

    def report_another():
        device.push_value_encrypted = encrypt_push("new")
        device.push_hash = push_hash("token", "new")
        device.save()

    meanwhile(report_another)
    send_all()
    device.refresh_from_db()
    assert bytes(device.push_hash) == push_hash("token", "new")


def test_a_phone_retired_or_erased_since_the_freezing_is_unreachable(gmina, emulator):
    retired, erased, alive = phones("retired", "erased", "alive")
    frozen(gmina, [retired])
    message = frozen(gmina, [retired, erased, alive])
    emulator.inject("UNREGISTERED", token=token(retired))
    send_one()
    erased.delete()
    send_all()
    batch = Batch.objects.get(message_id=message.pk)
    assert batch.codes == [O.UNREACHABLE, O.UNREACHABLE, O.ACCEPTED]


@pytest.mark.parametrize("error", ["UNAVAILABLE", "INTERNAL", "BAD_GATEWAY", "RESET"])
def test_a_passing_trouble_is_tried_again_not_before_ten_seconds(gmina, emulator, error):
    shaky, fine = phones("shaky", "fine")
    emulator.inject(error, token=token(shaky), times=1)
    message = frozen(gmina, [shaky, fine])
    before = timezone.now()
    send_all()
    batch = Batch.objects.get()
    assert (batch.state, batch.codes) == (Batch.State.WAITING, [O.RETRY, O.ACCEPTED])
    assert 10 <= (batch.not_before - before).total_seconds() <= 20
    make_due()
    send_all()
    assert codes() == [O.ACCEPTED, O.ACCEPTED]
    assert len(emulator.inbox(token(shaky))) == 1
    assert len(emulator.inbox(token(fine))) == 1
    message.refresh_from_db()
    assert message.sent_at is not None


def test_an_ambiguous_answer_repeats_the_same_delivery_id(gmina, emulator):
    [device] = phones("twice")
    emulator.inject("UNAVAILABLE", token=token(device), times=1, delivered=True)
    frozen(gmina, [device])
    send_all()
    make_due()
    send_all()
    first, second = emulator.inbox(token(device))
    assert first["data"]["delivery_id"] == second["data"]["delivery_id"]


def test_a_quota_answer_waits_as_long_as_it_asks(gmina, emulator):
    [device] = phones("quota")
    emulator.inject("QUOTA_EXCEEDED", token=token(device), retry_after_s=40)
    frozen(gmina, [device])
    before = timezone.now()
    send_all()
    assert 40 <= (Batch.objects.get().not_before - before).total_seconds() <= 65


def test_after_an_hour_of_trying_it_gives_up_but_sends_what_was_never_tried(gmina, emulator):
    shaky, fine = phones("shaky", "fine")
    emulator.inject("UNAVAILABLE", token=token(shaky))
    frozen(gmina, [shaky, fine])
    Batch.objects.update(retry_since=timezone.now() - timedelta(minutes=61))
    send_all()
    assert codes() == [O.GAVE_UP, O.ACCEPTED]


def test_whoever_arrives_hours_later_has_an_hour_of_trying_too(gmina, emulator):
    [device] = phones("late")
    emulator.inject("UNAVAILABLE", token=token(device))
    frozen(gmina, [device], frozen_at=timezone.now() - timedelta(hours=3))
    send_all()
    assert codes() == [O.RETRY]
    first = Batch.objects.get().retry_since
    make_due()
    send_all()
    assert (codes(), Batch.objects.get().retry_since) == ([O.RETRY], first)
    emulator.heal()
    make_due()
    send_all()
    assert (codes(), Batch.objects.get().retry_since) == ([O.ACCEPTED], None)


def test_a_refused_payload_halts_the_message_and_costs_no_token(gmina, emulator):
    devices = phones("a", "b")
    emulator.inject("INVALID_ARGUMENT", rate=1)
    message = frozen(gmina, devices, batch=1)
    send_one()
    send_all()
    assert codes() == [O.PAYLOAD_REFUSED, O.STOPPED]
    message.refresh_from_db()
    assert message.halted_reason == "payload_refused"
    for device in devices:
        device.refresh_from_db()
        assert device.push_hash is not None
    event = Event.objects.get(verb=Verb.MESSAGE_HALTED)
    assert (event.target_id, event.gmina_id) == (message.alert.ref, gmina.pk)


@pytest.mark.parametrize("error", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
def test_refused_credentials_hold_everything_and_cost_nothing(gmina, emulator, error):
    devices = phones("a", "b", "c")
    emulator.inject(error, rate=1)
    frozen(gmina, devices, batch=1)
    send_all()
    assert set(codes()) <= {O.CREDENTIALS, O.WAITING}
    assert lease.claim() is None
    soonest = min(Batch.objects.values_list("not_before", flat=True))
    assert soonest > timezone.now() + timedelta(seconds=45)
    emulator.heal()
    make_due()
    send_all()
    assert codes() == [O.ACCEPTED] * 3


def said(caplog, message):
    """The log's records with this text."""
    return [record for record in caplog.records if record.message == message]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (None, "batch sent"),
        ("INVALID_ARGUMENT", "message halted"),
        ("UNAUTHENTICATED", "FCM refuses our credentials"),
    ],
)
def test_every_line_about_a_message_names_its_alert(gmina, emulator, caplog, error, line):
    caplog.set_level("INFO", logger="dispatch")
    [phone] = phones("a")
    if error:
        emulator.inject(error, token=token(phone))
    message = frozen(gmina, [phone])
    send_all()
    [record] = said(caplog, line)
    assert (record.alert_ref, record.message_id) == (message.alert.ref, message.pk)


def test_a_message_that_is_held_is_named_in_the_log(gmina, caplog):
    message = frozen(gmina, phones("a"), transport="fcm")
    send_all()
    [record] = said(caplog, "wrong transport, held")
    assert (record.alert_ref, record.wanted) == (message.alert.ref, "fcm")


def test_a_broken_apns_key_holds_those_phones_only(gmina, emulator):
    iphone, android = phones("iphone", platform="ios")[0], phones("android")[0]
    emulator.inject("THIRD_PARTY_AUTH_ERROR", token=token(iphone))
    frozen(gmina, [iphone, android])
    send_all()
    assert codes() == [O.CREDENTIALS, O.ACCEPTED]
    iphone.refresh_from_db()
    assert iphone.push_hash is not None


def test_tokens_that_no_key_opens_are_held(gmina, emulator):
    lost, fine = phones("lost", "fine")
    lost.push_value_encrypted = b"made with a key that is gone"
    lost.save()
    frozen(gmina, [lost, fine])
    send_all()
    assert codes() == [O.CREDENTIALS, O.ACCEPTED]


def test_a_lost_lease_writes_no_outcome(gmina, meanwhile):
    frozen(gmina, phones("a"))

    def lose():
        Batch.objects.update(owner=uuid4())  # swept, and claimed by another

    meanwhile(lose)
    send_one()
    assert (Batch.objects.get().state, codes()) == (Batch.State.CLAIMED, [O.WAITING])
    assert Message.objects.get().sent_at is None


def test_the_number_of_deliveries_never_changes(gmina):
    frozen(gmina, phones("a", "b"))
    send_all()
    assert Delivery.objects.count() == 2


# ── Draining ────────────────────────────────────────────────────────────────────────────────────


def test_a_drain_that_is_told_to_stop_claims_nothing_more(gmina):
    frozen(gmina, phones(*"abcde"), batch=1)
    polls = iter([False, False, False, True, True, True, True, True])
    sent = sender.drain(lambda: next(polls))
    assert sent == 3
    assert Batch.objects.filter(state=Batch.State.WAITING).count() == 2
    assert not Batch.objects.filter(state=Batch.State.CLAIMED).exists()


def test_an_emergency_overtakes_a_running_drain(gmina, emulator):
    frozen(gmina, phones(*"abcdef"), batch=1, severity="info")
    [urgent] = phones("urgent")
    polls = []

    def stop():
        polls.append(1)
        if len(polls) == 2:
            frozen(gmina, [urgent], severity="emergency")
        return False

    sender.drain(stop)
    order = [entry["token"] for entry in stream(emulator)]
    assert order.index(token(urgent)) <= 3


def stream(emulator):
    """What the emulator accepted, in order, since the last seven."""
    last = emulator.get("/inbox/none")["last"]
    with requests.get(f"{emulator.url}/stream?after={last - 7}", stream=True, timeout=5) as lines:
        numbered = lines.iter_lines()
        return [json.loads(next(numbered)) for _ in range(7)]
