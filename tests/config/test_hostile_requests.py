"""Every address asked with what no client should send: refused, never a fault of ours.

The operations come from the OpenAPI document and the pages from the URL resolver, so a new one is
asked too; a new field of a body has to be given a good value here, which the test then spoils.
"""

import copy
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Gmina, Membership
from accounts.throttles import OpenThrottle
from config.api_docs import METHODS, description
from dispatch.models import Template
from gis_layers import editions
from gis_layers.models import DistrictList, Feature, FeatureChange, ImportRun
from tests.accounts import route_table as table
from tests.builders import (
    SECRET,
    aim,
    at,
    line,
    make_address,
    make_alert,
    make_device,
    make_district,
    make_gmina,
    make_kind,
    make_locality,
    make_message,
    make_place,
    make_street,
    make_user,
    sign_in,
    square,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BIG = 10**400  # JSON allows it; no float, no column holds it
VALUES: list[Any] = [
    None, True, -1, BIG, 1e308, "", "nan", "9" * 400, "x" * 5_000, "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+23:59", [[[]]], {"a": []},
]  # fmt: skip
BODIES = [
    b"", b"null", b"3", b'"x"', b"[]", b"[{}]", b"{}", b"{", b"\xff\xfe", b'{"parts": NaN}',
    b"[" * 100_000, b'{"kinds": "\\u0000"}', b'{"texts": "\\ud800"}',
]  # fmt: skip
WORDS = [
    "", "\x00", "'", "\\", "%", "ł" * 500, "nan", "inf", "-1", "1e999", "9" * 400, "²", "[]",
    "0001-01-01", "9999-12-31", "\U0001f4a9", "a,b,,", "ulica\u202e1", "\ud800",
]  # fmt: skip
STEPS = ["%00", "a%00b", "%FF", "%0A", "x-2026-1%00", "ł", "0", "9" * 30, "9" * 5_000, "x" * 300]
ERROR_KEYS = {"code", "message", "field", "details"}
# What pages read from their address, beside what OpenAPI lists.
PAGE_QUERY = ["page", "q", "category", "state", "verb", "actor", "since", "until", "before", "next"]


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The limits would answer for what they shield."""
    monkeypatch.setattr(OpenThrottle, "allow_request", lambda *_args: True)
    settings.FREE_PREVIEWS_PER_HOUR = 1_000_000


class Site:
    """A gmina with a draft and a running alert, an editor with every role, and a phone."""

    def __init__(self) -> None:
        gmina = make_gmina("testowo")
        street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
        address = make_address(gmina, "1", at=at(10, 5), street=street)
        person = make_user("anna@example.pl", *Membership.Role.values, gmina=gmina)
        draft = make_alert(gmina, state="draft", author_id=person.pk)
        layer = {"layer_id": street.layer_id, "edition_number": 1}
        aim(draft, {"kind": "feature", "fid": street.fid, "reach": "addresses", **layer})
        device = make_device()
        place = make_place(device.resident, gmina, at=at(10, 5), street=street)
        make_message(make_alert(gmina), [device])
        kind = make_kind(gmina)
        template = Template.objects.create(
            gmina=gmina, title="Awaria", kind=kind, severity="info", changed_by_id=person.pk
        )
        make_locality(gmina, "Testowo", "0000001")
        self.staff = sign_in(Client(raise_request_exception=False), person)
        credentials = f"Device {device.public_id}:{SECRET}"
        self.phone = Client(raise_request_exception=False, headers={"Authorization": credentials})
        self.nobody = Client(raise_request_exception=False)
        self.good: dict[str, object] = {
            "slug": gmina.slug, "ref": draft.ref, "layer": "ulice", "fid": street.fid,
            "place_id": place.public_id, "pk": person.pk, "revision": 1, "z": 14, "x": 1, "y": 1,
            "uidb64": "MQ", "token": "x-y", "path": "index.html", "template_id": template.pk,
            **layers_of(gmina, street),
        }  # fmt: skip
        self.fields = good_fields(street.fid, address.fid)

    def who(self, path: str) -> Client:
        """The client that the address lets in."""
        route = path.strip("/").replace("{", "<").replace("}", ">")
        plain = {re.sub(r"<\w+:", "<", route) for route in table.DEVICE}
        if route in plain:
            return self.phone
        return self.nobody if route.startswith("api/v1/") and "<slug>" not in route else self.staff

    def at(self, route: str, **instead: object) -> str:
        """The address with good values for its parameters, but for those given."""
        values = self.good | instead
        return re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda found: str(values[found[1]]), route)

    def body(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {name: copy.deepcopy(self.fields[name]) for name in schema["properties"]}


def layers_of(gmina: Gmina, street: Feature) -> dict[str, object]:
    """What routes of layers name: an edition that waits, its first finding, an import, a list."""
    change = FeatureChange(op="replace", fid=street.fid, name="Główna", geom=street.geom)
    edition = editions.stage(street.layer, [change], None, "ulice.gpkg")
    details = {"outside": 5.0, "unit": "m"}
    finding = edition.findings.create(
        code="crosses_edge", level="note", where="Główna", details=details
    )
    district = make_district(gmina, "Zachód", geom=square(0, 0, 100))
    run = ImportRun.objects.create(gmina=gmina, file_name="ulice.gpkg", state="failed")
    listed = DistrictList.objects.create(layer=district.layer, name="Wschód")
    return {
        "edition_id": edition.pk, "finding_id": finding.pk, "run_id": run.pk,
        "districts": district.layer.slug, "list_id": listed.pk,
        "collection": "testowo.ulice", "feature": street.fid,
    }  # fmt: skip


def good_fields(street_fid: int, address_fid: int) -> dict[str, Any]:
    """A good value for every field that the API takes."""
    texts = {"pl": {"title": "Brak wody", "body": "Do 18:00.", "instruction": ""}}
    ring = [[19.0, 50.3], [19.01, 50.3], [19.01, 50.31], [19.0, 50.3]]
    return {
        "parts": [
            {"kind": "feature", "fid": street_fid, "reach": "metres", "reach_m": 10},
            {"kind": "drawn", "geometry": {"type": "Polygon", "coordinates": [ring]}, "reach_m": 5},
            {"kind": "locality", "simc": "0000001", "include_parts": True},
        ],
        "kind": "woda",
        "category": "awaria",
        "severity": "info",
        "texts": texts,
        "event_ends_at": None,
        "expires_at": (timezone.now() + timedelta(hours=5)).isoformat(),
        "seen_hash": "",
        "submitted_at": None,
        "reason": "",
        "platform": "android",
        "lang": "pl",
        "push": {"kind": "token", "value": "t"},
        "join_code": None,
        "address_fid": address_fid,
        "lat": 50.3,
        "lon": 19.0,
        "accuracy_m": 10,
        "gmina": "testowo",
        "receipts": [{"delivery_id": "1.1.1", "event": "received", "at": "2026-01-01T00:00:00Z"}],
        "kinds": ["woda"],
        "code": "ABCD-EFGH",
        "ref": "",
        "is_drill": False,
        "template": None,
        "update_id": 1,
        "send_wall": f"{timezone.now() + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "send_zone": "Europe/Warsaw",
        "send_fold": None,
        "if_missed": "drop",
        "rrule": "FREQ=DAILY;COUNT=2",
        "on_holiday": "skip",
        "codes": ["crosses_edge"],
        "name": "Nowa",
        "simc": "",
        "attrs": {"class": "main"},
        "geometry": {"type": "LineString", "coordinates": [[19.0, 50.3], [19.01, 50.3]]},
        "keep": "mine",
        "seen": {str(street_fid): ""},
        "fids": [street_fid, street_fid + 1],
        "fid": street_fid,
        "start": [19.0, 50.3],
        "side": [[19.0, 50.3], [19.01, 50.3]],
        "end": [19.001, 50.301],
        "line": [[19.0, 50.2], [19.0, 50.4]],
        "at": [19.0, 50.3],
        "text": "0000001",
        "quiet_on": True,
        "quiet_from": "22:00",
        "quiet_until": "06:00",
        "quiet_free_from": "22:00",
        "quiet_free_until": "08:00",
    }


@pytest.fixture
def site() -> Site:
    return Site()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description()["paths"].items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def taking_a_body() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, schema of the body) of each operation that has one."""
    for path, method, operation in operations():
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            name = schema["$ref"].rpartition("/")[2]
            yield path, method, description()["components"]["schemas"][name]


def spoilt(good: Any) -> Iterator[Any]:
    """The value with one node after the other replaced by each of VALUES."""
    yield from VALUES
    steps = range(len(good)) if isinstance(good, list) else good if isinstance(good, dict) else ()
    for step in steps:
        for bad in spoilt(good[step]):
            whole = copy.copy(good)
            whole[step] = bad
            yield whole


def faults(answer: Any, asked: object) -> list[str]:
    """What is wrong with an answer to a bad request; nothing is to change whatever it says."""
    if answer.status_code >= 500:
        return [f"{answer.status_code}: {asked!r:.300}"]
    of_api = answer.wsgi_request.path.startswith("/api/")
    if of_api and answer.status_code >= 400 and set(json.loads(answer.content)) != ERROR_KEYS:
        return [f"no error body: {asked!r:.300}"]
    return []


def ask(client: Client, method: str, url: str, body: bytes = b"") -> list[str]:
    """The faults of one request, which is taken back afterwards."""
    with transaction.atomic():
        answer = client.generic(method.upper(), url, body, content_type="application/json")
        transaction.set_rollback(True)
    if answer.streaming:
        list(answer.streaming_content)  # a file is closed at its end
    return faults(answer, (method, url[:200], body))


def test_a_spoilt_value_in_any_field_is_refused(site):
    found = []
    for path, method, schema in taking_a_body():
        url, client = site.at(path), site.who(path)
        for body in spoilt(site.body(schema)):
            found += ask(client, method, url, json.dumps(body).encode())
    assert found == []


@pytest.mark.parametrize("field", ["reach_m", "geometry"])
def test_a_number_of_any_length_names_its_field(site, field):
    drawn = {"type": "Point", "coordinates": [BIG, 50.3]} if field == "geometry" else {}
    part = {"kind": "drawn", "geometry": drawn, "reach_m": 5} | (
        {"reach_m": BIG} if field == "reach_m" else {}
    )
    body = json.dumps({"parts": [part], "severity": "info"})
    answer = site.staff.post(
        "/api/v1/gminas/testowo/audience", body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["field"]) == (422, f"parts.0.{field}")


@pytest.mark.parametrize(
    "path",
    [
        "/staff/testowo/alerts/%00/",
        "/api/v1/gminas/testowo/alerts/%00",
        "/api/v1/gminas/testowo/alerts/%00/submit",
        "/api/v1/gminas/testowo/alerts?before=%00",
        "/api/v1/alerts/%00",
    ],
)
def test_a_name_that_no_alert_can_have_is_not_found(site, path):
    client = site.phone if path.startswith("/api/v1/alerts") else site.staff
    method = client.post if path.endswith("submit") else client.get
    assert method(path).status_code == 404


def test_the_unspoilt_bodies_are_taken(site):
    """Else every answer above would be a refusal for another reason."""
    taken = set()
    for path, method, schema in taking_a_body():
        with transaction.atomic():
            body = site.body(schema)
            if "address_fid" in body:
                del body["lat"], body["lon"], body["kind"]
                body["kind"] = "home"
            answer = site.who(path).generic(
                method.upper(), site.at(path), json.dumps(body), content_type="application/json"
            )
            transaction.set_rollback(True)
        taken |= {path} if answer.status_code < 400 else set()
    assert {
        "/api/v1/gminas/{slug}/alerts/{ref}",
        "/api/v1/gminas/{slug}/plan",
        "/api/v1/quiet",
    } <= taken


def test_a_body_that_is_no_object_is_refused(site):
    found = []
    for path, method, _schema in taking_a_body():
        url, client = site.at(path), site.who(path)
        for body in BODIES:
            found += ask(client, method, url, body)
    assert found == []


def test_a_query_of_any_characters_is_refused_or_finds_nothing(site):
    found = []
    for path, method, operation in operations():
        names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
        good = {"q": "glowna", "lat": "50", "lon": "19"}
        start = {name: good[name] for name in names if name in good}
        for name in names:
            for word in WORDS:
                query = urlencode(start | {name: word}, errors="surrogatepass")
                found += ask(site.who(path), method, f"{site.at(path)}?{query}")
    assert found == []


def test_a_page_reads_its_query_without_a_fault(site):
    pages = [route for route in table.ALL if route.startswith(("staff/", "account/"))]
    found = []
    for page in pages:
        for word in WORDS:
            for names in (PAGE_QUERY, *([name] for name in PAGE_QUERY if "audit" in page)):
                query = urlencode(dict.fromkeys(names, word), errors="surrogatepass")
                found += ask(site.staff, "get", f"/{site.at(page)}?{query}")
    assert found == []


def test_an_address_with_odd_characters_leads_nowhere(site):
    found = []
    for route in table.ALL:
        for parameter in re.findall(r"<(?:\w+:)?(\w+)>", route):
            for step in STEPS:
                for method in ("get", "post"):
                    url = "/" + site.at(route, **{parameter: step})
                    found += ask(site.who(route), method, url)
    assert found == []
