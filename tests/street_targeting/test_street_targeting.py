"""An alert to a street reaches those who live there: on Helsinki's real addresses."""

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from gis_layers.crs import to_2180, to_lonlat
from gis_layers.models import AddressPoint, Feature
from tests.street_targeting import helsinki, measure

pytestmark = pytest.mark.django_db
GOAL = 0.90


@pytest.fixture(autouse=True)
def abroad():
    with measure.abroad():
        yield


def test_the_fixture_is_the_real_town_and_its_twins():
    gmina, addresses = helsinki.load(twins=False)
    assert len(addresses) == 1_334
    streets = Feature.objects.filter(layer__gmina=gmina, layer__slug="ulice")
    assert streets.count() == 92
    assert AddressPoint.objects.count() == 1_334


def test_a_stored_metre_is_a_metre_on_the_ground():
    """Two addresses 1.1 km apart, by EPSG:2180 and on the ellipsoid: 0.7 m a kilometre at most."""
    corner = to_2180(Point(*helsinki.BOX[:2], srid=4326))
    away = Point(corner.x + 1_000, corner.y + 500, srid=2180)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_Distance(%s::geography, %s::geography)",
            [to_lonlat(corner).ewkt, to_lonlat(away).ewkt],
        )
        on_the_ground_m = cursor.fetchone()[0]
    assert corner.distance(away) == pytest.approx(on_the_ground_m, rel=0.0007)


@pytest.mark.slow
def test_who_declares_the_address_is_told_of_the_street_and_nobody_else():
    score = measure.declared_score()
    assert (score.precision, score.recall) == (1, 1)


@pytest.mark.slow
def test_who_sends_a_gps_position_is_told_of_the_street_nine_times_in_ten():
    score = measure.gps_score()
    assert score.precision >= GOAL
    assert score.recall >= GOAL


def test_the_measure_sees_a_telling_that_is_wrong_and_one_that_is_missing():
    """One of 1,334 registers next door, one nowhere: both figures drop by what that is."""
    gmina, addresses = helsinki.load(twins=False)
    some = [a for a in addresses if a.street == "Kaivokatu"][:1]
    some += [a for a in addresses if a.street == "Mikonkatu"][:2]
    neighbourhood = measure.Neighbourhood(gmina, some)
    wrong, right = some[1].fid, some[2].fid
    nowhere = {"lat": 59.0, "lon": 20.0, "accuracy_m": 10}
    neighbourhood.settle([{"address_fid": wrong}, nowhere, {"address_fid": right}])
    score = neighbourhood.score()
    assert (score.precision, score.recall) == (pytest.approx(1 / 2), pytest.approx(1 / 3))
