"""GeoPackages that other programs read as they were meant."""

import sqlite3
from pathlib import Path

import pyogrio
import pytest
from shapely import from_wkb

from gis_layers import geopackage
from gis_layers.geopackage import Table, column_names, write
from tests.builders import at, line, square

COLUMNS = {"n": int, "share": float, "yes": bool, "text": str}
NAMED = {"n": 2**53, "share": 0.1, "yes": True, "text": "Żółć"}


def table(*rows, name: str = "osiedla", geometry_type: str = "polygon", qml: str = "") -> Table:
    return Table(name, geometry_type, COLUMNS, rows, qml)


def read(path: Path, name: str):
    """The table's geometries and its rows as GDAL tells them."""
    info, _fids, geoms, values = pyogrio.raw.read(path, layer=name)
    return info, from_wkb(geoms), list(zip(*(list(column) for column in values), strict=True))


def test_values_and_coordinates_come_back_to_the_bit(tmp_path):
    shape = square(0.123456789, 0, 10)
    write(tmp_path / "a.gpkg", [table((shape, list(NAMED.values())))])
    info, geoms, rows = read(tmp_path / "a.gpkg", "osiedla")
    assert (info["crs"], info["geometry_type"]) == ("EPSG:2180", "MultiPolygon")
    assert list(geoms[0].geoms[0].exterior.coords) == list(shape.coords[0])
    assert dict(zip(info["fields"], rows[0], strict=True)) == NAMED


def test_nothing_is_null_and_no_number(tmp_path):
    write(tmp_path / "a.gpkg", [table((None, [None] * 4))])
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        found = file.execute("SELECT geom, n, share, yes, text FROM osiedla").fetchall()
    assert found == [(None,) * 5]


def test_more_rows_than_one_batch_are_all_there_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(geopackage, "BATCH", 3)
    write(
        tmp_path / "a.gpkg",
        [table(*((at(n, 0), [n, 0.0, False, ""]) for n in range(7)), geometry_type="point")],
    )
    _info, geoms, rows = read(tmp_path / "a.gpkg", "osiedla")
    assert [row[0] for row in rows] == list(range(7))
    assert geoms[6].x - geoms[0].x == 6


def test_tables_stand_side_by_side_and_an_empty_one_is_there(tmp_path):
    streets = table(
        (line((0, 0), (5, 0)), [1, 0.0, True, "Główna"]), name="ulice", geometry_type="line"
    )
    write(tmp_path / "a.gpkg", [table(), streets, table(name='x"; DROP TABLE y', geometry_type="")])
    assert pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0].tolist() == [
        "osiedla",
        "ulice",
        'x"; DROP TABLE y',
    ]


def test_the_style_is_where_qgis_looks_for_it(tmp_path):
    write(tmp_path / "a.gpkg", [table(qml="<qgis/>"), table(name="bez", qml="")])
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        style = "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        assert file.execute(style).fetchall() == [("osiedla", "geom", "<qgis/>", 1)]
        kind = "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        assert file.execute(kind).fetchall() == [("attributes",)]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["a", "b"], ["a", "b"]),
        (["Name"], ["Name_2"]),
        (["geom", "row_id"], ["geom_2", "row_id_2"]),
        (["x", "X", "x_2"], ["x", "X_2", "x_2_2"]),
    ],
)
def test_columns_that_differ_in_capitals_only_are_told_apart(wanted, names):
    assert list(column_names(wanted, ["name"]).values()) == names
