"""Repairs of geometries small enough to draw."""

import pytest
from django.contrib.gis.geos import GEOSGeometry

from gis_layers.imports.repair import changed_share, fault_of, of_type, repaired
from gis_layers.models import Layer

LINE, POLYGON, POINT = Layer.GeometryType.LINE, Layer.GeometryType.POLYGON, Layer.GeometryType.POINT
# An hourglass: two triangles that meet at (5, 5).
BOW_TIE = "SRID=2180;POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))"


def test_a_valid_geometry_has_no_fault():
    assert fault_of(GEOSGeometry("SRID=2180;POLYGON((0 0, 10 0, 10 10, 0 0))")) is None


def test_a_fault_says_why_and_where():
    fault = fault_of(GEOSGeometry(BOW_TIE))
    assert (fault.reason, fault.at.coords) == ("Self-intersection", (5, 5))


def test_a_self_crossing_polygon_becomes_its_two_triangles():
    mended = repaired(GEOSGeometry(BOW_TIE), POLYGON)
    assert (mended.geom_type, mended.area, mended.srid) == ("MultiPolygon", 50, 2180)


def test_a_repair_says_how_much_it_changed():
    # A square of 100 m² with a spike of no area.
    spiked = GEOSGeometry("SRID=2180;POLYGON((0 0, 10 0, 10 10, 10 20, 10 10, 0 10, 0 0))")
    mended = repaired(spiked, POLYGON)
    assert mended.area == 100
    assert changed_share(spiked, mended) == 0


def test_a_polygon_without_area_cannot_be_repaired():
    assert repaired(GEOSGeometry("SRID=2180;POLYGON((0 0, 10 0, 5 0, 0 0))"), POLYGON) is None


@pytest.mark.parametrize(
    ("wkt", "geometry_type", "expected"),
    [
        ("POINT(1 2)", POINT, "POINT (1 2)"),
        ("POINT(1 2)", LINE, None),
        ("MULTIPOINT(1 2)", POINT, "POINT (1 2)"),
        ("MULTILINESTRING((0 0, 1 1))", LINE, "LINESTRING (0 0, 1 1)"),
        (
            "GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1), LINESTRING(2 2, 3 3))",
            LINE,
            "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
        ),
        ("LINESTRING(0 0, 1 1)", POLYGON, None),
    ],
)
def test_only_parts_of_the_layers_type_are_kept(wkt, geometry_type, expected):
    found = of_type(GEOSGeometry(f"SRID=2180;{wkt}"), geometry_type)
    assert (found.wkt if found else None) == expected
