"""Borders that are shared stay shared, whatever is done to them."""

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box

from gis_layers.errors import (
    AreasApart,
    BorderCrosses,
    BorderRefused,
    JunctionStays,
    LineDoesNotDivide,
    NoSuchVertex,
)
from gis_layers.topology import divided, fitted, merged, moved, noded, without_vertex

# Two squares of 100 m with the border x = 100 between them, and a third on top of both.
LEFT = box(0, 0, 100, 100)
RIGHT = box(100, 0, 200, 100)
TOP = Polygon([(0, 100), (100, 100), (200, 100), (200, 200), (0, 200)])
AREAS = {"left": LEFT, "right": RIGHT, "top": TOP}


def whole(shapes):
    return shapely.union_all(list(shapes.values()))


def overlaps(shapes):
    return sum(shape.area for shape in shapes.values()) - whole(shapes).area


def holes(shapes):
    return [hole for part in shapely.get_parts(whole(shapes)) for hole in part.interiors]


def test_a_vertex_that_three_areas_share_moves_in_all_three():
    new = moved(AREAS, (100, 100), (110, 120))
    assert set(new) == {"left", "right", "top"}
    assert all((110, 120) in shape.exterior.coords for shape in new.values())
    assert whole(new).equals(whole(AREAS))


def test_a_point_on_a_shared_side_becomes_a_vertex_of_both():
    new = moved(AREAS, (100, 50), (120, 50))
    assert set(new) == {"left", "right"}
    assert new["left"].area == pytest.approx(11_000)  # m²
    assert new["right"].area == pytest.approx(9_000)  # m²


def test_an_outer_vertex_moves_in_its_own_area_only():
    new = moved(AREAS, (0, 0), (-10, -10))
    assert set(new) == {"left"}


def test_vertices_that_differ_by_a_centimetre_become_one():
    apart = {**AREAS, "right": Polygon([(100, 0), (200, 0), (200, 100), (100.01, 100)])}
    new = moved(apart, (100, 100), (90, 110))
    assert all((90, 110) in new[key].exterior.coords for key in AREAS)


def test_a_neighbour_that_draws_the_border_with_more_points_follows_without_a_gap():
    dotted = {
        "left": LEFT,
        "right": Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 60), (100, 40)]),
    }
    new = moved(dotted, (100, 100), (120, 100))
    assert whole(new).equals(whole(dotted))
    assert overlaps(new) == pytest.approx(0)


def test_a_vertex_that_stands_twice_in_a_row_moves_as_one():
    stuttering = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100.001, 100), (100, 100)])
    new = moved({**AREAS, "right": stuttering}, (100, 100), (90, 110))
    assert overlaps(new) == pytest.approx(0)
    assert len(new["right"].exterior.coords) == 5


def test_a_district_moves_within_its_city_that_stands_in_the_same_layer():
    city = {**AREAS, "city": box(0, 0, 200, 200)}
    assert set(moved(city, (100, 50), (120, 50))) == {"left", "right"}


def test_a_hole_and_what_fills_it_move_together():
    lake = box(40, 40, 60, 60)
    shapes = {"land": Polygon(LEFT.exterior, [lake.exterior]), "lake": lake}
    new = moved(shapes, (40, 40), (30, 30))
    assert new["land"].area + new["lake"].area == pytest.approx(10_000)  # m²


@pytest.mark.parametrize(
    ("start", "end"),
    [((100, 100), (300, 50)), ((0, 0), (150, 50)), ((0, 100), (150, 150))],
)
def test_a_border_that_would_cross_another_stays(start, end):
    with pytest.raises(BorderCrosses):
        moved(AREAS, start, end)


def test_where_no_border_passes_nothing_moves():
    with pytest.raises(NoSuchVertex):
        moved(AREAS, (50, 50), (60, 60))


def test_a_vertex_of_a_shared_border_goes_from_both():
    bent = {**AREAS, **moved(AREAS, (100, 50), (120, 50))}
    new = without_vertex(bent, (120, 50))
    assert {key: shape.area for key, shape in new.items()} == {"left": 10_000, "right": 10_000}


def test_a_vertex_where_three_borders_meet_stays():
    with pytest.raises(JunctionStays):
        without_vertex(AREAS, (100, 100))


def test_a_triangle_keeps_its_vertices():
    with pytest.raises(BorderCrosses):
        without_vertex({1: Polygon([(0, 0), (10, 0), (0, 10)])}, (0, 0))


def test_a_line_divides_an_area_and_the_largest_part_comes_first():
    parts = divided(LEFT, LineString([(30, -10), (30, 110)]))
    assert [part.area for part in parts] == pytest.approx([7_000, 3_000])  # m²


def test_what_the_line_misses_stays_with_the_largest_part():
    island = box(0, 300, 10, 310)
    largest, other = divided(MultiPolygon([LEFT, island]), LineString([(30, -10), (30, 110)]))
    assert largest.area == pytest.approx(7_100)  # m²
    assert other.area == pytest.approx(3_000)  # m²


@pytest.mark.parametrize(
    "line", [[(10, 10), (50, 50)], [(-10, 50), (50, 50)], [(300, 0), (300, 9)]]
)
def test_a_line_that_ends_inside_divides_nothing(line):
    with pytest.raises(LineDoesNotDivide):
        divided(LEFT, LineString(line))


def test_neighbours_get_the_points_where_their_border_was_cut():
    parts = divided(LEFT, LineString([(-10, 40), (110, 60)]))
    new = noded({"right": RIGHT, "top": TOP}, parts)
    assert set(new) == {"right"}
    assert new["right"].equals(RIGHT)
    assert len(new["right"].exterior.coords) == len(RIGHT.exterior.coords) + 1


def test_neighbours_merge_without_the_border_between_them():
    assert merged([LEFT, RIGHT]).equals(box(0, 0, 200, 100))


def test_a_seam_between_merged_areas_is_closed():
    bay = [(100, 60), (100.01, 50), (100, 40)]
    ring = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), *bay])
    assert not merged([LEFT, ring]).interiors


def test_areas_apart_do_not_merge():
    with pytest.raises(AreasApart):
        merged([LEFT, box(300, 0, 400, 100)])


def test_streets_that_meet_merge_into_one_line():
    line = merged([LineString([(0, 0), (5, 0)]), LineString([(9, 3), (5, 0)])])
    assert line.geom_type == "LineString"


def test_a_drawn_area_takes_nothing_from_its_neighbours():
    drawn = fitted(box(150, 50, 250, 150), AREAS)
    assert drawn.equals(box(200, 50, 250, 150))
    with pytest.raises(BorderCrosses):
        fitted(box(10, 10, 20, 20), AREAS)


SIDE = 3  # cells of the coverage in each direction
STEP = 100.0  # metres


def corner(x: int, y: int, bends: dict) -> tuple[float, float]:
    dx, dy = bends.get((x, y), (0, 0))
    return x * STEP + dx, y * STEP + dy


def coverage(bends: dict) -> dict:
    """Cells that share bent corners, outer corners straight."""
    cells = {}
    for x in range(SIDE):
        for y in range(SIDE):
            ring = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]
            cells[x, y] = Polygon([corner(*place, bends) for place in ring])
    return cells


bend = st.integers(-40, 40)
inner = st.tuples(st.integers(1, SIDE - 1), st.integers(1, SIDE - 1))
acts = st.lists(
    st.tuples(st.sampled_from(["vertex", "side", "drop"]), inner, bend, bend, st.floats(0.1, 0.9)),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(inner, st.tuples(bend, bend)), acts)
def test_moving_inner_borders_keeps_the_union_and_makes_neither_gap_nor_overlap(bends, steps):
    cells = coverage(bends)
    assume(all(cell.is_valid for cell in cells.values()))
    before = whole(cells)
    last = None
    for kind, place, dx, dy, share in steps:
        start = corner(*place, bends)
        if kind == "side":  # between two inner corners, as the coverage was made
            end = corner(SIDE - place[0], place[1], bends)
            start = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
        try:
            if kind == "drop":
                cells |= without_vertex(cells, last or start)
            else:
                cells |= moved(cells, start, (start[0] + dx, start[1] + dy))
                last = (start[0] + dx, start[1] + dy)
        except BorderRefused:
            continue
    assert all(cell.is_valid for cell in cells.values())
    assert overlaps(cells) == pytest.approx(0, abs=0.05)  # m²
    assert whole(cells).symmetric_difference(before).area == pytest.approx(0, abs=0.05)  # m²
    assert not [hole for hole in holes(cells) if Polygon(hole).area > 0.05]


@settings(max_examples=40, deadline=None)
@given(st.floats(-20, 120), st.floats(-20, 120))
def test_dividing_and_merging_again_gives_the_same_area(low, high):
    try:
        parts = divided(LEFT, LineString([(-10, low), (110, high)]))
    except LineDoesNotDivide:
        return
    assert sum(part.area for part in parts) == pytest.approx(LEFT.area)
    assert merged(parts).symmetric_difference(LEFT).area == pytest.approx(0, abs=0.001)  # m²
