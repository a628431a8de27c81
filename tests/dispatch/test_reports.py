"""Statistics of a year: sums of told figures, medians, drills apart; by whatever rows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from dispatch import reports
from dispatch.masking import Count
from dispatch.models import MessageFigures
from dispatch.reports import Period
from dispatch.statistics_page import safe
from tests.builders import make_alert, make_gmina, make_message, make_user, sign_in

pytestmark = pytest.mark.django_db
MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def gmina():
    return make_gmina()


ACCEPTED, RECEIVED, OPENED = Count(100), Count(80), Count(40)


def sent(gmina, at=MARCH, *, accepted=ACCEPTED, received=RECEIVED, opened=OPENED, **fields):
    """A folded alert; `seconds`: until 50, 90 and 99 in 100 had it. accepted None: not folded."""
    seconds = fields.pop("seconds", (2, 5, 9))
    drill = {"is_drill": fields.pop("is_drill", False)}
    alert = make_alert(gmina, **fields)
    message = make_message(alert, [], frozen_at=at, sent_at=at, **drill)
    if accepted is not None:
        counts = {"accepted": accepted, "received": received, "opened": opened}
        MessageFigures.objects.create(
            message=message,
            folded_at=at,
            told={"residents": {name: count.to_json() for name, count in counts.items()}},
            **{f"seconds_to_{share}": s for share, s in zip((50, 90, 99), seconds, strict=True)},
        )
    return message


def total(gmina, year=2026):
    return reports.report(gmina, year, Period.MONTH).total


def test_people_are_summed_and_shares_are_of_them(gmina):
    sent(gmina)
    sent(gmina, accepted=Count(300), received=Count(120), opened=Count(60))
    line = total(gmina)
    assert (line.alerts, line.people, line.received, line.opened) == (2, 400, 50, 25)


def test_a_figure_that_may_not_be_told_is_in_no_sum(gmina):
    sent(gmina)
    sent(gmina, accepted=Count(None, 5), received=Count(None, 5), opened=Count(0))
    sent(gmina, accepted=None)
    line = total(gmina)
    assert (line.alerts, line.people, line.untold, line.received) == (3, 100, 2, 80)


def test_a_share_that_reads_fewer_than_counts_as_none(gmina):
    sent(gmina, opened=Count(None, 5))
    assert total(gmina).opened == 0


def test_times_are_medians_that_some_alert_had(gmina):
    for seconds in ((1, 2, 3), (2, 4, None), (9, 9, 9), (30, 60, 90)):
        sent(gmina, seconds=seconds)
    assert total(gmina).seconds == {50: 2, 90: 4, 99: 9}
    assert total(gmina, 2025).seconds == {50: None, 90: None, 99: None}


def test_drills_are_apart(gmina):
    sent(gmina)
    sent(gmina, is_drill=True, accepted=Count(50))
    found = reports.report(gmina, 2026, Period.YEAR)
    assert (found.total.alerts, found.total.people) == (1, 100)
    assert [(line.alerts, line.people) for line in found.drills] == [(1, 50)]


@pytest.mark.parametrize(
    ("period", "keys"),
    [(Period.MONTH, ["3", "10"]), (Period.QUARTER, ["1", "4"]), (Period.YEAR, ["1"])],
)
def test_rows_over_time(gmina, period, keys):
    sent(gmina)
    sent(gmina, datetime(2026, 10, 1, 12, tzinfo=UTC))
    lines = reports.report(gmina, 2026, period).by_period
    assert [line.key for line in lines if line.alerts] == keys
    assert len(lines) == 12 // reports.MONTHS_OF[period]


def test_the_year_is_polands(gmina):
    sent(gmina, datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert (total(gmina, 2025).alerts, total(gmina, 2026).alerts) == (0, 1)
    assert 2026 in reports.years(gmina)


def test_rows_by_category_kind_and_severity(gmina):
    sent(gmina, kind="woda", severity="important")
    sent(gmina, kind="woda", severity="emergency")
    sent(gmina, kind="kultura", severity="info")
    found = reports.report(gmina, 2026, Period.MONTH)
    assert [(line.key, line.alerts) for line in found.by_kind] == [("woda", 2), ("kultura", 1)]
    assert {line.key for line in found.by_severity} == {"important", "emergency", "info"}


def test_updates_and_other_gminas_are_not_in_it(gmina):
    message = sent(gmina)
    make_message(message.alert, [], kind="update", frozen_at=MARCH + timedelta(hours=1))
    sent(make_gmina("obok"))
    assert total(gmina).alerts == 1


# ── The page ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def anna(gmina):
    return sign_in(Client(), make_user("anna@a.example", "editor", gmina=gmina))


def url(gmina, **query):
    return f"/staff/{gmina.slug}/statistics/?" + "&".join(f"{k}={v}" for k, v in query.items())


def test_the_page_shows_the_year_asked_for(gmina, anna):
    sent(gmina, accepted=Count(777))
    sent(gmina, MARCH.replace(year=2025))
    assert "777" in anna.get(url(gmina, year=2026, period="quarter")).content.decode()
    assert "777" not in anna.get(url(gmina, year=2025)).content.decode()


@pytest.mark.parametrize("year", ["2025", "abc", "", "99999", "-1"])
def test_a_year_that_is_none_is_this_one(gmina, anna, year):
    assert anna.get(url(gmina, year=year, period="nonsense")).status_code == 200


def test_the_file_holds_the_tables(gmina, anna):
    sent(gmina)
    answer = anna.get(url(gmina, year=2026, csv=1))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="statystyka-testowo-2026.csv"'
    assert sum(";1;100;0;80;40;2;5;9" in line for line in lines) == 4


@pytest.mark.parametrize("title", ["=1+1", "+48", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_topics_name_is_no_formula_in_a_spreadsheet(gmina, anna, title):
    message = sent(gmina)
    kind = message.alert.kind
    kind.title_pl = kind.title_en = title
    kind.save()
    assert safe(title) == f"'{title}"
    assert f";{title}" not in anna.get(url(gmina, year=2026, csv=1)).content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("auditor", 200), ("admin", 200), ("hotline", 403), ("gis", 403)]
)
def test_who_may_read_alerts_may_read_statistics(gmina, role, status):
    client = sign_in(Client(), make_user(f"{role}@a.example", role, gmina=gmina))
    assert client.get(url(gmina)).status_code == status
