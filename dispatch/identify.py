"""The features and localities that parts name, on the gmina's published map; their labels."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings

from accounts.models import Gmina
from dispatch.errors import (
    DrawnTooSmall,
    InvalidPart,
    NoAddresses,
    NumbersNotFound,
    ReachNotPossible,
    UnknownFeature,
    UnknownLocality,
    UnknownStreet,
)
from dispatch.models import AreaPart
from dispatch.parts import Kind, PartSpec, Reach
from gis_layers import house_numbers
from gis_layers.models import AddressPoint, Feature, Layer
from gis_layers.search import street_label
from teryt.localities import localities_of
from teryt.models import Locality, RegisterName
from teryt.releases import states
from teryt.streets import register_streets

LABEL_MAX = AreaPart._meta.get_field("label").max_length


def identify(gmina: Gmina, chosen: Sequence[PartSpec]) -> list[PartSpec]:
    """The parts with layer, edition, the map's label, localities, and the reach they can have.

    Queries: features, and only where there are any, addresses and localities; one a part only for
    house numbers and streets of the register. Raises UnknownFeature, UnknownLocality,
    UnknownStreet, NoAddresses, NumbersNotFound, ReachNotPossible or DrawnTooSmall naming the part.
    """
    found = _Map(gmina, chosen)
    return [found.known(part, f"parts.{position}") for position, part in enumerate(chosen)]


class _Map:
    """What the gmina's map has of the parts' fids and SIMCs."""

    def __init__(self, gmina: Gmina, chosen: Sequence[PartSpec]) -> None:
        self.gmina = gmina
        fids = {part.fid for part in chosen if part.fid is not None}
        self.features = features_shown(gmina, fids)
        self.addresses = _addresses_shown(gmina, fids - set(self.features))
        self.streets = features_shown(
            gmina, {row.street_fid for row in self.addresses.values() if row.street_fid}
        )
        has_simc = any(part.simc for part in chosen) or self.features or self.addresses
        rows = localities_of(gmina.terc6) if has_simc else ()
        self.localities = {row.simc: row for row in rows}

    @cached_property
    def register_on(self) -> dict[str, date]:
        """State dates of the registers by which a part can be named."""
        return states()

    def known(self, part: PartSpec, field: str) -> PartSpec:
        if part.kind == Kind.FEATURE:
            return self.feature(part, field)
        if part.kind == Kind.LOCALITY:
            return self.locality(part, field)
        if part.kind == Kind.STREET:
            return self.register_street(part, field)
        return part

    def feature(self, part: PartSpec, field: str) -> PartSpec:
        row = self.features.get(part.fid or 0) or self.addresses.get(part.fid or 0)
        if row is None:
            raise UnknownFeature(field=f"{field}.fid", details={"fid": part.fid})
        reach = _reach(part, row.layer, field)
        is_street = isinstance(row, Feature) and row.layer.kind == Layer.Kind.STREET
        if part.numbers and not is_street:
            raise InvalidPart(field=f"{field}.numbers")
        known = replace(
            part,
            layer_id=row.layer_id,
            edition_number=row.layer.edition_number,
            code=row.code if isinstance(row, Feature) else "",
            label=self.label(row)[:LABEL_MAX],
            reach=reach,
        )
        return self.of_numbers(known, field, street_fid=row.fid) if part.numbers else known

    def locality(self, part: PartSpec, field: str) -> PartSpec:
        if part.simc not in self.localities:
            raise UnknownLocality(field=f"{field}.simc", details={"simc": part.simc})
        simcs = _with_parts(self.localities, part.simc) if part.include_parts else {part.simc}
        known = replace(
            part,
            label=self.localities[part.simc].name,
            simcs=tuple(sorted(simcs)),
            code=part.simc,
            register_on=self.register_on.get(RegisterName.SIMC),
        )
        if part.numbers:
            # Where a village has streets, its numbers without one are those of no street.
            return self.of_numbers(known, field, simc__in=simcs, street_fid=None, street_name="")
        return known

    def register_street(self, part: PartSpec, field: str) -> PartSpec:
        """A street that has no line: its addresses, all of them or by number."""
        if part.simc not in self.localities:
            raise UnknownLocality(field=f"{field}.simc", details={"simc": part.simc})
        street = next(iter(register_streets([part.simc], [part.ulic])), None)
        if street is None:
            details = {"street": f"{part.simc}/{part.ulic}"}
            raise UnknownStreet(field=f"{field}.ulic", details=details)
        is_town = self.gmina.kind == Gmina.Kind.TOWN
        place = "" if is_town else self.localities[part.simc].name
        known = replace(
            part,
            label=", ".join(filter(None, [street.label, place]))[:LABEL_MAX],
            code=f"{part.simc}/{part.ulic}",
            register_on=self.register_on.get(RegisterName.ULIC),
        )
        return self.of_numbers(known, field, simc=part.simc, ulic=part.ulic)

    def of_numbers(self, part: PartSpec, field: str, **where: Any) -> PartSpec:
        """The part with its address points of the gmina's map: those of its numbers, or all."""
        shown = AddressPoint.objects.filter(layer__gmina=self.gmina, until=None, **where)
        points = list(shown.order_by("fid").values_list("fid", "number"))
        if not points:
            raise NoAddresses(field=field, details={"street": part.label})
        if not part.numbers:
            return replace(part, address_fids=tuple(fid for fid, _number in points))
        items = house_numbers.parse(part.numbers)
        found = house_numbers.pick(items, [number for _fid, number in points])
        if not found.taken:
            details = {"street": part.label, "numbers": part.numbers}
            raise NumbersNotFound(field=f"{field}.numbers", details=details)
        fids = tuple(points[position][0] for position in found.taken)
        label = f"{part.label} {part.numbers}"[:LABEL_MAX]
        return replace(part, address_fids=fids, missing_numbers=found.missing, label=label)

    def label(self, row: Feature | AddressPoint) -> str:
        """As people read it: "ul. Główna, Kowale", "ul. Główna 12a", "Kowale 7", "Klimzowiec"."""
        locality = self.localities.get(row.simc)
        place = locality.name if locality else ""
        if isinstance(row, AddressPoint):
            street = self.streets.get(row.street_fid or 0)
            return f"{street_label(street) if street else place} {row.number}".strip()
        if row.layer.kind != Layer.Kind.STREET:
            return row.name or row.code
        # In a gmina of many localities a street's name alone says too little.
        is_town = self.gmina.kind == Gmina.Kind.TOWN
        return ", ".join(filter(None, [street_label(row), "" if is_town else place]))


def features_shown(gmina: Gmina, fids: set[int]) -> dict[int, Feature]:
    """The published features with these fids of the gmina's own layers, without geometry."""
    if not fids:
        return {}
    shown = Feature.objects.filter(fid__in=fids, until=None, layer__gmina=gmina)
    rows = shown.select_related("layer").defer("geom", "geom_3857")
    return {row.fid: row for row in rows}


def _addresses_shown(gmina: Gmina, fids: set[int]) -> dict[int, AddressPoint]:
    if not fids:
        return {}
    shown = AddressPoint.objects.filter(fid__in=fids, until=None, layer__gmina=gmina)
    rows = shown.select_related("layer").defer("geom", "geom_3857")
    return {row.fid: row for row in rows}


def _with_parts(localities: Mapping[str, Locality], simc: str) -> set[str]:
    """A locality and its parts (SYMPOD; the register has no parts of parts)."""
    return {simc} | {row.simc for row in localities.values() if row.parent_simc == simc}


def _reach(part: PartSpec, layer: Layer, field: str) -> Reach:
    """The reach that the geometry allows: polygons hold people, streets have them attached."""
    if layer.geometry_type == Layer.GeometryType.POLYGON:
        return Reach.METRES
    if part.reach == Reach.ADDRESSES and layer.kind == Layer.Kind.STREET:
        return Reach.ADDRESSES
    if not part.reach_m:
        raise ReachNotPossible(field=f"{field}.reach_m")
    if layer.geometry_type == Layer.GeometryType.POINT:
        _check_circle(part.reach_m, field)
    return Reach.METRES


def _check_circle(radius_m: float, field: str) -> None:
    """Metres around a point must cover as much as a drawn shape must."""
    area_m2 = math.pi * radius_m**2
    if area_m2 < settings.DRAWN_MIN_M2:
        details = {"area_m2": round(area_m2), "least_m2": settings.DRAWN_MIN_M2}
        raise DrawnTooSmall(field=f"{field}.reach_m", details=details)
