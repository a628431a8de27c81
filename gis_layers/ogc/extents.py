"""Where the features of layers lie, for many layers at once."""

from collections.abc import Sequence

import shapely
from django.contrib.gis.db.models import Extent

from gis_layers.crs import STORED, to_lonlat
from gis_layers.models import AddressPoint, Feature, Layer
from gis_layers.ogc import shapes
from gis_layers.ogc.kept import by_edition

Box = tuple[float, float, float, float]
WIDER = 1e-5  # share of a side: more than the bow of an edge between two of its vertices
WIDER_M = 0.01  # of a single point's box too


def extents(layers: Sequence[Layer]) -> dict[int, Box]:
    """West, south, east, north in degrees of what each layer shows, by id; without empty ones."""
    return by_edition("extent", layers, _measured)


def _measured(layer_ids: Sequence[int]) -> dict[int, Box]:
    boxes: dict[int, Box] = {}
    for model in (Feature, AddressPoint):
        shown = model._default_manager.filter(layer__in=layer_ids, until=None)
        for pk, box in shown.values_list("layer").annotate(box=Extent("geom")):
            boxes[pk] = _lonlat(box)
    return boxes


def _lonlat(box: Box) -> Box:
    """A box in degrees that holds all of one in EPSG:2180, whose edges are curved there.

    Too small by a millimetre it would be wrong, and QGIS says so; so it is wider, by a metre of a
    hundred kilometres.
    """
    west_m, south_m, east_m, north_m = box
    grown = shapely.box(west_m - WIDER_M, south_m - WIDER_M, east_m + WIDER_M, north_m + WIDER_M)
    west, south, east, north = to_lonlat(shapes.geos(shapes.straight(grown), STORED)).extent
    x, y = ((east - west) * WIDER, (north - south) * WIDER)
    return west - x, south - y, east + x, north + y
