"""What is worked out from every feature of a layer, kept by edition: an edition never changes."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Max
from redis.exceptions import RedisError

from gis_layers.models import Edition, Layer

logger = logging.getLogger(__name__)

KEPT_S = 7 * 24 * 3600
Found = TypeVar("Found")


def by_edition(
    what: str, layers: Sequence[Layer], work_out: Callable[[list[int]], dict[int, Found]]
) -> dict[int, Found]:
    """`work_out` of the layers' ids for what each shows now; layers of which there is nothing lack.

    Without Redis it is worked out every time.
    """
    keys = _keys(what, layers)
    kept: dict[str, Found | None] = _get(list(keys.values()))
    missing = [pk for pk, key in keys.items() if key not in kept]
    found = work_out(missing) if missing else {}
    # None, where there is nothing, is known as well.
    _set({keys[pk]: found.get(pk) for pk in missing})
    known = {pk: value for pk, key in keys.items() if (value := kept.get(key)) is not None}
    return known | found


def _keys(what: str, layers: Sequence[Layer]) -> dict[int, str]:
    """By layer. With the time of publication: a database restored from a backup gives out the same
    numbers again, and Redis is none the wiser."""
    published = Edition.objects.filter(layer__in=layers, state=Edition.State.PUBLISHED)
    last = dict(published.values_list("layer").annotate(Max("published_at")))
    return {
        layer.pk: f"ogc-{what}-{layer.pk}-{layer.edition_number}-"
        f"{last[layer.pk].timestamp() if layer.pk in last else 0}"
        for layer in layers
    }


def _get(keys: list[str]) -> dict[str, Found | None]:
    try:
        return cache.get_many(keys)
    except RedisError:
        logger.warning("OGC without Redis")
        return {}


def _set(values: dict[str, Found | None]) -> None:
    try:
        cache.set_many(values, KEPT_S)
    except RedisError:
        logger.warning("OGC without Redis")
