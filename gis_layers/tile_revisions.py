"""Which revision of a gmina's map a tile's URL names, and whether it is still served."""

import json
import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg.pq import Format

from gis_layers.tile_query import first_row, is_web_server, prepared_form

MAP_REVISION = prepared_form(
    "map_revision",
    (files("gis_layers") / "sql" / "map_revision.sql").read_text(encoding="utf-8"),
    Format.TEXT,
)

REMEMBERED_S = 10  # a revision that was superseded is found to be so within this time
REMEMBERED_MOST = 1000


@dataclass(frozen=True)
class Known:
    """A revision that exists; instants in seconds of the epoch."""

    id: int
    made: str
    superseded: float | None
    # As MapRevision.layers.
    layers: list[dict[str, Any]]

    @property
    def key(self) -> str:
        """Names the revision for good: ids come again where a backup is put back."""
        return f"{self.id}:{self.made}"

    @property
    def is_gone(self) -> bool:
        """Whether it was superseded longer ago than open pages need it."""
        return self.superseded is not None and time.time() > self.superseded + settings.TILE_GRACE_S


_remembered: dict[tuple[str, int], tuple[float, Known]] = {}


def find_revision(slug: str, revision: int) -> Known | None:
    """None: no such gmina or revision, which is asked anew each time: it may be there in a second.

    Raises django.db.DatabaseError.
    """
    until, known = _remembered.get((slug, revision), (0.0, None))
    if known and time.monotonic() < until:
        return known
    known = _asked(slug, revision)
    # Other processes live too short for it, and tests take their rows back.
    if known and is_web_server():
        if len(_remembered) >= REMEMBERED_MOST:
            forget()
        _remembered[slug, revision] = time.monotonic() + REMEMBERED_S, known
    return known


def forget() -> None:
    """Ask anew for every revision, as after ten seconds."""
    _remembered.clear()


def _asked(slug: str, revision: int) -> Known | None:
    with connection.wrap_database_errors:
        row = first_row(MAP_REVISION, {"slug": slug, "revision": revision})
    if row is None:
        return None
    number, made, superseded, layers = (column and column.decode() for column in row)
    return Known(
        id=int(number or 0),
        made=made or "",
        superseded=float(superseded) if superseded else None,
        layers=json.loads(layers or "[]"),
    )
