"""GeoJSON geometries (RFC 7946: EPSG:4326, lon before lat) in and out, for editing."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry

from gis_layers.content import bad_shape, placed
from gis_layers.crs import LONLAT, to_lonlat

TYPES = frozenset(
    {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"}
)
PLACES = 9  # decimals: a tenth of a millimetre; terra-draw takes no more


def geometry_of(data: object) -> GEOSGeometry:
    """The geometry in EPSG:2180. Raises GeometryRefused for what is none, OutsideCountry."""
    kind = data.get("type") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(kind, str) or kind not in TYPES:
        raise bad_shape("wrong_type")
    # Only these two members: GDAL would follow a "crs".
    text = json.dumps({"type": kind, "coordinates": data.get("coordinates")})
    try:
        geom = GEOSGeometry(text)
    except (GDALException, GEOSException, ValueError) as error:
        raise bad_shape("malformed") from error
    geom.srid = LONLAT
    return placed(geom)


def geojson_of(geom_2180: GEOSGeometry) -> dict[str, Any]:
    shape = json.loads(to_lonlat(geom_2180).json)
    return {"type": shape["type"], "coordinates": rounded(shape["coordinates"])}


def rounded(value: Any) -> Any:
    return [rounded(inner) for inner in value] if isinstance(value, list) else round(value, PLACES)
