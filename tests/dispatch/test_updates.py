"""A running alert gets new words and a later end: who decides, who is told, what they read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from dispatch import clock, compose, jobs, payload, updates
from dispatch.errors import (
    BypassRefused,
    EventEndPassed,
    EventEndsAfterExpiry,
    ExpiryPassed,
    ExtensionNotLater,
    MoveRefused,
    PayloadTooLarge,
    ReasonMissing,
    RightMissing,
    TextMissing,
    TwoPersonRule,
    UpdateAwaits,
    UpdateGone,
    UpdateUnchanged,
    WordsNeedApproval,
)
from dispatch.models import Alert, AlertUpdate, ApprovalRule, Batch, Delivery, Message, StaffNotice
from dispatch.outcomes import Outcome
from tests.builders import make_device, make_user
from tests.dispatch.town import Role, Town, endpoints, settle, state_of

pytestmark = pytest.mark.django_db

State = AlertUpdate.State
NEWS = {
    "pl": {"title": "Woda do 20:00", "body": "Pękła druga rura.", "instruction": "Nabierz wody."}
}


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


def news(**fields):
    return {"texts": NEWS, **fields}


def proposed(town, alert=None, **fields):
    return updates.propose(alert or town.sent(), news(**fields), by=town.anna)


# ── Who decides ────────────────────────────────────────────────────────────────────────────────


def test_an_update_waits_for_a_second_person_and_then_goes_out():
    town = Town()
    update = proposed(town)
    assert Message.objects.count() == 1, "nothing is sent yet"
    wanted = StaffNotice.objects.filter(kind="update_wanted").values_list("user_id", flat=True)
    assert set(wanted) == {town.bartek.pk, town.dorota.pk, town.ewa.pk}
    with pytest.raises(RightMissing):
        updates.approve(update, by=make_user("jan@a.pl", Role.AUDITOR, gmina=town.gmina))
    message = updates.approve(update, by=town.bartek)
    assert (message.kind, message.frozen_by_id) == ("update", town.bartek.pk)
    update.refresh_from_db()
    assert (update.state, update.message_id) == (State.SENT, message.pk)
    assert (update.decided_by_id, update.decided_at is not None) == (town.bartek.pk, True)
    verbs = Event.objects.filter(verb__startswith="update").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["update_proposed", "update_approved"]
    assert "rura" not in str(list(verbs.values_list("data", flat=True))), "no texts in the log"


def test_nobody_approves_their_own_update_though_they_may_approve_the_alert():
    town = Town()
    update = updates.propose(town.sent(), news(), by=town.bartek)
    with pytest.raises(TwoPersonRule):
        updates.approve(update, by=town.bartek)
    with pytest.raises(TwoPersonRule):
        updates.approve(update, by=town.anna)
    assert updates.approve(update, by=town.dorota).kind == "update"


def test_one_update_at_a_time():
    town = Town()
    alert = town.sent()
    update = proposed(town, alert)
    for act in (
        lambda: proposed(town, alert),
        lambda: updates.send(alert, news(), by=town.ewa, reason="Pilne."),
    ):
        with pytest.raises(UpdateAwaits):
            act()
    updates.drop(update, by=town.anna)
    proposed(town, alert)


@pytest.mark.parametrize("by", ["anna", "bartek"])
def test_whose_it_is_and_whoever_may_approve_drop_an_update_and_nobody_is_told(by):
    town = Town()
    update = proposed(town)
    with pytest.raises(RightMissing):
        updates.drop(update, by=make_user("olga@a.pl", Role.EDITOR, gmina=town.gmina))
    updates.drop(update, by=getattr(town, by), reason="Która rura?")
    update.refresh_from_db()
    assert (update.state, update.reason) == (State.DROPPED, "Która rura?")
    assert "rura" not in str(Event.objects.get(verb="update_dropped").data)
    for act in (updates.approve, updates.drop):
        with pytest.raises(UpdateGone):
            act(update, by=town.bartek)
    assert Message.objects.count() == 1


def test_an_update_goes_at_once_where_nobody_else_is_asked_for():
    town = Town(two_person_rule=False)
    message = updates.send(town.sent(), news(), by=town.bartek)
    assert message.kind == "update"
    update = AlertUpdate.objects.get()
    assert (update.state, update.proposed_by_id, update.decided_by_id) == (
        State.SENT,
        town.bartek.pk,
        town.bartek.pk,
    )


def test_an_approved_template_does_not_cover_new_words():
    town = Town()
    ApprovalRule.objects.create(
        gmina=town.gmina, position=0, template_only=True, second_person=False
    )
    alert = town.sent()
    Alert.objects.filter(pk=alert.pk).update(template_id=1)
    assert updates.decision_on(Alert.objects.get()).second_person


def test_a_crisis_officer_updates_an_emergency_alone_and_says_why():
    town = Town()
    alert = town.sent(severity="emergency")
    for reason, by, error in (
        ("", town.bartek, TwoPersonRule),
        ("Pilne.", town.bartek, TwoPersonRule),
        (" ", town.ewa, ReasonMissing),
    ):
        with pytest.raises(error):
            updates.send(alert, news(), by=by, reason=reason)
    updates.send(alert, news(), by=town.ewa, reason="Wał pęka.")
    assert AlertUpdate.objects.get().reason == "Wał pęka."
    event = Event.objects.get(verb="update_sent")
    assert event.data["alone"] is True
    assert "Wał" not in str(event.data)
    assert StaffNotice.objects.filter(kind="bypassed", user=town.bartek).exists()


def test_nobody_updates_anything_milder_alone():
    town = Town()
    alert = town.sent()
    with pytest.raises(BypassRefused):
        updates.send(alert, news(), by=town.ewa, reason="Pilne.")


# ── What it may say ────────────────────────────────────────────────────────────────────────────


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"texts": {"en": NEWS["pl"]}}, TextMissing, "texts.pl.title"),
        ({"texts": {"pl": NEWS["pl"] | {"body": "ą" * 2048}}}, PayloadTooLarge, "texts.pl.body"),
        ({"expires_at": -1}, ExpiryPassed, "expires_at"),
        ({"event_ends_at": -1}, EventEndPassed, "event_ends_at"),
        ({"event_ends_at": 3, "expires_at": 2}, EventEndsAfterExpiry, "event_ends_at"),
    ],
)
def test_an_update_is_checked_as_an_alert_is(fields, error, field):
    town = Town()
    alert = town.sent()
    given = {
        name: in_hours(value) if isinstance(value, int) else value for name, value in fields.items()
    }
    with pytest.raises(error) as refusal:
        updates.propose(alert, news() | given, by=town.anna)
    assert refusal.value.field == field
    assert not AlertUpdate.objects.exists()


def test_an_update_that_says_nothing_new_is_refused():
    town = Town()
    alert = town.sent()
    texts = town.data()["texts"]
    with pytest.raises(UpdateUnchanged):
        updates.propose(alert, {"texts": texts}, by=town.anna)
    updates.propose(alert, {"texts": texts, "event_ends_at": in_hours(6)}, by=town.anna)


def test_an_end_that_has_passed_may_stay_and_is_asked_about_anew_once_moved():
    town = Town()
    alert = town.sent()
    Alert.objects.filter(pk=alert.pk).update(event_ends_at=in_hours(-1), end_asked_at=in_hours(-2))
    updates.approve(proposed(town, alert), by=town.bartek)
    assert Alert.objects.get().end_asked_at is not None
    updates.approve(proposed(town, alert, event_ends_at=in_hours(2)), by=town.bartek)
    assert Alert.objects.get().end_asked_at is None


def test_times_are_looked_at_again_when_an_update_is_approved():
    town = Town()
    update = proposed(town, event_ends_at=in_hours(1))
    AlertUpdate.objects.update(event_ends_at=in_hours(-1))
    with pytest.raises(EventEndPassed):
        updates.approve(update, by=town.bartek)
    assert Message.objects.count() == 1
    update.refresh_from_db()
    assert update.state == State.AWAITING


# ── Who is told, and what they have then ───────────────────────────────────────────────────────


def test_an_update_reaches_those_who_had_the_alert_and_newcomers_once():
    town = Town()
    alert = town.sent()
    had = {device.pk for device in town.devices}
    newcomer = town.inhabitant()
    second_phone = make_device(town.devices[1].resident)
    gone = town.devices[0].resident
    gone.places.all().delete()
    muted = town.inhabitant().resident
    muted.mutes.create(kind="woda")
    message = updates.approve(proposed(town, alert), by=town.bartek)
    assert endpoints(message) == had | {newcomer.pk, second_phone.pk}
    assert (message.residents, message.devices) == (4, 5)
    assert Delivery.objects.filter(message_id=message.pk).count() == 5
    order = Delivery.objects.filter(message_id=message.pk).order_by("batch_no", "pos")
    assert [row.endpoint_id in had for row in order] == [True, True, True, False, False]
    assert message.pieces.exists()


def test_an_update_becomes_what_the_alert_says_and_when_it_ends():
    town = Town()
    alert = town.sent()
    until, expires = in_hours(6), in_hours(9)
    update = proposed(town, alert, event_ends_at=until, expires_at=expires)
    message = updates.approve(update, by=town.bartek)
    alert.refresh_from_db()
    assert (alert.event_ends_at, alert.expires_at) == (until, expires)
    assert message.expires_at == expires
    assert {text.lang: text.title for text in alert.texts.all()} == {"pl": "Woda do 20:00"}
    assert {text.lang: text.instruction for text in message.texts.all()} == {"pl": "Nabierz wody."}
    first = alert.messages.earliest("pk")
    assert first.texts.get(lang="pl").title == "Brak wody", "what was sent stays as it was"
    assert alert.state == Alert.State.SENDING


def test_an_update_of_an_alert_on_its_way_takes_the_place_of_what_is_not_sent_yet(settings):
    settings.SEND_BATCH = 1
    town = Town(people=3)
    first = compose.approve(town.submitted(), by=town.bartek)
    batches = list(Batch.objects.order_by("no"))
    settle_one(batches[0], Outcome.ACCEPTED)
    Batch.objects.filter(pk=batches[1].pk).update(state=Batch.State.CLAIMED)
    message = updates.approve(proposed(town, first.alert), by=town.bartek)
    assert endpoints(message) == {device.pk for device in town.devices}
    first.refresh_from_db()
    assert first.halted_reason == "replaced"
    assert message.halted_reason == ""


def settle_one(batch, outcome):
    batch.codes, batch.state, batch.attempt = [outcome], Batch.State.DONE, 1
    batch.save()


def test_an_update_reaches_those_who_had_it_though_the_street_is_gone_from_the_map():
    town = Town()
    alert = town.sent()
    town.inhabitant()
    town.street.until = 1
    town.street.save()
    message = updates.approve(proposed(town, alert), by=town.bartek)
    assert endpoints(message) == {device.pk for device in town.devices[:3]}


def test_the_all_clear_after_an_update_reaches_its_newcomers_too():
    town = Town()
    alert = town.sent()
    newcomer = town.inhabitant()
    settle(updates.approve(proposed(town, alert), by=town.bartek), Outcome.ACCEPTED)
    message = compose.all_clear(alert, by=town.anna, texts={})
    assert endpoints(message) == {device.pk for device in [*town.devices, newcomer]}
    assert message.texts.get().title.endswith("Woda do 20:00")


@pytest.mark.parametrize("end", ["all_clear", "expiry"])
def test_the_end_of_an_alert_drops_the_update_that_waits(end):
    town = Town()
    alert = town.sent()
    update = proposed(town, alert)
    if end == "all_clear":
        compose.all_clear(alert, by=town.anna, texts={})
    else:
        Alert.objects.update(expires_at=timezone.now())
        clock.expire_alerts()
    update.refresh_from_db()
    assert update.state == State.DROPPED
    with pytest.raises(MoveRefused):
        updates.approve(update, by=town.bartek)
    with pytest.raises(MoveRefused):
        updates.propose(alert, news(), by=town.anna)
    with pytest.raises(MoveRefused):
        updates.extend(alert, by=town.anna, event_ends_at=in_hours(9))
    assert state_of(alert) == Alert.State.ENDED


# ── Extension ──────────────────────────────────────────────────────────────────────────────────


def test_an_extension_reaches_exactly_those_who_had_the_alert_and_repeats_what_it_said():
    town = Town()
    alert = town.sent()
    Alert.objects.update(end_asked_at=timezone.now())
    lead = alert.expires_at - alert.event_ends_at
    town.inhabitant()
    until = in_hours(7)
    message = updates.extend(alert, by=town.anna, event_ends_at=until)
    assert message.kind == "extension"
    assert endpoints(message) == {device.pk for device in town.devices[:3]}
    alert.refresh_from_db()
    assert (alert.event_ends_at, alert.end_asked_at) == (until, None)
    assert alert.expires_at == message.expires_at == until + lead
    texts = {text.lang: text for text in message.texts.all()}
    assert set(texts) == {"pl", "en"}
    assert texts["en"].title.startswith("Longer, until ")
    assert texts["en"].title.endswith(": No water")
    assert texts["en"].body.endswith("\n\nUntil 6 p.m.")
    assert alert.texts.get(lang="en").title == "No water", "ready for the next extension"


def test_an_extension_does_not_shorten_how_long_the_message_is_valid():
    town = Town()
    alert = town.sent(event_ends_at=None)
    expires = alert.expires_at
    updates.extend(alert, by=town.anna, event_ends_at=in_hours(1))
    assert Alert.objects.get().expires_at == expires


@pytest.mark.parametrize(("until", "error"), [(-1, ExtensionNotLater), (4, ExtensionNotLater)])
def test_an_extension_must_be_later_than_what_people_know(until, error):
    town = Town()
    with pytest.raises(error):
        updates.extend(town.sent(), by=town.anna, event_ends_at=in_hours(until))


def test_an_overdue_alert_is_not_extended_into_the_past():
    town = Town()
    alert = town.sent()
    Alert.objects.update(event_ends_at=in_hours(-2))
    with pytest.raises(EventEndPassed):
        updates.extend(alert, by=town.anna, event_ends_at=in_hours(-1))


def test_words_of_ones_own_need_the_second_person_that_an_update_needs():
    own = {"pl": {"title": "Jeszcze dłużej {title}", "body": "Do wieczora {when}."}}
    strict, free = Town(), None
    with pytest.raises(WordsNeedApproval):
        updates.extend(strict.sent(), by=strict.anna, event_ends_at=in_hours(7), texts=own)
    free = Town(slug="wolna", emails="b.pl", two_person_rule=False)
    message = updates.extend(free.sent(), by=free.bartek, event_ends_at=in_hours(7), texts=own)
    text = message.texts.get(lang="pl")
    assert (text.title, text.body) == ("Jeszcze dłużej {title}", "Do wieczora {when}.\n\nDo 18:00.")


def test_an_extension_of_a_long_alert_repeats_as_much_as_a_phone_can_take():
    town = Town()
    words = {"title": "Brak wody", "body": "ż" * 1500}
    words["body"] += "x" * -payload.over("pl", words)
    alert = town.sent(texts={"pl": words})
    [text] = updates.extend(alert, by=town.anna, event_ends_at=in_hours(7)).texts.all()
    [said, repeated] = text.body.split("\n\n")
    assert said
    assert repeated.endswith("x…")
    assert words["body"].startswith(repeated[:-1])
    sizes = {"title": text.title, "body": text.body}
    assert -10 < payload.over("pl", sizes) <= 0


def test_an_extension_carries_along_an_update_that_left_the_times_alone():
    town = Town()
    alert = town.sent()
    update = proposed(town, alert)
    updates.extend(alert, by=town.anna, event_ends_at=in_hours(7))
    update.refresh_from_db()
    alert.refresh_from_db()
    assert (update.event_ends_at, update.expires_at) == (alert.event_ends_at, alert.expires_at)
    updates.approve(update, by=town.bartek)


# ── Exercises ──────────────────────────────────────────────────────────────────────────────────


def test_everything_that_is_sent_of_an_exercise_says_so():
    town = Town()
    alert = town.sent(is_drill=True)
    settle(updates.extend(alert, by=town.anna, event_ends_at=in_hours(7)), Outcome.ACCEPTED)
    settle(updates.approve(proposed(town, alert), by=town.bartek), Outcome.ACCEPTED)
    compose.all_clear(alert, by=town.anna, texts={})
    titles = [m.texts.get(lang="pl").title for m in alert.messages.order_by("pk")]
    assert len(titles) == 4
    assert all(title.startswith("ĆWICZENIE: ") for title in titles)
    assert set(alert.messages.values_list("is_drill", flat=True)) == {True}
    english = alert.messages.earliest("pk").texts.get(lang="en")
    assert english.title == "EXERCISE: No water"
    assert alert.texts.get(lang="pl").title == "Woda do 20:00"
