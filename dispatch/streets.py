"""The streets of a gmina by their names: those on its map, and those only in the register.

A street of the register without a line is aimed at by its addresses (Kind.STREET).
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.models import Gmina
from dispatch.parts import Kind, Reach
from gis_layers.feature_list import shown_features
from gis_layers.models import AddressPoint, LayerKind
from gis_layers.search import street_label
from teryt.localities import localities_of
from teryt.streets import register_streets


@dataclass(frozen=True)
class Street:
    """A street that can be aimed at. `code` is "SIMC/SYM_UL", "" where the map has none.

    `addresses` counts the address points of one without a line; it is null for the others.
    """

    name: str
    label: str
    simc: str
    code: str
    fid: int | None = None
    addresses: int | None = None

    @property
    def ulic(self) -> str:
        return self.code.partition("/")[2]

    @property
    def part(self) -> dict[str, Any]:
        """The street as a part of an area (parts.read)."""
        if self.fid is not None:
            return {"kind": Kind.FEATURE, "fid": self.fid, "reach": Reach.ADDRESSES}
        return {"kind": Kind.STREET, "simc": self.simc, "ulic": self.ulic}


def streets_of(gmina: Gmina) -> list[Street]:
    """By name, those on the map first where names are the same. Three queries."""
    on_map = [
        Street(row.name, street_label(row), row.simc, row.code, fid=row.fid)
        for row in shown_features(gmina)
        .filter(layer__kind=LayerKind.STREET)
        .defer("geom", "geom_3857")
    ]
    drawn = {street.code for street in on_map}
    counts = address_counts(gmina)
    simcs = list(localities_of(gmina.terc6).values_list("simc", flat=True))
    listed = [
        Street(row.name, row.label, row.simc, row.code, addresses=counts.get(row.code, 0))
        for row in register_streets(simcs)
        if row.code not in drawn
    ]
    return sorted([*on_map, *listed], key=lambda street: (street.name, street.fid is None))


def address_counts(gmina: Gmina) -> dict[str, int]:
    """How many address points each street without a line has, by "SIMC/SYM_UL"."""
    loose = AddressPoint.objects.filter(layer__gmina=gmina, until=None, street_fid=None)
    rows = loose.exclude(ulic="").values_list("simc", "ulic").annotate(points=Count("pk"))
    return {f"{simc}/{ulic}": points for simc, ulic, points in rows}
