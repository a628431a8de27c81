"""An alert from its draft to its end, as officers make it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone as django_timezone

from accounts.models import Membership
from audit.models import Event
from dispatch import compose, jobs, payload
from dispatch.errors import (
    AlertChanged,
    AreaOutsideGmina,
    AudienceChanged,
    DemoSendsNothing,
    EmptySelection,
    EventEndsAfterExpiry,
    ExpiryPassed,
    FcmNotConfigured,
    KindOfOtherCategory,
    MoveRefused,
    NobodyReached,
    PayloadTooLarge,
    RightMissing,
    TextMissing,
    TwoPersonRule,
    UnknownCategory,
    UnknownFeature,
    UnknownKind,
    WordsNeedApproval,
)
from dispatch.kinds import DEFAULT_KINDS, create_default_kinds
from dispatch.models import Alert, Batch, Delivery, Kind, Message, Receipt
from dispatch.outcomes import Outcome
from residents.models import Device
from tests.builders import at
from tests.dispatch.town import Town, endpoints, settle, state_of

pytestmark = pytest.mark.django_db

Role = Membership.Role
State = Alert.State


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


# ── Drafts ─────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_words_parts_and_times_and_is_audited():
    town = Town()
    alert = town.draft()
    assert alert.state == State.DRAFT
    assert {text.lang: text.title for text in alert.texts.all()} == {
        "pl": "Brak wody",
        "en": "No water",
    }
    [part] = alert.parts.all()
    assert (part.fid, part.layer_id, part.edition_number) == (
        town.street.fid,
        town.street.layer_id,
        1,
    )
    event = Event.objects.get(verb="alert_drafted")
    assert (event.target_id, event.actor) == (alert.ref, "anna@a.pl")


def test_a_draft_may_lack_words_and_parts():
    alert = Town().draft(texts={}, parts=[])
    assert not alert.texts.exists()
    assert not alert.parts.exists()


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"kind": "tsunami"}, UnknownKind, "kind"),
        ({"category": "katastrofa"}, UnknownCategory, "category"),
        ({"category": "wydarzenie"}, KindOfOtherCategory, "category"),
        ({"parts": [{"kind": "feature", "fid": 7}]}, UnknownFeature, "parts.0.fid"),
    ],
)
def test_what_is_wrong_in_a_draft_is_named_and_nothing_is_kept(fields, error, field):
    town = Town()
    with pytest.raises(error) as refusal:
        town.draft(**fields)
    assert refusal.value.field == field
    assert not Alert.objects.exists()


def test_a_kind_out_of_use_is_unknown():
    town = Town()
    Kind.objects.filter(gmina=town.gmina, code="woda").update(active=False)
    with pytest.raises(UnknownKind):
        town.draft()


def test_refs_count_by_gmina_and_year_as_in_poland_and_never_come_back(monkeypatch):
    town = Town()
    new_year_in_poland = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(django_timezone, "now", lambda: new_year_in_poland)
    first = town.draft()
    compose.delete_draft(first, by=town.anna)
    assert [first.ref, town.draft().ref] == ["testowo-2027-1", "testowo-2027-2"]


def test_a_change_leaves_what_it_does_not_name():
    town = Town()
    alert = town.draft()
    compose.update_draft(alert, {"severity": "info", "parts": []}, by=town.anna)
    alert.refresh_from_db()
    assert alert.severity == "info"
    assert alert.kind.code == "woda"
    assert not alert.parts.exists()
    assert alert.texts.count() == 2


def test_a_refused_change_changes_nothing():
    town = Town()
    alert = town.draft()
    wrong = {"severity": "info", "parts": [{"kind": "feature", "fid": 7}]}
    with pytest.raises(UnknownFeature):
        compose.update_draft(alert, wrong, by=town.anna)
    alert.refresh_from_db()
    assert alert.severity == "important"
    assert alert.parts.count() == 1


def test_what_was_submitted_can_be_neither_changed_nor_deleted():
    town = Town()
    alert = town.submitted()
    with pytest.raises(MoveRefused):
        compose.update_draft(alert, {"severity": "info"}, by=town.anna)
    with pytest.raises(MoveRefused):
        compose.delete_draft(alert, by=town.anna)


def test_the_usual_kinds_can_be_made_twice():
    town = Town()
    create_default_kinds(town.gmina)
    assert Kind.objects.filter(gmina=town.gmina).count() == len(DEFAULT_KINDS)
    categories = {kind.code: kind.category for kind in Kind.objects.filter(gmina=town.gmina)}
    assert (categories["woda"], categories["kultura"], categories["burza"]) == (
        "awaria",
        "wydarzenie",
        "ostrzezenie",
    )


# ── Submitting ─────────────────────────────────────────────────────────────────────────────────


def test_submitting_remembers_what_was_seen():
    town = Town(people=6)
    alert = compose.submit(town.draft(), by=town.anna, previewed="abc")
    assert alert.state == State.AWAITING_APPROVAL
    assert (alert.seen_residents, alert.submitted_by_id) == (6, town.anna.pk)
    assert alert.seen_editions == {str(town.street.layer_id): 1}
    event = Event.objects.get(verb="alert_submitted")
    assert (event.data["residents"], event.data["seen"]) == (6, alert.seen_hash)
    assert event.data["previewed"] == "abc"


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"texts": {}}, TextMissing, "texts.pl.title"),
        (
            {"texts": {"pl": {"title": "Brak wody", "body": " "}}},
            TextMissing,
            "texts.pl.body",
        ),
        (
            {
                "texts": {
                    "pl": {"title": "Brak wody", "body": "Do 18:00."},
                    "en": {"title": "", "body": "Until 6 p.m."},
                }
            },
            TextMissing,
            "texts.en.title",
        ),
        (
            {"texts": {"pl": {"title": "Brak wody", "body": "ą" * 2048}}},
            PayloadTooLarge,
            "texts.pl.body",
        ),
        ({"parts": []}, EmptySelection, "parts"),
    ],
)
def test_what_is_missing_for_sending_is_named_and_the_draft_is_kept(fields, error, field):
    town = Town()
    alert = town.draft(**fields)
    with pytest.raises(error) as refusal:
        compose.submit(alert, by=town.anna)
    assert refusal.value.field == field
    assert state_of(alert) == State.DRAFT


def test_times_must_lie_ahead_and_in_order():
    town = Town()
    now = django_timezone.now()
    passed = town.draft(expires_at=now - timedelta(seconds=1), event_ends_at=None)
    with pytest.raises(ExpiryPassed):
        compose.submit(passed, by=town.anna)
    crossed = town.draft(
        event_ends_at=now + timedelta(hours=3), expires_at=now + timedelta(hours=2)
    )
    with pytest.raises(EventEndsAfterExpiry):
        compose.submit(crossed, by=town.anna)
    compose.submit(town.draft(event_ends_at=None), by=town.anna)


def test_an_alert_to_nobody_is_refused():
    town = Town(people=0)
    with pytest.raises(NobodyReached):
        compose.submit(town.draft(), by=town.anna)


def test_a_returned_alert_can_be_put_right_and_submitted_again():
    town = Town()
    alert = town.submitted()
    compose.return_for_correction(alert, by=town.bartek, reason="Która ulica?")
    assert state_of(alert) == State.DRAFT
    assert Event.objects.get(verb="alert_returned").data == {}, "free text is no audit data"
    compose.update_draft(alert, {"severity": "info"}, by=town.anna)
    assert compose.submit(alert, by=town.anna).state == State.AWAITING_APPROVAL


# ── Approving ──────────────────────────────────────────────────────────────────────────────────


def test_approval_by_a_second_person_starts_the_sending():
    town = Town()
    message = compose.approve(town.submitted(), by=town.bartek)
    alert = Alert.objects.get()
    assert (alert.state, alert.approved_by_id) == (State.SENDING, town.bartek.pk)
    assert alert.started_at == message.frozen_at
    assert endpoints(message) == {device.pk for device in town.devices}
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["alert_drafted", "alert_submitted", "alert_approved", "alert_sending"]
    sending = Event.objects.get(verb="alert_sending").data
    assert (sending["residents"], sending["residents_below"], sending["changed"]) == (None, 5, "")


@pytest.mark.parametrize("by", ["author", "submitter"])
def test_ones_own_alert_waits_for_somebody_else(by):
    town = Town()
    author, submitter = (town.bartek, town.anna) if by == "author" else (town.anna, town.bartek)
    alert = compose.submit(town.draft(by=author), by=submitter)
    with pytest.raises(TwoPersonRule):
        compose.approve(alert, by=town.bartek)
    assert state_of(alert) == State.AWAITING_APPROVAL
    compose.approve(alert, by=town.dorota)


def test_without_the_two_person_rule_ones_own_alert_can_be_sent_and_that_is_logged():
    town = Town(two_person_rule=False)
    compose.approve(town.submitted(by=town.bartek), by=town.bartek)
    assert Event.objects.get(verb="alert_approved").data["alone"] is True


def test_an_alert_submitted_anew_is_not_approved_by_who_read_the_old_one():
    town = Town()
    read = town.submitted()
    compose.return_for_correction(read, by=town.bartek)
    compose.submit(compose.update_draft(read, {"severity": "info"}, by=town.anna), by=town.anna)
    with pytest.raises(AlertChanged):
        compose.approve(read, by=town.dorota)
    assert not Message.objects.exists()
    assert Alert.objects.get().state == State.AWAITING_APPROVAL


def test_an_editor_approves_nothing():
    town = Town()
    alert = town.submitted(by=town.bartek)
    with pytest.raises(RightMissing):
        compose.approve(alert, by=town.anna)


@pytest.mark.django_db(transaction=True)
def test_moves_and_freezing_are_logged_with_the_alerts_ref_once_they_are_kept(caplog):
    town = Town(people=5)
    alert = town.submitted()
    for _n in range(21):
        town.inhabitant()
    caplog.set_level("INFO", logger="dispatch")
    caplog.clear()
    with pytest.raises(AudienceChanged):
        compose.approve(alert, by=town.bartek)
    assert [record.move for record in caplog.records] == ["send_back"], "the rest was undone"
    anew = compose.submit(alert, by=town.anna)
    caplog.clear()
    message = compose.approve(anew, by=town.bartek)
    assert {record.alert_ref for record in caplog.records} == {alert.ref}
    moves = [record.move for record in caplog.records if record.message == "alert moved"]
    assert moves == ["approve", "start_sending"]
    [frozen] = [record for record in caplog.records if record.message == "message frozen"]
    assert (frozen.message_id, frozen.residents, frozen.devices) == (message.pk, 26, 26)


def test_a_demo_gmina_never_sends_to_real_phones(settings):
    town = Town(is_demo=True)
    waiting, running = town.submitted(), town.sent()
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "/key.json", ""
    with pytest.raises(DemoSendsNothing):
        compose.approve(waiting, by=town.bartek)
    with pytest.raises(DemoSendsNothing):
        compose.all_clear(running, by=town.anna, texts={})
    assert [message.alert for message in Message.objects.all()] == [running]
    waiting.refresh_from_db()
    assert waiting.state == State.AWAITING_APPROVAL


def test_a_real_gmina_sends_to_real_phones(settings):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "/key.json", ""
    town = Town()
    assert compose.approve(town.submitted(), by=town.bartek).transport == "fcm"


@pytest.mark.parametrize(("credentials", "emulator"), [("", ""), ("/key.json", "http://e")])
def test_neither_or_both_transports_refuse_approval_and_nothing_moves(
    settings, credentials, emulator
):
    town = Town()
    alert = town.submitted()
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = credentials, emulator
    with pytest.raises(FcmNotConfigured):
        compose.approve(alert, by=town.bartek)
    assert state_of(alert) == State.AWAITING_APPROVAL
    assert not Message.objects.exists()
    assert not Event.objects.filter(verb="alert_approved").exists()


def test_an_alert_that_expired_while_waiting_is_not_sent():
    town = Town()
    alert = town.submitted(event_ends_at=None)
    Alert.objects.filter(pk=alert.pk).update(expires_at=django_timezone.now())
    with pytest.raises(ExpiryPassed):
        compose.approve(alert, by=town.bartek)
    assert state_of(alert) == State.AWAITING_APPROVAL


def test_a_changed_audience_sends_the_alert_back_and_nothing_else():
    town = Town(people=5)
    alert = town.submitted()
    for _n in range(21):
        town.inhabitant()
    with pytest.raises(AudienceChanged) as refusal:
        compose.approve(alert, by=town.bartek)
    assert refusal.value.details["reason"] == "count"
    alert.refresh_from_db()
    assert (alert.state, alert.approved_by_id, alert.approved_at) == (State.DRAFT, None, None)
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert verbs == {"alert_drafted", "alert_submitted", "alert_sent_back"}
    anew = compose.submit(alert, by=town.anna)
    assert compose.approve(anew, by=town.bartek).residents == 26


@pytest.mark.django_db(transaction=True)
def test_two_officers_approving_at_once_make_one_message():
    town = Town()
    alert = town.submitted()
    start = threading.Barrier(2)
    outcomes = []

    def approve(officer):
        try:
            start.wait(timeout=10)
            outcomes.append(compose.approve(alert, by=officer))
        except MoveRefused as refused:
            outcomes.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[o]) for o in (town.bartek, town.dorota)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Message", "MoveRefused"]
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == len(town.devices)
    assert Event.objects.filter(verb="alert_approved").count() == 1


# ── Ending ─────────────────────────────────────────────────────────────────────────────────────

ENDINGS = [
    (compose.all_clear, "all_clear", "all_clear"),
    (compose.withdraw, "withdrawal", "withdrawn"),
]


@pytest.mark.parametrize(("end", "kind", "reason"), ENDINGS)
def test_an_ending_goes_to_exactly_those_who_had_the_alert(end, kind, reason):
    town = Town()
    alert = town.sent()
    had = {device.pk for device in town.devices}
    town.inhabitant()  # moved in since
    moved_away = town.devices[0].resident
    moved_away.places.all().delete()
    moved_away.mutes.create(kind="woda")
    message = end(alert, by=town.anna, texts={})
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (State.ENDED, reason)
    assert alert.ended_at is not None
    assert (message.kind, message.alert_id) == (kind, alert.pk)
    assert endpoints(message) == had
    assert (message.residents, message.devices) == (3, 3)


def test_who_never_had_the_alert_is_not_told_that_it_is_over():
    town = Town(people=6)
    message = compose.approve(town.submitted(), by=town.bartek)
    codes = [
        Outcome.ACCEPTED,
        Outcome.RETRY,
        Outcome.TOKEN_DEAD,
        Outcome.PAYLOAD_REFUSED,
        Outcome.UNREACHABLE,
        Outcome.GAVE_UP,
    ]
    settle(message, *codes)
    rows = Delivery.objects.filter(message_id=message.pk).order_by("pos")
    in_order = list(rows.values_list("endpoint_id", flat=True))
    reported = rows.last()
    Receipt.objects.create(
        month=reported.month,
        message_id=message.pk,
        endpoint_id=reported.endpoint_id,
        event="received",
        resident_id=reported.resident_id,
        at=django_timezone.now(),
    )
    ending = compose.all_clear(message.alert, by=town.anna, texts={})
    assert endpoints(ending) == {in_order[0], in_order[1], in_order[5]}


def test_a_batch_with_a_sender_counts_as_had_and_a_waiting_one_does_not(settings):
    settings.SEND_BATCH = 1
    town = Town(people=2)
    message = compose.approve(town.submitted(), by=town.bartek)
    claimed = Batch.objects.filter(message_id=message.pk, no=1)
    claimed.update(state=Batch.State.CLAIMED)
    ending = compose.withdraw(message.alert, by=town.anna, texts={})
    first = Delivery.objects.get(message_id=message.pk, batch_no=1)
    assert endpoints(ending) == {first.endpoint_id}


def test_a_phone_without_a_push_target_is_left_out():
    town = Town()
    alert = town.sent()
    Device.objects.filter(pk=town.devices[0].pk).update(
        push_kind=None, push_value_encrypted=None, push_hash=None
    )
    message = compose.all_clear(alert, by=town.anna, texts={})
    assert endpoints(message) == {device.pk for device in town.devices[1:]}


def test_the_ending_says_the_officers_words_else_ours_in_each_language():
    town = Town()
    words = {"pl": {"title": "Woda wróciła", "body": "Dziękujemy za cierpliwość."}}
    message = compose.all_clear(town.sent(), by=town.bartek, texts=words)
    texts = {text.lang: (text.title, text.body) for text in message.texts.all()}
    assert texts["pl"] == ("Woda wróciła", "Dziękujemy za cierpliwość.")
    assert texts["en"] == ("Over: No water", "What we wrote about is over.")


@pytest.mark.parametrize("end", [compose.all_clear, compose.withdraw])
def test_no_editor_tells_everybody_something_else_by_ending_an_alert(end):
    town = Town()
    alert = town.sent()
    with pytest.raises(WordsNeedApproval):
        end(alert, by=town.anna, texts={"pl": {"title": "Ewakuacja", "body": "Proszę wyjść."}})
    assert (state_of(alert), alert.messages.count()) == (State.SENDING, 1)
    end(alert, by=town.anna, texts={})
    assert alert.messages.count() == 2


def test_the_ending_outlives_the_message_it_ends():
    town = Town()
    alert = town.sent()
    message = compose.all_clear(alert, by=town.anna, texts={})
    assert message.expires_at >= alert.expires_at
    assert message.expires_at - message.frozen_at >= timedelta(hours=23, minutes=59)


def test_words_too_long_for_fcm_end_nothing():
    town = Town()
    alert = town.sent()
    with pytest.raises(PayloadTooLarge):
        compose.all_clear(alert, by=town.bartek, texts={"pl": {"title": "x", "body": "ż" * 2040}})
    assert state_of(alert) == State.SENDING
    assert Message.objects.count() == 1


def test_an_alert_ends_once():
    town = Town()
    alert = town.sent()
    compose.all_clear(alert, by=town.anna, texts={})
    with pytest.raises(MoveRefused):
        compose.withdraw(alert, by=town.anna, texts={})
    assert Message.objects.count() == 2


def test_a_shape_that_a_new_border_leaves_outside_is_refused_at_submission():
    town = Town()
    alert = town.draft()
    outline = town.gmina.layers.get(slug="granica").features
    outline.update(geom=at(5_000, 5_000).buffer(100))
    with pytest.raises(AreaOutsideGmina):
        compose.submit(alert, by=town.anna)


def test_what_passes_the_check_at_submission_fits_at_sending():
    """The longest allowed body, to the byte, passes; one more byte doesn't."""
    town = Town()
    room = payload_room()
    fits = town.draft(texts={"pl": {"title": "T", "body": "x" * room}})
    compose.submit(fits, by=town.anna)
    over = town.draft(texts={"pl": {"title": "T", "body": "x" * (room + 1)}})
    with pytest.raises(PayloadTooLarge) as refusal:
        compose.submit(over, by=town.anna)
    assert refusal.value.details["over"] == 1


def payload_room():
    """Bytes left for a body beside the title "T", found by asking the check itself."""
    with pytest.raises(PayloadTooLarge) as refusal:
        payload.check({"pl": {"title": "T", "body": "x" * 4096}})
    return 4096 - refusal.value.details["over"]
