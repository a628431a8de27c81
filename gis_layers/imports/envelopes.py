"""Where the features of a unit are to be expected: how swapped axes are noticed.

EPSG:2180 is officially northing first, so files come either way, and the country's own bounds do
not show it: much of Poland, mirrored, is Poland.
"""

from django.contrib.gis.geos import Polygon

from accounts.models import Gmina
from gis_layers.crs import STORED
from gis_layers.outlines import gmina_outline

MARGIN_M = 2_000
# Voivodeship (first two digits of TERC) -> its box in kilometres of EPSG:2180: west, south, east,
# north, rounded outwards. Source: PRG boundaries of 2021.
VOIVODESHIPS_KM = {
    "02": (206, 250, 416, 442),
    "04": (383, 496, 551, 658),
    "06": (681, 274, 862, 500),
    "08": (196, 396, 322, 589),
    "10": (435, 330, 615, 504),
    "12": (506, 146, 676, 296),
    "14": (517, 352, 782, 628),
    "16": (351, 234, 479, 371),
    "18": (652, 133, 825, 333),
    "20": (672, 498, 834, 735),
    "22": (350, 626, 543, 776),
    "24": (430, 169, 569, 360),
    "26": (549, 258, 702, 387),
    "28": (508, 586, 749, 733),
    "30": (281, 360, 507, 646),
    "32": (171, 538, 368, 748),
}


def of_gmina(gmina: Gmina) -> Polygon | None:
    """Box (EPSG:2180) around the gmina's outline, else around its voivodeship."""
    outline = gmina_outline(gmina)
    return box(*outline.geom.extent) if outline else of_code(gmina.terc6)


def of_code(terc: str) -> Polygon | None:
    """Box (EPSG:2180) around the voivodeship of a code; None where there is no such one."""
    sides_km = VOIVODESHIPS_KM.get(terc[:2])
    return box(*(side * 1000 for side in sides_km)) if sides_km else None


def box(west: float, south: float, east: float, north: float) -> Polygon:
    sides = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    polygon = Polygon.from_bbox(sides)
    polygon.srid = STORED
    return polygon
