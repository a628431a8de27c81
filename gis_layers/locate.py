"""What is at a point: the address and street it is attached to, and what stands around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection

from accounts.models import Gmina
from gis_layers.models import AddressPoint
from gis_layers.search import address_label
from teryt.names import street_label

NEARBY_M = 200  # how far around a point addresses are offered
BATCH = 1000  # points of one statement
SQL = files("gis_layers") / "sql"
ATTACH_SQL = (SQL / "attach.sql").read_text(encoding="utf-8")
NEARBY_SQL = (SQL / "nearby_addresses.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Attachment:
    """Whose a place is, and how that is known: the columns of the same names of a Place.

    `method`: declared, nearest_address, nearest_street, boundary or none. `distance_m` is that to
    the address or the line; None where it is attached to neither.
    """

    method: str
    address_point_fid: int | None = None
    street_fid: int | None = None
    street_fid_2: int | None = None
    simc: str = ""
    distance_m: float | None = None


@dataclass(frozen=True)
class Asked:
    """A point to attach (EPSG:2180), under a key of the caller's."""

    key: int
    point: Point
    accuracy_m: float


@dataclass(frozen=True)
class Nearby:
    """An address near a point, as people read it: "Główna 12a"."""

    fid: int
    label: str
    locality: str
    distance_m: float


def attach(point_2180: Point, gmina: Gmina, accuracy_m: float) -> Attachment:
    """Attach one point to the published map of a gmina that was found before."""
    return attach_many([Asked(0, point_2180, accuracy_m)], gmina)[0]


def attach_many(asked: Sequence[Asked], gmina: Gmina) -> dict[int, Attachment]:
    """Attachment by key, one for each point: an address within NEAREST_ADDRESS_MAX_M, the nearest
    of the street that is likeliest at this accuracy, else the nearest street within
    NEAREST_STREET_MAX_M, else the gmina's boundary, else none.
    """
    found = {}
    for start in range(0, len(asked), BATCH):
        for key, *columns in attached(asked[start : start + BATCH], gmina):
            found[key] = Attachment(*columns)
    return found


def attached(asked: Sequence[Asked], gmina: Gmina) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            ATTACH_SQL,
            {
                "keys": [one.key for one in asked],
                "x": [one.point.x for one in asked],
                "y": [one.point.y for one in asked],
                "accuracy": [one.accuracy_m for one in asked],
                "gmina": gmina.pk,
                "terc6": gmina.terc6,
                "address_max": settings.NEAREST_ADDRESS_MAX_M,
                "street_max": settings.NEAREST_STREET_MAX_M,
            },
        )
        yield from cursor.fetchall()


def declared(address: AddressPoint) -> Attachment:
    """The attachment of a place whose resident chose this address."""
    return Attachment("declared", address.fid, address.street_fid, None, address.simc, 0.0)


def nearby_addresses(point_2180: Point, gmina: Gmina, limit: int = 5) -> list[Nearby]:
    """The addresses within NEARBY_M, nearest first, so that a resident may say which is theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            NEARBY_SQL,
            {
                "point": point_2180.hexewkb.decode(),
                "gmina": gmina.pk,
                "within": NEARBY_M,
                "most": limit,
            },
        )
        rows = cursor.fetchall()
    return [
        Nearby(fid, address_label(street_label(street) if street else place, number), place, metres)
        for fid, street, place, number, metres in rows
    ]
