"""The people's pages: invite, hand the link over, change, refuse in words."""

import re

import pytest
from django.test import Client

from accounts.models import User
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db
PEOPLE = "/staff/testowo/people/"


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(client, gmina):
    """The administrator, signed in."""
    anna = make_user("anna@example.pl", "admin", gmina=gmina)
    sign_in(client, anna)
    return anna


def text(response):
    return response.content.decode()


def invite(client, email="celina@example.pl"):
    return client.post(PEOPLE, {"email": email, "name": "Celina", "roles": ["editor"]})


def link_in(response):
    return re.search(r"http://[^/]+(/account/invitation/[^<]+)</code>", text(response))[1]


def test_the_list_shows_who_works_here_and_in_which_roles(client, gmina, anna):
    make_user("bartek@example.pl", "editor", "gis", gmina=gmina)
    make_user("obcy@example.pl", "editor", gmina=make_gmina("obok"))
    page = text(client.get(PEOPLE))
    assert "bartek@example.pl" in page
    assert "redaktor, geodeta" in page
    assert "obcy@example.pl" not in page


def test_an_invitation_sets_a_password_once(client, anna):
    link = link_in(invite(client))
    guest = Client()
    form = guest.get(link, follow=True)
    url = form.redirect_chain[-1][0]
    assert link.split("/")[-2] not in url, "the secret must not stay in the address bar"
    new = {"new_password1": "zielony-rower-42", "new_password2": "zielony-rower-42"}
    answer = guest.post(url, new)
    assert answer["Location"] == "/account/login/"
    assert User.objects.get(email="celina@example.pl").check_password("zielony-rower-42")
    assert "został już użyty" in text(Client().get(link, follow=True))


def test_a_weak_password_is_refused_in_polish(client, anna):
    guest = Client()
    url = guest.get(link_in(invite(client)), follow=True).redirect_chain[-1][0]
    page = text(guest.post(url, {"new_password1": "kot", "new_password2": "kot"}))
    assert "za krótkie" in page


def test_a_bad_invitation_says_what_is_wrong(client, anna):
    page = text(client.post(PEOPLE, {"email": "to nie adres", "name": "", "roles": ["król"]}))
    assert page.count('class="errorlist"') == 3
    assert not User.objects.exclude(pk=anna.pk).exists()


def test_someone_with_an_account_gets_no_link(client, gmina, anna):
    make_user("celina@example.pl", "editor", gmina=make_gmina("obok"))
    page = text(invite(client))
    assert "/account/invitation/" not in page
    assert "loguje się swoim hasłem" in page


def test_roles_are_changed_by_their_boxes(client, gmina, anna):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    url = f"{PEOPLE}{bartek.pk}/"
    assert re.search(r'value="editor"[^>]*checked', text(client.get(url)))
    answer = client.post(url, {"act": "roles", "roles": ["approver", "gis"]})
    assert answer["Location"] == PEOPLE
    assert set(bartek.memberships.values_list("role", flat=True)) == {"approver", "gis"}


def test_a_refusal_is_shown_and_nothing_is_changed(client, gmina, anna):
    page = client.post(f"{PEOPLE}{anna.pk}/", {"act": "remove"})
    assert "Nie możesz zmienić własnych uprawnień." in text(page)
    assert User.objects.get(pk=anna.pk).is_active


def test_a_removed_person_is_signed_out_everywhere(client, gmina, anna):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    other = sign_in(Client(), bartek)
    assert other.get("/account/").status_code == 200
    client.post(f"{PEOPLE}{bartek.pk}/", {"act": "remove"})
    assert other.get("/account/").status_code == 302


def test_a_reset_hands_a_link_over_and_ends_the_old_sessions(client, gmina, anna):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    other = sign_in(Client(), bartek)
    assert link_in(client.post(f"{PEOPLE}{bartek.pk}/", {"act": "reset"}))
    assert other.get("/account/").status_code == 302


@pytest.mark.parametrize("act", ["", "delete", "roles\0"])
def test_an_unknown_act_changes_nothing(client, gmina, anna, act):
    bartek = make_user("bartek@example.pl", "editor", gmina=gmina)
    assert client.post(f"{PEOPLE}{bartek.pk}/", {"act": act}).status_code == 200
    assert set(bartek.memberships.values_list("role", flat=True)) == {"editor"}


def test_people_of_another_gmina_are_not_here(client, gmina, anna):
    celina = make_user("celina@example.pl", "editor", gmina=make_gmina("obok"))
    assert client.get(f"{PEOPLE}{celina.pk}/").status_code == 404
    assert client.get(f"{PEOPLE}999999/").status_code == 404


def test_the_pages_ask_for_a_fresh_code(client, gmina, anna):
    session = client.session
    del session["confirmed_at"]
    session.save()
    assert client.get(PEOPLE)["Location"] == f"/account/confirm/?next={PEOPLE}"
    assert invite(client).status_code == 302
    assert not User.objects.filter(email="celina@example.pl").exists()


def test_only_an_administrator_sees_them(gmina):
    for role in ("editor", "approver", "crisis", "gis", "hotline", "auditor"):
        client = sign_in(Client(), make_user(f"{role}@example.pl", role, gmina=gmina))
        assert client.get(PEOPLE).status_code == 403


def test_a_refused_invitation_is_shown_beside_the_address(client, gmina, anna):
    page = text(invite(client, anna.email))
    assert "Nie możesz zmienić własnych uprawnień." in page
    assert "/account/invitation/" not in page
