"""What the pages for people show of features: a map, a table, one feature in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gis_layers.ogc.collections import Collection
from gis_layers.ogc.documents import title
from gis_layers.ogc.items import Item

COLUMNS_MAX = 6


@dataclass(frozen=True)
class Table:
    """Titles of columns, and rows of (fid, [(title, value)]); columns without values left out."""

    titles: list[str]
    rows: list[tuple[int, list[tuple[str, Any]]]]


def map_config(collection: Collection, features_url: str) -> dict[str, Any]:
    """What the map island needs: where the features are, and the gmina's map beneath them."""
    gmina = collection.layer.gmina
    return {"tileset": f"/tiles/{gmina.slug}.json" if gmina else None, "features": features_url}


def table(items: Sequence[Item]) -> Table:
    names = list(dict.fromkeys(name for item in items for name, _value in told(item)))
    shown = names[:COLUMNS_MAX]
    rows = [
        (item.fid, [(title(name), worded(item.properties.get(name))) for name in shown])
        for item in items
    ]
    return Table([title(name) for name in shown], rows)


def facts(item: Item) -> dict[str, Any]:
    """The page of one feature: its name and its properties, each with a title."""
    name = item.properties.get("name") or " ".join(
        str(item.properties[part]) for part in ("street", "number") if item.properties.get(part)
    )
    properties = [(title(name), worded(value)) for name, value in told(item)]
    return {"name": name or f"#{item.fid}", "properties": properties}


def told(item: Item) -> Iterator[tuple[str, Any]]:
    """The properties that have a value."""
    return ((name, value) for name, value in item.properties.items() if value not in (None, ""))


def worded(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
