"""The coordinate systems that this API speaks, by URI, each with the axis order of its definition.

OGC API Features 2: coordinates stand in the order that the register gives them. So EPSG:4326 is
latitude first and EPSG:2180 northing first; only CRS84 and EPSG:3857 are as PostGIS holds them.
"""

from dataclasses import dataclass

from gis_layers.crs import LONLAT, STORED, TILES
from gis_layers.ogc.errors import CrsUnknown

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@dataclass(frozen=True)
class Crs:
    """`flipped`: the second of PostGIS's coordinates comes first.

    `digits` after the point hold a tenth of a millimetre or better; None: all there are, so that
    what was read and is written back unchanged is the same to the last bit.
    """

    uri: str
    srid: int
    flipped: bool
    digits: int | None


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", LONLAT, flipped=False, digits=10)
STORAGE = Crs(f"{EPSG}{STORED}", STORED, flipped=True, digits=None)
ALL = (
    CRS84,
    Crs(f"{EPSG}{LONLAT}", LONLAT, flipped=True, digits=10),
    STORAGE,
    Crs(f"{EPSG}{TILES}", TILES, flipped=False, digits=4),
)


def crs_of(uri: str, field: str) -> Crs:
    """The coordinate system of a URI. Raises CrsUnknown for `field`."""
    for crs in ALL:
        if crs.uri == uri:
            return crs
    raise CrsUnknown(field=field, details={"offered": ", ".join(crs.uri for crs in ALL)})
