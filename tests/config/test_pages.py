"""Error pages: Polish for people, JSON for programs, no inside shown."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import include, path

from config import pages
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from tests.builders import make_gmina, make_user, sign_in

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

    def ask(url, error, client=None):
        BOOM["error"] = error
        asking = client or Client()
        asking.raise_request_exception = False
        return asking.get(url)

    return ask


@pytest.fixture
def hotline(db):
    """Celina answers the phones of one gmina: she has few rights, and one menu."""
    return sign_in(Client(), make_user("celina@example.pl", "hotline", gmina=make_gmina()))


MENU = 'href="/staff/testowo/lookup/"'


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


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("url", ["/nie-ma/", "/staff/nie-ma/alerts/", "/staff/testowo/nie-ma/"])
def test_staff_keep_their_menu_where_nothing_is(hotline, url):
    response = hotline.get(url)
    assert response.status_code == 404
    assert MENU in text(response)
    assert str(pages.ADVICE[404]) in text(response)


def test_staff_keep_their_menu_where_their_role_does_not_reach(hotline):
    response = hotline.get("/staff/testowo/audit/")
    assert response.status_code == 403
    assert MENU in text(response)
    assert str(pages.ADVICE[403]) in text(response)


def test_who_works_in_two_gminas_gets_the_menu_of_the_one_in_the_address(db):
    user = make_user("anna@example.pl", "hotline", gmina=make_gmina())
    user.memberships.create(gmina=make_gmina("obok"), role="hotline")
    client = sign_in(Client(), user)
    assert MENU in text(client.get("/staff/testowo/audit/"))
    assert MENU not in text(client.get("/staff/obok/audit/"))
    assert MENU not in text(client.get("/nie-ma/"))  # whose it should be is not known


def test_staff_keep_their_menu_when_something_breaks(hotline, failing):
    response = failing("/fail/", KeyError("sekret"), hotline)
    assert response.status_code == 500
    assert MENU in text(response)
    assert response["X-Request-Id"] in text(response)


def test_the_page_of_a_fault_needs_nothing_that_may_be_broken(hotline, failing, monkeypatch):
    def broken(*_):
        raise KeyError("menu")

    monkeypatch.setattr(pages, "menu_of", broken)
    response = failing("/fail/", KeyError("sekret"), hotline)
    assert response.status_code == 500
    assert response["X-Request-Id"] in text(response)
    assert MENU not in text(response)


def test_a_database_that_is_away_is_not_asked_for_a_menu(
    hotline, failing, django_assert_num_queries
):
    hotline.get("/staff/testowo/lookup/")
    with django_assert_num_queries(0):
        response = failing("/fail/", OperationalError("away"), hotline)
    assert response.status_code == 503
    assert response["X-Request-Id"] in text(response)


def test_the_signed_out_are_shown_both_doors(client):
    page = text(client.get("/nie-ma/"))
    assert 'href="/staff/"' in page
    assert 'href="/app/"' in page


def test_error_pages_speak_english_too(client):
    client.cookies["lang"] = "en"
    page = text(client.get("/nie-ma/"))
    assert "There is nothing here." in page
    assert "Check the address." in page
    assert "Tu niczego" not in page
