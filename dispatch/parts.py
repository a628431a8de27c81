"""One thing an officer chose, between JSON, database row and what the audience is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from accounts.models import Gmina
from dispatch import drawn
from dispatch.errors import (
    EmptySelection,
    InvalidPart,
    NumbersRefused,
    ReachOutOfRange,
    TooManyParts,
    TooManyVertices,
)
from dispatch.models import AreaPart
from gis_layers import house_numbers
from gis_layers.house_numbers import NumbersUnclear

Kind = AreaPart.Kind
Reach = AreaPart.Reach

SIMC = re.compile(r"[0-9]{7}")
ULIC = re.compile(r"[0-9]{5}")
FID_LIMIT = 2**53  # fids stay below: MVT and JavaScript hold no larger integers exactly


@dataclass(frozen=True)
class PartSpec:
    """A part as chosen; `geom` (EPSG:2180) only where it was drawn, `reach_m` in metres.

    `numbers` limits a street or a locality to house numbers (gis_layers/house_numbers.py).
    What comes after it is known once areas.py has found the part on the map; `simcs` are a
    locality and its parts, `address_fids` the address points of a register street or of house
    numbers, `missing_numbers` those that are not on the map. `label` is the map's own name of it,
    "" where it has none: `name_of`.
    """

    kind: str
    fid: int | None = None
    simc: str = ""
    include_parts: bool = True
    geom: GEOSGeometry | None = None
    reach: str = Reach.ADDRESSES
    reach_m: float = 0.0
    ulic: str = ""
    numbers: str = ""
    layer_id: int | None = None
    edition_number: int | None = None
    simcs: tuple[str, ...] = ()
    address_fids: tuple[int, ...] = ()
    missing_numbers: tuple[str, ...] = ()
    code: str = ""
    register_on: date | None = None
    label: str = ""

    @property
    def is_free(self) -> bool:
        """Whether the officer set its edge freely, which could single a household out."""
        return self.kind == Kind.DRAWN or self.reach_m > 0 or bool(self.numbers)

    @property
    def is_of_addresses(self) -> bool:
        """Whether it means single address points, not all who belong to something."""
        return self.kind == Kind.STREET or bool(self.numbers)

    @property
    def wkb(self) -> bytes | None:
        return bytes(self.geom.wkb) if self.geom else None

    @property
    def distance_m(self) -> float | None:
        """Metres from the part's geometry within which people are told; None: not by geometry."""
        return self.reach_m if self.reach == Reach.METRES else None

    @property
    def choice(self) -> dict[str, Any]:
        """What was chosen, without what the map made of it: the same in every edition."""
        return {
            "kind": self.kind,
            "fid": self.fid,
            "simc": self.simc,
            "ulic": self.ulic,
            "numbers": self.numbers,
            "reach": self.reach,
            "reach_m": self.reach_m,
            "geom": self.geom.hex.decode() if self.geom else None,
            "include_parts": self.include_parts if self.kind == Kind.LOCALITY else None,
        }


def read(data: object) -> list[PartSpec]:
    """The parts of a request's JSON, in form; whether their features exist is for areas.py to say.

    Raises a subclass of AreaRefused (or SwappedAxes) whose `field` is "parts" or "parts.N…".
    """
    if not isinstance(data, list):
        raise InvalidPart(field="parts")
    if not data:
        raise EmptySelection(field="parts")
    if len(data) > settings.AREA_MAX_PARTS:
        details = {"count": len(data), "limit": settings.AREA_MAX_PARTS}
        raise TooManyParts(field="parts", details=details)
    _check_vertices(data)
    return [_read_one(part, f"parts.{position}") for position, part in enumerate(data)]


def from_row(row: AreaPart) -> PartSpec:
    return PartSpec(
        kind=row.kind,
        fid=row.fid,
        simc=row.simc,
        include_parts=row.include_parts,
        geom=row.geom,
        reach=row.reach,
        reach_m=row.reach_m,
        ulic=row.ulic,
        numbers=row.numbers,
        layer_id=row.layer_id,
        edition_number=row.edition_number,
        address_fids=tuple(row.address_fids),
        code=row.code,
        register_on=row.register_on,
        label=row.label,
    )


def to_row(part: PartSpec, position: int) -> AreaPart:
    """The row, not saved and without its alert."""
    return AreaPart(
        position=position,
        kind=part.kind,
        fid=part.fid,
        layer_id=part.layer_id,
        edition_number=part.edition_number,
        simc=part.simc,
        include_parts=part.include_parts,
        geom=part.geom,
        reach=part.reach,
        reach_m=part.reach_m,
        ulic=part.ulic,
        numbers=part.numbers,
        address_fids=list(part.address_fids),
        code=part.code,
        register_on=part.register_on,
        label=part.label,
    )


def name_of(part: PartSpec | AreaPart, gmina: Gmina) -> str:
    """As people read it, each in their own language: the officer who chose it had another one."""
    if part.kind == Kind.DRAWN:
        return _("Drawn area")
    if part.kind == Kind.GMINA:
        return _("The whole town") if gmina.kind == Gmina.Kind.TOWN else _("The whole gmina")
    return part.label


def to_json(part: PartSpec, gmina: Gmina) -> dict[str, Any]:
    """The part as the API takes it, with its name."""
    chosen: dict[str, Any] = {"kind": part.kind, "label": name_of(part, gmina)}
    if part.kind == Kind.FEATURE:
        chosen |= {"fid": part.fid, "reach": part.reach, "reach_m": part.reach_m}
    elif part.kind == Kind.DRAWN and part.geom:
        chosen |= {"geometry": drawn.geojson(part.geom), "reach_m": part.reach_m}
    elif part.kind == Kind.LOCALITY:
        chosen |= {"simc": part.simc, "include_parts": part.include_parts}
    elif part.kind == Kind.STREET:
        chosen |= {"simc": part.simc, "ulic": part.ulic}
    return chosen | ({"numbers": part.numbers} if part.numbers else {})


def _check_vertices(data: list[object]) -> None:
    """Before anything is built: the limit is there to keep such a request cheap."""
    shapes = [part.get("geometry") for part in data if isinstance(part, Mapping)]
    if sum(map(drawn.vertices, shapes)) > settings.AREA_MAX_VERTICES:
        raise TooManyVertices(field="parts", details={"limit": settings.AREA_MAX_VERTICES})


def _read_one(part: object, field: str) -> PartSpec:
    readers = {
        Kind.FEATURE: _read_feature,
        Kind.DRAWN: _read_drawn,
        Kind.LOCALITY: _read_locality,
        Kind.STREET: _read_street,
        Kind.GMINA: _read_gmina,
    }
    kind = part.get("kind") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not isinstance(kind, str) or kind not in readers:
        raise InvalidPart(field=field, details={"kinds": list(Kind.values)})
    return readers[Kind(kind)](part, field)


def _read_feature(part: Mapping[str, Any], field: str) -> PartSpec:
    fid, reach = part.get("fid"), part.get("reach", Reach.ADDRESSES)
    if not isinstance(fid, int) or isinstance(fid, bool) or not 0 < fid < FID_LIMIT:
        raise InvalidPart(field=f"{field}.fid")
    if reach not in Reach.values:
        raise InvalidPart(field=f"{field}.reach", details={"reaches": list(Reach.values)})
    reach_m = _read_reach_m(part, field) if reach == Reach.METRES else 0.0
    numbers = _read_numbers(part, field)
    if numbers and reach != Reach.ADDRESSES:
        raise InvalidPart(field=f"{field}.numbers")
    return PartSpec(Kind.FEATURE, fid=fid, reach=Reach(reach), reach_m=reach_m, numbers=numbers)


def _read_drawn(part: Mapping[str, Any], field: str) -> PartSpec:
    reach_m = _read_reach_m(part, field)
    geom = drawn.read(part.get("geometry"), reach_m=reach_m, field=f"{field}.geometry")
    return PartSpec(Kind.DRAWN, geom=geom, reach=Reach.METRES, reach_m=reach_m)


def _read_locality(part: Mapping[str, Any], field: str) -> PartSpec:
    simc, include_parts = part.get("simc"), part.get("include_parts", True)
    if not isinstance(simc, str) or not SIMC.fullmatch(simc):
        raise InvalidPart(field=f"{field}.simc")
    if not isinstance(include_parts, bool):
        raise InvalidPart(field=f"{field}.include_parts")
    numbers = _read_numbers(part, field)
    return PartSpec(Kind.LOCALITY, simc=simc, include_parts=include_parts, numbers=numbers)


def _read_street(part: Mapping[str, Any], field: str) -> PartSpec:
    simc, ulic = part.get("simc"), part.get("ulic")
    if not isinstance(simc, str) or not SIMC.fullmatch(simc):
        raise InvalidPart(field=f"{field}.simc")
    if not isinstance(ulic, str) or not ULIC.fullmatch(ulic):
        raise InvalidPart(field=f"{field}.ulic")
    return PartSpec(Kind.STREET, simc=simc, ulic=ulic, numbers=_read_numbers(part, field))


def _read_numbers(part: Mapping[str, Any], field: str) -> str:
    """House numbers, one space between words; "" for all of them. Raises NumbersRefused."""
    numbers = part.get("numbers", "")
    if not isinstance(numbers, str):
        raise InvalidPart(field=f"{field}.numbers")
    numbers = " ".join(numbers.split())
    if numbers:
        try:
            house_numbers.parse(numbers)
        except NumbersUnclear as error:
            raise NumbersRefused(field=f"{field}.numbers", details=error.details) from error
    return numbers


def _read_gmina(_part: Mapping[str, Any], _field: str) -> PartSpec:
    return PartSpec(Kind.GMINA)


def _read_reach_m(part: Mapping[str, Any], field: str) -> float:
    reach_m = part.get("reach_m", 0)
    number = isinstance(reach_m, int | float) and not isinstance(reach_m, bool)
    if not number or not 0 <= reach_m <= settings.AREA_MAX_REACH_M:
        details = {"least": 0, "most": settings.AREA_MAX_REACH_M}
        raise ReachOutOfRange(field=f"{field}.reach_m", details=details)
    return float(reach_m)
