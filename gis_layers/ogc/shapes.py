"""Geometries that a request brings, in EPSG:2180: boxes, literals of a filter, features."""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from shapely.errors import GEOSException

from gis_layers.crs import LONLAT, STORED, TILES, to_2180, transformed
from gis_layers.ogc.reference_systems import Crs

# Where the projection of EPSG:2180 can be relied on, west, south, east, north in degrees: Europe.
# What a request says of the rest of the world is cut away, for no feature is there.
AREA = shapely.box(-10, 35, 45, 70)
# A box is straight in its own coordinates and curved in ours, so its edges get vertices.
EDGE_PIECES = 64


def box(numbers: Sequence[float], crs: Crs) -> GEOSGeometry:
    """The box of four (or six, with heights) numbers in the axis order of `crs`.

    West beyond east crosses the antimeridian. Raises ValueError.
    """
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise ValueError("a box has four or six numbers")
    half = len(numbers) // 2
    corners = [list(numbers[:2]), list(numbers[half : half + 2])]
    (west, south), (east, north) = [corner[::-1] if crs.flipped else corner for corner in corners]
    if south > north or (west > east and crs.srid != LONLAT):
        raise ValueError("the lower corner comes first")
    if west <= east:
        return placed(rectangle(west, south, east, north), crs.srid)
    halves = rectangle(west, south, 180, north), rectangle(-180, south, east, north)
    return placed(shapely.union(*halves), crs.srid)


def rectangle(west: float, south: float, east: float, north: float) -> Any:
    """A box; a line or a point where it has no width or height."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def literal(node: Any, crs: Crs) -> GEOSGeometry:
    """The geometry of a GeoJSON object in `crs`, without heights. Raises ValueError."""
    geom = parsed(node, crs)
    if not shapely.is_valid(geom):
        raise ValueError(shapely.is_valid_reason(geom))
    return placed(geom, crs.srid)


def parsed(node: Any, crs: Crs) -> Any:
    """A shapely geometry, easting or longitude first. Raises ValueError."""
    try:
        geom = shapely.force_2d(shapely.from_geojson(json.dumps(node)))
    except (GEOSException, TypeError) as error:
        raise ValueError("no GeoJSON geometry") from error
    if not np.isfinite(shapely.get_coordinates(geom)).all():
        raise ValueError("coordinates are finite numbers")
    return shapely.transform(geom, lambda xy: xy[:, ::-1]) if crs.flipped else geom


def placed(geom: Any, srid: int) -> GEOSGeometry:
    """A valid shapely geometry in EPSG:2180, without what lies outside AREA."""
    if srid == STORED:
        return geos(geom, STORED)
    if srid == TILES:
        geom = straight(geom)
        degrees = from_geos(transformed(geos(geom, TILES), LONLAT))
    else:
        degrees = geom
    if not shapely.covers(AREA, degrees):
        degrees = shapely.intersection(degrees, AREA)
    return to_2180(geos(straight(degrees), LONLAT))


def straight(geom: Any) -> Any:
    """With vertices so near to one another that a transformed edge is where it should be."""
    west, south, east, north = shapely.bounds(geom)
    longest = max(east - west, north - south) / EDGE_PIECES
    return shapely.segmentize(geom, longest) if longest > 0 else geom


def geos(geom: Any, srid: int) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shapely.to_wkb(geom)), srid=srid)


def from_geos(geom: GEOSGeometry) -> Any:
    return shapely.from_wkb(bytes(geom.wkb))
