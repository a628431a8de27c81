"""What a point is attached to, small enough to draw and at random against shapely."""

import math
from dataclasses import dataclass

import pytest
import shapely
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Gmina
from gis_layers.locate import Asked, Attachment, attach, attach_many, declared, nearby_addresses
from gis_layers.models import AddressPoint, Feature
from tests.builders import (
    ORIGIN,
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_locality,
    make_street,
    square,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina() -> Gmina:
    return make_gmina()


@pytest.fixture
def street(gmina) -> Feature:
    """Główna, 200 m along the x axis."""
    return make_street(gmina, "Główna", geom=line((0, 100), (200, 100)))


def test_the_nearest_address_says_address_and_street(gmina, street):
    near = make_address(gmina, "1", at=at(10, 110), street=street)
    make_address(gmina, "3", at=at(60, 110), street=street)
    found = attach(at(10, 115), gmina, 0)
    assert found == Attachment("nearest_address", near.fid, street.fid, None, near.simc, 5.0)


def test_an_address_sixty_metres_away_counts_and_one_farther_does_not(gmina):
    make_address(gmina, "1", at=at(0, 0))
    assert attach(at(60, 0), gmina, 0).method == "nearest_address"
    assert attach(at(60.01, 0), gmina, 0).method == "boundary"


def test_two_addresses_of_a_street_outweigh_a_slightly_nearer_one_of_another(gmina, street):
    other = make_street(gmina, "Boczna", geom=line((0, 0), (200, 0)))
    lone = make_address(gmina, "2", at=at(0, 40), street=other)
    pair = [make_address(gmina, n, at=at(x, 62), street=street) for n, x in (("1", 0), ("3", 3))]
    point = at(0, 50)  # 10 m to Boczna 2, 12 m to Główna 1 and 3
    assert attach(point, gmina, 0).address_point_fid == lone.fid
    found = attach(point, gmina, 15)
    assert (found.address_point_fid, found.street_fid_2) == (pair[0].fid, other.fid)


def test_an_address_is_preferred_to_a_nearer_line(gmina, street):
    other = make_street(gmina, "Boczna", geom=line((0, 150), (200, 150)))
    make_address(gmina, "1", at=at(50, 130), street=street)
    assert attach(at(50, 149), gmina, 0).street_fid == street.fid != other.fid


def test_without_an_address_the_nearest_line_counts_up_to_a_hundred_metres(gmina, street):
    assert attach(at(50, 200), gmina, 0) == Attachment(
        "nearest_street", None, street.fid, None, street.simc, 100.0
    )
    assert attach(at(50, 200.01), gmina, 0).method == "boundary"


def test_a_street_is_as_near_as_its_line_not_its_box(gmina):
    bent = make_street(gmina, "Kręta", geom=line((0, 0), (0, 400), (400, 400)))
    straight = make_street(gmina, "Prosta", geom=line((300, 90), (300, 110)))
    assert attach(at(250, 100), gmina, 0).street_fid == straight.fid != bent.fid


def test_a_house_without_a_street_keeps_its_locality(gmina):
    house = make_address(gmina, "7", at=at(0, 0), simc="0144259")
    assert attach(at(1, 0), gmina, 0) == Attachment(
        "nearest_address", house.fid, None, None, "0144259", 1.0
    )


def test_a_second_street_is_kept_when_it_is_nearly_as_near(gmina, street):
    other = make_street(gmina, "Boczna", geom=line((0, 0), (200, 0)))
    make_address(gmina, "1", at=at(0, 60), street=street)
    make_address(gmina, "3", at=at(5, 60), street=street)
    make_address(gmina, "2", at=at(0, 20), street=other)
    point = at(0, 45)  # 15 m to Główna 1, 25 m to Boczna 2
    assert attach(point, gmina, 10).street_fid_2 is None
    assert attach(point, gmina, 10.01).street_fid_2 == other.fid


def test_a_house_without_a_street_keeps_the_street_that_is_nearly_as_near(gmina, street):
    house = make_address(gmina, "1", at=at(0, 0), simc="0144259")
    make_address(gmina, "2", at=at(8, 0), simc="0144265")  # no street either: no candidate
    make_address(gmina, "7", at=at(15, 0), street=street)
    found = attach(at(0, 0), gmina, 30)
    assert (found.address_point_fid, found.street_fid) == (house.fid, None)
    assert found.street_fid_2 == street.fid
    assert attach(at(0, 0), gmina, 15).street_fid_2 is None


def test_a_second_line_is_kept_when_it_is_nearly_as_near(gmina, street):
    other = make_street(gmina, "Boczna", geom=line((0, 0), (200, 0)))
    found = attach(at(50, 55), gmina, 20)  # 45 m and 55 m
    assert (found.street_fid, found.street_fid_2) == (street.fid, other.fid)


def test_beyond_addresses_and_streets_the_smallest_area_names_the_locality(gmina):
    make_district(gmina, "Sołectwo", geom=square(0, 0, 5_000), simc="0144259")
    make_district(gmina, "Przysiółek", geom=square(0, 0, 500), simc="0144265")
    assert attach(at(100, 100), gmina, 0) == Attachment("boundary", simc="0144265")
    assert attach(at(4_000, 100), gmina, 0) == Attachment("boundary", simc="0144259")


def test_outside_the_gmina_there_is_nothing(gmina):
    assert attach(at(-500, 0), gmina, 0) == Attachment("none")


def test_another_gminas_addresses_and_streets_are_not_looked_at(gmina):
    other = make_gmina("b")
    street = make_street(other, "Obca", geom=line((0, 100), (200, 100)))
    make_address(other, "1", at=at(50, 110), street=street)
    assert attach(at(50, 110), gmina, 0).method == "boundary"


def test_what_is_no_longer_published_is_not_looked_at(gmina, street):
    make_address(gmina, "1", at=at(50, 110), street=street)
    AddressPoint.objects.update(until=2)
    Feature.objects.filter(fid=street.fid).update(until=2)
    assert attach(at(50, 110), gmina, 0).method == "boundary"


def test_a_declared_address_is_taken_as_it_is(gmina, street):
    address = make_address(gmina, "1", at=at(50, 110), street=street)
    assert declared(address) == Attachment(
        "declared", address.fid, street.fid, None, address.simc, 0.0
    )


def test_many_points_give_what_each_gives_alone(gmina, street):
    make_address(gmina, "1", at=at(50, 110), street=street)
    asked = [Asked(n, at(7 * n, 90), 15.0) for n in range(1200)]
    together = attach_many(asked, gmina)
    assert together.keys() == {one.key for one in asked}
    for one in asked[::100]:
        assert together[one.key] == attach(one.point, gmina, one.accuracy_m)


def test_nearby_addresses_come_nearest_first_and_one_for_each_door(gmina, street):
    make_locality(gmina, "Kowale", "0144259")
    make_address(gmina, "1", at=at(0, 0), street=street)
    make_address(gmina, "1", at=at(1, 0), street=street)
    make_address(gmina, "7", at=at(20, 0), simc="0144259")
    make_address(gmina, "9", at=at(201, 0), street=street)
    found = nearby_addresses(at(0, 0), gmina)
    assert [(one.label, one.distance_m) for one in found] == [("Główna 1", 0.0), ("Kowale 7", 20.0)]


spot = st.tuples(st.integers(0, 300), st.integers(0, 300))


@dataclass(frozen=True)
class Drawn:
    """A small map: streets as lines, addresses with the number of their street."""

    streets: list[list[tuple[int, int]]]
    addresses: list[tuple[tuple[int, int], int]]


maps = st.builds(
    Drawn,
    streets=st.lists(st.lists(spot, min_size=2, max_size=4, unique=True), min_size=1, max_size=5),
    addresses=st.lists(st.tuples(spot, st.integers(0, 4)), max_size=12),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(maps, st.lists(spot, min_size=1, max_size=5), st.sampled_from([0, 10, 40]))
def test_attachment_is_what_shapely_measures(gmina, drawn, points, accuracy_m):
    with transaction.atomic():
        streets = [make_street(gmina, f"S{n}", geom=line(*p)) for n, p in enumerate(drawn.streets)]
        addresses = [
            make_address(gmina, str(n), at=at(*p), street=streets[street % len(streets)])
            for n, (p, street) in enumerate(drawn.addresses)
        ]
        asked = [Asked(n, at(*p), accuracy_m) for n, p in enumerate(points)]
        for key, found in attach_many(asked, gmina).items():
            check(found, points[key], accuracy_m, drawn, streets, addresses)
        transaction.set_rollback(True)


def street_weights(distances, street_of, accuracy_m):
    """How likely a position of this accuracy was sent from each street's addresses, relatively."""
    spread_m = max(accuracy_m / 1.515, 0.1)
    least = min(distances.values())
    weights = dict.fromkeys((street_of[fid] for fid in distances), 0.0)
    for fid, distance in distances.items():
        weights[street_of[fid]] += math.exp((least**2 - distance**2) / (2 * spread_m**2))
    return weights


def check(found, point, accuracy_m, drawn, streets, addresses):
    """Compare one attachment with plain distances; where two are equal either is right."""
    here = shapely.Point(ORIGIN[0] + point[0], ORIGIN[1] + point[1])
    to_street = {s.fid: shapely.from_wkb(bytes(s.geom.wkb)).distance(here) for s in streets}
    to_address = {a.fid: shapely.from_wkb(bytes(a.geom.wkb)).distance(here) for a in addresses}
    street_of = {a.fid: a.street_fid for a in addresses}
    within = {f: d for f, d in to_address.items() if d <= django_settings.NEAREST_ADDRESS_MAX_M}
    if within:
        street_fid = found.street_fid
        weights = street_weights(within, street_of, accuracy_m)
        assert found.method == "nearest_address"
        assert weights[street_fid] == pytest.approx(max(weights.values()), rel=1e-6)
        nearest = min(d for f, d in within.items() if street_of[f] == street_fid)
        assert to_address[found.address_point_fid] == pytest.approx(nearest, abs=1e-6)  # m
        assert street_of[found.address_point_fid] == street_fid
        others = {f: d for f, d in to_address.items() if street_of[f] != street_fid}
        gap = min(others.values(), default=1e9) - nearest
        if abs(gap - accuracy_m) > 1e-6:
            assert (found.street_fid_2 is not None) == (gap < accuracy_m)
    elif min(to_street.values()) <= django_settings.NEAREST_STREET_MAX_M:
        nearest = min(to_street.values())
        assert found.method == "nearest_street"
        assert to_street[found.street_fid] == pytest.approx(nearest, abs=1e-6)  # m
        others = {f: d for f, d in to_street.items() if f != found.street_fid}
        gap = min(others.values(), default=1e9) - nearest
        if abs(gap - accuracy_m) > 1e-6:
            assert (found.street_fid_2 is not None) == (gap < accuracy_m)
    else:
        assert found == Attachment("boundary")
