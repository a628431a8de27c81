"""Who an area catches, checked by hand and against a brute-force computation with shapely."""

from collections import Counter

import pytest
import shapely
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dispatch import areas, audiences
from dispatch.audiences import PartCount
from dispatch.models import Severity
from gis_layers.models import Feature, Layer
from residents.models import Mute, Resident
from tests.builders import (
    ORIGIN,
    at,
    line,
    make_device,
    make_district,
    make_feature,
    make_gmina,
    make_kind,
    make_layer,
    make_locality,
    make_place,
    make_resident,
    make_street,
    square,
)

pytestmark = pytest.mark.django_db


def inhabitant(gmina, **place):
    """A resident with one reachable phone and one place."""
    resident = make_resident()
    make_device(resident)
    make_place(resident, gmina, **{"at": at(50, 50), **place})
    return resident


def preview(gmina, *parts, severity="important", kind="woda"):
    area = areas.resolve(gmina, areas.parse_parts(gmina, list(parts)))
    return audiences.preview(gmina, area, make_kind(gmina, kind), severity)


def feature(row, **more):
    return {"kind": "feature", "fid": row.fid, **more}


WHOLE = {"kind": "gmina"}


# ── By hand ────────────────────────────────────────────────────────────────────────────────────


def test_a_street_reaches_those_attached_to_it_wherever_they_stand():
    gmina = make_gmina()
    glowna = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    aleja = make_street(gmina, "Aleja Główna", geom=line((0, 10), (100, 10)))
    inhabitant(gmina, at=at(50, 9), street=glowna)  # nearer to the other street
    inhabitant(gmina, at=at(50, 1), street=aleja)
    counted = preview(gmina, feature(glowna))
    assert (counted.residents, counted.devices) == (1, 1)
    assert counted.parts == (PartCount(residents=1, home=1),)


def test_somebody_with_several_places_and_phones_is_one_person_and_each_phone_once():
    gmina = make_gmina()
    glowna = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    resident = inhabitant(gmina, street=glowna)
    make_place(resident, gmina, at=at(60, 0), street=glowna, kind="work")
    make_device(resident)
    make_device(resident, token="")
    counted = preview(gmina, feature(glowna), WHOLE)
    assert (counted.residents, counted.devices) == (1, 2)
    assert counted.parts[0] == PartCount(residents=1, home=1, work=1, home_and_work=1)


def test_a_place_in_two_pieces_of_a_district_counts_once():
    gmina = make_gmina()
    district = make_district(gmina, "Koło", geom=at(500, 500).buffer(400, quadsegs=100))
    inhabitant(gmina, at=at(500, 500))  # where the polygon is cut
    assert preview(gmina, feature(district)).parts == (PartCount(1, 1),)


def test_a_place_on_the_border_of_two_districts_is_in_both():
    gmina = make_gmina()
    west = make_district(gmina, "Zachód", geom=square(0, 0, 100))
    east = make_district(gmina, "Wschód", geom=square(100, 0, 100))
    inhabitant(gmina, at=at(100, 50))
    counted = preview(gmina, feature(west), feature(east))
    assert (counted.residents, [part.residents for part in counted.parts]) == (1, [1, 1])


def test_a_reach_ends_at_its_metre():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, at=at(50, 30))
    near, far = (preview(gmina, feature(street, reach="metres", reach_m=m)) for m in (29.9, 30))
    assert (near.residents, far.residents) == (0, 1)


def test_only_places_of_the_alerts_own_gmina_count():
    gmina, neighbour = make_gmina("a"), make_gmina("b")
    district = make_district(gmina, "Koło", geom=square(0, 0, 200))
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)), simc="0000100")
    make_locality(gmina, "Kowale", "0000100")
    split = inhabitant(gmina, at=at(5_000, 5_000))  # lives elsewhere in this gmina
    for owner in (neighbour, None):
        make_place(split, owner, at=at(50, 50), street=street, street_fid_2=street.fid)
        inhabitant(owner, at=at(50, 50), street=street, simc="0000100")
    parts = [
        feature(district),
        feature(street),
        {"kind": "locality", "simc": "0000100"},
        feature(street, reach="metres", reach_m=300),
    ]
    for part in parts:
        assert preview(gmina, part, severity="emergency").residents == 0
    assert preview(gmina, WHOLE).residents == 1


def test_a_village_without_streets_is_reached_by_its_simc():
    gmina = make_gmina()
    make_locality(gmina, "Kowale", "0000100")
    make_locality(gmina, "Kowale Dolne", "0000101", parent_simc="0000100")
    for simc in ("0000100", "0000101", "0000200"):
        inhabitant(gmina, simc=simc)
    whole = {"kind": "locality", "simc": "0000100"}
    assert preview(gmina, whole).residents == 2
    assert preview(gmina, {**whole, "include_parts": False}).residents == 1


@pytest.mark.parametrize("severity", Severity.values)
def test_the_second_candidate_street_counts_in_emergencies_only(severity):
    gmina = make_gmina()
    sure = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    likely = make_street(gmina, "Boczna", geom=line((0, 10), (100, 10)))
    inhabitant(gmina, street=sure, street_fid_2=likely.fid)
    assert preview(gmina, feature(likely), severity=severity).residents == (severity == "emergency")
    assert preview(gmina, feature(sure), severity=severity).residents == 1


@pytest.mark.parametrize("severity", Severity.values)
def test_mutes_of_the_kind_count_except_in_emergencies(severity):
    gmina = make_gmina()
    Mute.objects.create(resident=inhabitant(gmina), kind="woda")
    Mute.objects.create(resident=inhabitant(gmina), kind="prad")
    counted = preview(gmina, WHOLE, severity=severity)
    quiet = severity != "emergency"
    assert (counted.residents, counted.muted) == ((1, 1) if quiet else (2, 0))


def test_without_a_kind_nobody_has_muted_it():
    gmina = make_gmina()
    Mute.objects.create(resident=inhabitant(gmina), kind="woda")
    area = areas.resolve(gmina, areas.parse_parts(gmina, [WHOLE]))
    assert audiences.preview(gmina, area, None, "important").residents == 1


def test_those_without_a_reachable_phone_are_counted_apart():
    gmina = make_gmina()
    inhabitant(gmina)
    for phones in (0, 1):
        resident = make_resident()
        make_place(resident, gmina, at=at(1, 1))
        for _phone in range(phones):
            make_device(resident, token="")
    muted = make_resident()  # neither reachable nor willing: not reached whatever the kind
    make_place(muted, gmina, at=at(1, 1))
    Mute.objects.create(resident=muted, kind="woda")
    counted = preview(gmina, WHOLE)
    figures = (counted.residents, counted.devices, counted.unreachable, counted.muted)
    assert figures == (1, 1, 3, 0)


def test_nobody_is_a_count_of_nought():
    gmina = make_gmina()
    street = make_street(gmina, "Pusta", geom=line((0, 0), (100, 0)))
    counted = preview(gmina, feature(street), WHOLE)
    assert (counted.residents, counted.devices, counted.muted) == (0, 0, 0)
    assert counted.parts == (PartCount(), PartCount())


def test_parts_count_their_own_and_groups_who_is_in_exactly_the_same():
    gmina = make_gmina()
    west = make_district(gmina, "Zachód", geom=square(0, 0, 100))
    east = make_district(gmina, "Wschód", geom=square(200, 0, 100))
    both = inhabitant(gmina, at=at(10, 10))
    make_place(both, gmina, at=at(210, 10), kind="work")
    inhabitant(gmina, at=at(20, 20))
    counted = preview(gmina, feature(west), feature(east))
    assert counted.residents == 2
    assert counted.parts == (PartCount(2, home=2), PartCount(1, work=1))
    groups = {group.parts: group.residents for group in counted.groups}
    assert groups == {(0,): 1, (0, 1): 1}


def test_everybody_chosen_twice_is_everybody_once():
    gmina = make_gmina()
    inhabitant(gmina)
    counted = preview(gmina, WHOLE, WHOLE)
    assert (counted.residents, [part.residents for part in counted.parts]) == (1, [1, 1])


# ── The hash ───────────────────────────────────────────────────────────────────────────────────


def test_the_hash_is_the_same_for_the_same_people_and_other_for_others():
    gmina = make_gmina()
    first = inhabitant(gmina)
    before = preview(gmina, WHOLE).hash
    assert preview(gmina, WHOLE).hash == before
    second = inhabitant(gmina)
    assert preview(gmina, WHOLE).hash != before
    first.delete()  # as many as before, but somebody else
    assert preview(gmina, WHOLE).hash != before
    second.delete()


def test_the_hashes_of_two_choices_differ_even_for_the_same_people():
    gmina = make_gmina()
    inhabitant(gmina, at=at(10, 10))
    small = make_district(gmina, "Mały", geom=square(0, 0, 100))
    large = make_district(gmina, "Duży", geom=square(0, 0, 200))
    hashes = {preview(gmina, feature(row)).hash for row in (small, large)}
    hashes.add(preview(gmina, feature(small), severity="info").hash)
    hashes.add(preview(gmina, feature(small), kind="prad").hash)
    assert len(hashes) == 4


def test_a_moved_line_of_a_street_leaves_the_hash_of_its_people():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (100, 0)))
    inhabitant(gmina, street=street)
    before = preview(gmina, feature(street)).hash
    Feature.objects.filter(pk=street.pk).update(geom=line((0, 1), (100, 1)))
    assert preview(gmina, feature(street)).hash == before


def test_counting_is_one_query(django_assert_num_queries):
    gmina = make_gmina()
    kind = make_kind(gmina)
    streets = [make_street(gmina, f"U{n}", geom=line((n, 0), (n, 90))) for n in range(20)]
    chosen = areas.parse_parts(gmina, [WHOLE, *map(feature, streets)])
    area = areas.resolve(gmina, chosen)
    with django_assert_num_queries(1):
        audiences.preview(gmina, area, kind, "emergency")


# ── Against brute force ────────────────────────────────────────────────────────────────────────

# Whole metres on a small board, so that things meet and overlap.
coordinate = st.integers(min_value=0, max_value=60)
position = st.tuples(coordinate, coordinate)
reach = st.integers(min_value=1, max_value=30)
STREETS = 3

places = st.fixed_dictionaries(
    {
        "resident": st.integers(min_value=0, max_value=7),
        "at": position,
        "own": st.sampled_from([True, True, True, False]),
        "kind": st.sampled_from(["home", "work", "other"]),
        "street": st.none() | st.integers(min_value=0, max_value=STREETS - 1),
        "street_2": st.none() | st.integers(min_value=0, max_value=STREETS - 1),
        "simc": st.sampled_from(["", "0000100", "0000101", "0000200"]),
    }
)
polygons = st.lists(position, min_size=3, max_size=7, unique=True).map(
    lambda corners: (
        shapely.MultiPoint(corners)
        .convex_hull.buffer(5)
        .difference(shapely.Point(corners[0]).buffer(3))
    )
)
lines = st.lists(position, min_size=2, max_size=5, unique=True).map(shapely.LineString)
multi_lines = st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString)
parts = st.one_of(
    st.tuples(st.just("polygon"), polygons, st.just(0) | reach),
    st.tuples(st.just("line"), multi_lines, reach),
    st.tuples(st.just("street"), st.integers(min_value=0, max_value=STREETS - 1), st.none()),
    st.tuples(st.just("locality"), st.sampled_from(["0000100", "0000200"]), st.booleans()),
    st.tuples(st.just("gmina"), st.none(), st.none()),
)


class World:
    """The board in the database and in shapely."""

    def __init__(self, people, mutes, phones):
        Resident.objects.all().delete()
        Feature.objects.exclude(layer__slug="granica").delete()
        self.gmina, self.neighbour = self.gminas()
        self.streets = [
            make_street(self.gmina, f"U{n}", geom=line((n, 0), (n, 60))) for n in range(STREETS)
        ]
        self.residents = [Resident.objects.create() for _n in range(8)]
        self.people, self.mutes, self.phones = people, mutes, phones
        for place in people:
            self.add(place)
        for number in mutes:
            Mute.objects.create(resident=self.residents[number], kind="woda")
        for number, tokens in enumerate(phones):
            for is_reachable in tokens:
                make_device(self.residents[number], token=None if is_reachable else "")

    @staticmethod
    def gminas():
        from accounts.models import Gmina

        found = list(Gmina.objects.order_by("pk"))
        if found:
            return found
        gmina = make_gmina("a", outline=square(-500, -500, 2_000))
        make_locality(gmina, "Kowale", "0000100")
        make_locality(gmina, "Kowale Dolne", "0000101", parent_simc="0000100")
        make_locality(gmina, "Strojec", "0000200")
        return gmina, make_gmina("b")

    def add(self, place):
        second = place["street_2"]
        make_place(
            self.residents[place["resident"]],
            self.gmina if place["own"] else self.neighbour,
            at=at(*place["at"]),
            kind=place["kind"],
            street=None if place["street"] is None else self.streets[place["street"]],
            street_fid_2=None if second is None else self.streets[second].fid,
            simc=place["simc"],
        )

    def chosen(self, kind, what, more):
        """The part as JSON."""
        if kind == "gmina":
            return {"kind": "gmina"}
        if kind == "locality":
            return {"kind": "locality", "simc": what, "include_parts": more}
        if kind == "street":
            return feature(self.streets[what])
        geometry_type = "polygon" if kind == "polygon" else "line"
        layer = Layer.objects.filter(gmina=self.gmina, slug=geometry_type).first() or make_layer(
            self.gmina, geometry_type, kind="custom", geometry_type=geometry_type
        )
        moved = shapely.transform(what, lambda xy: xy + ORIGIN)
        row = make_feature(layer, geom=shapely.to_wkt(moved, rounding_precision=-1), name="x")
        return feature(row, reach="metres", reach_m=more)

    def catches(self, part, place, *, is_emergency):
        """Brute force: is the place in the part?"""
        kind, what, more = part
        if not place["own"]:
            return False
        if kind == "gmina":
            return True
        if kind == "locality":
            return place["simc"] in ({what, "0000101"} if more and what == "0000100" else {what})
        if kind == "street":
            return place["street"] == what or (is_emergency and place["street_2"] == what)
        point = shapely.Point(place["at"])
        # On the very edge the two libraries may round apart; tested by hand above.
        edge = what.boundary if kind == "polygon" and not more else what
        assume(abs(edge.distance(point) - more) > 1e-6)
        return what.distance(point) <= more

    def expected(self, chosen, *, is_emergency):
        """Residents told, their devices, and per part residents, home, work, both; the groups."""
        caught = {
            (place["resident"], n, place["kind"])
            for place in self.people
            for n, part in enumerate(chosen)
            if self.catches(part, place, is_emergency=is_emergency)
        }
        surely = {
            (place["resident"], n, place["kind"])
            for place in self.people
            for n, part in enumerate(chosen)
            if self.catches(part, place, is_emergency=False)
        }
        inside = {resident for resident, _n, _kind in caught}
        reachable = {resident for resident in inside if any(self.phones[resident])}
        told = reachable if is_emergency else reachable - self.mutes
        counts, groups = [], Counter()
        for n in range(len(chosen)):
            members = {resident for resident, number, _kind in caught if number == n}
            at_home, at_work = (
                {r for r, number, kind in surely if (number, kind) == (n, wanted)} & reachable
                for wanted in ("home", "work")
            )
            found = (members & told, at_home, at_work, at_home & at_work)
            counts.append(PartCount(*map(len, found)))
        for resident in told:
            of = [
                tuple(sorted({n for r, n, _kind in where if r == resident}))
                for where in (caught, surely)
            ]
            groups[tuple(of)] += 1
        return {
            "told": told,
            "devices": sum(sum(self.phones[resident]) for resident in told),
            "unreachable": len(inside - reachable),
            "muted": len(reachable - told),
            "parts": tuple(counts),
            "groups": groups,
        }


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    people=st.lists(places, max_size=25),
    mutes=st.sets(st.integers(min_value=0, max_value=7), max_size=3),
    phones=st.lists(st.lists(st.booleans(), max_size=3), min_size=8, max_size=8),
    chosen=st.lists(parts, min_size=1, max_size=4),
    is_emergency=st.booleans(),
)
def test_every_audience_is_what_shapely_says(people, mutes, phones, chosen, is_emergency):
    world = World(people, mutes, phones)
    severity = "emergency" if is_emergency else "info"
    counted = preview(world.gmina, *(world.chosen(*part) for part in chosen), severity=severity)
    expected = world.expected(chosen, is_emergency=is_emergency)
    assert counted.residents == len(expected["told"])
    assert counted.devices == expected["devices"]
    assert counted.unreachable == expected["unreachable"]
    assert counted.muted == expected["muted"]
    assert counted.parts == expected["parts"]
    groups = {(group.parts, group.sure_parts): group.residents for group in counted.groups}
    assert {parts: n for parts, n in groups.items() if n} == expected["groups"]
