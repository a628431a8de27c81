"""What DRF says of a bad field is said in Polish, also where its own catalogue has nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from django.utils import translation
from rest_framework import serializers

from config.framework_texts import TEXTS

OURS = {"accounts", "audit", "teryt", "gis_layers", "residents", "dispatch", "config"}


def serializers_of_ours(base: type = serializers.BaseSerializer) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        if one.__module__.split(".")[0] in OURS:
            yield one
        yield from serializers_of_ours(one)


def fields_of(field: Any) -> Iterator[serializers.Field]:
    """The field, its items' and its members'."""
    yield field
    if hasattr(field, "child"):
        yield from fields_of(field.child)
    if isinstance(field, serializers.Serializer):
        for member in field.fields.values():
            yield from fields_of(member)


def messages() -> Iterator[tuple[str, str]]:
    """(Field class and code, English message) of all that our serializers could say."""
    assert get_resolver().url_patterns  # imports every API
    for shape in serializers_of_ours():
        for field in fields_of(shape()):
            for code, message in field.error_messages.items():
                yield f"{type(field).__name__}.{code}", message


def both(message: Any) -> tuple[str, str]:
    with translation.override("en"):
        english = str(message)
    with translation.override("pl"):
        return english, str(message)


def test_every_message_of_every_field_we_use_is_polish():
    said = {name: both(message) for name, message in messages()}
    assert {name: english for name, (english, polish) in said.items() if english == polish} == {}
    assert "CharField.invalid" in said


def test_the_catalogue_holds_nothing_that_is_no_longer_said():
    assert set(TEXTS) <= {both(message)[0] for _name, message in messages()}


@pytest.mark.django_db
def test_a_body_of_null_is_refused_in_polish(client):
    answer = client.post("/api/v1/devices", "null", content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (400, "Wyślij obiekt JSON.")
