"""Every tile of a gmina's map that may have something in it, from the widest zoom down."""

from collections.abc import Iterator
from importlib.resources import files

from django.db import connection

from gis_layers.grid import Zxy
from gis_layers.tile_revisions import Known
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset

OCCUPIED_SQL = (files("gis_layers") / "sql" / "tile_occupied.sql").read_text(encoding="utf-8")
ASKED_AT_ONCE = 1000  # tiles of one query


def walk(revision: Known, tileset: Tileset, deepest: int = MAX_ZOOM) -> Iterator[Zxy]:
    """The tiles down to zoom `deepest`, zoom by zoom; what is empty above is empty below."""
    level = [(0, 0)]
    for z in range(deepest + 1):
        level = list(_occupied(revision, tileset, z, level))
        if z >= MIN_ZOOM:
            yield from ((z, x, y) for x, y in level)
        level = [(2 * x + i, 2 * y + j) for x, y in level for i in (0, 1) for j in (0, 1)]


def _occupied(
    revision: Known, tileset: Tileset, z: int, level: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    shown = [layer for layer in revision.layers if layer["public"] or tileset is Tileset.STAFF]
    for first in range(0, len(level), ASKED_AT_ONCE):
        some = level[first : first + ASKED_AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(
                OCCUPIED_SQL,
                {
                    "z": z,
                    "xs": [x for x, _y in some],
                    "ys": [y for _x, y in some],
                    "ids": [layer["id"] for layer in shown],
                    "editions": [layer["edition"] for layer in shown],
                },
            )
            yield from cursor.fetchall()
