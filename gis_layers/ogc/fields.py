"""What a collection's features have: the properties that can be read, and asked for in filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    FloatField,
    Func,
    OuterRef,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact

from gis_layers.models import Feature, LayerKind
from gis_layers.ogc.collections import Collection
from gis_layers.ogc.kept import by_edition

TEXT, NUMBER, TRUTH = "string", "number", "boolean"
GEOMETRY = "geometry"
SQL = files("gis_layers") / "sql"

# Properties of every feature, and of every address point; attributes of the layer come beside.
FEATURE_FIELDS = {"name": TEXT, "code": TEXT, "simc": TEXT}
ADDRESS_FIELDS = {
    "number": TEXT,
    "postcode": TEXT,
    "street_name": TEXT,
    "street_fid": NUMBER,
    "simc": TEXT,
    "ulic": TEXT,
}
# Told beside an address, and never taken: the name of the street that street_fid means.
STREET = "street"


@dataclass(frozen=True)
class Field:
    """A property by its JSON type, and where its value stands in the table it is read from."""

    type: str
    value: BaseExpression | Combinable


def types(collection: Collection) -> dict[str, str]:
    """The collection's properties, by name, with their JSON types."""
    if collection.layer.kind == LayerKind.ADDRESS:
        return ADDRESS_FIELDS if collection.is_staged else {STREET: TEXT, **ADDRESS_FIELDS}
    return FEATURE_FIELDS | {
        name: kind
        for name, kind in attribute_types(collection).items()
        if name not in FEATURE_FIELDS and name != GEOMETRY
    }


def attribute_types(collection: Collection) -> dict[str, str]:
    """The attributes that features of the layer have; of mixed types, or lists: as text."""
    layer = collection.layer
    found: dict[str, set[str]] = {}
    for name, kinds in by_edition("attributes", [layer], published_types).get(layer.pk, []):
        found[name] = set(kinds)
    if edition := collection.edition():
        for name, kinds in asked("changed_attribute_types.sql", edition=edition.pk):
            found[name] = found.get(name, set()) | set(kinds)
    return {name: kind_of(kinds) for name, kinds in sorted(found.items())}


def kind_of(kinds: set[str]) -> str:
    return next(iter(kinds)) if kinds in ({NUMBER}, {TRUTH}) else TEXT


def published_types(layer_ids: Sequence[int]) -> dict[int, list[tuple[str, list[str]]]]:
    return {pk: asked("attribute_types.sql", layer=pk) for pk in layer_ids}


def asked(name: str, **bound: int) -> list[tuple[str, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"), bound)
        return cursor.fetchall()


def columns(collection: Collection, *, of_change: bool = False) -> dict[str, Any]:
    """Properties that have a column of their own in the layer's table, or in FeatureChange."""
    if collection.layer.kind != LayerKind.ADDRESS:
        return {name: F(name) for name in FEATURE_FIELDS}
    if of_change:
        return {"simc": F("simc")}
    own = {name: F(name) for name in ADDRESS_FIELDS}
    return own if collection.is_staged else {STREET: street()} | own


def fields(kinds: Mapping[str, str], own: Mapping[str, Any]) -> dict[str, Field]:
    """Each property with its value: of the row's `own` columns, else of its attributes."""
    return {
        name: Field(kind, own[name] if name in own else attribute(name, kind))
        for name, kind in kinds.items()
    }


def attribute(name: str, kind: str) -> BaseExpression | Combinable:
    """An attribute's value, null where it is none of that type; no value makes the query fail."""
    text = KeyTextTransform(name, "attrs")
    if kind == TEXT:
        return Cast(text, CharField())
    found = Func(KeyTransform(name, "attrs"), function="jsonb_typeof", output_field=CharField())
    column = FloatField() if kind == NUMBER else BooleanField()
    return Case(When(Exact(found, Value(kind)), then=Cast(text, column)), output_field=column)


def street() -> Any:
    """The name of an address's street: of the feature that is shown, else the one kept with it."""
    named = Feature.objects.filter(fid=OuterRef("street_fid"), until=None).values("name")[:1]
    return Coalesce(Subquery(named), F("street_name"), output_field=CharField())
