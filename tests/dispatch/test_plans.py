"""Plans in drafts: what is refused, what is kept, and what moves with the start."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import compose, jobs, plans, schedule
from dispatch.errors import (
    EventEndsBeforeStart,
    ExpiryBeforeStart,
    RecurrenceEndless,
    StartMissing,
    StartPassed,
    WallTimeMissing,
    WallTimeTwice,
)
from dispatch.models import Alert
from dispatch.schedule import instant, wall_of
from tests.dispatch.town import Town, state_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LOST, DOUBLE = "2027-03-28T02:30", "2027-10-31T02:30"


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


@pytest.fixture
def town():
    return Town()


def wall(**later):
    """So long after now, as the clock in Poland shows it."""
    return schedule.text(wall_of(timezone.now() + timedelta(**later)))


def refused(town, error, **fields):
    with pytest.raises(error) as refusal:
        town.draft(**fields)
    assert not Alert.objects.exists()
    return refusal.value


# ── Written ────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_the_wall_time_and_its_instant(town):
    alert = town.draft(send_wall="2027-07-01T07:00", if_missed="drop")
    alert.refresh_from_db()
    assert (alert.send_wall, alert.send_zone, alert.send_fold) == (
        "2027-07-01T07:00",
        "Europe/Warsaw",
        0,
    )
    assert alert.send_at == instant("2027-07-01T07:00")
    assert alert.if_missed == "drop"


def test_without_a_start_it_goes_once_it_is_approved(town):
    assert town.draft().send_at is None


def test_an_empty_start_takes_a_plan_back(town):
    alert = town.draft(send_wall=wall(hours=2))
    compose.update_draft(alert, {"send_wall": ""}, by=town.anna)
    alert.refresh_from_db()
    assert alert.send_at is None


def test_a_change_of_words_leaves_the_plan(town):
    alert = town.draft(send_wall=DOUBLE, send_fold=1)
    compose.update_draft(alert, {"severity": "info"}, by=town.anna)
    compose.update_draft(alert, {"if_missed": "drop"}, by=town.anna)
    alert.refresh_from_db()
    assert (alert.send_fold, alert.send_at) == (1, instant(DOUBLE, fold=1))


def test_a_start_in_the_lost_hour_is_refused_with_its_neighbours(town):
    refusal = refused(town, WallTimeMissing, send_wall=LOST)
    assert (refusal.code, refusal.details["after"]) == ("wall_time_missing", "2027-03-28T03:00")


def test_of_a_double_time_is_asked_which(town):
    assert refused(town, WallTimeTwice, send_wall=DOUBLE).code == "wall_time_twice"
    first, second = (
        town.draft(send_wall=DOUBLE, send_fold=0),
        town.draft(send_wall=DOUBLE, send_fold=1),
    )
    assert second.send_at - first.send_at == HOUR


def test_a_rule_needs_a_first_start_and_an_end(town):
    refused(town, StartMissing, rrule="FREQ=DAILY;COUNT=3")
    refused(town, RecurrenceEndless, rrule="FREQ=DAILY", send_wall=wall(hours=2))


def test_a_refused_plan_changes_nothing_of_a_draft(town):
    alert = town.draft(send_wall=wall(hours=2))
    with pytest.raises(WallTimeMissing):
        compose.update_draft(alert, {"severity": "info", "send_wall": LOST}, by=town.anna)
    alert.refresh_from_db()
    assert (alert.severity, alert.send_at is None) == ("important", False)


# ── Handed over ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"send_wall": "2026-01-01T07:00"}, StartPassed),
        (
            {
                "send_wall": "2026-01-01T07:00",
                "rrule": "FREQ=DAILY;COUNT=3",
                "expires_in": 9000 * HOUR,
            },
            StartPassed,
        ),
        ({"start": 9 * HOUR}, ExpiryBeforeStart),
        ({"start": 6 * HOUR}, EventEndsBeforeStart),
    ],
)
def test_times_in_the_wrong_order_are_refused(town, fields, error):
    if start := fields.pop("start", None):
        fields["send_wall"] = schedule.text(wall_of(timezone.now() + start))
    if expires_in := fields.pop("expires_in", None):
        fields |= {"expires_at": timezone.now() + expires_in, "event_ends_at": None}
    alert = town.draft(**fields)
    with pytest.raises(error):
        compose.submit(alert, by=town.anna)
    assert state_of(alert) == Alert.State.DRAFT


def test_who_approves_after_the_start_has_passed_is_refused(town):
    submitted = town.submitted(send_wall=wall(hours=2))
    past = timezone.now() - HOUR
    Alert.objects.filter(pk=submitted.pk).update(send_at=past)
    submitted.refresh_from_db()
    with pytest.raises(StartPassed):
        compose.approve(submitted, by=town.bartek)
    assert state_of(submitted) == Alert.State.AWAITING_APPROVAL


def test_a_series_begins_with_its_first_date_after_the_approval(town):
    start = timezone.now() - timedelta(days=2) + HOUR
    expires, ends = start + 3 * HOUR, start + 2 * HOUR
    alert = town.draft(
        send_wall=schedule.text(wall_of(start)),
        rrule="FREQ=DAILY;COUNT=9",
        expires_at=expires,
        event_ends_at=ends,
    )
    first = alert.send_at
    assert compose.approve(compose.submit(alert, by=town.anna), by=town.bartek) is None
    alert.refresh_from_db()
    assert timezone.now() < alert.send_at < timezone.now() + timedelta(days=1)
    assert alert.expires_at - alert.send_at == expires - first
    assert alert.event_ends_at - alert.send_at == ends - first


# ── Worked out anew ────────────────────────────────────────────────────────────────────────────


def test_the_wall_time_counts_where_the_zone_changes(town):
    """As if a law had moved the clocks since the start was worked out."""
    alert = town.draft(send_wall=wall(hours=2))
    right = alert.send_at
    distance = alert.expires_at - right
    alert.send_at, alert.expires_at = right + HOUR, alert.expires_at + HOUR
    assert plans.recompute(alert, timezone.now())
    assert alert.send_at == right
    assert alert.expires_at - alert.send_at == distance
    assert not plans.recompute(alert, timezone.now())


def test_a_time_that_has_become_none_goes_at_the_next_there_is():
    alert = Alert(
        send_wall=LOST, send_at=instant("2027-03-28T03:30"), expires_at=instant(DOUBLE, fold=0)
    )
    assert plans.recompute(alert, timezone.now())
    assert alert.send_at == instant("2027-03-28T03:00")


def test_a_double_time_stays_the_one_that_was_meant():
    alert = Alert(send_wall=DOUBLE, send_fold=1, send_at=instant(DOUBLE, fold=1))
    assert not plans.recompute(alert, timezone.now())
