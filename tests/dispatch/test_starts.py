"""Planned alerts: started once and in time, late, missed or in series; questions about ends."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from dispatch import compose, jobs, schedule, sender, starts
from dispatch.models import Alert, Batch, Message, StaffNotice
from dispatch.outcomes import Outcome
from dispatch.schedule import instant, wall_of
from residents.models import Place
from tests.dispatch.town import Town, state_of

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # others must see it
State = Alert.State
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_MINUTE_AGO, LONG_AGO = timedelta(minutes=1), timedelta(minutes=20)


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "knock", lambda _queue: None)  # nobody is to send here


@pytest.fixture
def town():
    return Town()


def planned(town, *, due, **fields):
    """An approved alert that was to start `due` ago."""
    later = schedule.text(wall_of(timezone.now() + 2 * HOUR))
    submitted = town.submitted(send_wall=later, **fields)
    assert compose.approve(submitted, by=town.bartek) is None
    Alert.objects.filter(pk=submitted.pk).update(send_at=timezone.now() - due)
    return Alert.objects.get(pk=submitted.pk)


def series(town, *, dates=9, missed=0, **fields):
    """An approved daily series, one date of which came a minute ago and `missed` before that."""
    start = (timezone.now() - A_MINUTE_AGO).replace(second=0, microsecond=0)
    wall = wall_of(start) - missed * DAY
    submitted = town.submitted(
        send_wall=schedule.text(wall),
        rrule=f"FREQ=DAILY;COUNT={dates}",
        event_ends_at=start + HOUR,
        expires_at=start + 2 * HOUR,
        **fields,
    )
    compose.approve(submitted, by=town.bartek)
    first = schedule.next_existing(wall)
    Alert.objects.filter(pk=submitted.pk).update(
        send_at=first, event_ends_at=first + HOUR, expires_at=first + 2 * HOUR
    )
    return Alert.objects.get(pk=submitted.pk)


def kinds_told(alert):
    return sorted(set(StaffNotice.objects.filter(alert=alert).values_list("kind", flat=True)))


# ── One alert ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_due_starts_and_what_is_not_waits(town):
    due, later = planned(town, due=A_MINUTE_AGO), planned(town, due=-HOUR)
    assert starts.start_due() == 1
    assert (state_of(due), state_of(later)) == (State.SENDING, State.SCHEDULED)
    due.refresh_from_db()
    assert not due.started_late
    assert "started_late" not in kinds_told(due)
    assert starts.start_due() == 0
    assert Message.objects.count() == 1


def test_a_start_that_was_missed_is_made_up_for_and_flagged(town):
    alert = planned(town, due=LONG_AGO)
    starts.start_due()
    alert.refresh_from_db()
    assert (alert.state, alert.started_late) == (State.SENDING, True)
    assert "started_late" in kinds_told(alert)


def test_or_it_is_not_sent_at_all_where_its_rule_says_so(town):
    alert = planned(town, due=LONG_AGO, if_missed="drop")
    in_time = planned(town, due=A_MINUTE_AGO, if_missed="drop")
    assert starts.start_due() == 1
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (State.ENDED, "missed")
    assert "start_missed" in kinds_told(alert)
    assert state_of(in_time) == State.SENDING
    assert not Message.objects.filter(alert=alert).exists()


def test_what_has_expired_meanwhile_is_missed_whatever_its_rule(town):
    alert = planned(town, due=LONG_AGO)
    Alert.objects.filter(pk=alert.pk).update(expires_at=timezone.now() - A_MINUTE_AGO)
    starts.start_due()
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (State.ENDED, "missed")


def test_one_that_cannot_start_holds_up_no_other(town):
    changed = planned(town, due=LONG_AGO)
    Alert.objects.filter(pk=changed.pk).update(seen_residents=500)
    fine = planned(town, due=A_MINUTE_AGO)
    assert starts.start_due() == 1
    assert (state_of(changed), state_of(fine)) == (State.DRAFT, State.SENDING)


def test_a_broken_row_holds_up_no_other(town, caplog):
    broken = planned(town, due=LONG_AGO)
    Alert.objects.filter(pk=broken.pk).update(approved_by_id=0)  # nobody any more
    torn = series(town)
    Alert.objects.filter(pk=torn.pk).update(rrule="FREQ=NEVER")
    fine = planned(town, due=A_MINUTE_AGO)
    assert starts.start_due() == 1
    assert (state_of(broken), state_of(fine)) == (State.SCHEDULED, State.SENDING)
    assert "left for the next time" in caplog.text


def test_an_emergency_starts_before_what_was_planned_for_earlier(town):
    calm = planned(town, due=LONG_AGO)
    urgent = planned(town, due=A_MINUTE_AGO, severity="emergency")
    starts.start_due()
    assert list(Message.objects.order_by("pk").values_list("alert", flat=True)) == [
        urgent.pk,
        calm.pk,
    ]


def test_a_cancelled_one_never_starts(town):
    alert = planned(town, due=-HOUR)
    compose.cancel(alert, by=town.bartek)
    Alert.objects.filter(pk=alert.pk).update(send_at=timezone.now() - A_MINUTE_AGO)
    assert starts.start_due() == 0


# ── Two at once ────────────────────────────────────────────────────────────────────────────────


def in_two_threads(act):
    """Both begin at the same time, each with a connection of its own; their answers."""
    together, answers = threading.Barrier(2), []

    def run():
        together.wait()
        try:
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@committed
def test_two_schedulers_start_an_alert_once(town):
    alert = planned(town, due=A_MINUTE_AGO)
    assert sorted(in_two_threads(starts.start_due)) == [0, 1]
    assert Message.objects.filter(alert=alert).count() == 1


@committed
def test_two_schedulers_make_one_alert_of_a_date(town):
    of = series(town)
    assert sum(in_two_threads(starts.start_due)) == 1
    assert of.occurrences.count() == 1
    assert Message.objects.count() == 1


@committed
def test_two_schedulers_ask_about_an_end_once(town):
    alert = town.sent(event_ends_at=timezone.now() + timedelta(minutes=1))
    Alert.objects.filter(pk=alert.pk).update(started_at=timezone.now() - HOUR)
    assert sorted(in_two_threads(starts.ask_about_ends)) == [0, 1]


# ── Series ─────────────────────────────────────────────────────────────────────────────────────


def test_each_date_becomes_an_alert_as_it_was_agreed_to(town):
    of = series(town, if_missed="drop")
    assert starts.start_due() == 1
    [date] = of.occurrences.all()
    assert (date.state, date.severity, date.kind_id) == (State.SENDING, of.severity, of.kind_id)
    assert (date.approved_by_id, date.submitted_by_id) == (town.bartek.pk, town.anna.pk)
    assert (date.occurrence, date.if_missed, date.rrule) == (of.send_wall, "drop", "")
    assert {text.lang: text.title for text in date.texts.all()} == {
        "pl": "Brak wody",
        "en": "No water",
    }
    assert [part.fid for part in date.parts.all()] == [town.street.fid]
    assert of.texts.count() == 2
    assert of.parts.count() == 1
    assert date.ref != of.ref
    assert date.event_ends_at - date.send_at == HOUR
    assert date.expires_at - date.send_at == 2 * HOUR
    assert Event.objects.get(verb="alert_occurred").data["series"] == of.ref


def test_the_series_goes_on_to_its_next_date_and_its_times_with_it(town):
    of = series(town)
    starts.start_due()
    before = of.send_at
    of.refresh_from_db()
    assert of.state == State.SCHEDULED
    assert wall_of(of.send_at) - wall_of(before) == DAY
    assert of.expires_at - of.send_at == 2 * HOUR
    assert of.event_ends_at - of.send_at == HOUR
    assert starts.start_due() == 0
    assert of.occurrences.count() == 1


def test_of_several_missed_dates_only_the_newest_goes(town):
    of = series(town, missed=3)
    assert starts.start_due() == 1
    dates = of.occurrences.order_by("send_at")
    assert [(date.state, date.end_reason) for date in dates] == [
        (State.ENDED, "missed"),
        (State.ENDED, "missed"),
        (State.ENDED, "missed"),
        (State.SENDING, ""),
    ]
    assert Message.objects.count() == 1


def test_after_its_last_date_a_series_is_complete(town):
    of = series(town, dates=2)
    starts.start_due()
    tomorrow = timezone.now() + DAY
    starts.unfold(of, tomorrow)
    of.refresh_from_db()
    assert (of.state, of.end_reason) == (State.ENDED, "completed")
    assert of.occurrences.count() == 2


def test_a_date_that_was_made_before_is_not_made_again(town):
    """Should a change of the holidays bring it back."""
    of = series(town)
    starts.start_due()
    Alert.objects.filter(pk=of.pk).update(send_at=timezone.now() - 2 * A_MINUTE_AGO)
    assert starts.start_due() == 0
    assert of.occurrences.count() == 1


def test_a_date_whose_people_moved_away_comes_back_and_the_series_goes_on(town):
    of = series(town)
    Place.objects.all().delete()
    assert starts.start_due() == 0
    [date] = of.occurrences.all()
    assert (date.state, state_of(of)) == (State.DRAFT, State.SCHEDULED)


# ── Worked out anew, off the peaks ─────────────────────────────────────────────────────────────


def test_coming_starts_are_worked_out_anew_from_their_wall_times(town):
    alert, due = planned(town, due=-3 * HOUR), planned(town, due=A_MINUTE_AGO)
    assert starts.replan() == 1
    alert.refresh_from_db()
    assert alert.send_at == instant(alert.send_wall)
    assert starts.replan() == 0
    assert Alert.objects.get(pk=due.pk).send_at == due.send_at


@pytest.mark.parametrize(
    ("severity", "people", "clock", "goes"),
    [
        ("info", 10_000, (7, 0), (7, 2)),
        ("important", 10_000, (6, 59), (7, 2)),
        ("important", 10_000, (7, 16), (7, 17)),
        ("important", 10_000, (7, 2), (7, 2)),
        ("important", 10_000, (7, 8), (7, 8)),
        ("important", 9_999, (7, 0), (7, 0)),
        ("emergency", 10_000, (7, 0), (7, 0)),
    ],
)
def test_large_plans_that_can_wait_keep_off_the_quarter_hours(severity, people, clock, goes):
    at = datetime(2026, 11, 24, *clock, tzinfo=UTC)
    alert = Alert(pk=7, severity=severity, seen_residents=people, send_at=at)
    start = starts.start_of(alert)
    assert (start.hour, start.minute) == goes
    assert start >= at


# ── Ends ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("started_ago", "ends_in", "is_asked"),
    [
        (HOUR, timedelta(minutes=29), True),
        (HOUR, timedelta(minutes=31), False),
        (HOUR, -timedelta(minutes=5), True),
        # A short event: half of it passes first.
        (timedelta(minutes=4), timedelta(minutes=16), False),
        (timedelta(minutes=11), timedelta(minutes=9), True),
    ],
)
def test_its_officers_are_asked_once_before_the_expected_end(town, started_ago, ends_in, is_asked):
    alert = town.sent()
    now = timezone.now()
    Alert.objects.filter(pk=alert.pk).update(
        started_at=now - started_ago, event_ends_at=now + ends_in
    )
    assert starts.ask_about_ends() == is_asked
    assert ("event_ending" in kinds_told(alert)) == is_asked
    assert starts.ask_about_ends() == 0
    alert.refresh_from_db()
    assert alert.state in (State.SENDING, State.ACTIVE)


def test_nobody_is_asked_about_what_is_over_or_has_no_expected_end(town):
    ended = town.sent()
    compose.all_clear(ended, by=town.bartek, texts={})
    endless = town.sent(event_ends_at=None)
    Alert.objects.exclude(pk=endless.pk).update(event_ends_at=timezone.now())
    assert starts.ask_about_ends() == 0


# ── What is unsent stops ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", ["expiry", "all-clear"])
def test_expiry_and_end_stop_what_is_unsent(town, ending):
    """Whoever claims next finds nothing to send: the sender looks again before each batch."""
    message = compose.approve(town.submitted(), by=town.bartek)
    if ending == "expiry":
        Message.objects.update(expires_at=timezone.now())
    else:
        compose.all_clear(message.alert, by=town.bartek, texts={})
    sender.drain(lambda: False)
    codes = {code for batch in Batch.objects.filter(message_id=message.pk) for code in batch.codes}
    assert codes == {Outcome.GAVE_UP if ending == "expiry" else Outcome.STOPPED}
