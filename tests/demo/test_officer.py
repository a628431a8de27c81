"""An officer signs in by the pages and asks the API, on a live server."""

import time

import pytest
from django.core.cache import cache
from django_otp.oath import TOTP
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import Gmina
from config.demo import officer as officer_module
from config.demo import staff
from config.demo.officer import Officer, Refused
from config.demo.staff import EDITOR, employ
from tests.builders import line, make_gmina, make_street

OTP_PAUSE_S = 1.1  # django-otp's pause after one wrong code is a second

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gmina(settings: Settings) -> Gmina:
    settings.FCM_EMULATOR_URL, settings.FCM_CREDENTIALS = "http://127.0.0.1:9", ""
    cache.clear()
    gmina = make_gmina("kowale", name="Kowale")
    make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    employ(EDITOR, [gmina])
    return gmina


def test_officer_signs_in_and_searches(gmina: Gmina, live_server: LiveServer) -> None:
    with Officer(live_server.url, EDITOR, "kowale") as editor:
        (hit,) = editor.get("search", q="glowna", kinds="street")
    assert hit["label"] == "ul. Główna"


def test_used_code_is_followed_by_the_next(
    gmina: Gmina, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One code for both sign-ins, whatever step the clock is in.
    code, really_sleep, waited = staff.current_code(), time.sleep, list[float]()
    monkeypatch.setattr(officer_module, "current_code", lambda: code)

    def until_next_step(seconds: float) -> None:
        waited.append(seconds)
        really_sleep(OTP_PAUSE_S)
        following = f"{TOTP(staff.TOTP_KEY, step=staff.TOTP_STEP_S, drift=1).token():06d}"
        monkeypatch.setattr(officer_module, "current_code", lambda: following)

    monkeypatch.setattr(officer_module.time, "sleep", until_next_step)
    for _ in range(2):
        with Officer(live_server.url, EDITOR, "kowale"):
            pass
    assert len(waited) == 1
    assert 0 < waited[0] <= staff.TOTP_STEP_S + 1


def test_wrong_password_is_refused_with_a_reason(
    gmina: Gmina, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(officer_module, "PASSWORD", "wrong-password-1")
    with pytest.raises(Refused, match="otp_token"):
        Officer(live_server.url, EDITOR, "kowale")


def test_what_the_api_refuses_is_told(gmina: Gmina, live_server: LiveServer) -> None:
    with (
        Officer(live_server.url, EDITOR, "kowale") as editor,
        pytest.raises(Refused, match=r"GET /api/v1/gminas/kowale/nothing: 404"),
    ):
        editor.get("nothing")
