"""Publication on a day: at its midnight in Poland, once, whole, or refused and told."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone
from django_rq import get_queue

from accounts import work_queue
from audit.models import Event
from dispatch import clock
from dispatch.models import StaffNotice
from gis_layers import editions, scheduling
from gis_layers.errors import DayPassed, EditionConflict, EditionNotStaged, NotScheduled
from gis_layers.models import Edition, Feature, FeatureChange
from tests.builders import line, make_gmina, make_street, make_user, sign_in
from tests.dispatch.conftest import queue_server  # noqa: F401 - the fixture

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op
NEW_YEAR = date(2027, 1, 1)


@pytest.fixture
def street():
    return make_street(make_gmina(), "Stara", geom=line((0, 0), (10, 0)))


@pytest.fixture
def anna(street):
    return make_user("anna@a.example", "gis", gmina=street.layer.gmina)


@pytest.fixture
def at_time(monkeypatch):
    """Sets the clock of this process, in UTC."""

    def set_to(*moment: int) -> None:
        monkeypatch.setattr(timezone, "now", lambda: datetime(*moment, tzinfo=UTC))

    set_to(2026, 11, 24, 12, 0)
    return set_to


def renamed(street, name):
    change = FeatureChange(
        op=Op.REPLACE, fid=street.fid, name=name, simc=street.simc, geom=street.geom
    )
    return editions.stage(street.layer, [change], None, "test")


def planned(street, name, anna, day=NEW_YEAR):
    return scheduling.schedule(renamed(street, name), day, by=anna, reason="Uchwała")


def name_shown(street):
    return Feature.objects.get(fid=street.fid, until=None).name


# One second before midnight in Poland, at it, and long after (the clock was down).
@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ((2026, 12, 31, 22, 59, 59), "Stara"),
        ((2026, 12, 31, 23, 0, 0), "Nowa"),
        ((2027, 1, 9, 8, 0), "Nowa"),
    ],
)
def test_the_map_changes_when_the_day_begins_in_poland(street, anna, at_time, moment, name):
    planned(street, "Nowa", anna)
    at_time(*moment)
    scheduling.publish_due()
    assert name_shown(street) == name


def test_in_summer_midnight_comes_an_hour_earlier_in_utc(street, anna, at_time):
    planned(street, "Nowa", anna, date(2027, 7, 1))
    at_time(2027, 6, 30, 21, 59)
    assert scheduling.publish_due() == 0
    at_time(2027, 6, 30, 22, 0)
    assert scheduling.publish_due() == 1


def test_it_is_published_once_in_the_name_of_who_planned_it(street, anna, at_time):
    edition = planned(street, "Nowa", anna)
    at_time(2027, 1, 1, 12, 0)
    assert [scheduling.publish_due() for _ in range(2)] == [1, 0]
    edition.refresh_from_db()
    assert (edition.published_by_id, edition.reason, edition.publish_on) == (
        anna.pk,
        "Uchwała",
        None,
    )


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 24)])
def test_a_day_that_has_begun_is_refused(street, anna, at_time, day):
    with pytest.raises(DayPassed):
        planned(street, "Nowa", anna, day)


def test_what_cannot_be_published_now_is_not_planned(street, anna, at_time):
    stale = renamed(street, "Nowa")
    editions.publish(renamed(street, "Inna"), None)
    with pytest.raises(EditionConflict):
        scheduling.schedule(stale, NEW_YEAR, by=anna, reason="x")


def test_a_conflict_publishes_nothing_keeps_the_changes_and_says_why(street, anna, at_time):
    edition = planned(street, "Nowa", anna)
    editions.publish(renamed(street, "Inna"), None)
    at_time(2027, 1, 1, 0, 0)
    assert [scheduling.publish_due() for _ in range(2)] == [0, 0]
    edition.refresh_from_db()
    assert (name_shown(street), edition.state, edition.publish_on) == ("Inna", "staged", None)
    assert edition.changes.count() == 1
    assert (edition.refusal["on"], edition.refusal["code"]) == ("2027-01-01", "edition_conflict")
    refused = Event.objects.get(verb="edition_not_published")
    assert (refused.actor, refused.data["code"]) == ("system", "edition_conflict")


def test_a_refusal_is_told_to_gis_officers_on_every_page_and_leads_to_the_edition(
    street, anna, at_time
):
    make_user("bartek@a.example", "editor", gmina=street.layer.gmina)
    edition = planned(street, "Nowa", anna)
    editions.publish(renamed(street, "Inna"), None)
    at_time(2027, 1, 1, 0, 0)
    scheduling.publish_due()
    notice = StaffNotice.objects.get()
    assert (notice.user, notice.kind) == (anna, "edition_refused")
    client = sign_in(Client(), anna)
    client.cookies["lang"] = "en"
    html = client.get("/staff/testowo/layers/").content.decode()
    assert f'href="/staff/testowo/layers/editions/{edition.pk}/"' in html
    assert "“ulice” was to change on 1 January 2027, 00:00" in html
    assert (
        "1 features were changed"
        in client.get(f"/staff/testowo/layers/editions/{edition.pk}/").content.decode()
    )


def test_one_that_is_refused_or_breaks_holds_up_no_other(street, anna, at_time, monkeypatch):
    other = make_street(street.layer.gmina, "Druga", geom=line((0, 9), (9, 9)))
    third = make_street(street.layer.gmina, "Trzecia", geom=line((0, 8), (9, 8)))
    planned(street, "Nowa", anna)
    broken = planned(other, "Zepsuta", anna)
    planned(third, "Ostatnia", anna, date(2027, 1, 2))
    editions.publish(renamed(street, "Inna"), None)
    publish = editions.publish

    def fail(edition, by):
        if edition.pk == broken.pk:
            raise RuntimeError("unexpected")
        return publish(edition, by)

    monkeypatch.setattr(editions, "publish", fail)
    at_time(2027, 1, 3, 0, 0)
    assert scheduling.publish_due() == 1
    assert name_shown(third) == "Ostatnia"
    broken.refresh_from_db()
    assert broken.publish_on == NEW_YEAR  # tried again


def test_of_two_days_the_earlier_comes_first(street, anna, at_time):
    planned(street, "Druga", anna, date(2027, 2, 1))
    first = planned(street, "Pierwsza", anna, NEW_YEAR)
    at_time(2027, 3, 1, 0, 0)
    assert scheduling.publish_due() == 1
    first.refresh_from_db()
    assert (first.state, name_shown(street)) == ("published", "Pierwsza")


def test_publishing_before_the_day_takes_it_off_the_plan(street, anna, at_time):
    edition = planned(street, "Nowa", anna)
    editions.publish(edition, anna)
    at_time(2027, 1, 1, 0, 0)
    assert scheduling.publish_due() == 0
    with pytest.raises(EditionNotStaged):
        scheduling.unschedule(edition, by=anna)


def test_discarding_takes_it_off_the_plan(street, anna, at_time):
    editions.discard(planned(street, "Nowa", anna), anna)
    at_time(2027, 1, 1, 0, 0)
    assert (scheduling.publish_due(), name_shown(street)) == (0, "Stara")


def test_only_what_is_planned_can_be_taken_off_the_plan(street, anna):
    with pytest.raises(NotScheduled):
        scheduling.unschedule(renamed(street, "Nowa"), by=anna)


def test_the_clock_has_a_job_do_it_and_does_it_itself_without_redis(
    street,
    anna,
    at_time,
    queue_server,  # noqa: F811
    monkeypatch,
):
    planned(street, "Nowa", anna)
    assert scheduling.catch_up in clock.Clock().duties
    scheduling.catch_up()
    assert get_queue("maintenance").jobs == []
    at_time(2027, 1, 1, 0, 0)
    scheduling.catch_up()
    assert [job.func_name for job in get_queue("maintenance").jobs] == [
        "gis_layers.scheduling.publish_due"
    ]
    assert Edition.objects.filter(publish_on=NEW_YEAR).exists()
    monkeypatch.setattr(work_queue, "put", lambda *_job, **_limits: False)
    scheduling.catch_up()
    assert name_shown(street) == "Nowa"
