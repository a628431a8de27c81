"""The demo files as they are committed: what they promise, and that they are made, not edited."""

from collections import Counter
from pathlib import Path

import pytest
import shapely
from shapely import LineString, Point

from config.demo import chorzow, praszka
from config.demo.chorzow import Chorzow
from config.demo.files import FIXTURES, Row, read_rows, write_rows
from config.demo.frontage import chain
from config.demo.houses import FROM_ROADS_M
from config.management.commands.make_demo_data import made_files
from gis_layers.models import SRID

# Rounding to 7 decimals moves a point by up to 1 cm.
ROUNDING_M = 0.02


def rows(name: str) -> list[Row]:
    return read_rows(FIXTURES / f"{name}.geojson.gz")


@pytest.fixture(scope="module")
def addresses() -> list[Row]:
    return rows("chorzow/adresy")


@pytest.fixture(scope="module")
def outline() -> shapely.geometry.base.BaseGeometry:
    return rows("chorzow/granica")[0].geom


def test_files_are_what_the_command_makes(tmp_path: Path) -> None:
    for name, made in made_files().items():
        write_rows(tmp_path / name, made)
        assert (tmp_path / name).read_bytes() == (FIXTURES / name).read_bytes(), name


def test_rows_survive_writing_and_reading(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.geojson.gz", [Row(Point(500_000, 270_000), {"nazwa": "Łąkowa"})])
    (again,) = read_rows(tmp_path / "a.geojson.gz")
    assert SRID == 2180
    assert again.columns == {"nazwa": "Łąkowa"}
    assert again.geom.distance(Point(500_000, 270_000)) < ROUNDING_M


def test_streets_are_the_published_ones() -> None:
    published = Counter(row.columns["name"] for row in Chorzow().ways)
    kept = Counter(row.columns["nazwa"] for row in rows("chorzow/ulice"))
    assert kept == published
    assert (kept.total(), len(kept)) == (1764, 418)


def test_tables_name_real_streets() -> None:
    names = {row.columns["nazwa"] for row in rows("chorzow/ulice")}
    told = chorzow.MAIN_STREETS | chorzow.WITHOUT_HOUSES | chorzow.COUNTRY_ROADS
    assert told | {chorzow.PARK_ALLEY, "Główna"} <= names


def test_as_many_addresses_as_prg_counts_in_each_postcode(addresses: list[Row]) -> None:
    counted: Counter[str] = Counter()
    for postcode, number, _area in Chorzow().postcodes:
        counted[postcode] += number
    assert Counter(row.columns["kod"] for row in addresses) == counted
    assert counted.total() == 6937


def test_address_is_its_street_and_number(addresses: list[Row]) -> None:
    for found in (addresses, rows("praszka/adresy")):
        keys = [(r.columns["simc"], r.columns["ulica"], r.columns["numer"]) for r in found]
        assert len(set(keys)) == len(keys)


def test_no_address_outside_the_city_or_on_a_road(
    addresses: list[Row], outline: shapely.geometry.base.BaseGeometry
) -> None:
    points = [row.geom for row in addresses]
    assert shapely.contains(outline, points).all()
    roads = shapely.STRtree([row.geom for row in rows("chorzow/ulice")])
    near, _ = roads.query(points, predicate="dwithin", distance=FROM_ROADS_M - ROUNDING_M)
    assert near.tolist() == []


def test_park_is_empty_but_for_offices_on_its_alley(addresses: list[Row]) -> None:
    inside = [row.columns for row in addresses if chorzow.PARK.contains(row.geom)]
    assert {columns["ulica"] for columns in inside} == {"Aleja Główna"}
    assert len(inside) == chorzow.PARK_ALLEY_HOUSES
    assert {columns["mieszkania"] for columns in inside} == {0}
    assert all(columns["miejsca_pracy"] > 0 for columns in inside)


def test_nobody_lives_on_a_planned_motorway_or_a_roundabout(addresses: list[Row]) -> None:
    names = {row.columns["ulica"] for row in addresses}
    assert not names & chorzow.WITHOUT_HOUSES
    assert not [name for name in names if name.startswith("Rondo")]


def test_glowna_is_odd_on_one_side_and_even_on_the_other(addresses: list[Row]) -> None:
    lines = [r.geom for r in rows("chorzow/ulice") if r.columns["nazwa"] == "Główna"]
    walk = chain(lines, start=chorzow.RYNEK)
    homes = [row for row in addresses if row.columns["ulica"] == "Główna"]
    assert len(homes) > 50
    for row in homes:
        odd = int(row.columns["numer"].rstrip("abc")) % 2 == 1
        assert is_left(row.geom, walk) == odd, row.columns["numer"]


def is_left(point: Point, walk: list[LineString]) -> bool:
    """On which side of the nearest metre of the walk the point is: sign of the cross product."""
    line = min(walk, key=point.distance)
    along = line.project(point)
    back, ahead = line.interpolate(max(along - 0.5, 0)), line.interpolate(along + 0.5)
    cross = (ahead.x - back.x) * (point.y - back.y) - (ahead.y - back.y) * (point.x - back.x)
    return float(cross) > 0


def test_districts_are_a_partition_of_the_outline(
    outline: shapely.geometry.base.BaseGeometry,
) -> None:
    parts = [row.geom for row in rows("chorzow/osiedla")]
    assert {row.columns["nazwa"] for row in rows("chorzow/osiedla")} == set(chorzow.DISTRICTS)
    assert shapely.union_all(parts).symmetric_difference(outline).area < 5  # m² of rounding
    assert sum(part.area for part in parts) == pytest.approx(outline.area, abs=5)


def test_glowna_has_one_code_and_is_three_streets() -> None:
    found = [r.columns for r in rows("praszka/ulice") if r.columns["nazwa"] == "Główna"]
    assert len({columns["ulic"] for columns in found}) == 1
    places = {place.simc: place.name for place in praszka.LOCALITIES}
    assert {places[columns["simc"]] for columns in found} == {"Praszka", "Kowale", "Strojec"}


def test_villages_without_streets_have_numbers_only() -> None:
    found = rows("praszka/adresy")
    for place in praszka.LOCALITIES:
        mine = [row.columns for row in found if row.columns["simc"] == place.simc]
        assert len(mine) == place.houses
        if not place.streets:
            assert {columns["ulica"] for columns in mine} == {""}
            assert [c["numer"] for c in mine] == [str(n + 1) for n in range(len(mine))]


def test_all_of_praszka_lies_in_its_outline() -> None:
    (gmina,) = rows("praszka/granica")
    made = [row.geom for row in [*rows("praszka/adresy"), *rows("praszka/ulice")]]
    assert shapely.contains(gmina.geom, made).all()
