"""Where the features of layers lie, for many layers at once."""

import logging
from collections.abc import Sequence

from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.core.cache import cache
from redis.exceptions import RedisError

from gis_layers.crs import STORED, to_lonlat
from gis_layers.models import AddressPoint, Feature, Layer

logger = logging.getLogger(__name__)

Box = tuple[float, float, float, float]
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
    polygon = Polygon.from_bbox(box)
    polygon.srid = STORED
    return to_lonlat(polygon).extent


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
