"""Each format, through the reading process: the same features whichever way they come."""

import gzip
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from django.contrib.gis.geos import Point

from gis_layers.imports.columns import choose
from gis_layers.imports.read import Source, inspect, open_source
from tests.builders import ORIGIN, at, line, square
from tests.gis_layers.layer_files import converted, feature, geopackage, shapefile, write
from tests.gis_layers.raw_features import RawFeature, features

PRG = Path(__file__).resolve().parents[2] / "fixtures/prg"
PRG_2012, PRG_2021 = (
    PRG / "prg_adresy_model2012_sample.xml",
    PRG / "prg_adresy_model2021_sample.gml",
)
NAMES = ["Żółta <b>", "'; DROP TABLE gis_layers_feature; --"]


Read = tuple[Source, list[RawFeature]]


def read(path: Path, columns: Sequence[str] = ("nazwa",), **asked) -> Read:
    with open_source(path, **asked) as source:
        return source, list(features(source, columns))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Two streets of 100 m as GeoJSON."""
    lines = [line((0, 0), (100, 0)), line((0, 50), (100, 50))]
    pairs = zip(lines, NAMES, strict=True)
    return write(tmp_path / "ulice.geojson", *(feature(one, nazwa=name) for one, name in pairs))


def zipped(path: Path) -> Path:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(path, f"eksport/{path.name}")
    return target


def gzipped(path: Path) -> Path:
    target = path.with_name(f"{path.name}.gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


FORMATS: dict[str, Callable[[Path], Path]] = {
    "geojson": lambda path: path,
    "geopackage": geopackage,
    "flatgeobuf": lambda path: converted(path, "FlatGeobuf", ".fgb"),
    "gml": lambda path: converted(path, "GML", ".gml"),
    "gml of old": lambda path: converted(path, "GML", ".gml", "-dsco", "FORMAT=GML2"),
    "gml in metres": lambda path: converted(path, "GML", ".gml", "-t_srs", "EPSG:2180"),
    "shapefile": lambda path: shapefile(path, "-lco", "ENCODING=UTF-8"),
    "shapefile of windows": lambda path: shapefile(path, "-lco", "ENCODING=CP1250"),
    "shapefile that says nothing": lambda path: shapefile(
        path, "-lco", "ENCODING=CP1250", without=[".cpg"]
    ),
    "shapefile in zone 7": lambda path: shapefile(
        path, "-t_srs", "EPSG:2178", "-lco", "ENCODING=UTF-8"
    ),
    "geopackage in a gz": lambda path: gzipped(geopackage(path)),
    "gml in a zip": lambda path: zipped(converted(path, "GML", ".gml")),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_streets_on_the_same_metre(plain, form):
    source, raws = read(FORMATS[form](plain))
    raws.sort(key=lambda raw: NAMES.index(raw.values["nazwa"]))  # FlatGeobuf's order is its own
    assert [raw.values["nazwa"] for raw in raws] == NAMES
    assert raws[0].geom.length == pytest.approx(100, abs=0.001)  # m
    assert raws[0].geom.extent[:2] == pytest.approx(ORIGIN, abs=0.001)  # m
    assert (source.count, source.dimension) == (2, 1)
    assert source.encoding_guessed is (form == "shapefile that says nothing")


def test_gml_with_northing_first_lands_where_it_should(plain):
    """EPSG:2180 as a URN is northing first, and GDAL's GML writer follows it."""
    path = converted(plain, "GML", ".gml", "-t_srs", "EPSG:2180", "-dsco", "FORMAT=GML3.2")
    assert "urn:ogc:def:crs:EPSG::2180" in path.read_text()
    assert read(path)[1][0].geom.extent[:2] == pytest.approx(ORIGIN, abs=0.001)  # m


def test_gml_in_windows_1250_keeps_its_letters(plain):
    path = converted(plain, "GML", ".gml")
    text = path.read_text("utf-8").replace('encoding="utf-8"', 'encoding="windows-1250"')
    path.write_bytes(text.encode("cp1250"))
    source, raws = read(path)
    assert raws[0].values["nazwa"] == NAMES[0]
    assert (source.encoding, source.encoding_guessed) == ("windows-1250", False)


def test_curves_heights_and_collections_of_a_geopackage_become_plain_shapes(tmp_path):
    rows = [
        "CURVEPOLYGON (CIRCULARSTRING (500000 270000, 500010 270010, 500020 270000, "
        "500010 269990, 500000 270000))",
        "POINT ZM (500000 270000 250 7)",
        "GEOMETRYCOLLECTION (POINT (500000 270000), LINESTRING (500000 270000, 500010 270000))",
        "MULTISURFACE (((500000 270000, 500010 270000, 500010 270010, 500000 270000)))",
    ]
    table = tmp_path / "shapes.csv"
    table.write_text("n,WKT\n" + "".join(f'{n},"{row}"\n' for n, row in enumerate(rows)))
    options = ("-a_srs", "EPSG:2180", "-oo", "GEOM_POSSIBLE_NAMES=WKT")
    source, raws = read(converted(table, "GPKG", ".gpkg", *options), ["n"])
    assert [raw.geom.geom_type for raw in raws] == [
        "Polygon",
        "Point",
        "GeometryCollection",
        "MultiPolygon",
    ]
    assert raws[0].geom.area == pytest.approx(314, abs=1)  # m², of a circle of 10 m
    assert not any(raw.geom.hasz for raw in raws)
    assert source.changed == {"curves_drawn": 1, "heights_dropped": 1}


class TestPrg:
    """GUGiK's two models, which write the axes of EPSG:2180 in different order."""

    @pytest.mark.parametrize(
        ("path", "table", "address", "place"),
        [
            (
                PRG_2012,
                "PRG_PunktAdresowy",
                ("Konotop", "0910140", "Podgórna", "16742", "2", "67-416"),
                (287772.37, 456005.14),
            ),
            (
                PRG_2021,
                "AD_PunktAdresowy",
                ("Żubrów", "0188009", None, None, "21A", "69-200"),
                (238651.83, 519741.27),
            ),
        ],
    )
    def test_addresses_get_the_codes_they_refer_to(self, path, table, address, place):
        columns = ["miejscowosc", "simc", "ulica", "ulic", "numerPorzadkowy", "kodPocztowy"]
        _source, raws = read(path, columns, table=table)
        assert tuple(raws[0].values.values()) == address
        assert raws[0].geom.coords == pytest.approx(place, abs=0.01)  # m

    def test_an_address_of_2021_gets_its_streets_name_and_code(self):
        _source, raws = read(PRG_2021, ["ulica", "ulic"], table="AD_PunktAdresowy")
        assert raws[1].values == {"ulica": "Inwalidów Wojennych", "ulic": "06921"}

    @pytest.mark.parametrize(
        ("path", "table", "street"),
        [
            (PRG_2012, "PRG_UlicaNazwa", ("Podgórna", "0910140", "16742")),
            (PRG_2021, "AD_UlicaPlac", ("Inwalidów Wojennych", "0935682", "06921")),
        ],
    )
    def test_streets_get_name_locality_and_code(self, path, table, street):
        _source, raws = read(path, ["nazwa", "simc", "ulic"], table=table)
        assert tuple(raws[0].values.values()) == street

    def test_the_meaning_of_its_columns_is_guessed(self):
        (addresses,) = (t for t in inspect(PRG_2012).tables if t.name == "PRG_PunktAdresowy")
        assert choose("address", list(addresses.columns), {}, ()).of == {
            "id": "lokalnyId",
            "street": "ulica",
            "number": "numerPorzadkowy",
            "postcode": "kodPocztowy",
            "simc": "simc",
            "code": "ulic",
        }


class TestInspection:
    """What an officer is shown before anything is imported."""

    def test_tables_columns_rows_and_place_are_told(self, plain):
        (table,) = inspect(geopackage(plain, "-t_srs", "EPSG:2178")).tables
        assert (table.name, table.driver, table.srid, table.count) == ("ulice", "GPKG", 2178, 2)
        assert table.columns == {"nazwa": "text"}
        assert [row["nazwa"] for row in table.sample] == NAMES
        assert table.places[0] == pytest.approx((ORIGIN[0] + 50, ORIGIN[1]), abs=0.001)  # m

    def test_tables_without_geometry_are_not_offered(self, plain):
        geopackage(plain)
        people = plain.with_suffix(".csv")
        people.write_text("imie,wiek\nAnna,40\n")
        both = geopackage(people, "-update", "-nln", "mieszkancy")
        assert [table.name for table in inspect(both).tables] == ["ulice"]
        assert len(read(both)[1]) == 2

    def test_systems_that_fit_a_file_without_one_are_named(self, plain):
        shape = shapefile(plain, "-t_srs", "EPSG:2178", without=[".prj"])
        (table,) = inspect(shape).tables
        assert (table.srid, table.refused) == (None, "crs_missing")
        assert [2178, False] in table.fitting

    def test_metres_called_degrees_are_seen_to_fit_elsewhere(self, plain):
        """GeoJSON is in degrees by its standard; offices write metres into it all the same."""
        metres = write(plain, {**feature(at(0, 0)), "geometry": json.loads(at(0, 0).json)})
        (table,) = inspect(metres).tables
        assert (table.srid, table.places) == (4326, [])
        assert [2180, False] in table.fitting

    @pytest.mark.parametrize(("turned", "swapped"), [(False, False), (True, True)])
    def test_exchanged_axes_are_seen_before_anything_is_read(self, plain, turned, swapped):
        """Half of Poland, mirrored, is Poland: only where the gmina is tells them apart."""
        pairs = [(500_000.0, 270_000.0), (500_100.0, 270_000.0)]
        shape = {"type": "LineString", "coordinates": [p[::-1] if turned else p for p in pairs]}
        crs = {"type": "name", "properties": {"name": "EPSG:2180"}}
        (table,) = inspect(write(plain, {**feature(None), "geometry": shape}, crs=crs)).tables
        lies = [
            square(0, 0, 1000).intersects(Point(*one[0], srid=2180))
            for one in (table.places, table.turned)
        ]
        assert lies == [not swapped, swapped]
        assert table.fitting == []  # in the country it is either way

    def test_it_can_be_kept_as_json(self, plain):
        assert json.loads(json.dumps(asdict(inspect(plain))))["tables"][0]["name"] == "ulice"
