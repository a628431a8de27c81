"""Transforms at the edge. Gdańsk for axes: Wrocław, mirrored, lands on itself."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from gis_layers.crs import in_country, lonlat_to_2180, project, to_2180, to_lonlat
from gis_layers.errors import OutsideCountry, SwappedAxes

GDANSK = (18.6466, 54.3520)  # lon, lat


def test_gdansk_is_where_the_register_has_it_easting_first():
    # By hand: 0.9993 of the meridian arc from the equator (6,025,097 m) less 5,300,000 m, and 58 m
    # more as Gdańsk lies 0.3534° west of the central meridian, where easting is 500,000 m.
    point = lonlat_to_2180(*GDANSK)
    assert (point.x, point.y) == pytest.approx((477_038, 720_937), abs=2)  # m


@pytest.mark.django_db
def test_python_and_postgis_agree_to_the_millimetre():
    point = lonlat_to_2180(*GDANSK)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(g), ST_Y(g) FROM ST_Transform(ST_Point(%s, %s, 4326), 2180) AS g", GDANSK
        )
        assert (point.x, point.y) == pytest.approx(cursor.fetchone(), abs=0.001)  # m


@given(st.floats(14.2, 24.1), st.floats(49.1, 54.8))
def test_there_and_back_is_the_same_place(lon, lat):
    back = to_lonlat(project(lon, lat))
    assert (back.x, back.y) == pytest.approx((lon, lat), abs=1e-8)  # degrees, about a millimetre


def test_a_transform_leaves_its_input_alone():
    point = Point(*GDANSK, srid=4326)
    assert to_2180(point).srid == 2180
    assert (point.srid, point.coords) == (4326, GDANSK)


def test_swapped_coordinates_are_named_as_such():
    with pytest.raises(SwappedAxes) as refused:
        lonlat_to_2180(GDANSK[1], GDANSK[0])
    assert refused.value.field == "lat"


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (13.4, 52.5, "lon"),  # Berlin
        (21.0, 0.0, "lat"),
        (500_000, 270_000, "lat"),  # metres for degrees
        (float("nan"), 50.0, "lon"),
        (19.0, float("inf"), "lat"),
        (-170.0, -80.0, "lat"),
    ],
)
def test_what_is_no_place_in_poland_is_refused_naming_what_to_correct(lon, lat, field):
    with pytest.raises(OutsideCountry) as refused:
        lonlat_to_2180(lon, lat)
    assert (refused.value.code, refused.value.field) == ("outside_country", field)


@override_settings(COUNTRY_ENVELOPE_2180=None)
def test_the_check_can_be_lifted_for_foreign_test_data():
    helsinki = lonlat_to_2180(24.94, 60.17)
    assert in_country(helsinki)
