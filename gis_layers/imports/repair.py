"""Invalid geometries made valid, never silently: the caller reports what was done."""

import re
from dataclasses import dataclass

from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
)

from gis_layers.crs import STORED
from gis_layers.models import Layer

# A layer's geometry type -> dimension of its parts, and the collection of several.
SHAPES: dict[str, tuple[int, type[GeometryCollection]]] = {
    Layer.GeometryType.POINT: (0, MultiPoint),
    Layer.GeometryType.LINE: (1, MultiLineString),
    Layer.GeometryType.POLYGON: (2, MultiPolygon),
}


@dataclass(frozen=True)
class Fault:
    """Why a geometry is invalid, and where (EPSG:2180; None where GEOS names no place)."""

    reason: str
    at: Point | None


def fault_of(geom: GEOSGeometry) -> Fault | None:
    """What is wrong with a geometry; None for a valid one."""
    if geom.valid:
        return None
    told = geom.valid_reason  # "Self-intersection[500010 270005]"
    place = re.search(r"\[(\S+) (\S+)\]$", told)
    at = Point(float(place[1]), float(place[2]), srid=STORED) if place else None
    return Fault(told.split("[")[0], at)


def repaired(geom: GEOSGeometry, geometry_type: str) -> GEOSGeometry | None:
    """A valid geometry of the layer's type for an invalid one; None: nothing is left."""
    return of_type(geom.make_valid(), geometry_type)


def of_type(geom: GEOSGeometry, geometry_type: str) -> GEOSGeometry | None:
    """The parts of a geometry that the layer's type allows, single where it is one; None: none."""
    dimension, collection = SHAPES[geometry_type]
    parts = [part for part in simple_parts(geom) if part.dims == dimension and not part.empty]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else collection(*parts, srid=geom.srid)


def simple_parts(geom: GEOSGeometry) -> list[GEOSGeometry]:
    """The points, lines and polygons of a geometry, collections taken apart."""
    if not isinstance(geom, GeometryCollection):
        return [geom]
    parts = [part for member in geom for part in simple_parts(member)]
    for part in parts:
        part.srid = geom.srid
    return parts


def changed_share(before: GEOSGeometry, after: GEOSGeometry) -> float:
    """How much of the size (area, else length) the repair changed, as a share of the result."""
    size = after.area or after.length
    was = before.area if after.area else before.length
    return abs(size - was) / size if size else 0.0
