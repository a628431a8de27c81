"""Where one resident's places are: gmina, address, street (the audience join is dispatch's)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection, transaction

from accounts.models import Gmina
from gis_layers.crs import lonlat_to_2180
from gis_layers.locate import Attachment, attach, declared
from gis_layers.models import AddressPoint
from gis_layers.outlines import GminaCandidate, gminas_at
from residents.errors import GminaNotOffered, TooManyPlaces, UnknownAddress
from residents.models import Place, Resident
from residents.signals import place_changed
from residents.tokens import encrypt_text
from residents.wording import Wording, wordings

# First number of the advisory locks under which places of a gmina (the second) are attached.
ATTACHING = 0x506C6163
# Columns of Place that an attachment gives.
ATTACHMENT_COLUMNS = ("method", "address_point_fid", "street_fid", "street_fid_2", "simc")


@dataclass(frozen=True)
class Spot:
    """Where something is (EPSG:2180) and what it is attached to, before it is anybody's."""

    gmina: Gmina | None
    geom: Point
    accuracy_m: float
    attachment: Attachment


@dataclass(frozen=True)
class Declared:
    """The resident chose an address of the register."""

    address_fid: int


@dataclass(frozen=True)
class Position:
    """A position in WGS84 with its accuracy as the phone reports it; `gmina_slug` if chosen."""

    lon: float
    lat: float
    accuracy_m: float
    gmina_slug: str | None = None


@transaction.atomic
def add_place(
    resident: Resident, *, kind: str, where: Declared | Position
) -> tuple[Place, Wording]:
    """The new place, and in words. Raises TooManyPlaces and what `spot` raises."""
    # Locked, so that two requests at once count each other's place.
    Resident.objects.select_for_update().get(pk=resident.pk)
    if resident.places.count() >= settings.PLACES_MAX:
        raise TooManyPlaces(details={"limit": settings.PLACES_MAX})
    place = Place(resident=resident, kind=kind)
    words = _settle(place, spot(where))
    place_changed.send(sender=Place, place_ids=[place.pk])
    return place, words


@transaction.atomic
def change_place(
    place: Place,
    *,
    kind: str | None = None,
    where: Declared | Position | None = None,
    gmina_slug: str | None = None,
) -> Wording:
    """Change what is given: another kind, another spot, or the choice among offered gminas.

    Gives the place in words, which settling it had to look up. Raises what `spot` raises.
    """
    place.kind = kind or place.kind
    if where:
        words = _settle(place, spot(where))
    elif gmina_slug:
        words = _settle(place, _chosen(place, gmina_slug))
    else:
        place.save(update_fields=["kind"])
        [words] = wordings([place])
    place_changed.send(sender=Place, place_ids=[place.pk])
    return words


def spot(where: Declared | Position) -> Spot:
    """Where a place is and what it is attached to; only inside the transaction that stores it.

    Where several gminas are possible the likeliest counts until the resident says which; outside
    all the spot has none. Raises UnknownAddress, OutsideCountry, SwappedAxes, GminaNotOffered.
    """
    if isinstance(where, Declared):
        return _declared(where.address_fid)
    point = lonlat_to_2180(where.lon, where.lat)
    return _attached(point, where.accuracy_m, where.gmina_slug)


def gmina_choices(place: Place) -> list[Gmina]:
    """The gminas between which the resident chooses; [] where there is nothing to choose."""
    if place.method == Place.Method.DECLARED:
        return []
    candidates = gminas_at(place.geom, place.accuracy_m)
    settled = len(candidates) == 1 and candidates[0].certain
    return [] if settled else [candidate.gmina for candidate in candidates]


def reconsider_gmina(place: Place) -> bool:
    """Decide anew whose a place is, after outlines changed; True where it moved.

    A gmina that is still possible stays: the resident may have chosen it.
    """
    possible = [candidate.gmina for candidate in gminas_at(place.geom, place.accuracy_m)]
    if place.gmina in possible or not (place.gmina or possible):
        return False
    _settle(place, _found_again(place))
    return True


def _found_again(place: Place) -> Spot:
    """The spot of a known place on what is published now, without the resident."""
    fid = place.address_point_fid
    if (
        place.method == Place.Method.DECLARED
        and fid
        and AddressPoint.objects.filter(fid=fid, until=None).exists()
    ):
        return _declared(fid)
    return _attached(place.geom, place.accuracy_m, None)


def _declared(fid: int) -> Spot:
    address = (
        AddressPoint.objects.select_related("layer__gmina").filter(fid=fid, until=None).first()
    )
    if address is None:
        raise UnknownAddress(field="address_fid", details={"fid": fid})
    gmina = address.layer.gmina or _choose(gminas_at(address.geom, 0), None)
    _share_attaching(gmina)
    return Spot(gmina, address.geom, 0, declared(address))


def _attached(point: Point, accuracy_m: float, slug: str | None) -> Spot:
    gmina = _choose(gminas_at(point, accuracy_m), slug)
    if gmina is None:
        return Spot(None, point, accuracy_m, Attachment(Place.Method.NONE))
    _share_attaching(gmina)
    return Spot(gmina, point, accuracy_m, attach(point, gmina, accuracy_m))


def _chosen(place: Place, slug: str) -> Spot:
    """The place's spot in the gmina asked for. Raises GminaNotOffered.

    An address of the register lies in the gmina whose register it is: there is no choice.
    """
    if place.method != Place.Method.DECLARED or place.address_point_fid is None:
        return _attached(place.geom, place.accuracy_m, slug)
    declared = _declared(place.address_point_fid)
    if declared.gmina is None or declared.gmina.slug != slug:
        raise GminaNotOffered(field="gmina", details={"offered": []})
    return declared


def _choose(candidates: Sequence[GminaCandidate], slug: str | None) -> Gmina | None:
    """The gmina asked for, else the likeliest, else None. Raises GminaNotOffered."""
    offered = {candidate.gmina.slug: candidate.gmina for candidate in candidates}
    if slug is None:
        return next(iter(offered.values()), None)
    if slug not in offered:
        raise GminaNotOffered(field="gmina", details={"offered": list(offered)})
    return offered[slug]


def hang(place: Place, attachment: Attachment) -> bool:
    """Give a place these columns, unsaved; True where one of them changed."""
    before = [getattr(place, column) for column in ATTACHMENT_COLUMNS]
    after = [getattr(attachment, column) for column in ATTACHMENT_COLUMNS]
    for column, value in zip(ATTACHMENT_COLUMNS, after, strict=True):
        setattr(place, column, value)
    return before != after


def lock_attaching(gmina: Gmina) -> None:
    """Wait for those who are placing something in this gmina, and make others wait till we end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ATTACHING, gmina.pk])


def _share_attaching(gmina: Gmina | None) -> None:
    """Hold off the gmina's re-attachment until this transaction's place is there to be seen."""
    if gmina:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [ATTACHING, gmina.pk])


def _settle(place: Place, spot: Spot) -> Wording:
    """Put a place, new or known, at a spot; gives it in words."""
    place.gmina, place.geom, place.accuracy_m = spot.gmina, spot.geom, spot.accuracy_m
    hang(place, spot.attachment)
    [words] = wordings([place])
    place.address_encrypted = encrypt_text(words.address) if words.address else None
    place.save()
    return words
