"""The coordinate systems and the one place that transforms between them.

Stored: EPSG:2180 (PL-1992, metres), easting first as PostGIS and GEOS hold it, although the
register defines it northing first. JSON: EPSG:4326 as lon, lat. Tiles: EPSG:3857.
"""

import math
import threading
from typing import TypeVar

import numpy as np
from django.conf import settings
from django.contrib.gis.gdal import CoordTransform, SpatialReference
from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.geos import GEOSGeometry, Point
from numpy.typing import NDArray

from gis_layers.errors import OutsideCountry, SwappedAxes
from gis_layers.models import SRID, TILE_SRID

STORED = SRID
TILES = TILE_SRID
LONLAT = 4326
SRIDS = (STORED, TILES, LONLAT)


class Pipelines(threading.local):
    """One thread's transformations, by source and target."""

    def __init__(self) -> None:
        self.by_srids: dict[tuple[int, int], CoordTransform] = {}


pipelines = Pipelines()
Geom = TypeVar("Geom", bound=GEOSGeometry)


def to_2180(geom: Geom) -> Geom:
    """A copy in EPSG:2180 of a geometry with an SRID; GDALException where that has no place."""
    return transformed(geom, STORED)


def to_lonlat(geom: Geom) -> Geom:
    """A copy in EPSG:4326, lon before lat."""
    return transformed(geom, LONLAT)


def transformed(geom: Geom, srid: int) -> Geom:
    copy = geom.clone()
    if geom.srid != srid:
        copy.transform(pipeline(geom.srid, srid))
    return copy


def pipeline(source: int | None, target: int) -> CoordTransform:
    """GDAL's transformation between two SRIDs. Raises GDALException where one is unknown.

    Kept, for making one takes 5 ms and using it 0.06; by thread, for two must not share one.
    """
    if source is None:
        raise GDALException("a geometry without an SRID cannot be transformed")
    kept = pipelines.by_srids
    if (source, target) not in kept:
        kept[source, target] = CoordTransform(SpatialReference(source), SpatialReference(target))
    return kept[source, target]


def lonlat_to_2180(lon: float, lat: float) -> Point:
    """The point in EPSG:2180 of a place in Poland.

    Raises SwappedAxes where the two only make sense the other way round, else OutsideCountry;
    `field` is "lon" or "lat", the one to correct.
    """
    point = project(lon, lat)
    if point is not None and in_country(point):
        return point
    swapped = project(lat, lon)
    if swapped is not None and in_country(swapped):
        raise SwappedAxes(field="lat")
    raise OutsideCountry(field="lat" if not 48 <= lat <= 56 else "lon")


def project(lon: float, lat: float) -> Point | None:
    """The point in EPSG:2180, wherever it is on Earth; None where there is no such point."""
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    try:
        return to_2180(Point(lon, lat, srid=LONLAT))
    except GDALException:
        return None


def in_country(point_2180: Point) -> bool:
    """Whether the point lies in settings.COUNTRY_ENVELOPE_2180; always, where that is None."""
    envelope = settings.COUNTRY_ENVELOPE_2180
    if envelope is None:
        return True
    west, south, east, north = envelope
    return west <= point_2180.x <= east and south <= point_2180.y <= north


def are_in_country(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """As in_country, of many: rows of easting and northing; not of those that are not finite."""
    finite: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(places), axis=1)
    if settings.COUNTRY_ENVELOPE_2180 is None:
        return finite
    west, south, east, north = settings.COUNTRY_ENVELOPE_2180
    x, y = places[:, 0], places[:, 1]
    return finite & (west <= x) & (x <= east) & (south <= y) & (y <= north)
