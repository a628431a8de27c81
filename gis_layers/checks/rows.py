"""The layer as a staged edition would show it, as the checks read it from PostgreSQL.

It stands in a temporary table of the transaction, so that no check needs it in memory.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from gis_layers.cases import Case
from gis_layers.models import Edition, Layer
from gis_layers.statements import statement

DIMENSION = {
    Layer.GeometryType.POINT.value: 0,
    Layer.GeometryType.LINE.value: 1,
    Layer.GeometryType.POLYGON.value: 2,
}


class RegisterRow(NamedTuple):
    """A street code of the layer, a feature that has it, and what ULIC calls it."""

    fid: int
    place: str
    code: str
    features: int
    geom: GEOSGeometry | None
    in_register: bool
    cecha: str
    name_1: str
    name_2: str


def lay_out(edition: Edition) -> int:
    """Fill the temporary table for an edition; the number of its features."""
    bound = {"edition": edition.pk, "dimension": DIMENSION[edition.layer.geometry_type]}
    with connection.cursor() as cursor:
        cursor.execute(statement("checks/shown"), bound)
        cursor.execute("SELECT count(*) FROM checked_feature")
        return int(cursor.fetchone()[0])


def read(name: str, **bound: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of sql/checks/{name}.sql, fetched as they are asked for."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement(f"checks/{name}"), bound or None)
        yield from cursor


def cases(name: str, **bound: Any) -> Iterator[Case]:
    """The cases that sql/checks/{name}.sql finds: rows of code, fid, place, details, geometry."""
    for code, fid, place, details, geom in read(name, **bound):
        yield Case(code, place, json.loads(details), fid=fid, geom=geometry(geom))


def register_rows() -> Iterator[RegisterRow]:
    for row in map(RegisterRow._make, read("register")):
        yield row._replace(geom=geometry(row.geom))


def geometry(ewkb: Any) -> GEOSGeometry | None:
    """A geometry column as psycopg gives it: hexadecimal EWKB."""
    return GEOSGeometry(ewkb) if ewkb else None
