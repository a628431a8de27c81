"""How many houses are built, and where none is: a square of a kilometre with one street across."""

import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from config.demo.houses import (
    BETWEEN_HOUSES_M,
    FROM_ROADS_M,
    Building,
    Ground,
    Spot,
    Street,
    build,
    spots_along,
)

OUTLINE = box(0, 0, 1000, 1000)
ACROSS = Street("across", [LineString([(-200, 500), (1200, 500)])])
CROSSING = LineString([(500, 0), (500, 1000)])
COTTAGE = Building(spacing_m=20, dwellings=(1, 1), jobs=(2, 3), with_jobs=0.5)


NOWHERE = Polygon()


def spots(empty: Polygon = NOWHERE) -> list[Spot]:
    along = spots_along(
        ACROSS,
        start=Point(0, 500),
        building_at=lambda street, point: COTTAGE,
        zone_at=lambda point: "west" if point.x < 500 else "east",
        seed=3,
    )
    return list(Ground(OUTLINE, [*ACROSS.lines, CROSSING], empty).fit(along))


def points(found: list[Spot]) -> list[Point]:
    return [spot.stand.point for spot in found]


def test_no_house_outside_the_outline_or_on_a_road() -> None:
    assert all(OUTLINE.contains(point) for point in points(spots()))
    assert min(point.distance(CROSSING) for point in points(spots())) >= FROM_ROADS_M


def test_empty_ground_stays_empty() -> None:
    park = box(600, 0, 1000, 1000)
    assert not any(park.contains(point) for point in points(spots(park)))


def test_each_zone_gets_exactly_its_count() -> None:
    houses = build(spots(), {"west": 21, "east": 7}, seed=3)
    zones = [house.spot.zone for house in houses]
    assert (zones.count("west"), zones.count("east")) == (21, 7)


def test_houses_keep_their_distance() -> None:
    houses = build(spots(), {"west": 40, "east": 40}, seed=3)
    tree = shapely.STRtree([house.spot.stand.point for house in houses])
    pairs = tree.query(tree.geometries, predicate="dwithin", distance=BETWEEN_HOUSES_M - 0.001)
    assert (pairs[0] == pairs[1]).all()


def test_more_houses_than_room_are_refused() -> None:
    with pytest.raises(ValueError, match="room for"):
        build(spots(), {"west": 1000}, seed=3)


def test_seed_decides() -> None:
    quotas = {"west": 20, "east": 20}
    assert build(spots(), quotas, seed=3) == build(spots(), quotas, seed=3)
    assert build(spots(), quotas, seed=3) != build(spots(), quotas, seed=4)


def test_only_some_houses_have_work_places() -> None:
    jobs = [house.jobs for house in build(spots(), {"west": 40, "east": 40}, seed=3)]
    assert 10 < sum(1 for each in jobs if each == 0) < 70
    assert {each for each in jobs if each} == {2, 3}
