"""What is drawn in a tile, from which tables, and the one statement that encodes it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from psycopg.pq import Format

from gis_layers.bands import LABELS, band_of
from gis_layers.models import LayerKind
from gis_layers.tile_query import Statement, prepared_form

ADDRESS_MIN_ZOOM = 16
SQL = files("gis_layers") / "sql"


class Table(StrEnum):
    """Where features come from; sql/tile_{name}.sql reads it."""

    COPIES = "copies"
    FEATURES = "features"
    ADDRESSES = "addresses"


@dataclass(frozen=True)
class Drawn:
    """One MVT layer: its name, and which rows are its features."""

    table: Table
    name: str
    layer: int
    edition: int
    band: int = 0


def label_layer(slug: str) -> str:
    """The MVT layer with a point for the name of each of a layer's areas."""
    return f"{slug}:label"


def drawn_at(z: int, layers: Iterable[Mapping[str, Any]], *, staff: bool) -> list[Drawn]:
    """The MVT layers of tiles of zoom `z`; `layers` as MapRevision.layers has them."""
    return [
        part
        for layer in layers
        if (staff or layer["public"]) and layer["min_zoom"] <= z <= layer["max_zoom"]
        for part in _drawn(layer, z)
    ]


def _drawn(layer: Mapping[str, Any], z: int) -> list[Drawn]:
    slug, which = layer["slug"], (layer["id"], layer["edition"])
    if layer["kind"] == LayerKind.ADDRESS:
        return [Drawn(Table.ADDRESSES, slug, *which)] if z >= ADDRESS_MIN_ZOOM else []
    band = band_of(z)
    # Revisions older than the copies say nothing of them.
    is_copied = layer.get("copied", False) and band
    table = Table.COPIES if is_copied else Table.FEATURES
    labels = [Drawn(Table.COPIES, label_layer(slug), *which, band=LABELS)]
    return [Drawn(table, slug, *which, band=band)] + (labels if layer.get("labelled") else [])


def statement_for(drawn: Sequence[Drawn]) -> tuple[Statement, dict[str, object]]:
    """The statement over the tables that are needed, and its parameters of the layers."""
    by_table: dict[Table, list[Drawn]] = defaultdict(list)
    for part in drawn:
        by_table[part.table].append(part)
    given: dict[str, object] = {}
    for table, parts in by_table.items():
        given |= {
            f"{table}_ids": _array(part.layer for part in parts),
            f"{table}_names": _array(f'"{part.name}"' for part in parts),
            f"{table}_editions": _array(part.edition for part in parts),
            f"{table}_bands": _array(part.band for part in parts),
        }
    return _statement(tuple(sorted(by_table))), given


def _array(values: Iterable[object]) -> str:
    """PostgreSQL's text of an array; slugs hold no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


@cache
def _statement(tables: tuple[Table, ...]) -> Statement:
    parts = [(SQL / f"tile_{table}.sql").read_text(encoding="utf-8") for table in tables]
    named = " || ".join(f"coalesce((\n{part}), ''::bytea)" for part in parts)
    return prepared_form("tile_" + "_".join(tables), f"SELECT {named} AS tile", Format.BINARY)
