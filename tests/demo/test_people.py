"""Who is drawn: figures that a check relies on exactly, and shares that are only about right."""

from collections import Counter

import numpy as np
import pytest

from config.demo.doors import Doors
from config.demo.people import HOME, OTHER, OUTSIDE, WORK, People, Quota, draw

STREETS = ["Główna", "Aleja Główna", "Polna", "Leśna"]
PER_STREET = 50
# Nobody lives on the alley, as in a park; half of Leśna's houses are blocks.
FLATS = {"Główna": 4.0, "Aleja Główna": 0.0, "Polna": 1.0, "Leśna": 30.0}
QUOTA = Quota(
    street="Główna",
    apart="Aleja Główna",
    told=100,
    only_working=7,
    phones=118,
    heard_kind="woda",
    of=2_000,
)


def make_doors(name: str = "A", *, east: float = 500_000) -> Doors:
    street = np.repeat(STREETS, PER_STREET)
    number = np.tile(np.arange(PER_STREET), len(STREETS))
    xy = np.stack([east + number * 20.0, 270_000 + np.repeat(range(4), PER_STREET) * 100.0], axis=1)
    return Doors(
        gmina_id=1,
        fid=np.arange(len(street)),
        simc=["0000001"] * len(street),
        street_fid=[STREETS.index(one) + 1 for one in street],
        street=street,
        label=[f"{name} {one} {n}" for one, n in zip(street, number, strict=True)],
        xy=xy,
        flats=np.array([FLATS[one] for one in street]),
        jobs=np.ones(len(street)),
    )


@pytest.fixture(scope="module")
def doors() -> Doors:
    return make_doors()


@pytest.fixture(scope="module")
def people(doors: Doors) -> People:
    return draw([doors, make_doors("B", east=600_000)], count=2_000, seed=5, quota=QUOTA)


def at(people: People, doors: Doors, street: str, *kinds: int) -> set[int]:
    """Residents with a place of these kinds (all by default) on a street of the first town."""
    places = people.places
    there = (places.town == 0) & (places.door >= 0)
    there[there] = doors.street[places.door[there]] == street
    if kinds:
        there &= np.isin(places.kind, kinds)
    return set(places.resident[there].tolist())


def test_quota_is_met_to_the_person(people: People, doors: Doors) -> None:
    assert len(at(people, doors, "Główna")) == 100
    assert len(at(people, doors, "Główna", HOME)) == 93
    only_working = at(people, doors, "Główna", WORK) - at(people, doors, "Główna", HOME)
    assert len(only_working) == 7


def test_some_both_live_and_work_on_the_street(people: People, doors: Doors) -> None:
    assert at(people, doors, "Główna", WORK) & at(people, doors, "Główna", HOME)


def test_nobody_has_a_further_place_on_the_street(people: People, doors: Doors) -> None:
    assert not at(people, doors, "Główna", OTHER)


def test_those_told_have_exactly_so_many_reachable_phones(people: People, doors: Doors) -> None:
    told = np.array(sorted(at(people, doors, "Główna")))
    theirs = np.isin(people.phones.resident, told)
    assert int(people.phones.reachable[theirs].sum()) == 118
    reached = people.phones.resident[theirs & people.phones.reachable]
    assert set(reached.tolist()) == set(told.tolist())
    assert not people.phones.reachable[theirs].all()  # an old installation beside the new one


def test_those_told_hear_of_water_and_others_may_not(people: People, doors: Doors) -> None:
    told = at(people, doors, "Główna")
    assert not told & set(people.muted["woda"].tolist())
    assert told & set(people.muted["kultura"].tolist())
    assert len(people.muted["woda"]) > 0


def test_people_of_the_other_street_are_others(people: People, doors: Doors) -> None:
    alley = at(people, doors, "Aleja Główna")
    assert alley
    assert not alley & at(people, doors, "Główna")


def test_quota_grows_with_the_number_of_residents(doors: Doors) -> None:
    twice = draw([doors], count=4_000, seed=5, quota=QUOTA)
    assert len(at(twice, doors, "Główna")) == 200


def test_people_live_where_flats_are(people: People, doors: Doors) -> None:
    assert not at(people, doors, "Aleja Główna", HOME)
    ratio = len(at(people, doors, "Leśna", HOME)) / len(at(people, doors, "Polna", HOME))
    assert ratio == pytest.approx(30, rel=0.4)


def test_everyone_has_a_home_and_some_a_second_place(people: People) -> None:
    kinds = Counter(people.places.kind.tolist())
    assert kinds[HOME] == people.count
    assert kinds[WORK] == pytest.approx(0.62 * people.count, rel=0.1)
    assert 0 < kinds[OTHER] < people.count / 4


def test_some_work_outside_and_some_have_a_place_in_the_other_town(people: People) -> None:
    outside = people.places.door == OUTSIDE
    assert outside.any()
    assert people.places.xy[outside][:, 0].max() < 500_000
    assert (people.places.town == 1).any()


def test_located_place_stays_nearest_to_its_door(people: People, doors: Doors) -> None:
    places = people.places
    mine = places.located & (places.town == 0) & (places.door >= 0)
    away = np.hypot(*(places.xy[mine] - doors.xy[places.door[mine]]).T)
    assert 0 < away.max() <= 3
    assert (~places.located).any()


def test_unreachable_phones_have_been_silent_for_longer(people: People) -> None:
    phones = people.phones
    assert np.median(phones.seen_h[~phones.reachable]) > np.median(phones.seen_h[phones.reachable])


def test_seed_decides(doors: Doors, people: People) -> None:
    again = draw([doors, make_doors("B", east=600_000)], count=2_000, seed=5, quota=QUOTA)
    other = draw([doors, make_doors("B", east=600_000)], count=2_000, seed=6, quota=QUOTA)
    assert (again.places.door == people.places.door).all()
    assert not np.array_equal(other.places.door, people.places.door)


def test_street_without_people_gets_none(doors: Doors) -> None:
    away = draw([doors.without("Leśna")], count=500, seed=1)
    assert not at(away, doors, "Leśna")
