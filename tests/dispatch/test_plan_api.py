"""Plans through the REST API: previewed, kept, shown, in words."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from dispatch import compose, plan_words, plans, schedule, starts
from dispatch.models import Alert
from dispatch.schedule import instant, wall_of
from tests.builders import make_user, sign_in
from tests.dispatch.town import Town

pytestmark = pytest.mark.django_db
ANY, LOST, DOUBLE = "2026-12-24T07:00", "2027-03-28T02:30", "2027-10-31T02:30"


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def anna(town):
    return sign_in(Client(), town.anna)


def ask(client, town, **plan):
    path = f"/api/v1/gminas/{town.gmina.slug}/plan"
    return client.post(path, plan, content_type="application/json")


def alerts(town):
    return f"/api/v1/gminas/{town.gmina.slug}/alerts"


def wall(**later):
    return schedule.text(wall_of(timezone.now() + timedelta(**later)))


# ── Previewed ──────────────────────────────────────────────────────────────────────────────────


def test_the_next_five_dates_are_told_and_how_many_are_left(anna, town):
    start = wall(days=-2, hours=1)
    answer = ask(anna, town, send_wall=start, rrule="FREQ=DAILY;COUNT=12").json()
    assert answer["left"] == 10
    assert len(answer["dates"]) == 5
    assert answer["dates"][0]["wall"] == wall(hours=1)
    assert {date["moved"] for date in answer["dates"]} == {False}
    assert not Alert.objects.exists()


def test_moved_dates_say_so(anna, town):
    """Christmas Eve, a holiday on Friday, goes on Thursday; and an hour that is skipped."""
    answer = ask(
        anna,
        town,
        send_wall="2027-12-24T07:00",
        rrule="FREQ=WEEKLY;COUNT=3",
        on_holiday="previous",
    ).json()
    assert [(date["wall"], date["moved"]) for date in answer["dates"]] == [
        ("2027-12-23T07:00", True),
        ("2027-12-31T07:00", False),
        ("2028-01-07T07:00", False),
    ]
    skipped = ask(anna, town, send_wall=LOST, rrule="FREQ=DAILY;COUNT=1").json()
    [date] = skipped["dates"]
    assert (date["wall"], date["moved"]) == ("2027-03-28T03:00", True)


def test_a_single_start_is_its_only_date_and_none_is_at_once(anna, town):
    assert ask(anna, town, send_wall=wall(hours=2)).json()["left"] == 1
    assert ask(anna, town).json() == {"dates": [], "left": 0, "plan": ""}


@pytest.mark.parametrize(
    ("plan", "code", "field"),
    [
        ({"send_wall": LOST}, "wall_time_missing", "send_wall"),
        ({"send_wall": DOUBLE}, "wall_time_twice", "send_fold"),
        ({"send_wall": "tomorrow"}, "wall_time_invalid", "send_wall"),
        ({"send_wall": ANY, "rrule": "FREQ=DAILY"}, "recurrence_endless", "rrule"),
        ({"send_wall": ANY, "rrule": "FREQ=HOURLY;COUNT=3"}, "recurrence_invalid", "rrule"),
        ({"send_wall": ANY, "rrule": "FREQ=DAILY;COUNT=999"}, "recurrence_too_long", "rrule"),
        ({"send_wall": ANY, "rrule": "FREQ=DAILY;UNTIL=20260101"}, "recurrence_empty", "rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=3"}, "start_missing", "send_wall"),
    ],
)
def test_what_a_draft_would_be_refused_is_refused_here(anna, town, plan, code, field):
    for answer in (
        ask(anna, town, **plan),
        anna.post(
            alerts(town),
            {"kind": "woda", "severity": "info", "expires_at": timezone.now(), **plan},
            content_type="application/json",
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["field"] == field
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    "plan", [{"send_zone": "Mars/Olympus"}, {"send_fold": 2}, {"rrule": "x" * 301}]
)
def test_what_is_no_plan_at_all_is_a_bad_request(anna, town, plan):
    assert ask(anna, town, **plan).status_code == 400


def test_only_those_who_write_alerts_ask(town):
    assert ask(Client(), town).status_code == 401
    auditor = make_user("a@a.pl", "auditor", gmina=town.gmina)
    assert ask(sign_in(Client(), auditor), town).status_code == 403


# ── Kept and shown ─────────────────────────────────────────────────────────────────────────────


def test_an_alert_shows_its_plan(anna, town):
    body = {
        "kind": "woda",
        "severity": "info",
        "expires_at": "2027-11-01T00:00:00Z",
        "send_wall": DOUBLE,
        "send_fold": 1,
        "if_missed": "drop",
    }
    made = anna.post(alerts(town), body, content_type="application/json").json()
    assert made["send_at"] == "2027-10-31T01:30:00Z"
    assert (made["send_wall"], made["send_fold"], made["if_missed"]) == (DOUBLE, 1, "drop")
    assert (made["rrule"], made["started_late"]) == ("", False)
    assert made["plan"]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({}, ""),
        ({"send_wall": "2026-12-24T07:00"}, "24 December 2026, 07:00"),
        (
            {"send_wall": "2026-12-24T07:00", "rrule": "FREQ=DAILY;COUNT=3"},
            "every day at 07:00, 3 times",
        ),
        (
            {
                "send_wall": "2026-12-24T07:00",
                "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO;UNTIL=20270301",
                "on_holiday": "next",
            },
            "every 2 weeks on Mondays, on Thursdays at 07:00, instead of Sundays and holidays the"
            " working day after, until 1 March 2027",
        ),
        (
            {"send_wall": "2026-12-24T07:00", "rrule": "FREQ=WEEKLY;COUNT=1"},
            "every week on Thursdays at 07:00, 1 time",
        ),
        (
            {
                "send_wall": "2026-12-31T07:00",
                "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2",
                "on_holiday": "skip",
            },
            "every month on the last day at 07:00, left out on Sundays and holidays, 2 times",
        ),
        (
            {"send_wall": "2026-12-24T07:00", "rrule": "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"},
            "by the rule FREQ=MONTHLY;BYDAY=-1FR;COUNT=2 at 07:00, 2 times",
        ),
    ],
)
def test_a_plan_in_words(plan, words):
    alert = Alert()
    plans.apply(alert, plan)
    with translation.override("en"):
        assert plan_words.plan(alert) == words


# ── On the pages ───────────────────────────────────────────────────────────────────────────────


def page(client, town, alert=None):
    tail = f"alerts/{alert.ref}/" if alert else ""
    client.cookies["lang"] = "en"
    return client.get(f"/staff/{town.gmina.slug}/{tail}").content.decode()


def test_the_desk_and_the_page_tell_the_plan_in_words(anna, town, settings):
    settings.FCM_EMULATOR_URL, settings.FCM_CREDENTIALS = "http://127.0.0.1:1", ""
    once = town.submitted(send_wall="2027-12-23T07:00", **far())
    series = town.submitted(send_wall="2027-12-23T07:00", rrule="FREQ=DAILY;COUNT=3", **far())
    for alert in (once, series):
        compose.approve(alert, by=town.bartek)
    desk = page(anna, town)
    assert "goes out on 23 December 2027, 07:00" in desk
    assert "repeats every day at 07:00, 3 times; next on 23 December 2027, 07:00" in desk
    assert "goes out on 23 December 2027, 07:00" in page(anna, town, once)


def test_the_page_of_a_series_lists_its_dates_and_they_lead_back(anna, town, settings):
    settings.FCM_EMULATOR_URL, settings.FCM_CREDENTIALS = "http://127.0.0.1:1", ""
    series = town.submitted(send_wall="2027-12-23T07:00", rrule="FREQ=DAILY;COUNT=3", **far())
    compose.approve(series, by=town.bartek)
    starts.unfold(series, instant("2027-12-25T08:00"))
    last = series.occurrences.latest("send_at")
    shown = page(anna, town, series)
    for date in series.occurrences.all():
        assert date.ref in shown
    assert "Series completed" in shown
    assert "Not sent: its time was missed" in shown
    assert series.ref in page(anna, town, last)


def far():
    """Times after the starts above."""
    return {"event_ends_at": None, "expires_at": instant("2027-12-24T07:00")}
