"""The page of the duty roster: turns and deputies, within the gmina, audited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from dispatch.models import Deputy, Duty
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/staff/testowo/roster/"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(client, gmina):
    """The administrator, signed in."""
    anna = make_user("anna@example.pl", "admin", gmina=gmina)
    sign_in(client, anna)
    return anna


@pytest.fixture
def bartek(gmina):
    return make_user("bartek@example.pl", "approver", gmina=gmina)


@pytest.fixture
def dorota(gmina):
    return make_user("dorota@example.pl", "editor", gmina=gmina)


def text(response):
    return response.content.decode()


def wall(hours):
    """So many hours from now, as a browser's field gives it."""
    return (timezone.localtime() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def span(since=-1, until=8):
    return {"since": wall(since), "until": wall(until)}


def test_a_duty_is_entered_shown_and_removed(client, anna, gmina, bartek):
    client.post(PAGE, {"act": "duty", "person": bartek.pk, **span()})
    duty = Duty.objects.get()
    assert (duty.gmina, duty.user_id) == (gmina, bartek.pk)
    assert timezone.localtime(duty.until).strftime("%Y-%m-%dT%H:%M") == wall(8)
    shown = text(client.get(PAGE))
    assert "Bartek" in shown
    assert "badge-active" in shown
    client.post(PAGE, {"act": "end_duty", "turn": duty.pk})
    assert not Duty.objects.exists()
    verbs = Event.objects.filter(verb__startswith="duty").order_by("id")
    assert [event.verb for event in verbs] == ["duty_added", "duty_removed"]


def test_a_deputy_is_named_shown_and_removed(client, anna, gmina, bartek, dorota):
    client.post(PAGE, {"act": "deputy", "absent": bartek.pk, "deputy": dorota.pk, **span()})
    named = Deputy.objects.get()
    assert (named.for_user_id, named.user_id) == (bartek.pk, dorota.pk)
    assert named.named_by_id == anna.pk
    assert "<strong>Dorota</strong>" in text(client.get(PAGE))
    client.post(PAGE, {"act": "end_deputy", "turn": named.pk})
    assert not Deputy.objects.exists()
    event = Event.objects.get(verb="deputy_removed")
    assert (event.target_id, event.data["for_user"]) == (str(dorota.pk), bartek.pk)


def test_what_is_over_is_not_listed(client, anna, gmina, bartek):
    now = timezone.now()
    hour = timedelta(hours=1)
    Duty.objects.create(gmina=gmina, user_id=bartek.pk, since=now - 2 * hour, until=now - hour)
    assert "<strong>Bartek</strong>" not in text(client.get(PAGE))


@pytest.mark.parametrize(
    "when",
    [
        {"since": "", "until": ""},
        {"since": "tomorrow", "until": "later"},
        {"since": "2027-03-28T02:30", "until": "2027-03-28T09:00"},  # the clocks skip it
    ],
)
def test_a_time_that_does_not_exist_is_refused(client, anna, bartek, when):
    page = client.post(PAGE, {"act": "duty", "person": bartek.pk, **when})
    assert 'class="errorlist"' in text(page)
    assert not Duty.objects.exists()


@pytest.mark.parametrize(("since", "until"), [(2, 1), (1, 1), (-3, -1)])
def test_a_span_that_ends_before_it_begins_or_is_over_is_refused(
    client, anna, bartek, since, until
):
    page = client.post(PAGE, {"act": "duty", "person": bartek.pk, **span(since, until)})
    assert 'class="errorlist"' in text(page)
    assert not Duty.objects.exists()


def test_nobody_without_a_role_here_is_on_either_list(client, anna, gmina, bartek):
    stranger = make_user("obcy@example.pl", "approver", gmina=make_gmina("obok"))
    hotline = make_user("info@example.pl", "hotline", gmina=gmina)
    for person in (stranger, hotline):
        client.post(PAGE, {"act": "duty", "person": person.pk, **span()})
        client.post(PAGE, {"act": "deputy", "absent": bartek.pk, "deputy": person.pk, **span()})
    assert not Duty.objects.exists()
    assert not Deputy.objects.exists()


def test_an_administrator_makes_no_approver_of_themselves(client, anna, gmina, bartek):
    client.post(PAGE, {"act": "deputy", "absent": bartek.pk, "deputy": anna.pk, **span()})
    assert not Deputy.objects.exists()


def test_one_stands_in_for_an_approver_and_not_for_oneself(client, anna, bartek, dorota):
    client.post(PAGE, {"act": "deputy", "absent": dorota.pk, "deputy": bartek.pk, **span()})
    client.post(PAGE, {"act": "deputy", "absent": bartek.pk, "deputy": bartek.pk, **span()})
    assert not Deputy.objects.exists()


def test_another_gminas_roster_is_out_of_reach(client, anna, bartek):
    other = make_gmina("obok")
    now = timezone.now()
    theirs = Duty.objects.create(
        gmina=other, user_id=bartek.pk, since=now, until=now + timedelta(hours=1)
    )
    assert "<strong>Bartek</strong>" not in text(client.get(PAGE))
    client.post(PAGE, {"act": "end_duty", "turn": theirs.pk})
    assert Duty.objects.exists()


@pytest.mark.parametrize("url", ["", "smtp://localhost"])
def test_the_page_says_where_no_email_is_sent(client, anna, settings, url):
    settings.EMAIL_URL = url
    assert ("EMAIL_URL" in text(client.get(PAGE))) is (url == "")
