"""What a feature is made of, checked as a change by hand brings it in: every value is a stranger's.

Files are checked by imports/, which reports and repairs; here one feature is taken or refused.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.geos import GEOSGeometry, Point, WKBWriter

from gis_layers.crs import STORED, in_country, to_2180
from gis_layers.editions import ADDRESS_ATTRS
from gis_layers.errors import GeometryRefused, OutsideCountry, TextRefused
from gis_layers.imports.drafts import text_of
from gis_layers.imports.repair import fault_of, of_type
from gis_layers.models import Feature, Layer, LayerKind
from teryt.codes import parse_simc, parse_terc, parse_ulic
from teryt.errors import MalformedCode
from teryt.names import normal_form

NAME_MAX = 200  # Feature.name
CODE_MAX = 60  # Feature.code
ADDRESS_MAX = {"number": 20, "street_name": 100, "postcode": 6}  # AddressPoint's columns
ATTRS_MAX = 100
ATTR_NAME_MAX = 60
ATTR_TEXT_MAX = 2_000
UNNAMED = (LayerKind.CUSTOM, LayerKind.ADDRESS)  # layers whose features need no name


@dataclass(frozen=True)
class Content:
    """One feature without its number; `geom` in EPSG:2180, attrs of an address: ADDRESS_ATTRS."""

    name: str = ""
    code: str = ""
    simc: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    geom: GEOSGeometry | None = None

    def words(self) -> tuple[Any, ...]:
        """All but the shape."""
        return self.name, self.code, self.simc, dict(self.attrs)

    def columns(self) -> dict[str, Any]:
        """As FeatureChange and its kin have it."""
        return {
            "name": self.name,
            "code": self.code,
            "simc": self.simc,
            "search_name": normal_form(self.name),
            "attrs": dict(self.attrs),
            "geom": self.geom,
        }


def checked(layer: Layer, content: Content, before: Content | None = None) -> Content:
    """The content as the layer can keep it; words that are as `before` stand as they are.

    Raises GeometryRefused, OutsideCountry and TextRefused; `field` names the member.
    """
    geom = shape(content.geom, layer.geometry_type)
    if before is not None and content.words() == before.words():
        return replace(content, geom=geom)
    return replace(checked_words(layer, content), geom=geom)


def checked_words(layer: Layer, content: Content) -> Content:
    name, code, simc = (
        text_of(text(content.name, "name", NAME_MAX)),
        text(content.code, "code", CODE_MAX),
        simc_of(content.simc),
    )
    if not name and layer.kind not in UNNAMED:
        raise refusal("name")
    code, simc = codes(layer, code, simc)
    attrs = address(layer, content.attrs) if layer.kind == LayerKind.ADDRESS else content.attrs
    return replace(
        content,
        name=name,
        code=code,
        simc=simc,
        attrs=plain_attrs(attrs),
    )


def text(value: object, what: str, most: int) -> str:
    """A text of at most `most` letters, without those that PostgreSQL cannot hold."""
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise refusal(what)
    return value.strip()


def refusal(what: str) -> TextRefused:
    return TextRefused(field=what, details={"what": what})


def simc_of(value: object) -> str:
    try:
        return parse_simc(value) if value else ""
    except MalformedCode as error:
        raise refusal("simc") from error


def codes(layer: Layer, code: str, simc: str) -> tuple[str, str]:
    """Code and SIMC in their proper forms: a street's code is "SIMC/SYM_UL", a unit's its TERC."""
    if not code:
        return "", simc
    try:
        if layer.kind == LayerKind.STREET:
            locality, _slash, ulic = code.partition("/")
            code = f"{parse_simc(locality)}/{parse_ulic(ulic)}"
            return code, street_simc(code, simc)
        return (str(parse_terc(code)) if layer.kind == LayerKind.TERYT_UNIT else code), simc
    except MalformedCode as error:
        raise refusal("code") from error


def street_simc(code: str, simc: str) -> str:
    """The locality that a street's code names, which must be the one said beside it."""
    said = code.partition("/")[0]
    if simc and simc != said:
        raise refusal("simc")
    return said


def address(layer: Layer, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an address point, every one of them there."""
    if set(attrs) - set(ADDRESS_ATTRS):
        raise refusal("attrs")
    kept = {
        name: text(attrs.get(name) or "", f"attrs.{name}", most)
        for name, most in ADDRESS_MAX.items()
    }
    if not kept["number"]:
        raise refusal("attrs.number")
    try:
        ulic = parse_ulic(attrs["ulic"]) if attrs.get("ulic") else ""
    except MalformedCode as error:
        raise refusal("attrs.ulic") from error
    return kept | {"ulic": ulic, "street_fid": street_fid(layer, attrs.get("street_fid"))}


def street_fid(layer: Layer, fid: object) -> int | None:
    """A street that the same gmina shows, or none."""
    if fid is None:
        return None
    streets = Feature.objects.filter(layer__gmina=layer.gmina_id, layer__kind=LayerKind.STREET)
    if not isinstance(fid, int) or not streets.filter(fid=fid, until=None).exists():
        raise refusal("attrs.street_fid")
    return fid


def plain_attrs(attrs: object) -> dict[str, Any]:
    """Attributes: names to texts, finite numbers, booleans or nothing."""
    if not isinstance(attrs, Mapping) or len(attrs) > ATTRS_MAX:
        raise refusal("attrs")
    for name, value in attrs.items():
        text(name, "attrs", ATTR_NAME_MAX)
        if isinstance(value, str):
            text(value, f"attrs.{name}", ATTR_TEXT_MAX)
        elif not (value is None or (isinstance(value, int | float) and math.isfinite(value))):
            raise refusal(f"attrs.{name}")
    return dict(attrs)


def shape(geom: GEOSGeometry | None, geometry_type: str) -> GEOSGeometry:
    """A valid flat geometry of the layer's type in EPSG:2180, single where it has one part."""
    if geom is None or geom.empty:
        raise bad_shape("empty")
    if geom.num_coords > settings.IMPORT_MAX_VERTICES:
        raise bad_shape("too_many_vertices")
    flat = flattened(placed(geom))
    if fault := fault_of(flat):
        where = {"at": [fault.at.x, fault.at.y]} if fault.at else {}
        raise GeometryRefused(field="geometry", details={"reason": fault.reason, **where})
    typed = of_type(flat, geometry_type)
    if typed is None or typed.num_coords != flat.num_coords:
        raise bad_shape("wrong_type")
    return typed


def bad_shape(reason: str) -> GeometryRefused:
    return GeometryRefused(field="geometry", details={"reason": reason})


def flattened(geom: GEOSGeometry) -> GEOSGeometry:
    """Without heights and measures, which no layer keeps."""
    if not geom.hasz:
        return geom
    return GEOSGeometry(WKBWriter(dim=2).write(geom), srid=geom.srid)


def placed(geom: GEOSGeometry) -> GEOSGeometry:
    """The geometry in EPSG:2180.

    Raises OutsideCountry where a corner of its box is abroad or nowhere (NaN, infinity).
    """
    try:
        geom_2180 = to_2180(geom)
    except GDALException as error:
        raise OutsideCountry(field="geometry") from error
    if geom_2180.empty:
        return geom_2180
    west, south, east, north = geom_2180.extent
    corners = [Point(west, south, srid=STORED), Point(east, north, srid=STORED)]
    if not all(map(math.isfinite, geom_2180.extent)) or not all(map(in_country, corners)):
        raise OutsideCountry(field="geometry")
    return geom_2180
