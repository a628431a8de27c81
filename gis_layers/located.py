"""What a phone is told about a position before its resident says which address is theirs."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point

from gis_layers.locate import Nearby, attach, nearby_addresses
from gis_layers.outlines import GminaCandidate, gminas_at
from teryt.models import Locality


@dataclass(frozen=True)
class Located:
    """The gminas a position may be in, and what stands there in the likeliest of them.

    `address` is the one a place here would be attached to by itself; None where there is none.
    """

    gminas: list[GminaCandidate]
    locality: str = ""
    address: Nearby | None = None
    nearby_addresses: list[Nearby] | None = None


def located(point_2180: Point, accuracy_m: float) -> Located:
    gminas = gminas_at(point_2180, accuracy_m)
    if not gminas:
        return Located([], nearby_addresses=[])
    gmina = gminas[0].gmina
    found = attach(point_2180, gmina, accuracy_m)
    near = nearby_addresses(point_2180, gmina)
    locality = Locality.objects.filter(simc=found.simc).first()
    return Located(
        gminas=gminas,
        locality=locality.name if locality else "",
        address=next((one for one in near if one.fid == found.address_point_fid), None),
        nearby_addresses=near,
    )
