"""Drawn shapes: GeoJSON as it comes in, checked, to geometry in EPSG:2180."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSException, GEOSGeometry, LineString, Point, Polygon

from dispatch.errors import (
    AreaOutsideGmina,
    CoordinatesNotDegrees,
    DrawnTooSmall,
    InvalidGeometry,
    ReachNotPossible,
    SelfCrossing,
)
from gis_layers.crs import LONLAT, lonlat_to_2180, to_2180, to_lonlat
from gis_layers.errors import OutsideCountry, SwappedAxes

# How deep the positions of each type lie in `coordinates`.
DEPTH = {"Point": 0, "LineString": 1, "Polygon": 2}
# GEOS: "Self-intersection[501000.5 270200]"
CROSSING = re.compile(r"Self-intersection\[(\S+) (\S+)\]")

Position = tuple[float, float]  # lon, lat


def read(data: object, *, reach_m: float, field: str) -> GEOSGeometry:
    """The shape in EPSG:2180; `data` is GeoJSON (RFC 7946: lon, lat), `field` its name in errors.

    Raises InvalidGeometry or a subclass of it, SwappedAxes, AreaOutsideGmina for what is not even
    in Poland, ReachNotPossible for a line or point without metres, and DrawnTooSmall.
    """
    shape = _build(data, field)
    _check_whereabouts(shape, field)
    geom = to_2180(shape)
    _check_valid(geom, field)
    _check_size(geom, reach_m, field)
    return geom


def vertices(data: object) -> int:
    """How many positions a GeoJSON geometry holds, whether or not it is a good one."""
    coordinates = data.get("coordinates") if isinstance(data, Mapping) else None
    return sum(1 for _position in _positions(coordinates, max(DEPTH.values())))


def geojson(geom_2180: GEOSGeometry) -> dict[str, Any]:
    """The shape as GeoJSON in 4326, to a centimetre (7 decimals)."""
    shape = json.loads(to_lonlat(geom_2180).geojson)
    return {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}


def _rounded(value: Any) -> Any:
    return [_rounded(inner) for inner in value] if isinstance(value, list) else round(value, 7)


def _positions(value: object, depth: int) -> Iterator[list[Any]]:
    """Every innermost list, at most `depth` lists down: nothing valid lies deeper."""
    if not isinstance(value, list):
        return
    if not depth or not any(isinstance(inner, list) for inner in value):
        yield value
        return
    for inner in value:
        yield from _positions(inner, depth - 1)


def _build(data: object, field: str) -> GEOSGeometry:
    kind = data.get("type") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(kind, str) or kind not in DEPTH:
        raise InvalidGeometry(field=field, details={"types": list(DEPTH)})
    try:
        coordinates = _coordinates(data.get("coordinates"), DEPTH[kind])
        if kind == "Point":
            return Point(coordinates, srid=LONLAT)
        if kind == "LineString":
            return LineString(coordinates, srid=LONLAT)
        return Polygon(*coordinates, srid=LONLAT)
    except (GEOSException, ValueError, TypeError) as error:
        raise InvalidGeometry(field=field) from error


def _coordinates(value: object, depth: int) -> Any:
    """Nested tuples of lon, lat; a third number (height) is dropped. Raises ValueError."""
    if not isinstance(value, list) or not value:
        raise ValueError("coordinates are not a list")
    if depth:
        return tuple(_coordinates(inner, depth - 1) for inner in value)
    if len(value) not in (2, 3) or not all(_is_number(number) for number in value):
        raise ValueError("a position is not two numbers")
    return float(value[0]), float(value[1])


def _is_number(value: object) -> bool:
    """Whether a float holds it: JSON's integers may have any number of digits."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


def _check_whereabouts(shape: GEOSGeometry, field: str) -> None:
    """Degrees, the right way round, in Poland: asked of the corners of the shape's box."""
    west, south, east, north = shape.extent
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 180:
        raise CoordinatesNotDegrees(field=field)
    try:
        lonlat_to_2180(west, south)
        lonlat_to_2180(east, north)
    except SwappedAxes:
        raise SwappedAxes(field=field) from None
    except OutsideCountry:
        raise AreaOutsideGmina(field=field) from None


def _check_valid(geom: GEOSGeometry, field: str) -> None:
    if geom.valid:
        return
    if crossing := CROSSING.search(geom.valid_reason):
        point = to_lonlat(Point(float(crossing[1]), float(crossing[2]), srid=geom.srid))
        raise SelfCrossing(field=field, details={"point": [round(c, 7) for c in point.coords]})
    raise InvalidGeometry(field=field, details={"reason": geom.valid_reason})


def _check_size(geom: GEOSGeometry, reach_m: float, field: str) -> None:
    """What the shape covers with its reach: one around a single house would tell who is in it."""
    if not reach_m and geom.dims < 2:
        raise ReachNotPossible(field=field)
    area_m2 = (geom.buffer(reach_m) if reach_m else geom).area
    if area_m2 < settings.DRAWN_MIN_M2:
        details = {"area_m2": round(area_m2), "least_m2": settings.DRAWN_MIN_M2}
        raise DrawnTooSmall(field=field, details=details)
