"""Borders for addresses: each address in its own district, neighbours side by side."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis_layers.districts.cells import districts

GROUND = shapely.Point(500, 500).buffer(480)
# Whole metres: members.same_place lets no two owners stand nearer than 10 cm.
addresses = st.dictionaries(
    st.tuples(st.integers(0, 1000), st.integers(0, 1000)), st.integers(-1, 3), max_size=40
)


@given(addresses)
def test_an_address_is_in_its_own_district_and_in_no_other(given_addresses):
    points = np.array(list(given_addresses), dtype=float).reshape(-1, 2)
    owner = list(given_addresses.values())
    found = districts(points, owner, GROUND)
    for (x, y), whose in given_addresses.items():
        if shapely.intersects_xy(GROUND, x, y):
            there = {n for n, shape in found.items() if shapely.intersects_xy(shape, x, y)}
            assert there == ({whose} if whose >= 0 else set())


@given(addresses)
def test_districts_are_valid_lie_side_by_side_and_on_the_ground(given_addresses):
    points = np.array(list(given_addresses), dtype=float).reshape(-1, 2)
    shapes = list(districts(points, list(given_addresses.values()), GROUND).values())
    assert all(shape.is_valid and not shape.is_empty for shape in shapes)
    assert shapely.area(shapely.difference(shapely.union_all(shapes), GROUND)) < 0.1  # m²
    for n, shape in enumerate(shapes):
        for other in shapes[n + 1 :]:
            assert shapely.area(shapely.intersection(shape, other)) < 0.1  # m²


def test_addresses_that_all_have_an_owner_leave_no_gap():
    points = np.array([(100.0 * n, 37.0 * (n % 7) + 400) for n in range(3, 8)])
    found = districts(points, [0, 1, 0, 1, 2], GROUND)
    # Millimetres along three kilometres of edge.
    assert shapely.area(GROUND) - sum(map(shapely.area, found.values())) < 1  # m²


def test_houses_in_a_row_are_cut_half_way():
    points = np.array([(400.0, 500.0), (500.0, 500.0), (600.0, 500.0)])
    found = districts(points, [0, 0, 1], shapely.box(0, 0, 1000, 1000))
    assert found[0].bounds == (0, 0, 550, 1000)


def test_an_only_address_has_all_the_ground_and_one_outside_has_none():
    points = np.array([(500.0, 500.0), (5000.0, 500.0)])
    found = districts(points, [0, 1], GROUND)
    assert set(found) == {0}
    assert shapely.area(shapely.symmetric_difference(found[0], GROUND)) < 0.1  # m²


def test_ground_that_is_taken_is_nobodys_to_give():
    taken = shapely.box(0, 0, 500, 1000)
    points = np.array([(600.0, 500.0), (700.0, 500.0)])
    found = districts(points, [0, 1], shapely.difference(GROUND, taken))
    assert not any(shapely.area(shapely.intersection(s, taken)) > 0.1 for s in found.values())
