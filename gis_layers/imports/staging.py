"""The features of one import in temporary tables of the session: gone with it, whatever happens."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from uuid import uuid4

import numpy as np
import shapely
from django.db import connection, transaction

from gis_layers.crs import STORED
from gis_layers.imports.drafts import Draft
from gis_layers.statements import statement
from teryt.names import normal_form

FETCH = 2_000  # rows that are brought back at a time
COPY_ROWS = """
    COPY import_row (n, place, name, code, simc, search_name, attrs, said_fid, doubt, geom)
    FROM STDIN
"""


@contextmanager
def tables() -> Iterator[None]:
    """Empty tables for one import, dropped at its end. Of one session at a time."""
    run("imports/tables")
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            run("imports/drop")


def run(name: str, /, **parameters: Any) -> int:
    """How many rows sql/{name}.sql changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        return int(cursor.rowcount)


def rows(name: str, /, **parameters: Any) -> list[tuple[Any, ...]]:
    """What sql/{name}.sql returns."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters)
        return list(cursor.fetchall())


def add(drafts: Sequence[Draft]) -> None:
    """Append drafts to import_row. `n` is their row."""
    shapes = hex_wkb([draft.geom for draft in drafts])
    with connection.cursor() as cursor, cursor.copy(COPY_ROWS) as copy:
        for draft, shape in zip(drafts, shapes, strict=True):
            copy.write_row(
                (
                    draft.row,
                    draft.where,
                    draft.name,
                    draft.code,
                    draft.simc,
                    normal_form(draft.name) if draft.name else "",
                    json.dumps(draft.attrs) if draft.attrs else "{}",
                    draft.said_fid,
                    draft.doubt,
                    shape,
                )
            )


def add_all(drafts: Iterable[Draft]) -> None:
    """As add, a bit at a time."""
    drafts = iter(drafts)
    while some := list(islice(drafts, FETCH)):
        add(some)


def hex_wkb(shapes: Sequence[shapely.Geometry | None]) -> list[str | None]:
    """Geometries (EPSG:2180) as PostGIS reads them."""
    placed = shapely.set_srid(np.array(shapes, dtype=object), STORED)
    return list(shapely.to_wkb(placed, hex=True, include_srid=True))


@contextmanager
def streamed(name: str) -> Iterator[Iterator[tuple[Any, ...]]]:
    """What sql/{name}.sql returns, a bit at a time. Other statements may run in between.

    JSON comes as text: the cursor is psycopg's own, Django's server-side ones are for querysets.
    """
    with (
        transaction.atomic(),
        connection.connection.cursor(name=f"import_{uuid4().hex}") as cursor,
    ):
        cursor.itersize = FETCH
        cursor.execute(statement(name))
        yield iter(cursor)
