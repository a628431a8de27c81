"""Registration, sign-in, one's own device, the second device: through the REST API."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.throttling import ScopedRateThrottle

from residents.models import Device, Resident

pytestmark = pytest.mark.django_db
TOKEN = {"kind": "token", "value": "fcm-token-1"}


def test_registering_answers_id_and_secret_once(stranger):
    answer = stranger.register(push=TOKEN, lang="en")
    assert answer.status_code == 201
    assert set(answer.json()) == {"device_id", "secret", "resident_id"}
    mine = stranger.send("GET", "devices/me").json()
    assert mine["device_id"] == answer.json()["device_id"]
    assert mine["resident_id"] == answer.json()["resident_id"]
    assert (mine["platform"], mine["lang"], mine["reachable"]) == ("android", "en", True)
    assert "secret" not in mine
    assert "fcm-token-1" not in str(mine)


def test_registering_without_push_is_allowed_and_unreachable(stranger):
    stranger.register()
    assert stranger.send("GET", "devices/me").json()["reachable"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "platform"),
        ({"platform": "symbian"}, "platform"),
        ({"platform": "web", "lang": "xx"}, "lang"),
        ({"platform": "web", "push": {"kind": "token"}}, "push.value"),
        ({"platform": "web", "push": {"kind": "sms", "value": "1"}}, "push.kind"),
        ({"platform": "web", "push": {"kind": "token", "value": ""}}, "push.value"),
        ({"platform": "web", "push": {"kind": "token", "value": "x" * 1025}}, "push.value"),
        ({"platform": "web", "push": "token"}, "push"),
        ({"platform": "web", "join_code": "x" * 21}, "join_code"),
    ],
)
def test_a_bad_registration_names_the_field_and_leaves_nothing(stranger, body, field):
    answer = stranger.send("POST", "devices", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["field"].startswith(field)
    assert not Device.objects.exists()


def test_bytes_that_are_no_json_are_refused(stranger):
    answer = stranger.client.post(
        "/api/v1/devices", data=b'{"platform":', content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_device_that_registers_twice_with_its_secret_is_refused(app):
    answer = app.send("POST", "devices", {"platform": "android"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_registered")
    assert Device.objects.count() == 1


def test_the_same_push_target_takes_over_and_the_old_secret_stops_working(stranger):
    stranger.register(push=TOKEN)
    old = dict(stranger.headers)
    stranger.headers = {}
    again = stranger.register(push=TOKEN)
    assert again.status_code == 201
    assert stranger.send("GET", "devices/me").status_code == 200
    stranger.headers = old
    assert stranger.send("GET", "devices/me").status_code == 401
    assert Device.objects.count() == Resident.objects.count() == 1


PROTECTED = [
    ("GET", "devices/me"),
    ("PATCH", "devices/me"),
    ("DELETE", "devices/me"),
    ("POST", "devices/me/link"),
    ("GET", "places"),
    ("POST", "places"),
    ("GET", f"places/{uuid.uuid4()}"),
    ("PATCH", f"places/{uuid.uuid4()}"),
    ("DELETE", f"places/{uuid.uuid4()}"),
    ("GET", "residents/me/export"),
    ("DELETE", "residents/me"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_signed_out_is_401_everywhere(stranger, method, path):
    answer = stranger.send(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Device"


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_a_wrong_secret_is_401_everywhere_and_changes_nothing(app, method, path):
    app.headers = {"Authorization": app.headers["Authorization"][:-1] + "~"}
    assert app.send(method, path).status_code == 401
    assert Device.objects.count() == 1


@pytest.mark.parametrize(
    "header",
    ["Device", "Device ", "Device :", "Device x:y", "Device nonsense", "Device \xff:\xfe",
     f"Device {uuid.uuid4()}:secret", "Bearer x"],
)  # fmt: skip
def test_credentials_that_are_none_are_401(stranger, header):
    stranger.headers = {"Authorization": header}
    assert stranger.send("GET", "devices/me").status_code == 401


def test_one_devices_secret_does_not_open_another(app, stranger):
    stranger.register()
    secret = stranger.headers["Authorization"].partition(":")[2]
    stranger.use(app.device.public_id, secret)
    assert stranger.send("GET", "devices/me").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "devices"),
        ("PUT", "devices/me"),
        ("GET", "devices/me/link"),
        ("PUT", "places"),
        ("POST", "residents/me/export"),
        ("GET", "residents/me"),
    ],
)
def test_a_wrong_method_is_405(app, method, path):
    answer = app.send(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_language_and_target_are_reported(app):
    answer = app.send("PATCH", "devices/me", {"lang": "en", "push": TOKEN})
    assert answer.status_code == 200
    assert (answer.json()["lang"], answer.json()["reachable"]) == ("en", True)


def test_an_empty_report_keeps_the_target_and_null_clears_it(app):
    app.send("PATCH", "devices/me", {"push": TOKEN})
    assert app.send("PATCH", "devices/me", {}).json()["reachable"] is True
    assert app.send("PATCH", "devices/me", {"push": None}).json()["reachable"] is False


def test_use_is_noted_once_an_hour(app):
    long_ago = timezone.now() - timedelta(days=31)
    Device.objects.update(last_seen_at=long_ago)
    app.send("GET", "places")
    seen = app.device.last_seen_at
    assert timezone.now() - seen < timedelta(minutes=1)
    app.send("GET", "places")
    assert app.device.last_seen_at == seen


def test_a_second_device_joins_and_shares_the_places(app, stranger, town):
    app.send("POST", "places", {"kind": "home", "address_fid": town.address.fid})
    offer = app.send("POST", "devices/me/link")
    assert offer.status_code == 201
    joined = stranger.register(join_code=offer.json()["join_code"])
    assert joined.json()["resident_id"] == str(app.device.resident.public_id)
    assert len(stranger.send("GET", "places").json()) == 1


def test_a_wrong_join_code_names_the_field(stranger):
    answer = stranger.register(join_code="AAAAA-AAAAA")
    assert (answer.status_code, answer.json()["code"]) == (400, "join_code_invalid")
    assert answer.json()["field"] == "join_code"


def test_a_full_resident_takes_no_more_devices(app, stranger, settings):
    settings.DEVICES_MAX = 1
    code = app.send("POST", "devices/me/link").json()["join_code"]
    answer = stranger.register(join_code=code)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_devices")


def test_the_last_device_takes_the_resident_with_it(app):
    assert app.send("DELETE", "devices/me").status_code == 204
    assert app.send("GET", "devices/me").status_code == 401
    assert not Resident.objects.exists()


def test_a_resident_exports_and_erases_all(app, town):
    app.send("POST", "places", {"kind": "home", "address_fid": town.address.fid})
    exported = app.send("GET", "residents/me/export").json()
    assert exported["places"][0]["address"] == "Główna 1"
    assert app.send("DELETE", "residents/me").status_code == 204
    assert not Resident.objects.exists()
    assert app.send("GET", "residents/me/export").status_code == 401


def test_registrations_from_one_address_are_limited(stranger, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "register", "2/hour")
    for _n in range(2):
        assert stranger.send("POST", "devices", {"platform": "web"}).status_code == 201
    answer = stranger.send("POST", "devices", {"platform": "web"})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_forwarded_address_of_the_callers_own_making_does_not_escape_the_limit(
    stranger, monkeypatch
):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "register", "1/hour")
    body = {"platform": "web"}
    assert (
        stranger.send("POST", "devices", body, **{"X-Forwarded-For": "1.1.1.1"}).status_code == 201
    )
    assert (
        stranger.send("POST", "devices", body, **{"X-Forwarded-For": "2.2.2.2"}).status_code == 429
    )


def test_one_residents_limit_is_not_anothers(app, stranger, monkeypatch):
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "residents", "1/hour")
    stranger.register()
    assert app.send("GET", "places").status_code == 200
    assert app.send("GET", "places").status_code == 429
    assert stranger.send("GET", "places").status_code == 200


def test_without_redis_the_limits_let_all_pass(app, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert app.send("GET", "devices/me").status_code == 200


def test_secrets_and_targets_are_not_logged(stranger, caplog):
    caplog.set_level("DEBUG")
    secret = stranger.register(push=TOKEN).json()["secret"]
    stranger.send("PATCH", "devices/me", {"push": {"kind": "token", "value": "fcm-token-2"}})
    stranger.send("POST", "places", {"kind": "home", "lat": 50.29001, "lon": 19.00001})
    logged = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    for hidden in (secret, "fcm-token-1", "fcm-token-2", "50.29001"):
        assert hidden not in logged


@pytest.mark.parametrize(
    ("lang", "headers", "words"),
    [
        ("en", {}, "A position needs"),
        ("pl", {}, "Położenie wymaga"),
        ("pl", {"Accept-Language": "en"}, "A position needs"),
        ("en", {"Accept-Language": "pl-PL,en;q=0.5"}, "Położenie wymaga"),
        ("en", {"Accept-Language": "de"}, "A position needs"),
    ],
)
def test_a_refusal_is_in_the_apps_language_or_the_devices(stranger, lang, headers, words):
    stranger.register(lang=lang)
    answer = stranger.send("POST", "places", {"kind": "home", "lat": 50}, **headers)
    assert answer.json()["message"].startswith(words)
    assert answer["Content-Language"] == ("en" if words.startswith("A ") else "pl")


@pytest.mark.parametrize("path", ["devices", "addresses"])
def test_before_it_has_a_secret_the_app_says_its_language(stranger, path):
    method = "POST" if path == "devices" else "GET"
    answer = stranger.send(
        method, path, {} if method == "POST" else None, **{"Accept-Language": "en"}
    )
    assert answer.json()["message"] == "This field is required."
