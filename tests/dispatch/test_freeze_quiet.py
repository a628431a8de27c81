"""Alerts while some sleep: their deliveries wait apart, or are written off; retries ask again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import areas, audiences, fanout, holds, lease, quiet, sender
from dispatch.closing import close_finished
from dispatch.fanout import Text
from dispatch.models import Alert, Batch, Delivery
from dispatch.outcomes import Outcome
from dispatch.schedule import wall_of
from residents.models import Resident
from tests.builders import (
    aim,
    at,
    line,
    make_alert,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_street,
    make_user,
)

pytestmark = pytest.mark.django_db
TEXTS = [Text("pl", "Brak wody", "Do 18:00.")]


@pytest.fixture(autouse=True)
def emulator_is_set(settings):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""


@pytest.fixture
def street(queue_server):
    gmina = make_gmina()
    return make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))


def hours_of(device):
    return quiet.Hours.named(device.resident.quiet_name)


def quiet_hours(start_h, end_h):
    """Quiet hours from so long after now until so long after now, on all days."""
    now = wall_of(timezone.now()).replace(second=0, microsecond=0)
    since, until = ((now + timedelta(hours=h)).time() for h in (start_h, end_h))
    pair = {"quiet_from": since, "quiet_until": until}
    free = {"quiet_free_from": since, "quiet_free_until": until}
    return {"quiet_on": True, **pair, **free}


def asleep_for(hours):
    return quiet_hours(-1, hours)


def sleeper(street, *, phones=1, **hours):
    resident = make_resident()
    Resident.objects.filter(pk=resident.pk).update(**hours)
    resident.refresh_from_db()
    make_place(resident, street.layer.gmina, at=at(10, 10), street=street)
    return [make_device(resident) for _phone in range(phones)]


def freeze(street, **fields):
    gmina = street.layer.gmina
    alert = aim(make_alert(gmina, **fields), {"kind": "feature", "fid": street.fid})
    area = areas.resolve(gmina, areas.chosen_parts(alert))
    seen = audiences.preview(gmina, area, alert.kind, alert.severity)
    alert.seen_residents, alert.seen_editions = seen.residents, fanout.by_layer(area)
    return fanout.freeze(alert, by=make_user(f"{alert.ref}@a.pl"), texts=TEXTS).message


def batches(message):
    return list(Batch.objects.filter(message_id=message.pk).order_by("pk"))


def phones_of(batch):
    rows = Delivery.objects.filter(message_id=batch.message_id, batch_no=batch.no)
    return list(rows.order_by("pos").values_list("endpoint_id", flat=True))


def test_who_sleeps_is_held_until_the_quiet_hours_end_and_others_go_at_once(street, settings):
    settings.SEND_BATCH = 2
    awake = [sleeper(street)[0] for _person in range(3)]
    soon = sleeper(street, phones=3, **asleep_for(0.5))
    later = sleeper(street, **asleep_for(2))
    message = freeze(street)
    told = {}
    for batch in batches(message):
        assert batch.held_until == batch.not_before
        assert (batch.state, batch.codes) == (0, [0] * batch.n)
        told.setdefault(batch.not_before, []).extend(phones_of(batch))
    assert {moment: set(phones) for moment, phones in told.items()} == {
        None: {device.pk for device in awake},
        quiet.held_until(hours_of(soon[0]), message.frozen_at): {device.pk for device in soon},
        quiet.held_until(hours_of(later[0]), message.frozen_at): {later[0].pk},
    }
    assert {batch.n for batch in batches(message)} == {1, 2}
    assert message.devices == 7


def test_a_held_batch_is_not_claimed_before_its_time(street):
    sleeper(street, **asleep_for(0.5))
    message = freeze(street)
    assert lease.claim() is None
    Batch.objects.update(not_before=None)
    assert lease.claim().message_id == message.pk


def test_an_emergency_wakes_everybody(street):
    sleeper(street, **asleep_for(2))
    [batch] = batches(freeze(street, severity="emergency"))
    assert (batch.not_before, batch.held_until) == (None, None)


def test_who_would_wake_after_the_expiry_sleeps_through_it(street):
    awake = sleeper(street)
    [asleep] = sleeper(street, **asleep_for(2))
    message = freeze(street, expires_at=timezone.now() + timedelta(hours=1))
    goes, written_off = batches(message)
    assert phones_of(goes) == [awake[0].pk]
    assert phones_of(written_off) == [asleep.pk]
    assert (written_off.state, written_off.codes) == (2, [Outcome.SLEPT_THROUGH])
    assert written_off.done_at is not None
    assert written_off.not_before is None


def test_hours_that_are_off_or_yet_to_come_hold_nobody(street):
    sleeper(street, **asleep_for(2) | {"quiet_on": False})
    sleeper(street, **quiet_hours(1, 2))
    assert [batch.not_before for batch in batches(freeze(street))] == [None]


def test_an_all_clear_leaves_out_who_was_never_told_and_waits_for_who_sleeps_now(street):
    told, held = sleeper(street), sleeper(street, **asleep_for(2))
    message = freeze(street)
    Batch.objects.filter(not_before=None).update(codes=[Outcome.ACCEPTED], state=2)
    Resident.objects.filter(pk=told[0].resident_id).update(**asleep_for(0.5))
    again = fanout.freeze_again(
        message.alert,
        "all_clear",
        by=make_user("a@a.pl"),
        texts=TEXTS,
        expires_at=message.expires_at,
    )
    [batch] = batches(again)
    assert phones_of(batch) == [told[0].pk]
    assert batch.held_until is not None
    assert held[0].pk not in phones_of(batch)


# ── Sending ────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_is_active_once_only_sleepers_are_left_and_sent_when_they_have_it(street):
    sleeper(street)
    sleeper(street, **asleep_for(2))
    message = freeze(street)
    close_finished(message.pk)
    assert Alert.objects.get().state == Alert.State.SENDING
    Batch.objects.filter(held_until=None).update(codes=[Outcome.ACCEPTED], state=2)
    close_finished(message.pk)
    message.refresh_from_db()
    assert (message.alert.state, message.sent_at) == (Alert.State.ACTIVE, None)
    Batch.objects.update(state=2)
    assert close_finished(message.pk) == 1
    message.refresh_from_db()
    assert message.sent_at is not None


def test_an_alert_whose_people_all_sleep_through_it_is_active_and_sent(street):
    sleeper(street, **asleep_for(2))
    message = freeze(street, expires_at=timezone.now() + timedelta(hours=1))
    assert close_finished(message.pk) == 1
    assert Alert.objects.get().state == Alert.State.ACTIVE


def claimed(message, *, attempt=1, minutes_old=5):
    """The message's only batch at a sender, so many minutes after the freezing."""
    message.frozen_at -= timedelta(minutes=minutes_old)
    claim = lease.claim()
    return replace(claim, attempt=attempt), message


def test_a_retry_that_falls_into_quiet_hours_waits_for_their_end(street):
    [awake], [asleep] = sleeper(street), sleeper(street)
    claim, message = claimed(freeze(street))
    Resident.objects.filter(pk=asleep.resident_id).update(**asleep_for(1))
    asleep.resident.refresh_from_db()
    end = quiet.held_until(hours_of(asleep), timezone.now())
    index = phones_of(Batch.objects.get()).index(asleep.pk)
    assert holds.held(claim, message, [0, 1]) == {index: end}
    assert holds.held(claim, message, [1 - index]) == {}
    assert awake.pk != asleep.pk


def test_a_retry_that_could_only_come_too_late_is_over(street):
    [asleep] = sleeper(street)
    claim, message = claimed(freeze(street, expires_at=timezone.now() + timedelta(hours=1)))
    Resident.objects.filter(pk=asleep.resident_id).update(**asleep_for(2))
    assert holds.held(claim, message, [0]) == {0: Outcome.SLEPT_THROUGH}


@pytest.mark.parametrize(
    ("severity", "attempt", "minutes_old", "is_held"),
    [
        ("important", 1, 5, True),
        ("important", 2, 0, True),
        ("important", 1, 0, False),  # freezing has just asked
        ("emergency", 2, 5, False),
    ],
)
def test_when_a_batch_is_asked_about_sleepers(street, severity, attempt, minutes_old, is_held):
    [asleep] = sleeper(street)
    message = freeze(street, severity=severity)
    claim, message = claimed(message, attempt=attempt, minutes_old=minutes_old)
    Resident.objects.filter(pk=asleep.resident_id).update(**asleep_for(2))
    assert bool(holds.held(claim, message, [0])) == is_held


def test_held_phones_stop_when_the_alert_ends_before_they_wake(street):
    sleeper(street, **asleep_for(2))
    message = freeze(street)
    Alert.objects.update(state=Alert.State.ENDED, end_reason="all_clear")
    Batch.objects.update(not_before=None)
    sender.drain(lambda: False)
    assert Batch.objects.get(message_id=message.pk).codes == [Outcome.STOPPED]
