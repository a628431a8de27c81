"""GeoPackage files as QGIS opens them: EPSG:2180, an index of space, the layer's style inside."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from django.contrib.gis.geos import GEOSGeometry

from gis_layers.models import Layer

MEDIA_TYPE = "application/geopackage+sqlite3"
BATCH = 1_000  # rows of one write
CRS = "EPSG:2180"
# Layer.geometry_type -> the table's; one type a table, or QGIS shows it as several layers.
TYPES: Mapping[str, str] = {
    "": "Unknown",
    Layer.GeometryType.POINT: "Point",
    Layer.GeometryType.LINE: "MultiLineString",
    Layer.GeometryType.POLYGON: "MultiPolygon",
}
DTYPES: Mapping[type, str] = {int: "int64", float: "float64", bool: "bool", str: "object"}
# The file's own row number; a feature's number is a column beside it, for QGIS gives new rows
# the next number of this one.
ROW_ID = "row_id"
GEOMETRY = "geom"
RESERVED = (ROW_ID, GEOMETRY)
# Where QGIS looks for styles; the columns are QGIS's own.
STYLES = """
CREATE TABLE IF NOT EXISTS layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
);
INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', 0);
"""
STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
                          styleName, styleQML, styleSLD, useAsDefault, description, owner)
VALUES ('', '', ?, ?, ?, ?, '', 1, '', '')
"""
STYLE_NAME_MAX = 30

Row = tuple[GEOSGeometry | None, Sequence[Any]]  # EPSG:2180; values in the order of the columns


@dataclass(frozen=True)
class Table:
    """One table of a file; `columns` name to int, float, bool or str, no two alike in any case.

    `geometry_type` is a Layer.GeometryType, empty for a mixed table. `qml` is QGIS's style.
    """

    name: str
    geometry_type: str
    columns: Mapping[str, type]
    rows: Iterable[Row]
    qml: str = ""


def write(path: Path, tables: Sequence[Table]) -> None:
    """A GeoPackage of the tables at `path`, where no file is; rows are read in batches."""
    for number, table in enumerate(tables):
        for batch_number, batch in enumerate(batches(table.rows)):
            write_batch(path, table, batch, append=bool(number or batch_number))
    with sqlite3.connect(path) as file:
        for table in tables:
            if table.qml:
                file.executescript(STYLES)
                name = table.name[:STYLE_NAME_MAX]
                file.execute(STYLE, [table.name, GEOMETRY, name, table.qml])
    file.close()


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in lists; one empty list where there are none, so that the table is made."""
    remaining = iter(rows)
    yield list(islice(remaining, BATCH))
    while batch := list(islice(remaining, BATCH)):
        yield batch


def write_batch(path: Path, table: Table, batch: Sequence[Row], *, append: bool) -> None:
    values = [[row[1][n] for row in batch] for n in range(len(table.columns))]
    pairs = [
        column(kind, cells) for kind, cells in zip(table.columns.values(), values, strict=True)
    ]
    pyogrio.raw.write(
        path,
        array([bytes(geom.wkb) if geom else None for geom, _values in batch], "object"),
        [cells for cells, _mask in pairs],
        np.array(list(table.columns), dtype=object),
        field_mask=[mask for _cells, mask in pairs],
        layer=table.name,
        driver="GPKG",
        geometry_type=TYPES[table.geometry_type],
        promote_to_multi=table.geometry_type
        in (Layer.GeometryType.LINE, Layer.GeometryType.POLYGON),
        crs=CRS,
        append=append,
        layer_options={"FID": ROW_ID, "GEOMETRY_NAME": GEOMETRY},
    )


def column(kind: type, cells: Sequence[Any]) -> tuple[Any, Any]:
    """The cells as GDAL takes them, and which of them are null."""
    filled = [kind() if cell is None else cell for cell in cells]
    return array(filled, DTYPES[kind]), array([cell is None for cell in cells], "bool")


def array(values: Sequence[Any], dtype: str) -> Any:
    """One-dimensional whatever the values are."""
    made = np.empty(len(values), dtype=dtype)
    made[:] = values
    return made


def column_names(wanted: Iterable[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """Names that SQLite tells apart, for it minds no capitals: "Name" beside "name" is "Name_2"."""
    used = {name.lower() for name in chain(RESERVED, taken)}
    names = {}
    for name in wanted:
        free = name
        number = 2
        while free.lower() in used:
            free, number = f"{name}_{number}", number + 1
        used.add(free.lower())
        names[name] = free
    return names
