"""A layer downloaded, edited as QGIS does, and brought in again: the difference is the edit."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import shapely
import shapely.affinity
from django.contrib.gis.geos import LineString, MultiLineString

from accounts.models import Gmina
from gis_layers import changesets
from gis_layers.imports.load import import_file
from gis_layers.imports.options import Options
from gis_layers.layer_file import write_layer
from gis_layers.models import Edition, Feature, FeatureChange, Layer
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_feature,
    make_gmina,
    make_layer,
    make_locality,
    make_street,
    publish,
    square,
)

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op
HEADER = {0: 8, 1: 40}  # bytes before the WKB of a GeoPackage's blob, without and with an envelope


@pytest.fixture
def gmina() -> Gmina:
    gmina = make_gmina("testowo")
    make_locality(gmina, "Kowale", "0144259")
    return gmina


@pytest.fixture
def districts(gmina) -> Layer:
    for n, name in enumerate(["Zachód", "Środek", "Wschód"]):
        attrs = {"Name": "x", "ha": 1.0 + n, "lanes": n, "open": n == 1, "note": None, "id": f"{n}"}
        make_district(gmina, name, geom=square(n * 100 + 0.123456789, 0, 100), **attrs)
    return Layer.objects.get(slug="osiedla")


def back(path: Path, layer: Layer) -> tuple[dict[str, list[int]], Edition]:
    """The file brought in: what is added, replaced and removed by fid, and the edition."""
    options = Options(slug=layer.slug)
    edition, _report = import_file(
        path, gmina=layer.gmina, kind=layer.kind, by=None, options=options
    )
    found: dict[str, list[int]] = {op.value: [] for op in Op}
    for change in edition.changes.order_by("fid"):
        found[change.op].append(change.fid)
    return found, edition


NOTHING: dict[str, list[int]] = {"add": [], "replace": [], "remove": []}


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as any program edits it; GDAL's index of space needs its own functions."""
    file = sqlite3.connect(path)
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f'DROP TRIGGER "{name}"')
    yield file
    file.commit()
    file.close()


def shape_of(blob: bytes) -> shapely.Geometry:
    return shapely.from_wkb(blob[HEADER[(blob[3] >> 1) & 7] :])


def blob_of(shape: shapely.Geometry, like: bytes) -> bytes:
    """The same header without its envelope, and the shape."""
    return like[:3] + bytes([like[3] & ~0b1110]) + like[4:8] + shapely.to_wkb(shape)


def test_an_untouched_file_changes_nothing(districts, tmp_path):
    write_layer(tmp_path / "a.gpkg", districts)
    assert back(tmp_path / "a.gpkg", districts)[0] == NOTHING


def test_the_difference_is_exactly_the_edit_and_fids_survive(districts, tmp_path):
    fids = dict(Feature.objects.filter(layer=districts).values_list("name", "fid"))
    write_layer(tmp_path / "a.gpkg", districts)
    with opened(tmp_path / "a.gpkg") as file:
        file.execute("UPDATE osiedla SET name = 'Stare Miasto' WHERE name = 'Zachód'")
        file.execute("DELETE FROM osiedla WHERE name = 'Wschód'")
        [(blob,)] = file.execute("SELECT geom FROM osiedla WHERE name = 'Środek'").fetchall()
        bent = shapely.affinity.translate(shape_of(blob), 0.25)
        file.execute("UPDATE osiedla SET geom = ? WHERE name = 'Środek'", [blob_of(bent, blob)])
        new = blob_of(shapely.affinity.translate(bent, 300), blob)
        file.execute("INSERT INTO osiedla (geom, name) VALUES (?, 'Nowe')", [new])
    found, edition = back(tmp_path / "a.gpkg", districts)
    [added] = found["add"]
    assert added not in fids.values()
    assert found["replace"] == sorted([fids["Zachód"], fids["Środek"]])
    assert found["remove"] == [fids["Wschód"]]
    publish(edition)
    rows = {row.fid: row for row in Feature.objects.filter(layer=districts, until=None)}
    assert rows[fids["Zachód"]].name == "Stare Miasto"
    assert rows[fids["Zachód"]].attrs["ha"] == 1.0
    moved = rows[fids["Środek"]].geom.coords[0][0][0] - square(100.123456789, 0, 1).coords[0][0][0]
    assert moved == pytest.approx(0.25, abs=1e-6)  # metres


def test_a_change_set_comes_back_as_it_was_written(districts, tmp_path):
    draft = changesets.open_changeset(districts, None)
    geom = square(500, 0, 10)
    changesets.put(draft, None, name="Nowe", geom=geom, by=None, expected=None)
    write_layer(tmp_path / "a.gpkg", districts, draft)
    found, edition = back(tmp_path / "a.gpkg", districts)
    assert (len(found["add"]), found["replace"], found["remove"]) == (1, [], [])
    assert edition.changes.get().geom.equals_exact(geom)


def test_of_a_feature_that_qgis_split_the_larger_part_keeps_the_number(districts, tmp_path):
    fid = Feature.objects.get(name="Środek").fid
    write_layer(tmp_path / "a.gpkg", districts)
    with opened(tmp_path / "a.gpkg") as file:
        [(blob,)] = file.execute("SELECT geom FROM osiedla WHERE name = 'Środek'").fetchall()
        west, south, east, north = shape_of(blob).bounds
        small, large = (
            shapely.box(*box)
            for box in [(west, south, west + 30, north), (west + 30, south, east, north)]
        )
        file.execute("UPDATE osiedla SET geom = ? WHERE sao_fid = ?", [blob_of(small, blob), fid])
        columns = "sao_fid, name, simc, sao_code, id"
        file.execute(
            f"INSERT INTO osiedla (geom, {columns}) SELECT ?, {columns} FROM osiedla "
            "WHERE sao_fid = ?",
            [blob_of(large, blob), fid],
        )
    found, edition = back(tmp_path / "a.gpkg", districts)
    assert (found["replace"], len(found["add"]), found["remove"]) == ([fid], 1, [])
    areas = {change.op: round(change.geom.area) for change in edition.changes.all()}
    assert areas == {"replace": 7_000, "add": 3_000}


def test_streets_addresses_and_zones_come_back_as_they_were(gmina, tmp_path):
    code = "0144259/00012"
    main = make_street(gmina, "Główna", geom=line((0, 0), (90, 0)), simc="0144259", code=code)
    parts = MultiLineString(
        *(LineString(at(x, 50).coords, at(x + 40, 50).coords) for x in (0, 60)), srid=2180
    )
    make_street(gmina, "Polna", geom=parts, simc="0144259", **{"class": "main"})
    make_address(gmina, "7a", at=at(1, 1), street=main, simc="0144259", ulic="00012")
    make_address(gmina, "9", at=at(2, 1), simc="0144259", street_name="Leśna")
    zones = make_layer(gmina, "strefy", kind="custom", geometry_type="point")
    make_feature(zones, geom=at(5, 5), name="", depth=2)
    for layer in Layer.objects.filter(gmina=gmina).exclude(kind="teryt_unit"):
        path = tmp_path / f"{layer.slug}.gpkg"
        write_layer(path, layer)
        found, _edition = back(path, layer)
        assert found == NOTHING, layer.slug
