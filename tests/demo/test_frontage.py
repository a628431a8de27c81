"""Houses along a street that a reader can draw: 100 m eastward, then its continuation."""

import pytest
from shapely import LineString, Point

from config.demo.frontage import STEP_M, Stand, beside, chain, house_numbers, stands

EAST = LineString([(0, 0), (100, 0)])
FURTHER = LineString([(200, 0), (102, 0)])  # drawn against the walking direction


def test_street_is_walked_from_its_end_nearest_to_the_start() -> None:
    walk = chain([FURTHER, EAST], start=Point(-10, 5))
    assert [list(line.coords) for line in walk] == [[(0, 0), (100, 0)], [(102, 0), (200, 0)]]


def test_pieces_that_touch_become_one() -> None:
    touching = LineString([(100, 0), (100, 50)])
    assert chain([touching, EAST], start=Point(0, 0))[0].length == pytest.approx(150, abs=0.001)


def test_stands_are_on_both_sides_at_the_setback() -> None:
    found = list(stands([EAST], setback_m=12))
    assert {round(stand.point.y, 6) for stand in found if stand.left} == {12.0}
    assert {round(stand.point.y, 6) for stand in found if not stand.left} == {-12.0}
    assert len(found) == 2 * 100 / STEP_M


def test_distance_along_runs_on_over_the_pieces() -> None:
    walk = chain([EAST, FURTHER], start=Point(0, 0))
    found = [stand.along_m for stand in stands(walk, setback_m=9)]
    assert found == sorted(found)
    assert 100 < found[-1] < 198


def test_beside_is_left_of_the_walking_direction() -> None:
    assert beside(EAST, 50, 10).coords[0] == pytest.approx((50, 10), abs=0.001)
    assert beside(EAST.reverse(), 50, 10).coords[0] == pytest.approx((50, -10), abs=0.001)


def stand(along_m: float, *, left: bool) -> Stand:
    return Stand(along_m, left, Point(along_m, 12 if left else -12))


def test_numbers_are_odd_on_the_left_and_even_on_the_right() -> None:
    taken = [stand(along, left=left) for along in range(10, 200, 20) for left in (True, False)]
    numbers = house_numbers(taken)
    assert all(int(n) % 2 == (1 if s.left else 0) for n, s in zip(numbers, taken, strict=True))


def test_numbers_keep_pace_on_both_sides() -> None:
    left = [stand(along, left=True) for along in range(10, 400, 20)]
    right = [stand(390, left=False)]
    *_, last_left, only_right = house_numbers([*left, *right])
    assert abs(int(last_left) - int(only_right)) == 1


def test_house_squeezed_in_gets_a_letter() -> None:
    taken = [stand(along, left=True) for along in (10, 60, 110, 160, 161, 162, 163, 164, 400)]
    assert house_numbers(taken)[3:8] == ["9", "9a", "9b", "9c", "11"]
