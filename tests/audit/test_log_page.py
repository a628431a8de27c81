"""The log's page: the gmina's own acts, newest first, with filters, read-only."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from audit.chain import link
from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db
URL = "/staff/testowo/audit/"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@example.pl", "editor", gmina=gmina)


@pytest.fixture
def auditor(client, gmina):
    """Signed in; the rows of signing in are on the page too."""
    user = make_user("audytor@example.pl", "auditor", gmina=gmina)
    sign_in(client, user)
    return user


def add(verb, *, by, gmina, at=None, **data):
    event = Event(
        verb=verb,
        at=at or datetime.now(ZoneInfo("Europe/Warsaw")),
        actor=by.email,
        actor_id=by.pk,
        gmina_id=gmina.pk,
        target_kind="alert",
        target_id="testowo-2026-1",
        data=data,
    )
    event.save()
    return event


def acts(client, **query):
    """What the rows of the page say was done, from top to bottom."""
    page = client.get(URL, query).content.decode()
    return re.findall(r"</time></td>\s*<td[^>]*>[^<]*</td>\s*<td[^>]*>([^<]*)</td>", page)


def test_acts_read_as_sentences_newest_first(client, auditor, anna, gmina):
    record(Verb.ALERT_DRAFTED, by=anna, gmina=gmina)
    record(Verb.ALERT_SUBMITTED, by=anna, gmina=gmina)
    assert acts(client) == [
        "przekazano alert do zatwierdzenia",
        "utworzono szkic alertu",
        "zalogowanie",
    ]


def test_details_and_the_place_in_the_chain_are_one_click_away(client, auditor, anna, gmina):
    add(Verb.ALERT_APPROVED, by=anna, gmina=gmina, residents=340)
    assert "czeka na wpięcie" in client.get(URL).content.decode()
    link()
    page = client.get(URL).content.decode()
    assert "alert testowo-2026-1" in page
    assert "residents</dt><dd>340</dd>" in page
    event = Event.objects.get(verb="alert_approved")
    assert f"{event.seq} · {bytes(event.hash).hex()[:16]}" in page


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"residents": 5}, "5"),
        ({"residents": 0}, "0"),
        ({"residents": 4}, "mniej niż 5"),
        ({"residents": None, "residents_below": 346}, "mniej niż 346"),
        ({"residents": None}, "nie podano"),
    ],
)
def test_counts_of_people_are_shown_as_they_may_be_told(
    client, auditor, anna, gmina, data, expected
):
    add(Verb.AUDIENCE_PREVIEWED, by=anna, gmina=gmina, **data)
    page = client.get(URL).content.decode()
    assert f"residents</dt><dd>{expected}</dd>" in page
    assert "residents_below" not in page


def test_acts_of_another_gmina_and_of_the_operator_are_not_here(client, auditor, anna, gmina):
    record(Verb.ALERT_DRAFTED, by=anna, gmina=make_gmina("obok"))
    record(Verb.ALERT_DRAFTED, by=anna, gmina=None)
    assert acts(client) == ["zalogowanie"]


def test_filters_by_act_person_and_day(client, auditor, anna, gmina):
    warsaw = ZoneInfo("Europe/Warsaw")
    late, early = datetime(2026, 3, 1, 23, 59, tzinfo=warsaw), datetime(2026, 3, 2, tzinfo=warsaw)
    add(Verb.ALERT_DRAFTED, by=anna, gmina=gmina, at=late)
    add(Verb.ALERT_APPROVED, by=auditor, gmina=gmina, at=early)
    assert acts(client, verb="alert_drafted") == ["utworzono szkic alertu"]
    assert acts(client, actor="ANNA@") == ["utworzono szkic alertu"]
    assert acts(client, since="2026-03-01", until="2026-03-01") == ["utworzono szkic alertu"]
    assert acts(client, since="2026-03-02", until="2026-03-02") == ["zatwierdzono alert"]


@pytest.mark.parametrize(
    "query", [{"verb": "nie ma"}, {"since": "32.13.2026"}, {"actor": "x" * 300}, {"actor": "\0"}]
)
def test_a_filter_that_means_nothing_shows_nothing_and_says_why(client, auditor, query):
    response = client.get(URL, query)
    assert response.status_code == 200
    assert 'class="errorlist"' in response.content.decode()


def test_older_pages_go_on_without_a_hole_or_a_repeat(client, auditor, anna, gmina):
    for number in range(120):
        add(Verb.ALERT_DRAFTED, by=anna, gmina=gmina, number=number)
    seen, query = [], "verb=alert_drafted"
    while query:
        page = client.get(f"{URL}?{query}").content.decode()
        seen += [int(n) for n in re.findall(r"number</dt><dd>(\d+)</dd>", page)]
        older = re.search(r'href="\?([^"]*before=[^"]*)"', page)
        query = older[1].replace("&amp;", "&") if older else None
    assert seen == list(range(119, -1, -1))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "٣"])
def test_a_broken_page_mark_is_no_error(client, auditor, before):
    assert client.get(URL, {"before": before}).status_code == 200


def test_an_old_verb_is_shown_by_its_name(client, auditor, anna, gmina):
    add("alert_faxed", by=anna, gmina=gmina)
    assert acts(client)[0] == "alert_faxed"


def test_only_auditors_and_administrators_read_it(gmina):
    for role, status in {"auditor": 200, "admin": 200, "crisis": 403, "hotline": 403}.items():
        client = sign_in(Client(), make_user(f"{role}@example.pl", role, gmina=gmina))
        assert client.get(URL).status_code == status


def test_data_cannot_break_out_of_the_page(client, auditor, anna, gmina):
    add(Verb.ALERT_DRAFTED, by=anna, gmina=gmina, note="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(URL).content.decode()


def test_people_are_shown_by_their_email(client, auditor, anna, gmina):
    record(Verb.ROLE_GIVEN, by=auditor, gmina=gmina, target_kind="user", target_id=anna.pk)
    record(Verb.ROLE_TAKEN, by=auditor, gmina=gmina, target_kind="user", target_id=10**9)
    page = client.get(URL).content.decode()
    assert f"<summary>{anna.email}</summary>" in page
    assert "<summary>user 1000000000</summary>" in page


@pytest.mark.parametrize(("since", "until"), [("0001-01-01", "9999-12-31"), ("0001-01-01", "")])
def test_days_beyond_every_calendar_filter_nothing(client, auditor, anna, gmina, since, until):
    record(Verb.ALERT_DRAFTED, by=anna, gmina=gmina)
    assert acts(client, since=since, until=until) == acts(client) != []


def test_a_page_number_of_any_length_is_no_fault(client, auditor):
    assert client.get(URL, {"before": "9" * 5_000}).status_code == 200
