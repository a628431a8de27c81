"""Walks every address of the site as those who must not see it: no data of a gmina leaves it.

The routes come from the URL resolver, so a new one is walked, or has to be classified in
route_table.py, by being there.
"""

import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from dispatch.models import AlertText, Template
from gis_layers import editions, findings
from gis_layers.cases import Case
from gis_layers.models import DistrictList, ImportRun
from gis_layers.revisions import raise_revision
from tests.accounts import route_table as table
from tests.builders import (
    at,
    line,
    make_address,
    make_alert,
    make_device,
    make_district,
    make_gmina,
    make_message,
    make_street,
    make_totp,
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
MARK = "Zastrzeżon"  # in everything the gmina has; a stranger's answer must not hold it
DRAFT_MARK = "Nieogłoszon"  # in a draft: the hotline reads running alerts only
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {401, 403, 404, 405}


ALL = table.ALL
GMINA = [route for route in ALL if route.startswith(table.GMINA_PREFIXES)]
LISTED = {
    "public": table.PUBLIC,
    "machines": table.MACHINES,
    "operator": table.OPERATOR,
    "phones": table.PHONES,
    "device": table.DEVICE,
    "password only": table.PASSWORD_ONLY,
    "own": table.OWN,
}


class Secret:
    """A gmina with something of everything, and the addresses of it."""

    def __init__(self):
        self.gmina = make_gmina("sekretowo", name=f"{MARK}a Gmina", office=f"{MARK}y Urząd")
        street = make_street(self.gmina, f"{MARK}a", geom=line((0, 0), (100, 0)))
        make_address(self.gmina, "1", at=at(10, 5), street=street)
        person = make_user("pracownik@example.pl", *Membership.Role.values, gmina=self.gmina)
        person.name = f"{MARK}y Pracownik"
        person.save()
        self.person = person
        title = f"{MARK}y tytuł"
        alert = make_alert(self.gmina, author_id=person.pk)
        AlertText.objects.create(alert=alert, lang="pl", title=title, body="x")
        draft = make_alert(self.gmina, state="draft")
        AlertText.objects.create(alert=draft, lang="pl", title=f"{DRAFT_MARK}y", body="x")
        make_message(alert, [make_device()], texts={"pl": (title, "x")})
        template = Template.objects.create(
            gmina=self.gmina, title=title, kind=alert.kind, severity="info", changed_by_id=1
        )
        district = make_district(self.gmina, f"{MARK}e Osiedle", geom=square(0, 0, 100))
        districts = DistrictList.objects.create(layer=district.layer, name=f"{MARK}a lista")
        edition = editions.stage(street.layer, [], None, f"{MARK}e.gpkg")
        findings.record(edition, [Case("duplicate", f"{MARK}e miejsce")])
        run = ImportRun.objects.create(
            gmina=self.gmina, file_name=f"{MARK}e.gpkg", state=ImportRun.State.CANCELLED
        )
        raise_revision([self.gmina])
        self.gmina.refresh_from_db()
        self.values = {
            "<slug:slug>": "sekretowo",
            "<ref:ref>": alert.ref,
            "<int:pk>": person.pk,
            "<int:run_id>": run.pk,
            "<slug:layer>": "ulice",
            "<slug:districts>": "osiedla",
            "<int:list_id>": districts.pk,
            "<int:template_id>": template.pk,
            "<int:edition_id>": edition.pk,
            "<int:finding_id>": edition.findings.get().pk,
            "<int:fid>": street.fid,
            "<int:revision>": self.gmina.revision,
            "<int:z>": 14,
            "<int:x>": 9000,
            "<int:y>": 5400,
        }

    def url(self, route):
        for name, value in self.values.items():
            route = route.replace(name, str(value))
        assert "<" not in route, f"{route}: tell Secret a value for it"
        return "/" + route


@pytest.fixture
def secret():
    return Secret()


def ask(client, method, url):
    body = {} if method == "get" else {"data": json.dumps({}), "content_type": "application/json"}
    return getattr(client, method)(url, **body)


def text(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace") + str(dict(response.headers))


def status(response):
    """The answer's status, once it is read to its end: a file that is left open would be told."""
    text(response)
    return response.status_code


def leads_to_sign_in(response):
    return response.status_code == 302 and response["Location"].startswith(
        (reverse("two_factor:login"), reverse("two_factor:setup"))
    )


def faults(client, secret, routes):
    """What is wrong with the answers to someone who must not see these routes; [] is right."""
    return [fault for route in routes for fault in faults_of(client, secret, route)]


def faults_of(client, secret, route):
    answers = {method: ask(client, method, secret.url(route)) for method in METHODS}
    for method, response in answers.items():
        if response.status_code not in REFUSED and not leads_to_sign_in(response):
            yield f"{method} {route} answers {response.status_code}"
        if MARK in text(response):
            yield f"{method} {route} tells a stranger"
    if {response.status_code for response in answers.values()} == {405}:
        yield f"{route} takes no method at all"


def test_every_route_is_classified_once():
    listed = [route for routes in LISTED.values() for route in routes]
    assert sorted(set(listed)) == sorted(listed), "a route is in two lists"
    assert sorted(listed) == [route for route in ALL if route not in GMINA]


def test_the_lists_for_the_hotline_name_routes_that_exist():
    assert set(GMINA) >= table.HOTLINE


def test_the_signed_out_get_nothing_of_a_gmina(secret):
    assert faults(Client(), secret, GMINA) == []


def test_a_password_without_the_second_factor_gets_nothing(secret):
    make_totp(secret.person)
    client = Client()
    client.force_login(secret.person)
    assert faults(client, secret, GMINA) == []


def test_staff_of_another_gmina_get_nothing(secret):
    celina = make_user("celina@example.pl", *Membership.Role.values, gmina=make_gmina("obok"))
    assert faults(sign_in(Client(), celina), secret, GMINA) == []


def test_the_operator_gets_nothing_of_a_gmina(secret):
    operator = make_user("operator@example.pl", is_operator=True)
    assert faults(sign_in(Client(), operator), secret, GMINA) == []


@pytest.fixture
def hotline(secret):
    secret.gmina.name = "Własna Gmina"  # stands in the menu, which stays where a page is refused
    secret.gmina.save()
    return sign_in(Client(), make_user("info@example.pl", "hotline", gmina=secret.gmina))


def test_the_hotline_gets_nothing_beyond_its_few_pages(secret, hotline):
    assert faults(hotline, secret, sorted(set(GMINA) - table.HOTLINE)) == []


def test_the_hotline_reads_its_pages_without_drafts_and_writes_nothing(secret, hotline):
    for route in sorted(table.HOTLINE):
        answer, *writes = [ask(hotline, method, secret.url(route)) for method in METHODS]
        assert answer.status_code in {200, 204, 400}, route
        assert DRAFT_MARK not in text(answer), route
        assert {write.status_code for write in writes} <= {403, 405}, route


def test_the_gminas_own_staff_reach_every_route(secret):
    """Else the walks above would be refused for the wrong reason, such as a wrong address."""
    client = sign_in(Client(), secret.person)
    for route in GMINA:
        # In a savepoint: a DELETE must not take away what the next route is about.
        with transaction.atomic():
            answers = {status(ask(client, method, secret.url(route))) for method in METHODS}
            transaction.set_rollback(True)
        assert answers - REFUSED, f"{route} answers {answers} to someone with every role"


@pytest.mark.parametrize("route", sorted(table.OWN | table.PASSWORD_ONLY))
def test_own_pages_lead_the_signed_out_to_sign_in(route):
    for method in ("get", "post"):
        response = ask(Client(), method, "/" + route)
        assert leads_to_sign_in(response), f"{method} {route}: {response.status_code}"


@pytest.mark.parametrize("route", sorted(table.OWN))
def test_own_pages_ask_for_the_second_factor(route):
    anna = make_user("anna@example.pl", "editor", gmina=make_gmina())
    make_totp(anna)
    client = Client()
    client.force_login(anna)
    for method in ("get", "post"):
        assert leads_to_sign_in(ask(client, method, "/" + route)), f"{method} {route}"


@pytest.mark.parametrize("route", sorted(table.DEVICE))
def test_phones_routes_want_the_devices_secret_and_no_session(secret, route):
    url = "/" + route.replace("<uuid:place_id>", "00000000-0000-0000-0000-000000000000")
    url = url.replace("<ref:ref>", secret.values["<ref:ref>"])
    staff = sign_in(Client(), secret.person)
    wrong = Client(headers={"Authorization": "Device 00000000-0000-0000-0000-000000000000:x"})
    for client in (Client(), staff, wrong):
        for method in METHODS:
            response = ask(client, method, url)
            assert response.status_code in {401, 405}, f"{method} {route}"
            assert MARK not in text(response)
