"""One's own account: password, backup codes, language."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.second_factor import make_backup_codes
from audit.models import Event
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db
OLD, NEW = "hasło-testowe-123", "zielony-rower-42"


@pytest.fixture
def anna(client):
    anna = make_user("anna@example.pl", "editor", gmina=make_gmina())
    sign_in(client, anna)
    return anna


def change(client, old=OLD, new=NEW, again=NEW):
    return client.post(
        "/account/password/", {"old_password": old, "new_password1": new, "new_password2": again}
    )


def test_the_account_says_who_where_and_how_many_codes(client, anna):
    make_backup_codes(anna)
    page = client.get("/account/").content.decode()
    assert "Urząd Gminy Testowo" in page
    assert "Masz 10 nieużytych kodów." in page


@pytest.mark.parametrize("path", ["", "password/", "confirm/", "two-factor/codes/"])
def test_the_menu_stays_on_ones_own_pages(client, anna, path):
    assert 'href="/staff/testowo/alerts/"' in client.get(f"/account/{path}").content.decode()


def test_who_works_in_two_gminas_chooses_before_a_menu_is_shown(client, anna):
    anna.memberships.create(gmina=make_gmina("obok"), role="editor")
    assert "/staff/testowo/" not in client.get("/account/").content.decode()


def test_a_changed_password_keeps_this_browser_and_signs_the_others_out(client, anna):
    other = sign_in(Client(), anna)
    assert change(client)["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert User.objects.get().check_password(NEW)
    assert Event.objects.filter(verb="password_changed", actor=anna.email).count() == 1


@pytest.mark.parametrize(
    "wrong", [{"old": "nie-to-hasło-0"}, {"again": "inne-hasło-12345"}, {"new": "x", "again": "x"}]
)
def test_a_refused_change_changes_nothing(client, anna, wrong):
    page = change(client, **wrong)
    assert 'class="errorlist"' in page.content.decode()
    assert User.objects.get().check_password(OLD)


def test_ten_codes_are_shown_once_and_replace_the_old(client, anna):
    old = make_backup_codes(anna)
    page = client.post("/account/two-factor/codes/?next=/staff/").content.decode()
    codes = set(anna.staticdevice_set.get().token_set.values_list("token", flat=True))
    assert len(codes) == 10
    assert not codes & set(old)
    assert all(f"<code>{code}</code>" in page for code in codes)
    again = client.get("/account/two-factor/codes/")
    assert not any(code in again.content.decode() for code in codes)
    assert "no-store" in again["Cache-Control"]
    assert Event.objects.filter(verb="backup_codes_made").count() == 1


def test_polish_whatever_the_browser_prefers():
    page = Client(headers={"Accept-Language": "en"}).get("/account/login/")
    assert page["Content-Language"] == "pl"
    assert "Zaloguj się" in page.content.decode()


def test_a_chosen_language_stays_in_the_cookie_and_the_account(client, anna):
    answer = client.post("/account/language/", {"language": "en", "next": "/account/"})
    assert answer["Location"] == "/account/"
    assert User.objects.get().lang == "en"
    assert "My account" in client.get("/account/").content.decode()


def test_the_signed_out_choose_too():
    guest = Client()
    guest.post("/account/language/", {"language": "en"})
    assert "Sign in" in guest.get("/account/login/").content.decode()


@pytest.mark.parametrize("lang", ["de", "", "en\r\nX: y"])
def test_a_language_we_do_not_speak_is_polish(client, lang):
    client.post("/account/language/", {"language": lang})
    client.cookies["lang"] = "xx"
    assert client.get("/account/login/")["Content-Language"] == "pl"


def test_choosing_a_language_does_not_lead_off_the_site(client):
    answer = client.post("/account/language/", {"language": "pl", "next": "https://evil.example/"})
    assert answer["Location"] == "/staff/"
    assert client.get("/account/language/").status_code == 405


def test_a_wrong_fresh_code_confirms_nothing(client, anna):
    session = client.session
    del session["confirmed_at"]
    session.save()
    page = client.post("/account/confirm/?next=/staff/", {"otp_token": "000000"})
    assert "Ten kod nie pasuje" in page.content.decode()
    assert client.get("/account/two-factor/codes/").status_code == 302


def test_a_backup_code_confirms_too(client, anna):
    code = make_backup_codes(anna)[0]
    answer = client.post("/account/confirm/?next=/account/", {"otp_token": code})
    assert answer["Location"] == "/account/"


@pytest.mark.parametrize("name", ["'", "account", "evil"])
def test_what_is_no_address_leads_to_the_first_page(client, name):
    answer = client.post("/account/language/", {"language": "pl", "next": name})
    assert answer["Location"] == "/staff/"
