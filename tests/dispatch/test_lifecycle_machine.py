"""Any moves in any order, by two officers and the clock: what must hold whatever they do."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.errors import DomainError
from audit.models import Event
from dispatch import clock, compose, jobs, states, updates
from dispatch.models import Alert, AlertUpdate, Delivery, Message
from dispatch.outcomes import Outcome
from dispatch.sender import close_finished
from tests.dispatch.town import Town, settle

State = Alert.State
ENDING = {Message.Kind.ALL_CLEAR, Message.Kind.WITHDRAWAL}
NOTHING_SENT = {"cancelled", "missed", "completed"}
ENDED_AS = {"all_clear": "all_clear", "withdrawn": "withdrawal"}
RARELY = 6  # moves before a draft is deleted, after which nothing can happen
OFFICERS = st.sampled_from(["anna", "bartek", "ewa"])


class Undo(Exception):
    """Ends an example's transaction without keeping anything."""


class Lifecycle(RuleBasedStateMachine):
    """One alert. Officers hold on to old copies of it, as pages that were opened earlier do."""

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.deliveries_at_end = None

    def teardown(self):
        self.savepoint.__exit__(Undo, Undo(), None)

    @initialize(
        two_person_rule=st.booleans(),
        severity=st.sampled_from(["emergency", "info"]),
        is_later=st.booleans(),
    )
    def write(self, two_person_rule, severity, is_later):
        self.town = Town(two_person_rule=two_person_rule)
        draft = self.town.draft(severity=severity)
        if is_later:
            draft.send_at = timezone.now() + timedelta(hours=1)
            draft.save()
        self.copies = dict.fromkeys(("anna", "bartek", "ewa"), draft)
        self.ref, self.acts = draft.pk, 1  # drafted

    def act(self, officer, work):
        """One act on the officer's copy; a refusal changes nothing but what it says."""
        before, code = self.trace(), None
        try:
            work(self.copies[officer], getattr(self.town, officer))
        except DomainError as refused:
            code = refused.code
        # The only refusal with an effect: the alert goes back to its author.
        is_changed = code in (None, "audience_changed")
        assert (self.trace() != before) == is_changed or code == "audience_changed", code

    def trace(self):
        alert = Alert.objects.filter(pk=self.ref).first()
        version = (alert.version, alert.state) if alert else None
        return version, Event.objects.count(), Message.objects.count()

    @rule(officer=OFFICERS)
    def read(self, officer):
        if alert := Alert.objects.filter(pk=self.ref).first():
            self.copies[officer] = alert

    @rule(officer=OFFICERS)
    def edit(self, officer):
        title = {"pl": {"title": "Inny tytuł", "body": "Treść.", "instruction": ""}}
        self.act(
            officer,
            lambda alert, by: compose.update_draft(
                alert, {"texts": title}, by=by, version=alert.version
            ),
        )

    @rule(officer=OFFICERS)
    def submit(self, officer):
        self.act(officer, lambda alert, by: compose.submit(alert, by=by))

    @rule(officer=OFFICERS, move=st.sampled_from([compose.recall, compose.return_for_correction]))
    def take_back(self, officer, move):
        self.act(officer, lambda alert, by: move(alert, by=by))

    @rule(officer=OFFICERS, move=st.sampled_from([compose.approve, compose.send]))
    def release(self, officer, move):
        self.act(officer, lambda alert, by: move(alert, by=by))

    @rule(officer=OFFICERS)
    def bypass(self, officer):
        self.act(officer, lambda alert, by: compose.bypass(alert, by=by, reason="Pilne."))

    @rule(officer=OFFICERS)
    def cancel(self, officer):
        self.act(officer, lambda alert, by: compose.cancel(alert, by=by))

    @rule(officer=OFFICERS, end=st.sampled_from([compose.all_clear, compose.withdraw]))
    def end(self, officer, end):
        self.act(officer, lambda alert, by: end(alert, by=by, texts={}))

    @rule(officer=OFFICERS, words=st.sampled_from(["Pierwsze", "Drugie"]), at_once=st.booleans())
    def update(self, officer, words, at_once):
        news = {"texts": {"pl": {"title": words, "body": "Nowe.", "instruction": ""}}}
        if at_once:
            self.act(officer, lambda alert, by: updates.send(alert, news, by=by, reason="Pilne."))
        else:
            self.act(officer, lambda alert, by: updates.propose(alert, news, by=by))

    @rule(officer=OFFICERS, move=st.sampled_from([updates.approve, updates.drop]))
    def decide_update(self, officer, move):
        if update := AlertUpdate.objects.last():
            self.act(officer, lambda _alert, by: move(update, by=by))

    @rule(officer=OFFICERS, hours=st.integers(1, 9))
    def extend(self, officer, hours):
        until = timezone.now() + timedelta(hours=hours)
        self.act(officer, lambda alert, by: updates.extend(alert, by=by, event_ends_at=until))

    @rule()
    def somebody_moves_in(self):
        self.town.inhabitant()

    @rule(late=st.booleans())
    def the_clock_starts_it(self, late):
        self.act("anna", lambda alert, _by: compose.start(alert, late=late))

    @rule(end=st.sampled_from([compose.miss, compose.complete]))
    def the_clock_gives_it_up(self, end):
        self.act("anna", lambda alert, _by: end(alert))

    @rule(officer=OFFICERS)
    def delete(self, officer):
        if Event.objects.count() > RARELY:
            self.act(officer, lambda alert, by: compose.delete_draft(alert, by=by))

    @rule()
    def everything_is_sent(self):
        for message in Message.objects.filter(sent_at=None):
            settle(message, Outcome.ACCEPTED)
        close_finished()

    @rule()
    def it_expires(self):
        Alert.objects.filter(pk=self.ref, state__in=states.RUNNING).update(
            expires_at=timezone.now()
        )
        clock.expire_alerts()

    @invariant()
    def one_first_message_and_each_phone_once_in_a_message(self):
        messages = list(Message.objects.order_by("pk"))
        assert sum(message.kind == Message.Kind.ALERT for message in messages) <= 1
        assert sum(message.kind in ENDING for message in messages) <= 1
        rows = list(Delivery.objects.values_list("message_id", "endpoint_id"))
        assert len(rows) == len(set(rows))

    @invariant()
    def state_end_reason_and_messages_agree(self):
        alert = Alert.objects.filter(pk=self.ref).first()
        if alert is None:
            return
        kinds = list(alert.messages.order_by("pk").values_list("kind", flat=True))
        assert bool(kinds) == (alert.started_at is not None)
        assert kinds[:1] == [Message.Kind.ALERT] or not kinds
        if alert.state in (State.DRAFT, State.AWAITING_APPROVAL, State.SCHEDULED):
            assert not kinds
        if alert.state != State.ENDED:
            assert ENDING.isdisjoint(kinds)
            return
        assert not alert.updates.filter(state="awaiting").exists()
        if alert.end_reason in ENDED_AS:
            assert kinds[-1] == ENDED_AS[alert.end_reason]
        assert (alert.end_reason in NOTHING_SENT) == (not kinds)

    @invariant()
    def nothing_is_sent_of_an_ended_alert_but_its_end(self):
        alert = Alert.objects.filter(pk=self.ref, state=State.ENDED).first()
        if alert is None:
            return
        total = Delivery.objects.count()
        assert self.deliveries_at_end in (None, total)
        self.deliveries_at_end = total

    @invariant()
    def every_move_is_in_the_log_once(self):
        """Each raises the version by one and adds one line, beside that of the draft."""
        alert = Alert.objects.filter(pk=self.ref).first()
        if alert is not None:
            lines = Event.objects.filter(target_kind="alert", target_id=alert.ref).count()
            assert lines == alert.version

    @invariant()
    def what_was_replaced_waits_for_nobody(self):
        last = Message.objects.exclude(kind__in=ENDING).order_by("pk").last()
        if last is not None:
            open_ones = Message.objects.filter(pk__lt=last.pk, halted_reason="")
            assert not open_ones.exists()


@pytest.mark.django_db
def test_whatever_two_officers_and_the_clock_do_an_alert_stays_in_order(settings_of_test):
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def settings_of_test(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here
