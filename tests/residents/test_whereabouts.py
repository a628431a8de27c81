"""Attachment and gmina of a place against a brute-force computation on random maps."""

import math
import threading
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from shapely import LineString, Point, box

from accounts.models import Gmina
from gis_layers.crs import to_lonlat
from residents import reattachment, whereabouts
from residents.models import Place
from residents.whereabouts import Declared, Position
from tests.builders import (
    at,
    line,
    make_address,
    make_gmina,
    make_layer,
    make_place,
    make_resident,
    make_street,
    square,
)

ADDRESS_MAX_M, STREET_MAX_M = 60, 100  # docs/decisions/0003-who-is-told.md
OWN_ACCURACY_M = 5
# Two gminas of 1 km side by side; a test's map lies around their common edge x = 1,000.
SQUARES = {"zachod": (0, 0), "wschod": (1_000, 0)}
ACROSS_M = st.integers(600, 1_400)
UP_M = st.integers(200, 800)
SPOT = st.tuples(ACROSS_M, UP_M)


@dataclass
class Street:
    gmina: str
    ends: tuple[tuple[int, int], tuple[int, int]]
    numbers: list[tuple[int, int]]
    fid: int = 0

    @property
    def shape(self) -> LineString:
        return LineString(self.ends)


STREETS = st.lists(
    st.builds(
        Street,
        gmina=st.sampled_from(list(SQUARES)),
        ends=st.tuples(SPOT, SPOT).filter(lambda ends: ends[0] != ends[1]),
        numbers=st.lists(SPOT, max_size=3),
    ),
    min_size=1,
    max_size=5,
)


def make_map(streets: list[Street]) -> dict[str, Gmina]:
    gminas = {
        slug: make_gmina(slug, outline=square(*corner, 1_000)) for slug, corner in SQUARES.items()
    }
    for n, street in enumerate(streets):
        feature = make_street(gminas[street.gmina], f"Ulica {n}", geom=line(*street.ends))
        street.fid = feature.fid
        for number, spot in enumerate(street.numbers):
            make_address(gminas[street.gmina], str(number), at=at(*spot), street=feature)
    return gminas


def expected_gmina(spot: Point, accuracy_m: float) -> set[str | None]:
    """The answers that are right: whose square holds the point, else who is near enough."""
    distances = {
        slug: box(x, y, x + 1_000, y + 1_000).distance(spot) for slug, (x, y) in SQUARES.items()
    }
    inside = {slug for slug, distance in distances.items() if distance == 0}
    near = min(distances.values())
    if inside or near > max(accuracy_m, OWN_ACCURACY_M):
        return inside or {None}
    return {slug for slug, distance in distances.items() if distance == near}


def expected_streets(
    spot: Point, accuracy_m: float, gmina: str, streets: list[Street]
) -> set[int | None]:
    """Likeliest streets of addresses within 60 m, else nearest lines within 100 m; all ties."""
    own = [street for street in streets if street.gmina == gmina]
    numbers = [(Point(n).distance(spot), street.fid) for street in own for n in street.numbers]
    lines = [(street.shape.distance(spot), street.fid) for street in own]
    for distance, _fid in numbers + lines:  # on a knife's edge either is right
        assume(abs(distance - ADDRESS_MAX_M) > 0.01)
        assume(abs(distance - STREET_MAX_M) > 0.01)
    within = [(distance, fid) for distance, fid in numbers if distance < ADDRESS_MAX_M]
    if within:
        return likeliest(within, accuracy_m)
    near = min((distance for distance, _fid in lines), default=math.inf)
    return {fid for distance, fid in lines if distance < near + 0.01 and near < STREET_MAX_M} or {
        None
    }


def likeliest(addresses: list[tuple[float, int]], accuracy_m: float) -> set[int | None]:
    """Streets whose addresses together weigh most, within 1 % (WGS84 moves a point by 1 cm)."""
    spread_m = max(accuracy_m / 1.515, 0.1)  # metres; accuracy is the radius of 68 %
    least = min(distance for distance, _fid in addresses)
    weights: dict[int | None, float] = {}
    for distance, fid in addresses:
        weight = math.exp((least**2 - distance**2) / (2 * spread_m**2))
        weights[fid] = weights.get(fid, 0) + weight
    most = max(weights.values())
    return {fid for fid, weight in weights.items() if weight > 0.99 * most}


class AnyMap(TestCase):
    @hypothesis_settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(STREETS, SPOT, st.sampled_from([0, 8, 30]))
    def test_a_position_gets_the_gmina_and_street_that_brute_force_finds(
        self, streets, spot, accuracy_m
    ):
        make_map(streets)
        assume(abs(spot[0] - 1_000) > 0.5)  # on the common edge both are right
        point = to_lonlat(at(*spot))
        place, _words = whereabouts.add_place(
            make_resident(), kind="home", where=Position(point.x, point.y, accuracy_m)
        )
        gmina = place.gmina.slug if place.gmina else None
        assert gmina in expected_gmina(Point(spot), accuracy_m)
        assert place.street_fid in expected_streets(Point(spot), accuracy_m, gmina, streets)

    @hypothesis_settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(STREETS, st.lists(SPOT, min_size=1, max_size=5))
    def test_re_attaching_gives_what_adding_gives(self, streets, spots):
        """The set-based path and the path of one place agree."""
        gminas = make_map(streets)
        added = []
        for spot in spots:
            point = to_lonlat(at(*spot))
            where = Position(point.x, point.y, 10)
            added.append(whereabouts.add_place(make_resident(), kind="home", where=where)[0])
        columns = ("pk", "gmina_id", *whereabouts.ATTACHMENT_COLUMNS)
        before = list(Place.objects.order_by("pk").values_list(*columns))
        Place.objects.update(method="none", street_fid=None, street_fid_2=None, simc="")
        Place.objects.update(address_point_fid=None)
        for gmina in gminas.values():
            layer = gmina.layers.filter(slug="ulice").first()
            if layer:
                reattachment.reattach(gmina, layer)
        with_streets = {gmina.pk for gmina in gminas.values() if gmina.layers.count() > 1}
        after = list(Place.objects.order_by("pk").values_list(*columns))
        for was, now in zip(before, after, strict=True):
            assert now == was or was[1] not in with_streets

    @hypothesis_settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(STREETS)
    def test_a_declared_address_is_on_its_own_street_wherever_it_stands(self, streets):
        gminas = make_map(streets)
        for street in streets:
            layer = gminas[street.gmina].layers.filter(kind="address").first()
            for address in layer.addresses.filter(street_fid=street.fid) if layer else ():
                place, _words = whereabouts.add_place(
                    make_resident(), kind="home", where=Declared(address.fid)
                )
                assert (place.gmina, place.street_fid) == (gminas[street.gmina], street.fid)


@pytest.mark.django_db
def test_the_second_street_is_kept_where_the_accuracy_cannot_tell():
    gmina = make_gmina()
    near = make_street(gmina, "Bliska", geom=line((0, 0), (100, 0)))
    far = make_street(gmina, "Daleka", geom=line((0, 30), (100, 30)))
    point = to_lonlat(at(50, 12))  # 12 m and 18 m away
    for accuracy_m, second in ((5, None), (10, far.fid)):
        where = Position(point.x, point.y, accuracy_m)
        place, _words = whereabouts.add_place(make_resident(), kind="home", where=where)
        assert (place.street_fid, place.street_fid_2) == (near.fid, second)


@pytest.mark.django_db(transaction=True)
def test_a_place_being_added_during_a_publication_is_re_attached_too():
    """The job waits for places that were attached to the map before it, and sees them."""
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    point = to_lonlat(at(50, 10))
    counted = []

    def job() -> None:
        try:
            with transaction.atomic():
                counted.append(reattachment.reattach(gmina, street.layer))
        finally:
            connection.close()

    with transaction.atomic():
        place, _words = whereabouts.add_place(
            make_resident(), kind="home", where=Position(point.x, point.y, 5)
        )
        address = _in_another_transaction(
            lambda: make_address(gmina, "1", at=at(50, 12), street=street)
        )
        thread = threading.Thread(target=job)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive()  # it waits for us
    thread.join()
    assert counted[0]["position"] == 1
    place.refresh_from_db()
    assert place.address_point_fid == address.fid


def _in_another_transaction(work):
    """Run `work` on a connection of its own, committed; its result."""
    done = []

    def run() -> None:
        try:
            done.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return done[0]


@pytest.mark.django_db(transaction=True)
def test_two_places_added_at_once_do_not_pass_the_limit(settings):
    settings.PLACES_MAX = 1
    gmina, resident = make_gmina(), make_resident()
    address = make_address(gmina, "1", at=at(5, 5))
    gate, results = threading.Barrier(2), []

    def add() -> None:
        try:
            gate.wait()
            whereabouts.add_place(resident, kind="home", where=Declared(address.fid))
            results.append("added")
        except Exception as error:
            results.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["TooManyPlaces", "added"]
    assert Place.objects.count() == 1


@pytest.mark.django_db
def test_an_address_of_a_national_register_lies_where_its_point_lies():
    gmina = make_gmina()
    national = make_layer(None, "prg", kind="address", geometry_type="point")
    address = make_address(gmina, "1", at=at(5, 5))
    type(address).objects.filter(pk=address.pk).update(layer=national)
    place, _words = whereabouts.add_place(make_resident(), kind="home", where=Declared(address.fid))
    assert place.gmina == gmina


@pytest.mark.django_db
def test_a_place_without_a_gmina_can_be_re_attached_when_its_address_is_known():
    gmina = make_gmina()
    address = make_address(gmina, "1", at=at(5, 5))
    place = make_place(
        make_resident(), None, at=at(5, 5), method="declared", address_point_fid=address.fid
    )
    assert whereabouts.reconsider_gmina(place)
    assert (place.gmina, place.method) == (gmina, "declared")
