"""Are the drawn people in the database already? Then a second load leaves them alone."""

from collections.abc import Sequence

from config.demo.doors import Doors
from config.demo.people import OUTSIDE, People
from residents.models import Device, Mute, Place
from residents.simulated import SimulatedPhone, id_range, simulated_id


def are_settled(people: People, towns: Sequence[Doors], *, gmina: str, seed: int) -> bool:
    """Whether just these people are here: phones as reachable as made, places on the same streets.

    Reads all of them; made for the thousands of the demo, not for the million of a bench.
    """
    return (
        _phones_there(gmina) == _phones_drawn(people, gmina, seed)
        and _places_there(gmina) == _places_drawn(people, towns, gmina, seed)
        and _mutes_there(gmina) == sum(len(each) for each in people.muted.values())
    )


def _phones_there(gmina: str) -> set[tuple[object, bool]]:
    mine = Device.objects.filter(resident__public_id__range=id_range(gmina))
    rows = mine.values_list("public_id", "push_kind")
    return {(public_id, kind is not None) for public_id, kind in rows}


def _phones_drawn(people: People, gmina: str, seed: int) -> set[tuple[object, bool]]:
    return {
        (SimulatedPhone(gmina, seed, number).public_id, reachable)
        for number, reachable in enumerate(people.phones.reachable.tolist(), start=1)
    }


def _places_there(gmina: str) -> set[tuple[object, ...]]:
    mine = Place.objects.filter(resident__public_id__range=id_range(gmina))
    return set(mine.values_list("public_id", "gmina_id", "address_point_fid", "street_fid"))


def _places_drawn(
    people: People, towns: Sequence[Doors], gmina: str, seed: int
) -> set[tuple[object, ...]]:
    places = people.places
    return {
        (simulated_id(gmina, seed, f"place-{number}"), *_door(towns[town], door))
        for number, (town, door) in enumerate(
            zip(places.town.tolist(), places.door.tolist(), strict=True)
        )
    }


def _door(town: Doors, door: int) -> tuple[int | None, int | None, int | None]:
    """gmina, address and street of a place behind a door."""
    if door == OUTSIDE:
        return None, None, None
    return town.gmina_id, int(town.fid[door]), town.street_fid[door]


def _mutes_there(gmina: str) -> int:
    return Mute.objects.filter(resident__public_id__range=id_range(gmina)).count()
