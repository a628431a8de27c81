"""Geometries of a batch: nothing that is not a plain shape in metres comes through, or silently."""

import struct
from collections.abc import Sequence

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.imports.reading.crs import Projection, within
from gis_layers.imports.reading.shapes import COLLECTION, Limits, Shapes, kind_of, shaped

# Numbers that are none are what is tried here.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
METRES = Projection(pyproj.CRS.from_epsg(2180))
LONLAT = Projection(pyproj.CRS.from_epsg(4326))
CIRCULAR = 8  # the code of a circular string in WKB
POLAND = (160_000, 120_000, 870_000, 785_000)
LIMITS = Limits(max_vertices=10, country=POLAND)


def read(*raw: bytes | None, way: Projection = METRES, limits: Limits = LIMITS) -> Shapes:
    """As from a file whose collections hold no arcs, and whose arcs nobody can draw."""
    as_they_are = [
        content if content and kind_of(content) <= COLLECTION else None for content in raw
    ]
    return shaped(raw, way, limits, lambda rows: [as_they_are[row] for row in rows])


def wkb(text: str) -> bytes:
    return shapely.to_wkb(shapely.from_wkt(text), flavor="iso")


def codes(found: Shapes, row: int = 0) -> list[str]:
    return [flaw["code"] for flaw in found.flaws.get(row, [])]


def test_a_plain_shape_comes_through_with_its_middle():
    found = read(wkb("LINESTRING (500000 270000, 500010 270020)"))
    assert shapely.from_wkb(found.wkb[0]).length == pytest.approx(22.36, abs=0.01)  # m
    assert found.places[0].tolist() == [500005, 270010]
    assert found.turned[0].tolist() == [270010, 500005]
    assert found.flaws == {}


def test_degrees_become_metres():
    found = read(wkb("POINT (19 50.3)"), way=LONLAT)
    point = shapely.from_wkb(found.wkb[0])
    assert (point.x, point.y) == pytest.approx((500_000, 270_314.676), abs=0.001)  # m


def test_no_geometry_and_an_empty_one_are_the_same_and_no_flaw():
    found = read(None, wkb("POLYGON EMPTY"), wkb("GEOMETRYCOLLECTION EMPTY"))
    assert (found.wkb, found.flaws) == ([None] * 3, {})


@pytest.mark.parametrize("text", ["POINT Z (500000 270000 3)", "POINT ZM (500000 270000 3 4)"])
def test_heights_and_measures_are_dropped_and_counted(text):
    found = read(wkb(text))
    assert found.wkb == [wkb("POINT (500000 270000)")]
    assert found.changed == {"heights_dropped": 1}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1e308])
def test_a_coordinate_that_is_no_place_loses_its_feature_only(number):
    line = shapely.linestrings([[number, 270_000], [500_000, 270_000]])
    found = read(shapely.to_wkb(line), wkb("POINT (500000 270000)"), way=LONLAT)
    assert found.wkb[0] is None
    assert np.isfinite(number) or codes(found) == ["geometry_not_finite"]


def test_too_many_vertices_are_counted_and_left_out():
    line = shapely.linestrings(np.full((11, 2), 500_000.0))
    found = read(shapely.to_wkb(line))
    assert found.flaws == {0: [{"code": "too_many_vertices", "vertices": 11}]}
    assert found.wkb == [None]


def test_bytes_that_are_no_geometry_are_told_and_hide_nobody():
    found = read(b"\x01\x02", b"", wkb("POINT (500000 270000)"))
    assert (codes(found, 0), codes(found, 1)) == (["geometry_unreadable"], [])
    assert found.wkb[2] == wkb("POINT (500000 270000)")


@pytest.mark.parametrize(
    "ring",
    [
        "-140 14, 178 14, 178 89.9, -140 89.9, -140 14",
        "19 14, 19 90, 20 90, 20 14, 19 14",
    ],
)
def test_a_shape_round_a_pole_is_not_in_the_country(ring):
    found = read(wkb(f"POLYGON (({ring}))"), way=LONLAT)
    assert within(found.places, POLAND).all()
    assert (found.wkb, codes(found)) == ([None], ["not_in_country"])


def test_an_arc_that_nobody_can_draw_is_told():
    found = read(struct.pack("<BII", 1, CIRCULAR, 0))
    assert (found.wkb, codes(found)) == ([None], ["geometry_unreadable"])


def test_arcs_are_drawn_as_lines():
    arc = struct.pack("<BII6d", 1, CIRCULAR, 3, 500e3, 270e3, 500.01e3, 270.01e3, 500.02e3, 270e3)
    drawn = wkb("LINESTRING (500000 270000, 500003 270007, 500010 270010, 500020 270000)")
    asked: list[Sequence[int]] = []

    def linear(rows: Sequence[int]) -> list[bytes]:
        asked.append(rows)
        return [drawn]

    found = shaped([None, arc], METRES, LIMITS, linear)
    assert (asked, found.wkb) == ([[1]], [None, drawn])
    assert found.changed == {"curves_drawn": 1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("POINT (1 2)", 1), ("LINESTRING Z (0 0 1, 1 1 1)", 2), ("POINT ZM (1 2 3 4)", 1)],
)
def test_the_kind_of_a_geometry_is_read_with_any_flags(text, kind):
    geom = shapely.from_wkt(text)
    for flavor in ("iso", "extended"):
        assert kind_of(shapely.to_wkb(geom, flavor=flavor)) == kind
    assert kind_of(shapely.to_wkb(geom, byte_order=0)) == kind


coordinates = st.one_of(
    st.floats(width=64), st.sampled_from([0.0, 19.0, 52.0, 90.0, 500_000.0, 270_000.0])
)
POINTS = st.lists(st.tuples(coordinates, coordinates), min_size=4, max_size=6)
SHAPES = POINTS.flatmap(
    lambda points: st.sampled_from(
        [
            shapely.to_wkb(shapely.multipoints(points)),
            shapely.to_wkb(shapely.linestrings(points)),
            shapely.to_wkb(shapely.polygons([*points, points[0]])),
        ]
    )
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    raw=st.lists(st.one_of(st.none(), SHAPES, st.binary(max_size=60)), max_size=5),
    way=st.sampled_from([METRES, LONLAT, METRES.turned()]),
)
def test_whatever_comes_only_finite_shapes_in_the_country_or_elsewhere_wholly_leave(raw, way):
    found = read(*raw, way=way)
    assert len(found.wkb) == len(raw)
    for row, content in enumerate(found.wkb):
        if content is not None:
            geom = shapely.from_wkb(content)
            assert np.isfinite(shapely.get_coordinates(geom)).all()
            assert not geom.has_z
        elif raw[row] and np.isfinite(found.places[row]).all():
            assert codes(found, row)
