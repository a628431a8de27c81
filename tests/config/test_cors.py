"""The phone app's origins may call the API, without cookies; nobody else's may."""

import pytest

pytestmark = pytest.mark.django_db
SCHEMA = "/api/v1/schema/"


@pytest.mark.parametrize("origin", ["https://localhost", "capacitor://localhost"])
def test_the_apps_pages_may_call_the_api_and_read_the_answer(client, origin):
    asked = client.options(SCHEMA, headers={"Origin": origin})
    assert asked.status_code == 204
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    for response in (asked, client.get(SCHEMA, headers={"Origin": origin})):
        assert response["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost", "https://localhost.evil.example", "null"]
)
def test_other_origins_are_told_nothing(client, origin):
    for response in (
        client.options(SCHEMA, headers={"Origin": origin}),
        client.get(SCHEMA, headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in response


def test_pages_are_not_shared_even_with_the_app(client):
    response = client.get("/account/login/", headers={"Origin": "https://localhost"})
    assert "Access-Control-Allow-Origin" not in response


def test_caches_keep_answers_to_origins_apart(client):
    assert "Origin" in client.get(SCHEMA)["Vary"]
