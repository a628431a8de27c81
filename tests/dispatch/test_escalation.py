"""Who is asked at submission, and who when nobody decides."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dispatch import escalation, notices
from dispatch.models import Deputy, Duty, StaffNotice
from tests.builders import make_alert, make_gmina, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    """The author."""
    return make_user("anna@example.pl", "approver", gmina=gmina)


@pytest.fixture(autouse=True)
def approvers(gmina):
    """Bartek and Celina."""
    return [make_user(f"{n}@example.pl", "approver", gmina=gmina) for n in ("bartek", "celina")]


@pytest.fixture
def alert(gmina, anna):
    return make_alert(
        gmina,
        state="awaiting_approval",
        author_id=anna.pk,
        submitted_by_id=anna.pk,
        submitted_at=timezone.now(),
    )


def waited(alert, seconds):
    """The alert as if it had been submitted so long ago."""
    alert.submitted_at = timezone.now() - timedelta(seconds=seconds)
    alert.save()


def told(kind):
    found = StaffNotice.objects.filter(kind=kind).values_list("user__email", flat=True)
    return sorted(email.split("@")[0] for email in found)


def on_duty(user, gmina):
    now = timezone.now()
    Duty.objects.create(gmina=gmina, user_id=user.pk, since=now - HOUR, until=now + HOUR)


def test_all_who_may_approve_are_asked_and_not_the_author(alert, anna):
    escalation.ask(alert, by=anna)
    assert told("approval_wanted") == ["bartek", "celina"]


def test_whoever_has_the_duty_is_asked_first(alert, anna, gmina, approvers):
    on_duty(approvers[1], gmina)
    escalation.ask(alert, by=anna)
    assert told("approval_wanted") == ["celina"]


def test_a_duty_that_may_not_approve_it_leaves_it_to_all(alert, anna, gmina):
    on_duty(anna, gmina)
    on_duty(make_user("editor@example.pl", "editor", gmina=gmina), gmina)
    escalation.ask(alert, by=anna)
    assert told("approval_wanted") == ["bartek", "celina"]


def test_where_no_second_person_is_needed_nobody_is_asked(alert, anna, gmina):
    gmina.approval_rules.create(position=0, second_person=False)
    escalation.ask(alert, by=anna)
    assert told("approval_wanted") == []


def test_where_nobody_may_approve_the_administrators_hear_of_it(alert, anna, gmina, approvers):
    for user in approvers:
        user.memberships.all().delete()
    make_user("dorota@example.pl", "admin", gmina=gmina)
    escalation.ask(alert, by=anna)
    assert told("approval_wanted") == ["dorota"]


def test_after_five_minutes_everybody_and_the_deputies_are_asked_once(
    alert, anna, gmina, approvers, settings
):
    on_duty(approvers[0], gmina)
    deputy = make_user("ewa@example.pl", "editor", gmina=gmina)
    now = timezone.now()
    Deputy.objects.create(
        gmina=gmina,
        for_user_id=approvers[1].pk,
        user_id=deputy.pk,
        since=now - HOUR,
        until=now + HOUR,
        named_by_id=anna.pk,
    )
    waited(alert, settings.APPROVAL_ESCALATION_S - 30)
    assert escalation.escalate_due() == 0
    waited(alert, settings.APPROVAL_ESCALATION_S)
    assert [escalation.escalate_due() for _tick in range(3)] == [1, 0, 0]
    assert told("approval_escalated") == ["bartek", "celina", "ewa"]


def test_what_was_decided_in_time_is_not_escalated(alert, settings):
    waited(alert, 9999)
    alert.state = "scheduled"
    alert.save()
    assert escalation.escalate_due() == 0


def test_a_second_submission_is_asked_and_escalated_anew(alert, anna):
    escalation.ask(alert, by=anna)
    waited(alert, 9999)
    assert escalation.escalate_due() == 1
    alert.refresh_from_db()
    alert.submitted_at = timezone.now()
    escalation.ask(alert, by=anna)
    alert.save()
    assert alert.escalated_at is None
    assert told("approval_wanted") == ["bartek", "bartek", "celina", "celina"]
    waited(alert, 9998)
    assert escalation.escalate_due() == 1


def test_an_update_that_waits_is_escalated_once(alert, anna, gmina):
    alert.state = "active"
    alert.save()
    update = alert.updates.create(texts={}, expires_at=alert.expires_at, proposed_by_id=anna.pk)
    escalation.escalate_due()
    assert told("approval_escalated") == []
    update.proposed_at = timezone.now() - timedelta(hours=1)
    update.save()
    for _tick in range(2):
        escalation.escalate_due()
    assert told("approval_escalated") == ["bartek", "celina"]


def test_the_alerts_page_knows_who_was_asked_and_when(alert, anna, gmina, approvers, settings):
    on_duty(approvers[1], gmina)
    waited(alert, settings.APPROVAL_ESCALATION_S)
    escalation.ask(alert, by=anna)
    escalation.escalate_due()
    asked = [(one.name, one.escalated) for one in notices.asked(alert)]
    assert asked == [("Celina", False), ("Bartek", True), ("Celina", True)]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_escalate_once(alert, settings):
    waited(alert, settings.APPROVAL_ESCALATION_S)
    counts = []

    def tick():
        counts.append(escalation.escalate_due())
        connection.close()

    clocks = [threading.Thread(target=tick) for _ in range(4)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sum(counts) == 1
    assert told("approval_escalated") == ["bartek", "celina"]
