"""Trouble is found within a minute, told once, and shown until it is over; waiting is none."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dispatch import lease, watch
from dispatch.models import Alert, AlertText, Batch, Incident, Message, StaffNotice, Tally
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message, make_user, sign_in

pytestmark = pytest.mark.django_db
O = Outcome  # noqa: E741
TWO_MINUTES = timedelta(minutes=2)


@pytest.fixture
def gmina():
    gmina = make_gmina()
    make_user("anna@a.example", "approver", gmina=gmina)
    return gmina


def frozen(gmina, *, ago=TWO_MINUTES, devices=4, batch=100, **alert):
    phones = [make_device() for _ in range(devices)]
    frozen_at = timezone.now() - ago
    return make_message(make_alert(gmina, **alert), phones, frozen_at=frozen_at, batch=batch)


def batches(message):
    return Batch.objects.filter(message_id=message.pk)


def moves(message, code=O.ACCEPTED, *, ago_s=1, priority=1):
    at = timezone.now() - timedelta(seconds=ago_s)
    Tally.objects.create(at=at, message_id=message.pk, priority=priority, code=code, n=1)


def trouble():
    """What is open now, after a round of the clock."""
    watch.look()
    watch.count_failures()
    return list(Incident.objects.filter(ended_at=None).values_list("kind", flat=True))


def told():
    return sorted(StaffNotice.objects.values_list("kind", flat=True))


def test_what_was_due_for_a_minute_and_does_not_move_is_stalled_and_told_once(gmina):
    frozen(gmina)
    assert trouble() == ["stalled"]
    assert trouble() == ["stalled"]
    assert told() == ["alert_stalled"]


def test_what_was_just_frozen_is_not_stalled(gmina):
    frozen(gmina, ago=timedelta(seconds=50))
    assert trouble() == []


@pytest.mark.parametrize(
    ("ago_s", "code", "kinds"),
    [
        (50, O.ACCEPTED, []),
        (50, O.TOKEN_DEAD, []),
        (70, O.ACCEPTED, ["stalled"]),
        (5, O.RETRY, ["stalled"]),
        (5, Tally.LEASE_EXPIRED, ["stalled"]),
    ],
)
def test_it_moves_while_deliveries_are_settled(gmina, ago_s, code, kinds):
    moves(frozen(gmina), code, ago_s=ago_s)
    assert trouble() == kinds


def test_a_sender_that_hangs_with_the_only_batch_is_a_stall(gmina):
    frozen(gmina)
    assert lease.claim()
    assert trouble() == ["stalled"]


def test_what_waits_for_a_stated_time_is_no_stall(gmina):
    """Quiet hours, a retry, FCM's Retry-After: each is a not_before."""
    message = frozen(gmina)
    batches(message).update(not_before=timezone.now() + timedelta(seconds=30), codes=[O.RETRY] * 4)
    assert trouble() == []
    batches(message).update(not_before=timezone.now() - timedelta(seconds=30))
    assert trouble() == []
    batches(message).update(not_before=timezone.now() - timedelta(seconds=61))
    assert trouble() == ["stalled"]


def test_a_batch_put_off_without_being_tried_is_a_stall(gmina):
    """Its sender has another transport than the message: held a minute at a time."""
    message = frozen(gmina)
    batches(message).update(not_before=timezone.now() + timedelta(seconds=30))
    assert trouble() == ["stalled"]


def test_what_waits_for_quiet_hours_to_end_is_no_stall(gmina):
    morning = timezone.now() + timedelta(hours=8)
    batches(frozen(gmina)).update(not_before=morning, held_until=morning)
    assert trouble() == []


def test_what_is_held_for_another_alerts_refused_key_is_no_stall(gmina):
    refused, other = frozen(gmina), frozen(gmina)
    batches(refused).update(codes=[O.CREDENTIALS] * 4)
    batches(other).update(not_before=timezone.now() + timedelta(seconds=50))
    assert trouble() == ["credentials"]


def test_what_waits_behind_a_more_urgent_alert_is_no_stall(gmina):
    emergency = frozen(gmina, severity="emergency")
    moves(emergency, priority=0)
    frozen(gmina, severity="info")
    assert trouble() == []


def test_a_later_or_less_urgent_alert_that_moves_does_not_hide_a_stall(gmina):
    stuck = frozen(gmina)
    moves(frozen(gmina))
    moves(frozen(gmina, severity="info"), priority=2)
    assert trouble() == ["stalled"]
    assert Incident.objects.get().message == stuck


def test_a_stall_that_is_over_is_closed_and_a_new_one_told_again(gmina):
    message = frozen(gmina)
    trouble()
    moves(message)
    assert trouble() == []
    [over] = watch.of_alert(message.alert)
    assert over.ended_at is not None
    Tally.objects.all().delete()
    assert trouble() == ["stalled"]
    assert told() == ["alert_stalled", "alert_stalled"]


def test_what_was_sent_is_not_stalled(gmina):
    message = frozen(gmina)
    trouble()
    batches(message).update(state=Batch.State.DONE, codes=[O.ACCEPTED] * 4)
    assert trouble() == []


def test_refused_credentials_are_one_trouble_and_no_stall_beside(gmina):
    message = frozen(gmina)
    batches(message).update(codes=[O.CREDENTIALS] * 4)
    assert trouble() == ["credentials"]
    batches(message).update(codes=[O.ACCEPTED] * 4, state=Batch.State.DONE)
    assert trouble() == []


def test_a_halted_message_stays_a_trouble_until_the_alert_ends(gmina):
    message = frozen(gmina)
    Message.objects.update(halted_reason="payload_refused")
    assert trouble() == ["halted"]
    batches(message).update(state=Batch.State.DONE, codes=[O.STOPPED] * 4)
    assert trouble() == ["halted"]
    Alert.objects.update(state="ended", end_reason="withdrawn")
    assert trouble() == []


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        ([O.GAVE_UP] * 6, ["failures"]),
        ([O.GAVE_UP] * 5, []),  # exactly 5 %
        ([O.PAYLOAD_REFUSED] * 3 + [O.GAVE_UP] * 3, ["failures"]),
        ([O.TOKEN_DEAD] * 60 + [O.UNREACHABLE] * 20 + [O.STOPPED] * 10, []),
        ([O.RETRY] * 50, []),
    ],
)
def test_more_than_five_in_a_hundred_of_our_own_failures_are_told(gmina, codes, kinds):
    message = frozen(gmina, devices=100)
    rest = [O.ACCEPTED] * (100 - len(codes))
    batches(message).update(codes=[*codes, *rest], state=Batch.State.DONE)
    assert trouble() == kinds
    assert trouble() == kinds
    assert told() == ["failures_high"] * len(kinds)


def test_failures_of_a_few_people_are_not_told(gmina):
    message = frozen(gmina, devices=8)
    batches(message).update(codes=[O.GAVE_UP] * 4 + [O.ACCEPTED] * 4, state=Batch.State.DONE)
    assert trouble() == []


def test_an_alert_shows_its_own_trouble_and_a_gmina_that_of_now(gmina):
    stuck, other = frozen(gmina), frozen(make_gmina("obok"))
    trouble()
    assert [i.message for i in watch.of_alert(stuck.alert)] == [stuck]
    assert [i.message for i in watch.of_gmina(gmina)] == [stuck]
    batches(stuck).update(state=Batch.State.DONE)
    trouble()
    assert watch.of_gmina(gmina) == []
    Incident.objects.update(ended_at=timezone.now() - watch.OVER_SHOWN - TWO_MINUTES)
    assert watch.of_alert(other.alert) == []


def test_the_desk_says_which_alert_is_in_trouble(gmina):
    AlertText.objects.create(alert=frozen(gmina).alert, lang="pl", title="Brak wody", body="x")
    bartek = sign_in(Client(), make_user("bartek@a.example", "editor", gmina=gmina))
    desk = f"/staff/{gmina.slug}/"
    assert "note-warning" not in bartek.get(desk).content.decode()
    trouble()
    page = bartek.get(desk).content.decode()
    assert page.count("note-warning") == 1
    assert page.index("Brak wody") > page.index("note-warning")
