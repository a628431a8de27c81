"""The demo's logins, whose secrets anybody can read, open nothing where people could be reached."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from config.demo.staff import EDITOR, PASSWORD, employ
from tests.builders import make_gmina, make_user, sign_in

pytestmark = pytest.mark.django_db

REAL = [("", ""), ("/key.json", ""), ("/key.json", "http://127.0.0.1:9")]


@pytest.fixture
def editor(settings: Settings) -> User:
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", "http://127.0.0.1:9"
    return employ(EDITOR, [make_gmina("testowo")])


def password_page(client: Client) -> str:
    """What comes after the password: the page that asks for the code, or the same one again."""
    typed = {"auth-username": EDITOR.email, "auth-password": PASSWORD}
    step = {"sign_in_view-current_step": "auth"}
    return client.post("/account/login/", {**step, **typed}).content.decode()


def test_at_a_demonstration_they_sign_in(client: Client, editor: User) -> None:
    assert "otp_token" in password_page(client)


@pytest.mark.parametrize(("credentials", "emulator"), REAL)
def test_elsewhere_they_read_like_a_wrong_password(
    client: Client, editor: User, settings: Settings, credentials: str, emulator: str
) -> None:
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = credentials, emulator
    page = password_page(client)
    assert "Zły e-mail lub hasło." in page
    assert "otp_token" not in page


def test_an_open_session_ends_where_real_sending_begins(
    client: Client, editor: User, settings: Settings
) -> None:
    sign_in(client, editor)
    assert client.get("/api/v1/gminas/testowo/alerts").status_code == 200
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "/key.json", ""
    assert client.get("/api/v1/gminas/testowo/alerts").status_code == 401


def test_other_accounts_sign_in_everywhere(client: Client, settings: Settings) -> None:
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "/key.json", ""
    anna = make_user("anna@a.example", "editor", gmina=make_gmina("testowo"))
    sign_in(client, anna)
    assert client.get("/api/v1/gminas/testowo/alerts").status_code == 200
