"""Probes: alive is not ready, and neither answer tells a stranger more than a code."""

import logging

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health
from tests.builders import make_gmina

pytestmark = pytest.mark.django_db

NOWHERE = "redis://127.0.0.1:1/0"  # nobody listens on port 1


@pytest.fixture
def configured(settings):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", "http://127.0.0.1:9"
    return settings


def ready(client: Client) -> tuple[int, dict]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_ready_when_database_redis_and_one_transport_are_there(client, configured):
    status, body = ready(client)
    assert status == 200
    assert body == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "redis": "ok", "fcm": "ok", "demo": "ok"},
    }


@pytest.mark.parametrize(
    ("credentials", "emulator"),
    [("", ""), ("/run/secrets/fcm.json", "http://127.0.0.1:9")],
    ids=["neither", "both"],
)
def test_neither_or_both_transports_fail_readiness_but_not_liveness(
    client, settings, credentials, emulator
):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = credentials, emulator
    status, body = ready(client)
    assert (status, body["status"], body["checks"]["fcm"]) == (503, "failing", "fcm_not_configured")
    assert client.get("/healthz").status_code == 200


def test_an_emulator_out_on_the_network_fails_readiness(client, settings):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", "http://fcm.example.com"
    assert ready(client)[1]["checks"]["fcm"] == "fcm_not_configured"


def test_credentials_alone_are_ready(client, settings):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "/run/secrets/fcm.json", ""
    assert ready(client)[0] == 200


@pytest.mark.parametrize(
    ("is_demo", "credentials", "answer"),
    [
        (True, "/run/secrets/fcm.json", (503, "demo_gmina")),
        (False, "/run/secrets/fcm.json", (200, "ok")),
        (True, "", (200, "ok")),
    ],
)
def test_a_demo_gmina_beside_real_sending_is_not_ready(
    client, settings, is_demo, credentials, answer
):
    settings.FCM_CREDENTIALS = credentials
    settings.FCM_EMULATOR_URL = "" if credentials else "http://127.0.0.1:9"
    make_gmina(is_demo=is_demo)
    status, body = ready(client)
    assert (status, body["checks"]["demo"]) == answer


def test_without_redis_it_is_degraded_and_still_takes_work(client, configured, caplog):
    configured.REDIS_URL = NOWHERE
    with caplog.at_level(logging.WARNING):
        status, body = ready(client)
    assert (status, body["status"]) == (200, "degraded")
    assert body["checks"]["redis"] == "redis_unreachable"
    assert "Redis does not answer" in caplog.text


def test_a_missing_migration_fails_readiness(client, configured):
    MigrationRecorder(connection).migration_qs.filter(app="dispatch").delete()
    status, body = ready(client)
    assert (status, body["checks"]["migrations"]) == (503, "migrations_missing")


def test_a_lost_database_fails_readiness_without_telling_where_it_is(
    client, configured, monkeypatch
):
    def refuse() -> None:
        raise health.DatabaseError("connection to 10.1.2.3 refused")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    status, body = ready(client)
    assert (status, body["checks"]["database"]) == (503, "database_unreachable")
    assert "10.1.2.3" not in str(body)


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_never_cached_and_only_read(client, configured, address):
    assert "no-store" in client.get(address)["Cache-Control"]
    assert client.post(address).status_code == 405


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"
