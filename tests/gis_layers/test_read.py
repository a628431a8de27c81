"""Files as they come: any coordinate system, and every way of being no layer."""

import gzip
import json
from pathlib import Path

import pytest
from django.test import override_settings

from gis_layers.crs import to_lonlat
from gis_layers.imports.file_errors import LayerFileError
from gis_layers.imports.read import open_source
from tests.builders import ORIGIN, at, line, square
from tests.gis_layers.layer_files import feature, geopackage, write
from tests.gis_layers.raw_features import RawFeature, features

CHORZOW = Path(__file__).resolve().parents[2] / "fixtures/chorzow/source/chorzow-streets.geojson.gz"


def refusal(path: Path, **options) -> str:
    """The code with which a file is refused."""
    with pytest.raises(LayerFileError) as refused, open_source(path, **options) as source:
        list(features(source))
    return refused.value.code


def only(path: Path, **options) -> RawFeature:
    with open_source(path, **options) as source:
        (raw,) = features(source)
    return raw


@pytest.fixture
def streets(tmp_path) -> Path:
    """One street of 100 m in a file without surprises."""
    return write(tmp_path / "s.geojson", feature(line((0, 0), (100, 0)), name="Główna", lanes=2))


def test_geojson_is_read_in_metres_with_its_columns(streets):
    raw = only(streets)
    assert raw.values == {"name": "Główna", "lanes": 2}
    assert raw.geom.srid == 2180
    assert raw.geom.coords[0][0] == pytest.approx(ORIGIN, abs=0.001)  # m


@pytest.mark.parametrize("srid", [2180, 2177, 3857, 32634])
def test_geopackages_of_any_coordinate_system_land_on_the_same_metre(streets, srid):
    raw = only(geopackage(streets, "-t_srs", f"EPSG:{srid}"))
    assert raw.geom.length == pytest.approx(100, abs=0.001)  # m
    assert raw.geom.coords[0][0] == pytest.approx(ORIGIN, abs=0.001)  # m


def test_a_declared_srid_overrules_the_file(streets):
    in_metres = write(streets, {**feature(at(0, 0)), "geometry": json.loads(at(0, 0).json)})
    assert only(in_metres, srid=2180).geom.coords == pytest.approx(ORIGIN, abs=0.001)  # m


def test_swapped_axes_are_turned_only_when_asked(tmp_path):
    lonlat = to_lonlat(at(0, 0))
    turned = {"type": "Point", "coordinates": [lonlat.y, lonlat.x]}
    path = write(tmp_path / "t.geojson", {**feature(None), "geometry": turned})
    raw = only(path)
    assert raw.geom is None or raw.geom.distance(at(0, 0)) > 100_000  # m
    assert only(path, swap_axes=True).geom.coords == pytest.approx(ORIGIN, abs=0.001)  # m


def test_heights_are_dropped(tmp_path):
    shape = {"type": "LineString", "coordinates": [[19, 50.3, 250], [19.01, 50.3, 260]]}
    path = write(tmp_path / "z.geojson", {**feature(None), "geometry": shape})
    assert not only(path).geom.hasz


def test_a_feature_without_geometry_is_read_all_the_same(tmp_path):
    raw = only(write(tmp_path / "n.geojson", feature(None, name="x")))
    assert (raw.values, raw.geom, raw.centre) == ({"name": "x"}, None, None)


def test_a_bare_geometry_is_a_layer_of_one(tmp_path):
    path = tmp_path / "g.geojson"
    path.write_text(to_lonlat(square(0, 0, 100)).json)
    assert only(path).geom.area == pytest.approx(10_000, abs=0.01)  # m²


def test_gzip_is_unpacked(streets):
    packed = streets.with_suffix(".geojson.gz")
    packed.write_bytes(gzip.compress(streets.read_bytes()))
    assert only(packed).values["name"] == "Główna"


def test_all_of_chorzow_is_read():
    with open_source(CHORZOW) as source:
        assert sum(1 for _raw in features(source, ["name"])) == 1764


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_layer"),
        (b"   ", "not_a_layer"),
        (b"hello", "not_a_layer"),
        (b"\x89PNG\r\n", "not_a_layer"),
        (b"<gml/>", "not_a_layer"),
        (b"<OGRVRTDataSource/>", "not_a_layer"),
        (b"{}", "not_a_layer"),
        (b'{"a": [1, 2]}', "not_a_layer"),
        (b'{"type": "FeatureCollection", "features": []}', "file_empty"),
        (b'{"type": "FeatureCollection", "features": [{"type": "Feature", "prop', "file_damaged"),
    ],
)
def test_what_is_no_layer_is_refused_with_its_code(tmp_path, content, code):
    path = tmp_path / "file.geojson"
    path.write_bytes(content)
    assert refusal(path) == code


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_damaged(tmp_path, share):
    whole = gzip.decompress(CHORZOW.read_bytes())
    path = tmp_path / "cut.geojson"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert refusal(path) == "file_damaged"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_geopackage_that_is_cut_off_is_damaged(streets, share):
    whole = geopackage(streets)
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    assert refusal(whole) == "file_damaged"


def test_a_gzip_that_is_cut_off_is_damaged(tmp_path):
    path = tmp_path / "cut.geojson.gz"
    path.write_bytes(CHORZOW.read_bytes()[:5000])
    assert refusal(path) == "file_damaged"


def test_a_gzip_that_is_none_is_damaged(tmp_path):
    path = tmp_path / "none.geojson.gz"
    path.write_bytes(b"hello")
    assert refusal(path) == "file_damaged"


def test_a_missing_file_and_a_web_address_are_no_local_files(tmp_path):
    assert refusal(tmp_path / "none.geojson") == "file_missing"
    assert refusal(Path("/vsicurl/http://127.0.0.1:9/x.geojson")) == "file_missing"


@pytest.mark.parametrize("kind", ["link", "url", "LINK"])
def test_a_coordinate_system_on_the_web_is_not_fetched(tmp_path, kind):
    crs = {"type": kind, "properties": {"href": "http://127.0.0.1:9/crs"}}
    assert refusal(write(tmp_path / "l.geojson", feature(at(0, 0)), crs=crs)) == "crs_linked"


def test_a_named_coordinate_system_is_read(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    raw = only(write(tmp_path / "c.geojson", feature(at(0, 0)), crs=crs))
    assert raw.geom.coords == pytest.approx(ORIGIN, abs=0.001)  # m


def test_a_geopackage_without_a_coordinate_system_needs_one_to_be_given(streets):
    path = geopackage(streets, "-t_srs", "EPSG:2180")
    import sqlite3

    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_contents SET srs_id = -1")
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
    assert refusal(path) == "crs_missing"
    assert only(path, srid=2180).geom.length == pytest.approx(100, abs=0.001)  # m


def test_of_several_layers_one_has_to_be_chosen(streets):
    path = geopackage(streets, "-nln", "one")
    geopackage(streets, "-nln", "two", "-update")
    assert refusal(path) == "several_layers"
    assert only(path, table="two").values["name"] == "Główna"
    assert refusal(path, table="three") == "not_a_layer"


def test_a_file_above_the_limit_is_refused_packed_or_not(streets):
    packed = streets.with_suffix(".geojson.gz")
    packed.write_bytes(gzip.compress(streets.read_bytes()))
    with override_settings(IMPORT_MAX_BYTES=100):
        assert refusal(streets) == "file_too_large"
        assert refusal(packed) == "file_too_large"
