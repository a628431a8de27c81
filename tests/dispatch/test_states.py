"""Every move against every state and every role: what is possible, and nothing else."""

import itertools

import pytest

from accounts.models import Membership
from audit.models import Event
from dispatch import states
from dispatch.errors import MoveRefused, RightMissing
from dispatch.models import Alert
from tests.builders import make_alert, make_gmina, make_user

pytestmark = pytest.mark.django_db

State = Alert.State
Role = Membership.Role
WRITERS = {Role.EDITOR, Role.APPROVER, Role.CRISIS}
APPROVERS = {Role.APPROVER, Role.CRISIS}
SYSTEM = "system"
STAYS = "stays"
RUNNING = {State.SENDING, State.ACTIVE}

# Move, the states it starts in, where it ends, who may make it.
TRUTH = [
    ("edit", {State.DRAFT}, STAYS, WRITERS),
    ("delete", {State.DRAFT}, None, WRITERS),
    ("submit", {State.DRAFT}, State.AWAITING_APPROVAL, WRITERS),
    ("return", {State.AWAITING_APPROVAL}, State.DRAFT, APPROVERS),
    ("recall", {State.AWAITING_APPROVAL}, State.DRAFT, WRITERS),
    ("send_back", {State.AWAITING_APPROVAL, State.SCHEDULED}, State.DRAFT, {SYSTEM}),
    # Which of the writers may is for approval.py to say.
    ("approve", {State.AWAITING_APPROVAL}, State.SCHEDULED, WRITERS),
    ("send", {State.DRAFT}, State.SCHEDULED, WRITERS),
    ("bypass", {State.DRAFT, State.AWAITING_APPROVAL}, State.SCHEDULED, {Role.CRISIS}),
    ("cancel", {State.SCHEDULED}, State.ENDED, WRITERS),
    ("miss", {State.SCHEDULED}, State.ENDED, {SYSTEM}),
    ("complete", {State.SCHEDULED}, State.ENDED, {SYSTEM}),
    ("propose_update", RUNNING, STAYS, WRITERS),
    ("approve_update", RUNNING, STAYS, WRITERS),
    ("drop_update", RUNNING, STAYS, WRITERS),
    ("send_update", RUNNING, STAYS, WRITERS),
    ("extend", RUNNING, STAYS, WRITERS),
    ("start_sending", {State.SCHEDULED}, State.SENDING, {SYSTEM}),
    ("finish_sending", {State.SENDING}, State.ACTIVE, {SYSTEM}),
    ("all_clear", RUNNING, State.ENDED, WRITERS),
    ("withdraw", RUNNING, State.ENDED, WRITERS),
    ("expire", RUNNING, State.ENDED, {SYSTEM}),
]
MOVES = {move.name: move for move in states.MOVES}


def alert_in(state, gmina):
    end_reason = "expired" if state == State.ENDED else ""
    return make_alert(gmina, state=state, end_reason=end_reason)


def test_the_table_has_these_moves_and_no_other():
    assert set(MOVES) == {name for name, *_rest in TRUTH}


@pytest.mark.parametrize(("name", "sources", "target", "allowed"), TRUTH)
def test_a_move_is_open_to_these_roles_in_these_states_only(name, sources, target, allowed):
    gmina = make_gmina()
    people = {role: make_user(f"{role}@a.pl", role, gmina=gmina) for role in Role.values}
    people |= {SYSTEM: None, "stranger": make_user("celina@b.pl")}
    for state, (role, by) in itertools.product(State, people.items()):
        alert = alert_in(state, gmina)
        if role in allowed and state in sources:
            with states.moving(MOVES[name], alert, by=by):
                pass
            left = Alert.objects.filter(pk=alert.pk).values_list("state", flat=True).first()
            assert left == (state if target == STAYS else target), (name, state, role)
        else:
            wrong = MoveRefused if role in allowed else RightMissing
            with pytest.raises(wrong), states.moving(MOVES[name], alert, by=by):
                pytest.fail(f"{role} began {name} in {state}")
            assert Alert.objects.get(pk=alert.pk).state == state


def test_rights_of_another_gmina_count_for_nothing():
    alert = make_alert(make_gmina("a"), state=State.DRAFT)
    celina = make_user("celina@b.pl", Role.EDITOR, gmina=make_gmina("b"))
    with pytest.raises(RightMissing), states.moving(states.SUBMIT, alert, by=celina):
        pass


def test_a_move_is_audited_with_what_the_caller_says():
    gmina = make_gmina()
    anna = make_user("anna@a.pl", Role.EDITOR, gmina=gmina)
    alert = make_alert(gmina, state=State.DRAFT)
    with states.moving(states.SUBMIT, alert, by=anna) as step:
        step.data["residents"] = 340
    event = Event.objects.get(verb="alert_submitted")
    assert (event.target_id, event.actor_id, event.gmina_id) == (alert.ref, anna.pk, gmina.pk)
    assert event.data == {"residents": 340}


def test_an_error_inside_a_move_leaves_state_and_log_as_they_were():
    gmina = make_gmina()
    anna = make_user("anna@a.pl", Role.EDITOR, gmina=gmina)
    alert = make_alert(gmina, state=State.DRAFT)
    with pytest.raises(ZeroDivisionError), states.moving(states.SUBMIT, alert, by=anna) as step:
        step.alert.seen_residents = 1 // 0
    assert Alert.objects.get(pk=alert.pk).state == State.DRAFT
    assert not Event.objects.exists()


def test_a_stale_copy_decides_nothing():
    gmina = make_gmina()
    anna = make_user("anna@a.pl", Role.EDITOR, gmina=gmina)
    stale = make_alert(gmina, state=State.DRAFT)
    Alert.objects.filter(pk=stale.pk).update(state=State.AWAITING_APPROVAL)
    with pytest.raises(MoveRefused) as refusal, states.moving(states.SUBMIT, stale, by=anna):
        pass
    assert refusal.value.details == {"move": "submit", "state": "awaiting_approval"}


def test_an_alert_that_is_gone_cannot_move():
    gmina = make_gmina()
    anna = make_user("anna@a.pl", Role.EDITOR, gmina=gmina)
    alert = make_alert(gmina, state=State.DRAFT)
    Alert.objects.filter(pk=alert.pk).delete()
    with pytest.raises(MoveRefused), states.moving(states.DELETE, alert, by=anna):
        pass
