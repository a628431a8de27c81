"""A layer, or what a change set would make of it, as a GeoPackage for QGIS and back.

Read back in, the file changes only what was changed in it: a feature's number goes along in
FID_COLUMN, its code as it stands in CODE_COLUMN, each attribute in a column of its own.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection

from gis_layers.editions import ADDRESS_ATTRS, SQL
from gis_layers.geopackage import Row, Table, column_names, write
from gis_layers.models import Edition, Layer, LayerKind
from gis_layers.qgis_style import qml
from gis_layers.states import State, shown_of

FID_COLUMN = "sao_fid"
CODE_COLUMN = "sao_code"
FEATURE_COLUMNS: Mapping[str, type] = {
    FID_COLUMN: int,
    "name": str,
    "simc": str,
    CODE_COLUMN: str,
}
ADDRESS_COLUMNS: Mapping[str, type] = {
    FID_COLUMN: int,
    "simc": str,
    **{name: int if name == "street_fid" else str for name in ADDRESS_ATTRS},
}
KINDS: Mapping[str, type] = {"bool": bool, "int": int, "float": float, "text": str}


def write_layer(path: Path, layer: Layer, edition: Edition | None = None) -> None:
    """The layer as it is shown, or as the staged edition would show it, in a table of its slug."""
    write(path, [table_of(layer, edition)])


def table_of(layer: Layer, edition: Edition | None) -> Table:
    states = shown_of(layer, edition)
    if layer.kind == LayerKind.ADDRESS:
        columns, rows = ADDRESS_COLUMNS, map(address_row, states)
    else:
        kinds = attr_kinds(layer, edition)
        names = column_names(sorted(kinds), list(FEATURE_COLUMNS))
        columns = {**FEATURE_COLUMNS, **{names[key]: kind for key, kind in kinds.items()}}
        rows = map(partial(feature_row, kinds), states)
    return Table(layer.slug, layer.geometry_type, columns, rows, qml(layer))


def feature_row(kinds: Mapping[str, type], state: State) -> Row:
    content = state.content
    values = [state.fid, content.name, content.simc, content.code]
    return content.geom, [*values, *cells(content.attrs, kinds)]


def cells(attrs: Mapping[str, Any], kinds: Mapping[str, type]) -> Iterator[Any]:
    for key, kind in kinds.items():
        value = attrs.get(key)
        yield None if value is None else kind(value)


def address_row(state: State) -> Row:
    attrs = state.content.attrs
    return state.content.geom, [state.fid, state.content.simc, *map(attrs.get, ADDRESS_ATTRS)]


def attr_kinds(layer: Layer, edition: Edition | None) -> dict[str, type]:
    """Name of an attribute -> what its column holds; text, where the values differ in kind."""
    with connection.cursor() as cursor:
        bound = {"layer": layer.pk, "edition": edition.pk if edition else None}
        cursor.execute((SQL / "attr_kinds.sql").read_text(encoding="utf-8"), bound)
        return {key: common(set(kinds)) for key, kinds in cursor.fetchall()}


def common(kinds: set[str]) -> type:
    """The one kind of column that holds values of all these kinds."""
    if kinds == {"int", "float"}:
        return float
    return KINDS[kinds.pop()] if len(kinds) == 1 else str
