"""The API's description: OpenAPI 3.1 without warnings, and the page made from it."""

import pytest
from django.test import override_settings
from drf_spectacular.drainage import GENERATOR_STATS

from config import api_docs


@pytest.fixture(scope="module")
def document():
    api_docs.description.cache_clear()
    GENERATOR_STATS.reset()
    return api_docs.description()


def test_the_generator_had_nothing_to_complain_of(document):
    """A view without a serializer or with an unclear path parameter would be described wrongly."""
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_it_is_openapi_3_1_under_the_address_it_promises(client):
    response = client.get("/api/v1/schema/")
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json()["openapi"] == "3.1.0"
    assert all(path.startswith("/api/v1/") for path in response.json()["paths"])


def test_every_operation_names_the_one_error_body(document):
    assert document["paths"]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}, f"{method} {path}"
    assert document["components"]["schemas"]["Error"]["required"] == [
        "code",
        "message",
        "field",
        "details",
    ]


def test_staff_routes_name_the_session_and_phones_the_device(document):
    for path, item in document["paths"].items():
        schemes = {
            name
            for operation in item.values()
            for choice in operation.get("security", [])
            for name in choice
        }
        assert schemes <= {"staffSession", "device"}
        if "/gminas/{slug}/" in path:
            assert schemes == {"staffSession"}, path


def test_the_page_lists_every_operation(client, document):
    page = client.get("/api/v1/docs/").content.decode()
    for path, item in document["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}" in page


def test_both_are_open_to_the_signed_out_and_to_reading_only(client):
    for url in ("/api/v1/schema/", "/api/v1/docs/"):
        assert client.get(url).status_code == 200
        assert client.post(url).status_code == 405


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Alert"}, "Alert"),
        ({"type": "array", "items": {"$ref": "#/x/Alert"}}, "list of Alert"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({}, "any"),
    ],
)
def test_a_type_in_few_words(schema, words):
    assert api_docs.type_of(schema) == words


@override_settings(LANGUAGE_CODE="en")
def test_the_description_is_the_same_in_every_language(document):
    api_docs.description.cache_clear()
    assert api_docs.description() == document
