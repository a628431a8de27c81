"""Error pages: Polish for people, JSON for programs, no inside shown."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500  # noqa: F401

BOOM = {"error": None}


def fail(request):
    raise BOOM["error"]


urlpatterns = [
    path("fail/", fail),
    path("api/v1/fail/", fail),
    path("", include("config.urls")),
]


@pytest.fixture
def failing(settings):
    settings.ROOT_URLCONF = __name__

    def ask(url, error):
        BOOM["error"] = error
        return Client(raise_request_exception=False).get(url)

    return ask


def test_an_unknown_page_says_so_in_polish(client):
    response = client.get("/nie-ma/")
    assert response.status_code == 404
    assert "Tu niczego nie ma." in response.content.decode()


@pytest.mark.parametrize("url", ["/api/v1/nie-ma/", "/tiles/nie/ma"])
def test_an_unknown_address_of_the_api_answers_in_json(client, url):
    response = client.get(url)
    assert response.status_code == 404
    assert response.json() == {
        "code": "not_found",
        "message": "Tu niczego nie ma.",
        "field": None,
        "details": {},
    }


def test_an_unexpected_fault_shows_the_requests_number_and_nothing_else(failing):
    response = failing("/fail/", KeyError("sekret"))
    assert response.status_code == 500
    assert response["X-Request-Id"] in response.content.decode()
    assert "sekret" not in response.content.decode()
    data = failing("/api/v1/fail/", KeyError("sekret"))
    assert data.json()["details"] == {"request_id": data["X-Request-Id"]}


def test_a_database_that_is_away_is_503_on_pages_too(failing):
    response = failing("/fail/", OperationalError("host 10.0.0.5"))
    assert response.status_code == 503
    assert "chwilowo niedostępny" in response.content.decode()
    assert "10.0.0.5" not in response.content.decode()


def test_a_form_left_open_overnight_says_what_to_do():
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/account/language/", {"language": "en"})
    assert response.status_code == 403
    assert "Ta strona była otwarta zbyt długo" in response.content.decode()


def test_the_first_page_leads_to_the_staff(client):
    assert client.get("/")["Location"] == "/staff/"
