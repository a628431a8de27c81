"""Features of a collection: pages by keyset, in any offered coordinate system, as GeoJSON text."""

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import AsGeoJSON, GeoFunc, Transform
from django.db.models import F, QuerySet, Value
from django.http import Http404

from gis_layers import states
from gis_layers.editions import Op
from gis_layers.ogc.collections import Collection
from gis_layers.ogc.fields import Field, columns, fields
from gis_layers.ogc.queries import ItemsQuery
from gis_layers.ogc.reference_systems import Crs

ALL_DIGITS = 15


class FlipCoordinates(GeoFunc):
    """ST_FlipCoordinates: northing or latitude first."""

    function = "ST_FlipCoordinates"
    output_field = GeometryField()


@dataclass(frozen=True)
class Source:
    """A table that features of a collection stand in, the properties by where they stand in it."""

    rows: QuerySet[Any]
    columns: Mapping[str, Any]
    fields: Mapping[str, Field]
    versions: tuple[Any, Any]  # ids of the published row and of the change: the ETag


@dataclass(frozen=True)
class Item:
    """One feature; `geometry` is GeoJSON text in the coordinate system asked for."""

    fid: int
    geometry: str
    properties: Mapping[str, Any]
    etag: str

    def text(self, **more: Any) -> str:
        """The GeoJSON feature; the geometry is spliced in as the database wrote it."""
        head = {"type": "Feature", "id": self.fid, **more}
        rest = json.dumps({"properties": self.properties}, ensure_ascii=False)[1:]
        return f'{json.dumps(head)[:-1]}, "geometry": {self.geometry}, {rest}'


@dataclass(frozen=True)
class Page:
    """`matched` is told on the first page only, `after` where another one follows."""

    items: list[Item]
    after: int | None
    matched: int | None


def sources(collection: Collection, kinds: Mapping[str, str]) -> list[Source]:
    """The published rows; of a working copy without those it changes, and its changes.

    `kinds` are the properties that a filter may name.
    """
    edition, own = collection.edition(), columns(collection)
    rows = states.published(collection.layer)
    if edition is None:
        return [source(rows, own, kinds, (F("pk"), Value(0)))]
    kept = rows.exclude(fid__in=edition.changes.values("fid"))
    changed = states.changes_of(edition).exclude(op=Op.REMOVE)
    changes_own = columns(collection, of_change=True)
    return [
        source(kept, own, kinds, (F("pk"), Value(0))),
        source(changed, changes_own, kinds, (F("below"), F("pk"))),
    ]


def source(
    rows: QuerySet[Any], own: Mapping[str, Any], kinds: Mapping[str, str], versions: tuple[Any, Any]
) -> Source:
    return Source(rows, own, fields(kinds, own), versions)


def page(collection: Collection, query: ItemsQuery, kinds: Mapping[str, str]) -> Page:
    """A page of the features that the query asks for, by fid. Raises FilterInvalid."""
    found = [
        (source, source.rows.filter(query.condition(source.fields)))
        for source in sources(collection, kinds)
    ]
    most = query.limit + 1
    parts = [
        read(source, rows.filter(fid__gt=query.after).order_by("fid")[:most], query.crs)
        for source, rows in found
    ]
    items = list(islice(heapq.merge(*parts, key=lambda item: item.fid), most))
    is_last = len(items) < most
    matched = sum(rows.count() for _source, rows in found) if not query.after else None
    kept = items[: query.limit]
    return Page(kept, None if is_last else kept[-1].fid, matched)


def item(collection: Collection, fid: int, crs: Crs) -> Item:
    """One feature. Raises Http404."""
    for source in sources(collection, {}):
        for found in read(source, source.rows.filter(fid=fid), crs):
            return found
    raise Http404


def read(source: Source, rows: QuerySet[Any], crs: Crs) -> Iterator[Item]:
    """The rows as items. Attributes of the file come after what each feature has."""
    below, change = source.versions
    has_attrs = rows.model._meta.model_name != "addresspoint"
    told = rows.annotate(
        shape=shape(crs),
        below_id=below,
        change_id=change,
        **{f"own_{n}": value for n, value in enumerate(source.columns.values())},
    ).values_list(
        "fid",
        "shape",
        "below_id",
        "change_id",
        *(["attrs"] if has_attrs else []),
        *(f"own_{n}" for n in range(len(source.columns))),
    )
    for fid, geometry, row_id, change_id, *rest in told:
        attrs = rest.pop(0) if has_attrs else {}
        properties = dict(zip(source.columns, rest, strict=True))
        extra = {name: value for name, value in attrs.items() if name not in properties}
        yield Item(fid, geometry, properties | extra, states.etag(row_id, change_id))


def shape(crs: Crs) -> AsGeoJSON:
    """The geometry as GeoJSON in the axis order of `crs`."""
    geom: Any = Transform(F("geom"), crs.srid)
    if crs.flipped:
        geom = FlipCoordinates(geom)
    return AsGeoJSON(geom, precision=ALL_DIGITS if crs.digits is None else crs.digits)
