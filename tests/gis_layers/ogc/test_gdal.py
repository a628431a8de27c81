"""Real GDAL as a client, Debian's programs and the newer library of pyogrio's: every layer, whole,
without a warning, and back to the millimetre."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis_layers.models import AddressPoint, Feature
from tests.gis_layers.ogc.conftest import EPSG, Land, Program

MILLIMETRE = 0.001
NAMES = ("adresy", "granica", "hydranty", "osiedla", "ulice")
URIS = {2180: f"{EPSG}2180", 3857: f"{EPSG}3857", 4326: f"{EPSG}4326"}

SRIDS = (4326, 2180, 3857)
# Reads [source, layer, options] each, and writes {fid: WKB in hex} for each.
READ = """
import json, sys
import pyogrio
def read(source, layer, options):
    options |= {"layer": layer, "return_fids": True}
    _meta, fids, shapes, _fields = pyogrio.raw.read(source, **options)
    return {int(fid): shape.hex() for fid, shape in zip(fids, shapes)}
print(json.dumps([read(*asked) for asked in json.loads(sys.argv[1])]))
"""


@dataclass(frozen=True)
class Server:
    """The live server, its database rows, and a key of the GIS officer's."""

    source: str
    userpwd: str
    land: Land
    officer: Program

    def run(self, *argv: str) -> str:
        """What a program of GDAL's says, which must be no warning."""
        told = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert (told.returncode, told.stderr) == (0, "")
        return told.stdout


@pytest.fixture
def server(live_server: Any, transactional_db: None, land: Land, officer: Program) -> Server:
    userpwd = f"gis@a.example:{officer.secret}"
    return Server(f"OAPIF:{live_server.url}/ogc", userpwd, land, officer)


def stored(name: str, srid: int) -> dict[int, Any]:
    """Shapes of a layer as PostGIS has them, by fid, transformed by GDAL for comparison."""
    rows = [
        *Feature.objects.filter(layer__slug=name, until=None),
        *AddressPoint.objects.filter(layer__slug=name, until=None),
    ]
    return {
        row.fid: shapely.from_wkb(bytes(row.geom.transform(srid, clone=True).wkb)) for row in rows
    }


def far(one: Any, other: Any) -> float:
    """Hausdorff distance; shapes of different parts or rings are as far as can be."""
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return float("inf")
    return shapely.hausdorff_distance(one, other)


def check(found: dict[int, Any], name: str, srid: int) -> None:
    expected = stored(name, srid)
    assert found.keys() == expected.keys()
    degree = 111_320 if srid == 4326 else 1  # metres
    for fid, shape in found.items():
        assert far(shape, expected[fid]) * degree < MILLIMETRE


def test_ogrinfo_reads_every_layer(server: Server) -> None:
    told = server.run(
        "ogrinfo", "-ro", "-al", "-so", "-q", server.source, "-oo", f"USERPWD={server.userpwd}"
    )
    for name in NAMES:
        assert f"Layer name: testowo.{name}\n" in told
        assert f"Layer name: testowo.{name}.staged\n" in told
    open_to_all = server.run("ogrinfo", "-ro", server.source)
    assert "testowo.ulice" in open_to_all
    assert "testowo.adresy" not in open_to_all


def test_ogr2ogr_copies_every_layer(server: Server, tmp_path: Path) -> None:
    layers = [f"testowo.{name}" for name in NAMES]
    copies = []
    for srid in SRIDS:
        target = str(tmp_path / f"{srid}.gpkg")
        options = ["-t_srs", f"EPSG:{srid}", "-preserve_fid", "-oo", f"USERPWD={server.userpwd}"]
        server.run("ogr2ogr", "-f", "GPKG", target, server.source, *layers, *options)
        copies += [(target, layer, {}) for layer in layers]
    check_all(read(copies))


def test_newer_gdal_asks_the_server_for_the_crs(server: Server) -> None:
    """Part 2: the axes come in the order of the definition, and GDAL puts them right."""
    asked = [
        (server.source, f"testowo.{name}", {"CRS": f"EPSG:{srid}", "USERPWD": server.userpwd})
        for srid in SRIDS
        for name in NAMES
    ]
    check_all(read(asked))


def check_all(found: list[dict[int, Any]]) -> None:
    """Every layer in each of SRIDS, in that order."""
    wanted = [(name, srid) for srid in SRIDS for name in NAMES]
    for shapes, (name, srid) in zip(found, wanted, strict=True):
        check(shapes, name, srid)


def read(asked: list[tuple[str, str, dict[str, str]]]) -> list[dict[int, Any]]:
    """Shapes by fid of each layer asked for, read by pyogrio's GDAL.

    In a process of its own: here it would hold the interpreter that the live server runs in.
    """
    argv = [sys.executable, "-W", "error", "-c", READ, json.dumps(asked)]
    told = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    return [
        {int(fid): shapely.from_wkb(wkb) for fid, wkb in layer.items()}
        for layer in json.loads(told.stdout)
    ]


def test_pages_are_followed_and_filters_go_to_the_server(server: Server) -> None:
    small = ["-oo", "PAGE_SIZE=2", "-oo", f"USERPWD={server.userpwd}"]
    told = server.run("ogrinfo", "-ro", "-q", server.source, "testowo.hydranty", *small)
    assert told.count("OGRFeature(testowo.hydranty)") == 5
    where = ["-where", "lanes >= 4"]
    told = server.run("ogrinfo", "-ro", "-q", server.source, "testowo.hydranty", *small, *where)
    assert told.count("OGRFeature(testowo.hydranty)") == 2


def test_what_was_copied_and_sent_back_is_the_same(server: Server, tmp_path: Path) -> None:
    """The round trip of a program: OAPIF to a file in EPSG:2180, and back by Part 4."""
    target = tmp_path / "osiedla.geojson"
    copied = ["-t_srs", "EPSG:2180", "-preserve_fid", "-lco", "COORDINATE_PRECISION=6"]
    server.run("ogr2ogr", "-f", "GeoJSON", str(target), server.source, "testowo.osiedla", *copied)
    items = "/ogc/collections/testowo.osiedla.staged/items"
    before = stored("osiedla", 2180)
    for feature, fid in zip(
        json.loads(target.read_text())["features"], sorted(before), strict=True
    ):
        feature["geometry"]["coordinates"] = flipped(feature["geometry"]["coordinates"])
        where = f"{items}/{fid}"
        etag = server.officer.get(where)["ETag"]
        sent = server.officer.send(
            "put", where, feature, If_Match=etag, Content_Crs=f"<{URIS[2180]}>"
        )
        assert sent.status_code == 204, sent.content
        again = server.officer.get(where, crs=URIS[2180]).json()["geometry"]
        told = shapely.transform(shapely.from_geojson(json.dumps(again)), lambda xy: xy[:, ::-1])
        assert far(told, before[fid]) < MILLIMETRE
    assert not Feature.objects.filter(layer__slug="osiedla", since__gt=1).exists()


def flipped(coordinates: Sequence[Any]) -> list[Any]:
    """Northing first, as EPSG:2180 has it; GDAL's GeoJSON is easting first."""
    if np.isscalar(coordinates[0]):
        return list(coordinates[::-1])
    return [flipped(part) for part in coordinates]
