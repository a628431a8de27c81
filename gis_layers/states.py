"""What a change set would show: states of features, each with the ETag that names it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import OuterRef, QuerySet, Subquery

from gis_layers.content import Content
from gis_layers.editions import ADDRESS_ATTRS, TABLES, Op
from gis_layers.errors import FeatureUnknown
from gis_layers.models import AddressPoint, Edition, Feature, FeatureChange, Layer, LayerKind

BATCH = 1_000  # rows of one fetch


@dataclass(frozen=True)
class State:
    """A feature as a change set would show it; `op` is empty where it is as published.

    `content.geom` is in EPSG:2180. `etag` names this state and no other, with its quotes.
    """

    fid: int
    content: Content
    op: str
    etag: str


def published(layer: Layer) -> QuerySet[Any]:
    """The rows that the layer shows now, without what only tiles need."""
    model, _insertion = TABLES[layer.kind == LayerKind.ADDRESS]
    rows: QuerySet[Any] = model.objects.filter(layer=layer, until=None)
    return rows.defer("geom_3857")


def changes_of(edition: Edition) -> QuerySet[Any]:
    """The edition's changes, each with `below`: the id of the published row it changes, or 0."""
    row = published(edition.layer).filter(fid=OuterRef("fid")).values("pk")[:1]
    return edition.changes.annotate(below=Subquery(row))


def state_of(edition: Edition, fid: int) -> tuple[State, str]:
    """The feature as the change set would show it, and its ETag. Raises FeatureUnknown."""
    state = find(edition.layer, edition, fid)
    return state, state.etag


def find(layer: Layer, edition: Edition | None, fid: int) -> State:
    """The feature as the layer would show it, or shows it. Raises FeatureUnknown."""
    change = changes_of(edition).filter(fid=fid).first() if edition else None
    row = published(layer).filter(fid=fid).first() if change is None else None
    if change is not None and change.op != Op.REMOVE:
        return of_change(change)
    if row is None:
        raise FeatureUnknown(details={"fid": fid})
    return of_row(row)


def shown(edition: Edition, within: GEOSGeometry | None = None) -> Iterator[State]:
    """The features as the change set would show them, by fid; of those that touch `within`.

    Read in batches: a layer of any size takes little memory.
    """
    return shown_of(edition.layer, edition, within)


def shown_of(
    layer: Layer, edition: Edition | None, within: GEOSGeometry | None = None
) -> Iterator[State]:
    """As `shown`; without a change set, what the layer shows now."""
    kept = published(layer)
    changed = changes_of(edition).exclude(op=Op.REMOVE) if edition else kept.none()
    if edition is not None:
        kept = kept.exclude(fid__in=edition.changes.values("fid"))
    if within is not None:
        kept = kept.filter(geom__intersects=within)
        changed = changed.filter(geom__intersects=within)
    return heapq.merge(
        map(of_row, kept.order_by("fid").iterator(BATCH)),
        map(of_change, changed.order_by("fid").iterator(BATCH)),
        key=lambda state: state.fid,
    )


def of_row(row: Feature | AddressPoint) -> State:
    return State(row.fid, content_of_row(row), "", etag(row.pk, 0))


def of_change(change: Any) -> State:
    """State of a change that `changes_of` read."""
    return State(change.fid, content_of_change(change), change.op, etag(change.below, change.pk))


def content_of_row(row: Feature | AddressPoint) -> Content:
    if isinstance(row, AddressPoint):
        attrs = {name: getattr(row, name) for name in ADDRESS_ATTRS}
        return Content(simc=row.simc, attrs=attrs, geom=row.geom)
    return Content(row.name, row.code, row.simc, row.attrs, row.geom)


def content_of_change(change: FeatureChange) -> Content:
    return Content(change.name, change.code, change.simc, change.attrs, change.geom)


def etag(row_id: int | None, change_id: int) -> str:
    """Rows and changes are replaced under new ids, never updated: the pair names one state.

    The published row counts beside the change: one published meanwhile makes the state another.
    """
    return f'"{row_id or 0}-{change_id}"'
