"""The ways of an alert beside approval at once: alone, later, back, called off."""

from datetime import timedelta

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from audit.models import Event
from dispatch import compose, jobs
from dispatch.errors import (
    AlertChanged,
    AudienceChanged,
    BypassRefused,
    DraftChanged,
    ExpiryBeforeStart,
    KindGone,
    MoveRefused,
    ReasonMissing,
    RightMissing,
    TwoPersonRule,
)
from dispatch.models import Alert, ApprovalRule, Batch, Delivery, Message, StaffNotice
from tests.dispatch.town import Town, state_of

pytestmark = pytest.mark.django_db

State = Alert.State


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


def scheduled(town, **fields):
    """Approved, to be sent in two hours."""
    alert = town.draft(**fields)
    Alert.objects.filter(pk=alert.pk).update(send_at=timezone.now() + timedelta(hours=2))
    submitted = compose.submit(alert, by=town.anna)
    assert compose.approve(submitted, by=town.bartek) is None
    return Alert.objects.get(pk=alert.pk)


# ── Later ──────────────────────────────────────────────────────────────────────────────────────


def test_an_approved_alert_waits_for_its_time_and_then_starts_for_its_approver():
    town = Town()
    alert = scheduled(town)
    assert (alert.state, alert.approved_by_id) == (State.SCHEDULED, town.bartek.pk)
    assert not Message.objects.exists()
    message = compose.start(alert, late=True)
    alert.refresh_from_db()
    assert (alert.state, alert.started_late) == (State.SENDING, True)
    assert message.frozen_by_id == town.bartek.pk
    event = Event.objects.get(verb="alert_sending")
    assert (event.actor, event.data["late"]) == ("system", True)
    with pytest.raises(MoveRefused):
        compose.start(alert)


def test_a_series_stays_scheduled_whatever_its_time():
    town = Town()
    alert = town.draft(send_wall="2026-01-01T07:00", rrule="FREQ=DAILY;COUNT=366")
    assert compose.approve(compose.submit(alert, by=town.anna), by=town.bartek) is None
    assert state_of(alert) == State.SCHEDULED


def test_a_scheduled_alert_is_called_off_and_nobody_is_told():
    town = Town()
    alert = scheduled(town)
    compose.cancel(alert, by=town.anna)
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (State.ENDED, "cancelled")
    assert alert.ended_at is not None
    assert not Message.objects.exists()
    with pytest.raises(MoveRefused):
        compose.start(alert)
    with pytest.raises(MoveRefused):
        compose.cancel(Alert.objects.get(), by=town.anna)


@pytest.mark.parametrize(
    ("end", "reason"), [(compose.miss, "missed"), (compose.complete, "completed")]
)
def test_the_system_ends_what_was_not_sent_and_says_why(end, reason):
    town = Town()
    alert = end(scheduled(town))
    assert (alert.state, alert.end_reason) == (State.ENDED, reason)
    assert Event.objects.get(verb=f"alert_{reason}").actor == "system"


def test_a_start_to_another_audience_sends_the_alert_back_unapproved():
    town = Town(people=5)
    alert = scheduled(town)
    for _n in range(21):
        town.inhabitant()
    with pytest.raises(AudienceChanged):
        compose.start(alert)
    alert.refresh_from_db()
    assert (alert.state, alert.approved_by_id, alert.approved_at) == (State.DRAFT, None, None)
    assert not Message.objects.exists()
    assert Event.objects.get(verb="alert_sent_back").data["reason"] == "count"


def test_a_start_that_can_find_its_street_no_more_sends_the_alert_back():
    town = Town()
    alert = scheduled(town)
    town.street.until = 1
    town.street.save()
    with pytest.raises(AudienceChanged):
        compose.start(alert)
    assert state_of(alert) == State.DRAFT
    assert Event.objects.get(verb="alert_sent_back").data["reason"] == "area"


def test_what_would_expire_before_its_start_is_refused():
    town = Town()
    alert = town.draft(event_ends_at=None)
    Alert.objects.filter(pk=alert.pk).update(send_at=alert.expires_at)
    with pytest.raises(ExpiryBeforeStart) as refusal:
        compose.submit(alert, by=town.anna)
    assert refusal.value.field == "expires_at"
    assert state_of(alert) == State.DRAFT


# ── Back ───────────────────────────────────────────────────────────────────────────────────────


def test_an_author_takes_an_alert_back_before_anybody_has_decided():
    town = Town()
    alert = town.submitted()
    with pytest.raises(RightMissing):
        compose.recall(alert, by=town.bartek)
    assert compose.recall(alert, by=town.anna).state == State.DRAFT
    with pytest.raises(MoveRefused):
        compose.approve(alert, by=town.bartek)
    with pytest.raises(MoveRefused):
        compose.recall(alert, by=town.anna)


# ── Alone ──────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_goes_at_once_where_nobody_else_is_asked_for():
    town = Town(two_person_rule=False)
    message = compose.send(town.draft(by=town.bartek), by=town.bartek, previewed="abc")
    alert = Alert.objects.get()
    assert (alert.state, alert.approved_by_id) == (State.SENDING, town.bartek.pk)
    assert message.residents == 3
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["alert_drafted", "alert_released", "alert_sending"]
    released = Event.objects.get(verb="alert_released").data
    assert (released["previewed"], released["seen"]) == ("abc", alert.seen_hash)


def test_a_rule_that_asks_for_nobody_lets_an_editor_send():
    town = Town()
    rule = ApprovalRule.objects.create(
        gmina=town.gmina, position=0, severity="info", below_residents=4, second_person=False
    )
    with pytest.raises(TwoPersonRule):
        compose.send(town.draft(), by=town.anna)
    assert compose.send(town.draft(severity="info"), by=town.anna).residents == 3
    assert Event.objects.get(verb="alert_released").data["rule"] == rule.pk
    town.inhabitant()
    with pytest.raises(TwoPersonRule):
        compose.send(town.draft(severity="info"), by=town.anna)


def test_a_draft_does_not_go_alone_where_a_second_person_is_asked_for():
    town = Town()
    alert = town.draft(by=town.bartek)
    with pytest.raises(TwoPersonRule):
        compose.send(alert, by=town.bartek)
    assert state_of(alert) == State.DRAFT
    assert Alert.objects.get().submitted_at is None


def test_a_crisis_officer_sends_an_emergency_past_the_rule_and_says_why():
    town = Town()
    alert = town.draft(by=town.ewa, severity="emergency")
    message = compose.bypass(alert, by=town.ewa, reason=" Wał pęka. ")
    alert.refresh_from_db()
    assert (alert.state, alert.bypass_reason) == (State.SENDING, "Wał pęka.")
    assert message.severity == "emergency"
    event = Event.objects.get(verb="alert_bypassed")
    assert event.actor_id == town.ewa.pk
    told = StaffNotice.objects.filter(kind="bypassed").values_list("user_id", flat=True)
    assert set(told) == {town.bartek.pk, town.dorota.pk, town.ewa.pk}
    assert "Wał" not in str(event.data), "free text is no audit data"


def test_a_waiting_emergency_can_be_sent_past_its_approvers():
    town = Town()
    alert = town.submitted(severity="emergency")
    assert compose.bypass(alert, by=town.ewa, reason="Nikt nie odbiera.").residents == 3


def test_what_was_taken_back_since_it_was_read_is_not_sent_past_anybody():
    town = Town()
    read = town.submitted(severity="emergency")
    compose.recall(read, by=town.anna)
    with pytest.raises(AlertChanged):
        compose.bypass(read, by=town.ewa, reason="Nikt nie odbiera.")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("severity", "by", "reason", "error"),
    [
        ("info", "ewa", "Pilne.", BypassRefused),
        ("important", "ewa", "Pilne.", BypassRefused),
        ("emergency", "ewa", " \n", ReasonMissing),
        ("emergency", "bartek", "Pilne.", RightMissing),
    ],
)
def test_nothing_else_goes_past_the_rule(severity, by, reason, error):
    town = Town()
    alert = town.submitted(severity=severity)
    with pytest.raises(error):
        compose.bypass(alert, by=getattr(town, by), reason=reason)
    assert state_of(alert) == State.AWAITING_APPROVAL
    assert not Message.objects.exists()


# ── Two officers and one draft ─────────────────────────────────────────────────────────────────


def test_who_read_an_older_draft_overwrites_nothing_and_learns_who_was_quicker():
    town = Town()
    read = town.draft()
    compose.update_draft(read, {"severity": "info"}, by=town.bartek, version=read.version)
    for act in (
        lambda: compose.update_draft(
            read, {"severity": "emergency"}, by=town.anna, version=read.version
        ),
        lambda: compose.delete_draft(read, by=town.anna, version=read.version),
        lambda: compose.submit(read, by=town.anna, version=read.version),
    ):
        with pytest.raises(DraftChanged) as refusal:
            act()
        assert refusal.value.details["by"] == "Bartek"
        assert refusal.value.details["version"] == read.version + 1
    now = Alert.objects.get()
    assert (now.state, now.severity) == (State.DRAFT, "info")
    compose.submit(read, by=town.anna, version=now.version)


# ── Kinds that go ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", ["submit", "approve", "start"])
def test_a_kind_switched_off_meanwhile_stops_the_alert(step):
    town = Town()
    alert = {"submit": town.draft, "approve": town.submitted, "start": lambda: scheduled(town)}[
        step
    ]()
    with pytest.raises(ProtectedError):
        alert.kind.delete()
    town.gmina.kinds.filter(code="woda").update(active=False)
    act = {
        "submit": lambda: compose.submit(alert, by=town.anna),
        "approve": lambda: compose.approve(alert, by=town.bartek),
        "start": lambda: compose.start(alert),
    }[step]
    with pytest.raises(KindGone) as refusal:
        act()
    assert (refusal.value.code, refusal.value.field) == ("kind_gone", "kind")
    # What waits for an officer stays where it is; what nobody looks at any more goes back.
    stays = {"submit": State.DRAFT, "approve": State.AWAITING_APPROVAL, "start": State.DRAFT}
    assert state_of(alert) == stays[step]
    alert.refresh_from_db()
    assert (alert.approved_at, alert.started_at) == (None, None)
    assert not any(model.objects.exists() for model in (Message, Batch, Delivery))
