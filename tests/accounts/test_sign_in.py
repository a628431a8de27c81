"""Signing in: password, then code; the second factor is set up first and never skipped."""

import re
import time

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.second_factor import make_backup_codes
from audit.models import Event
from tests.builders import make_gmina, make_totp, make_user, sign_in

PASSWORD = "hasło-testowe-123"
LOGIN = "/account/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_user("anna@example.pl", "editor", gmina=make_gmina())


def give_password(client, email="anna@example.pl", password=PASSWORD, url=LOGIN):
    step = {"sign_in_view-current_step": "auth"}
    return client.post(url, {**step, "auth-username": email, "auth-password": password})


def give_code(client, code, *, step="token", url=LOGIN):
    return client.post(url, {"sign_in_view-current_step": step, f"{step}-otp_token": code})


def current_code(device):
    return f"{totp(device.bin_key, t0=0):06d}"


def verified(client):
    return bool(client.session.get("otp_device_id"))


def test_password_and_code_open_the_page_that_was_asked_for(client, anna):
    device = make_totp(anna)
    url = f"{LOGIN}?next=/account/"
    asked = give_password(client, url=url)
    assert "Otwórz aplikację" in asked.content.decode()
    answer = give_code(client, current_code(device), url=url)
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert verified(client)
    assert "Moje konto" in client.get("/account/").content.decode()


def test_the_email_is_taken_in_any_case(client, anna):
    make_totp(anna)
    assert "Otwórz aplikację" in give_password(client, " ANNA@Example.pl").content.decode()


@pytest.mark.parametrize(
    ("email", "password"),
    [("anna@example.pl", "złe-hasło-0000"), ("nikt@example.pl", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_person_read_the_same(client, anna, email, password):
    page = give_password(client, email, password)
    assert "Zły e-mail lub hasło." in page.content.decode()


def test_a_deactivated_account_reads_like_a_wrong_password(client, anna):
    User.objects.update(is_active=False)
    assert "Zły e-mail lub hasło." in give_password(client).content.decode()


def test_the_password_alone_opens_nothing(client, anna):
    make_totp(anna)
    give_password(client)
    assert "_auth_user_id" not in client.session
    assert client.get("/account/")["Location"] == f"{LOGIN}?next=/account/"


def test_a_wrong_code_is_refused_in_polish_and_then_slowed(client, anna):
    device = make_totp(anna)
    give_password(client)
    assert "Ten kod nie pasuje" in give_code(client, "000000").content.decode()
    page = give_code(client, current_code(device))
    assert "Za dużo złych kodów" in page.content.decode()
    assert not verified(client)


def test_a_code_works_once(client, anna):
    device = make_totp(anna)
    code = current_code(device)
    give_password(client)
    give_code(client, code)
    other = Client()
    give_password(other)
    give_code(other, code)
    assert verified(client)
    assert not verified(other)


def test_a_backup_code_works_once(client, anna):
    make_totp(anna)
    code = make_backup_codes(anna)[0]
    give_password(client)
    client.post(LOGIN, {"wizard_goto_step": "backup"})
    give_code(client, f" {code.upper()} ", step="backup")
    assert verified(client)
    other = Client()
    give_password(other)
    other.post(LOGIN, {"wizard_goto_step": "backup"})
    assert "został już użyty" in give_code(other, code, step="backup").content.decode()


def test_the_session_is_a_new_one_after_signing_in(client, anna):
    device = make_totp(anna)
    give_password(client)
    before = client.session.session_key
    give_code(client, current_code(device))
    assert client.session.session_key != before


def test_no_redirect_leaves_the_site(client, anna):
    device = make_totp(anna)
    url = f"{LOGIN}?next=https://evil.example/"
    give_password(client, url=url)
    assert give_code(client, current_code(device), url=url)["Location"] == "/staff/"


def test_the_first_sign_in_sets_the_second_factor_up(client, anna):
    """Password only, then the set-up page, whatever page was asked for; then backup codes."""
    give_password(client)
    assert client.get("/account/")["Location"].startswith("/account/two-factor/?next=")
    page = client.get("/account/two-factor/?next=/account/").content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert "System%20Alert%20Online" in page
    assert client.get("/account/two-factor/qr/")["Content-Type"].startswith("image/svg")
    assert secret
    answer = set_up(client, secret[1])
    assert answer["Location"] == "/account/two-factor/codes/?next=%2Faccount%2F"
    assert verified(client)
    assert Event.objects.filter(verb="second_factor_set_up", actor=anna.email).exists()
    assert client.get("/account/").status_code == 200


def set_up(client, secret):
    from base64 import b32decode

    code = f"{totp(b32decode(secret), t0=0):06d}"
    step = {"set_up_view-current_step": "generator", "generator-token": code}
    return client.post("/account/two-factor/?next=/account/", step)


def test_a_wrong_first_code_sets_nothing_up(client, anna):
    give_password(client)
    client.get("/account/two-factor/")
    step = {"set_up_view-current_step": "generator", "generator-token": "000000"}
    page = client.post("/account/two-factor/", step)
    assert "Ten kod nie pasuje" in page.content.decode()
    assert not TOTPDevice.objects.exists()


def test_a_session_from_before_the_set_up_cannot_add_a_second_device(client, anna):
    """Else a stolen password would be enough: sign in first, wait for the owner, add a phone."""
    give_password(client)
    page = client.get("/account/two-factor/").content.decode()
    make_totp(anna)  # the owner, in another browser
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert secret
    set_up(client, secret[1])
    assert TOTPDevice.objects.count() == 1
    assert not verified(client)


def test_the_second_factor_cannot_be_switched_off(client, anna):
    sign_in(client, anna)
    assert client.get("/account/two_factor/disable/").status_code == 404
    assert client.get("/account/two-factor/disable/").status_code == 404


def test_signing_out_ends_the_session_and_is_a_post(client, anna):
    sign_in(client, anna)
    assert client.get("/account/logout/").status_code == 405
    assert client.post("/account/logout/")["Location"] == LOGIN
    assert client.get("/account/").status_code == 302


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client, anna, settings):
    device = make_totp(anna)
    give_password(client)
    cookie = give_code(client, current_code(device)).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 8 * 3600


def test_signing_in_speaks_the_persons_language(client, anna):
    anna.lang = "en"
    anna.save()
    device = make_totp(anna)
    give_password(client)
    assert give_code(client, current_code(device)).cookies["lang"].value == "en"


def test_the_log_has_every_step_in_the_persons_gmina(client, anna):
    device = make_totp(anna)
    give_password(client, password="złe-hasło-0000")
    give_password(client)
    give_code(client, "000000")
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    give_code(client, current_code(device))
    client.post("/account/logout/")
    rows = Event.objects.order_by("id").values_list("verb", "actor", "data")
    assert list(rows) == [
        ("sign_in_refused", "system", {"step": "password"}),
        ("sign_in_refused", "system", {"step": "code"}),
        ("signed_in", "anna@example.pl", {"second_factor": True}),
        ("signed_out", "anna@example.pl", {}),
    ]
    gmina = anna.memberships.get().gmina_id
    assert set(Event.objects.values_list("gmina_id", "target_id")) == {(gmina, str(anna.pk))}


def test_what_is_typed_for_an_unknown_person_is_not_kept(client, anna):
    give_password(client, "moje-haslo@example.pl")
    assert not Event.objects.exists()


def test_a_code_given_long_ago_must_be_given_again(client, anna):
    sign_in(client, anna)
    assert client.get("/account/two-factor/codes/").status_code == 200
    session = client.session
    session["confirmed_at"] = int(time.time()) - 3600
    session.save()
    asked = client.get("/account/two-factor/codes/")
    assert asked["Location"] == "/account/confirm/?next=/account/two-factor/codes/"
    code = current_code(TOTPDevice.objects.get())
    answer = client.post(asked["Location"], {"otp_token": code})
    assert answer["Location"] == "/account/two-factor/codes/"
    assert client.get("/account/two-factor/codes/").status_code == 200


LONG = "9" * 5000
BROKEN = [
    {},
    {"wizard_goto_step": "backup"},
    {"wizard_goto_step": "nie-ma"},
    {"sign_in_view-current_step": "token", "token-otp_token": "123456"},
    {"sign_in_view-current_step": "nie-ma"},
    {"sign_in_view-current_step": "auth", "auth-username": "\0@x.pl", "auth-password": "\0"},
    {"sign_in_view-current_step": "auth", "auth-username": "a@x.pl", "auth-password": LONG},
    {"challenge_device": "otp_totp.totpdevice/1"},
    {"set_up_view-current_step": "generator", "generator-token": "x"},
    {"set_up_view-current_step": "method"},
    {"otp_token": "\0"},
    {"otp_token": LONG},
]


@pytest.mark.parametrize(
    "url", [LOGIN, "/account/two-factor/", "/account/confirm/", "/account/invitation/x/y/"]
)
@pytest.mark.parametrize("factors", [0, 1, 2])
def test_broken_requests_are_refused_and_verify_nobody(anna, url, factors):
    for data in BROKEN:
        client = Client()
        if factors == 1:
            client.force_login(anna)
        if factors == 2:
            sign_in(client, anna)
        assert client.post(url, data).status_code in {200, 302, 400}, data
        assert verified(client) == (factors == 2)
