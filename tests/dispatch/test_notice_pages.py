"""Unread notices on every page, the list of them, and "read"."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import escalation, notices
from dispatch.models import StaffNotice
from dispatch.notices import Notice
from tests.builders import make_alert, make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/staff/testowo/notices/"
LINE = 'class="told"'


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def bartek(client, gmina):
    """An approver, signed in."""
    bartek = make_user("bartek@example.pl", "approver", gmina=gmina)
    sign_in(client, bartek)
    return bartek


@pytest.fixture
def alert(gmina):
    alert = make_alert(gmina)
    alert.texts.create(lang="pl", title="Brak <wody>", body="x")
    return alert


def stalled(alert, *people):
    notices.notify(Notice.ALERT_STALLED, gmina=alert.gmina, alert=alert, to=[p.pk for p in people])


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("page", ["", "alerts/", "alerts/new/", "lookup/"])
def test_every_page_shows_the_newest_with_a_way_to_its_alert(client, alert, bartek, page):
    assert LINE not in text(client.get(f"/staff/testowo/{page}"))
    stalled(alert, bartek)
    shown = text(client.get(f"/staff/testowo/{page}"))
    assert LINE in shown
    assert f'href="/staff/testowo/alerts/{alert.ref}/"' in shown
    assert "Brak &lt;wody&gt;" in shown
    assert "<wody>" not in shown


def test_read_takes_it_off_the_pages_and_leads_back(client, alert, bartek):
    stalled(alert, bartek)
    answer = client.post(
        PAGE, {"read": StaffNotice.objects.get().pk, "next": "/staff/testowo/alerts/"}
    )
    assert answer["Location"] == "/staff/testowo/alerts/"
    assert LINE not in text(client.get("/staff/testowo/"))
    assert "Brak &lt;wody&gt;" in text(client.get(PAGE)), "the list keeps it"


def test_all_are_read_at_once(client, alert, bartek):
    for kind in (Notice.ALERT_STALLED, Notice.FAILURES_HIGH):
        notices.notify(kind, gmina=alert.gmina, alert=alert)
    client.post(PAGE, {"read": "all"})
    assert not notices.unread(bartek, alert.gmina).exists()


@pytest.mark.parametrize("what", ["", "none", "-1", "9" * 30, "1\0"])
def test_nonsense_reads_nothing(client, alert, bartek, what):
    stalled(alert, bartek)
    assert client.post(PAGE, {"read": what}).status_code == 302
    assert notices.unread(bartek, alert.gmina).exists()


def test_anothers_notices_are_neither_shown_nor_read(client, alert, bartek, gmina):
    anna = make_user("anna@example.pl", "approver", gmina=gmina)
    stalled(alert, anna)
    assert "Brak &lt;wody&gt;" not in text(client.get(PAGE))
    client.post(PAGE, {"read": StaffNotice.objects.get().pk})
    client.post(PAGE, {"read": "all"})
    assert notices.unread(anna, gmina).exists()


def test_a_notice_leads_nowhere_but_to_our_own_pages(client, alert, bartek):
    stalled(alert, bartek)
    answer = client.post(PAGE, {"read": "all", "next": "https://evil.example/"})
    assert answer["Location"] == "/staff/"


def test_the_hotline_has_no_notices(client, gmina):
    sign_in(client, make_user("info@example.pl", "hotline", gmina=gmina))
    assert client.get(PAGE).status_code == 403
    assert LINE not in text(client.get("/staff/testowo/lookup/"))


def test_the_alerts_page_says_who_was_asked_and_that_time_ran_out(client, alert, bartek, gmina):
    anna = make_user("anna@example.pl", "editor", gmina=gmina)
    alert.author_id, alert.state = anna.pk, "awaiting_approval"
    alert.submitted_at = timezone.now() - timedelta(hours=1)
    escalation.ask(alert, by=anna)
    alert.save()
    page = text(client.get(f"/staff/testowo/alerts/{alert.ref}/"))
    assert page.count("<span>Bartek") == 1
    escalation.escalate_due()
    page = text(client.get(f"/staff/testowo/alerts/{alert.ref}/"))
    assert page.count("<span>Bartek") == 2
