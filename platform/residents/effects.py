"""Whose street, district or gmina an edition would change, found by trying it.

The edition's rows are put in place and taken back (editions.trial); places are only read. What a
place would hang on is decided as reattachment.py does after the publication.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.models import Gmina
from gis_layers import editions
from gis_layers.locate import Asked, attach_many
from gis_layers.models import Edition, Feature, LayerKind
from gis_layers.outlines import OWN_SLUG
from residents.models import Place
from residents.reattachment import HEIR_NEAR_M, HEIR_SHARE

SQL = files("residents") / "sql"
# Of more places given by a position only so many are tried, drawn by lot: true to 1.5 in 100, and
# with 60,000 streets half a minute's work.
TRIED_MAX = 5_000
ROUNDED_TO = 10


@dataclass(frozen=True)
class Told:
    """A number of places as staff may know it: `count`, or only that it is `below`."""

    count: int | None
    below: int | None


@dataclass(frozen=True)
class Streets:
    """A place's street now and as it would be; fids, None for none."""

    now: int | None
    then: int | None


def effects(edition: Edition) -> dict[str, Told]:
    """How many places change what: "street" (of these "lost": none any more), "district", "gmina".

    Only what the edition's layer has a say in. Raises EditionConflict and ChangeDoesNotFit.
    """
    layer, gmina = edition.layer, edition.layer.gmina
    if gmina is None:
        return {}
    if layer.kind == LayerKind.DISTRICT:
        return {"district": told(_areas(edition, gmina))}
    if layer.slug == OWN_SLUG:
        return {"gmina": told(_areas(edition, gmina))}
    if layer.kind in {LayerKind.STREET, LayerKind.ADDRESS}:
        return _streets(edition, gmina)
    return {}


def told(place_ids: Sequence[int], weight: float = 1.0) -> Told:
    """None exactly, few as fewer than twenty, more to tens; each place stands for `weight`.

    An officer draws the areas that are counted here, as those of an alert are drawn: the same limit
    holds, and tens make it useless to move a border by one house.
    """
    few = settings.MASK_BELOW_DRAWN
    if not place_ids:
        return Told(0, None)
    residents = Place.objects.filter(pk__in=place_ids).values("resident").distinct().count()
    if residents < few:
        return Told(None, few)
    return Told(round(len(place_ids) * weight / ROUNDED_TO) * ROUNDED_TO, None)


def _areas(edition: Edition, gmina: Gmina) -> list[int]:
    with editions.trial(edition):
        return [row[0] for row in _rows("weigh_areas", edition, gmina)]


def _streets(edition: Edition, gmina: Gmina) -> dict[str, Told]:
    with editions.trial(edition):
        by_position = [row[0] for row in _positions(edition, gmina)]
        tried = _by_lot(by_position)
        places = _declared(edition, gmina) | _by_position(tried, gmina)
        streets = _inherited(places, gmina)
    weight = len(by_position) / len(tried) if tried else 1.0
    changed = [pk for pk, street in streets.items() if street.now != street.then]
    lost = [pk for pk in changed if streets[pk].then is None]
    return {"street": told(changed, weight), "lost": told(lost, weight)}


def _by_lot(place_ids: list[int]) -> list[int]:
    if len(place_ids) <= TRIED_MAX:
        return place_ids
    return random.sample(place_ids, TRIED_MAX)


def _positions(edition: Edition, gmina: Gmina) -> list[tuple[Any, ...]]:
    reach_m = max(settings.NEAREST_ADDRESS_MAX_M, settings.NEAREST_STREET_MAX_M)
    return _rows("weigh_positions", edition, gmina, reach_m=reach_m)


def _by_position(place_ids: Sequence[int], gmina: Gmina) -> dict[int, Streets]:
    places = Place.objects.filter(pk__in=place_ids).in_bulk()
    asked = [Asked(place.pk, place.geom, place.accuracy_m) for place in places.values()]
    found = attach_many(asked, gmina)
    return {pk: Streets(place.street_fid, found[pk].street_fid) for pk, place in places.items()}


def _declared(edition: Edition, gmina: Gmina) -> dict[int, Streets]:
    rows = _rows("weigh_declared", edition, gmina)
    return {pk: Streets(now, then) for pk, now, then in rows}


def _inherited(places: Mapping[int, Streets], gmina: Gmina) -> dict[int, Streets]:
    """As `places`, but of a street that is not shown its heir, or none."""
    wanted = {street.then for street in places.values() if street.then is not None}
    shown = set(Feature.objects.filter(fid__in=wanted, until=None).values_list("fid", flat=True))
    heirs: dict[int, int] = {}
    if wanted - shown:
        rows = _rows("successors", None, gmina, near_m=HEIR_NEAR_M, share=HEIR_SHARE)
        heirs = {old: new for old, new, _how in rows}
    return {
        pk: Streets(
            street.now, street.then if street.then in shown else heirs.get(street.then or 0)
        )
        for pk, street in places.items()
    }


def _rows(
    name: str, edition: Edition | None, gmina: Gmina, **parameters: Any
) -> list[tuple[Any, ...]]:
    given = {"gmina": gmina.pk, "edition": edition.pk if edition else None}
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"), given | parameters)
        return cursor.fetchall()
