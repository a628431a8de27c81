"""Where the features of layers lie, for many layers at once."""

import logging
from collections.abc import Sequence

import shapely
from django.contrib.gis.db.models import Extent
from django.core.cache import cache
from redis.exceptions import RedisError

from gis_layers.crs import STORED, to_lonlat
from gis_layers.models import AddressPoint, Feature, Layer
from gis_layers.ogc import shapes

logger = logging.getLogger(__name__)

Box = tuple[float, float, float, float]
WIDER = 1e-5  # share of a side: more than the bow of an edge between two of its vertices
WIDER_M = 0.01  # of a single point's box too
KEPT_S = 7 * 24 * 3600


def extents(layers: Sequence[Layer]) -> dict[int, Box]:
    """West, south, east, north in degrees of what each layer shows, by id; none where it is empty.

    A scan of every feature, so it is kept by edition: an edition never changes.
    """
    keys = {layer.pk: f"ogc-extent-{layer.pk}-{layer.edition_number}" for layer in layers}
    kept = _kept(list(keys.values()))
    missing = [pk for pk, key in keys.items() if key not in kept]
    found = _measured(missing)
    # None, for a layer without features, is known as well.
    _keep({keys[pk]: found.get(pk) for pk in missing})
    known = {pk: box for pk, key in keys.items() if (box := kept.get(key))}
    return known | found


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


def _kept(keys: list[str]) -> dict[str, Box | None]:
    try:
        return cache.get_many(keys)
    except RedisError:
        logger.warning("extents without Redis")
        return {}


def _keep(boxes: dict[str, Box | None]) -> None:
    try:
        cache.set_many(boxes, KEPT_S)
    except RedisError:
        logger.warning("extents without Redis")
