"""What a view of a gmina gets, and the answers before it runs; pages and REST alike."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.response import Response

from accounts.access import StaffGminaView, staff_view
from tests.builders import make_gmina, make_totp, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@staff_view("alert.write")
def page(request, gmina, part="all"):
    return HttpResponse(f"{gmina.slug} {part} {'alert.approve' in request.actions}")


@staff_view("alert.write", writes=True)
def form(request, gmina):
    return HttpResponse(request.method)


class ByMethod(StaffGminaView):
    needs = {"GET": "alert.read", "POST": "alert.write"}

    def get(self, request, slug):
        return Response([self.gmina.slug, "alert.write" in self.actions])

    def post(self, request, slug):
        return Response("written")

    def delete(self, request, slug):
        raise AssertionError("no action is named for DELETE: it must not run")


urlpatterns = [
    path("staff/<slug:slug>/", page),
    path("staff/<slug:slug>/form/", form),
    path("staff/<slug:slug>/<str:part>/", page),
    path("api/v1/gminas/<slug:slug>/x", ByMethod.as_view()),
    path("", include("config.urls")),
]
PAGE, API = "/staff/testowo/", "/api/v1/gminas/testowo/x"


@pytest.fixture
def gmina():
    return make_gmina()


def staff(gmina, *roles):
    return sign_in(Client(), make_user(f"{'-'.join(roles)}@example.pl", *roles, gmina=gmina))


def test_the_view_gets_the_gmina_its_arguments_and_what_the_user_may(gmina):
    assert staff(gmina, "editor").get(PAGE).content == b"testowo all False"
    assert staff(gmina, "approver").get(f"{PAGE}x/").content == b"testowo x True"
    assert staff(gmina, "auditor").get(API).json() == ["testowo", False]


def test_a_role_without_the_action_is_refused_with_403(gmina):
    auditor = staff(gmina, "auditor")
    assert auditor.get(PAGE).status_code == 403
    response = auditor.post(API, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def test_strangers_and_unknown_gminas_get_the_same_404(gmina):
    stranger = staff(make_gmina("obok"), "editor")
    for url in (PAGE, API):
        foreign = stranger.get(url)
        unknown = stranger.get(url.replace("testowo", "nie-ma"))
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content


def test_the_signed_out_are_led_to_sign_in_or_told_401(gmina):
    assert Client().get(f"{PAGE}?a=1")["Location"] == "/account/login/?next=/staff/testowo/%3Fa%3D1"
    response = Client().get(API)
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == "Session"


def test_without_the_second_factor_one_is_led_to_it(gmina):
    client, user = Client(), make_user("anna@example.pl", "editor", gmina=gmina)
    client.force_login(user)
    assert client.get(PAGE)["Location"] == "/account/two-factor/?next=/staff/testowo/"
    assert client.get(API).status_code == 401
    make_totp(user)
    assert client.get(PAGE)["Location"] == "/account/login/?next=/staff/testowo/"
    assert client.get(API).status_code == 401


def test_a_method_without_an_action_does_not_run(gmina):
    editor = staff(gmina, "editor")
    assert editor.head(API).status_code == 200
    assert editor.delete(API).status_code == 405
    assert editor.options(API).status_code == 405


def test_only_a_page_that_writes_takes_a_post(gmina):
    editor = staff(gmina, "editor")
    assert editor.post(PAGE).status_code == 405
    assert editor.post(f"{PAGE}form/").content == b"POST"
    assert editor.put(f"{PAGE}form/").status_code == 405


def test_writes_need_the_csrf_token(gmina):
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, make_user("anna@example.pl", "editor", gmina=gmina))
    response = strict.post(API, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
