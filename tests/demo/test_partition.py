"""Districts of a square whose streets a reader can draw."""

import pytest
import shapely
from shapely import LineString, box

from config.demo.partition import districts

OUTLINE = box(0, 0, 1000, 1000)
WEST = LineString([(200, 100), (200, 900)])
EAST = LineString([(800, 100), (800, 900)])
LEAVING = LineString([(900, 500), (2500, 500)])
CENTRES = {"Zachód": [(150, 500)], "Wschód": [(850, 400), (850, 600)]}


def test_districts_cover_the_outline_without_overlap() -> None:
    found = districts(OUTLINE, [WEST, EAST, LEAVING], CENTRES)
    assert shapely.coverage_is_valid(list(found.values()))
    assert sum(part.area for part in found.values()) == pytest.approx(OUTLINE.area, abs=1)  # m²
    assert shapely.union_all(list(found.values())).symmetric_difference(OUTLINE).area < 1


def test_border_runs_between_the_streets_and_crosses_none() -> None:
    found = districts(OUTLINE, [WEST, EAST], CENTRES)
    assert found["Zachód"].contains(WEST)
    assert found["Wschód"].contains(EAST)
    assert found["Zachód"].bounds[2] == pytest.approx(500, abs=30)  # smoothing moves it a little


def test_street_beyond_the_outline_claims_nothing() -> None:
    with_it = districts(OUTLINE, [WEST, EAST, LineString([(2000, 0), (2000, 9)])], CENTRES)
    without = districts(OUTLINE, [WEST, EAST], CENTRES)
    assert with_it == without
