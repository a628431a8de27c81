"""Tile copies of a layer: what its features look like from afar, made when it is published.

Copies follow the layer's editions as its features do, so that a tile of an older revision keeps
its bytes. Polygons are simplified together, as one coverage: two districts keep one border between
them at every zoom. Lines are simplified one by one, and the short ones left out from afar.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Gmina
from gis_layers.bands import LABELS, MAIN_CLASSES, all_bands
from gis_layers.models import TILE_SRID, Feature, Layer, LayerKind, MapRevision, TileCopy
from gis_layers.revisions import has_copies, raise_revision

SNAP_M = 0.001  # neighbours' vertices nearer than this are one
INSERT_BATCH = 2000  # rows of one INSERT
STATEMENT_MOST = 10_000  # ids of one statement
MANY = 1000  # changes from which on the planner has to be told
LABEL_STEPS = 200  # a label stands within this part of its polygon's size of the best place
SQL = files("gis_layers") / "sql"
POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class Source:
    """A polygon to be copied, with what its copies say of it."""

    fid: int
    name: str
    code: str
    simc: str
    road_class: str | None


@dataclass(frozen=True)
class Copy:
    """A row of TileCopy without its editions; `wkb` in EPSG:3857."""

    band: int
    source: Source
    wkb: bytes

    @property
    def key(self) -> tuple[int, int]:
        return self.source.fid, self.band


def is_copied(layer: Layer) -> bool:
    """Points are as small as they get, and national layers are in nobody's tiles."""
    is_shape = layer.geometry_type != Layer.GeometryType.POINT
    return layer.gmina_id is not None and is_shape and layer.kind != LayerKind.ADDRESS


def generalise(layer: Layer) -> None:
    """Make the layer's copies follow its published edition; the caller has locked the layer.

    Only what changed since the edition followed so far is made anew, and for polygons what touches
    it. Copies that no map revision in use shows any more are deleted.
    """
    if not is_copied(layer) or has_copies(layer):
        return
    changed = set(_changed(layer).values_list("fid", flat=True))
    if len(changed) >= MANY:
        _count_rows_anew(Feature)
    if layer.geometry_type == Layer.GeometryType.LINE:
        _follow_lines(layer, changed)
    else:
        _follow_polygons(layer, changed)
    if len(changed) >= MANY:
        _count_rows_anew(TileCopy)
    layer.copied_edition = layer.edition_number
    layer.save(update_fields=["copied_edition"])
    _forget_unused(layer)


@transaction.atomic
def copy_all(gmina: Gmina) -> None:
    """Make the copies that are missing: of layers published before there were any."""
    layers = Layer.objects.select_for_update().filter(gmina=gmina, edition_number__gt=0)
    missing = [one for one in layers if is_copied(one) and not has_copies(one)]
    for layer in missing:
        generalise(layer)
    if missing:
        raise_revision([gmina])


def _count_rows_anew(model: type[Feature] | type[TileCopy]) -> None:
    """PostgreSQL knows nothing yet of rows written just now, and would plan for few of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {model._meta.db_table}")


def _follow_lines(layer: Layer, changed: set[int]) -> None:
    for fids in _batches(changed):
        _close(layer, fid__in=fids)
    bands = all_bands()
    is_street = layer.kind == LayerKind.STREET
    _execute(
        "copy_lines.sql",
        layer,
        deepest=[band.deepest_zoom for band in bands],
        tolerance=[band.line_tolerance_m for band in bands],
        shortest=[band.shortest_m if is_street else 0.0 for band in bands],
        main=list(MAIN_CLASSES),
    )


def _follow_polygons(layer: Layer, changed: set[int]) -> None:
    wanted = {copy.key: copy for copy in _polygon_copies(layer)}
    redone = changed | {fid for fid, _band in wanted}
    outdated = []
    for fids in _batches(redone):
        for row in layer.copies.filter(until=None, fid__in=fids):
            # What stays the same is not wanted anew.
            if not _is_same(row, wanted.get((row.fid, row.band))):
                outdated.append(row.pk)
            else:
                del wanted[row.fid, row.band]
    for pks in _batches(outdated):
        _close(layer, pk__in=pks)
    _insert(layer, wanted.values())


def _batches(numbers: Collection[int]) -> Iterator[list[int]]:
    """A statement takes 65,535 parameters at most."""
    ordered = sorted(numbers)
    for first in range(0, len(ordered), STATEMENT_MOST):
        yield ordered[first : first + STATEMENT_MOST]


def _polygon_copies(layer: Layer) -> list[Copy]:
    """The copies of every polygon whose look may have changed, each band's and the label."""
    rows = _execute("copy_sources.sql", layer)
    whole = snapped([bytes(row[5]) for row in rows])
    is_drawn = np.isin(shapely.get_type_id(whole), POLYGONAL) & (shapely.area(whole) > 0)
    rows, whole = [row for row, kept in zip(rows, is_drawn, strict=True) if kept], whole[is_drawn]
    redone = [(n, Source(*row[:5])) for n, row in enumerate(rows) if row[6]]
    copies = [Copy(LABELS, of, shapely.to_wkb(label_point(whole[n]))) for n, of in redone]
    drawn = whole
    for band in all_bands():
        drawn = simplified(drawn, band.border_tolerance_m)
        copies += [Copy(band.deepest_zoom, of, shapely.to_wkb(drawn[n])) for n, of in redone]
    return copies


def snapped(wkbs: list[bytes]) -> np.ndarray:
    """The geometries with neighbours' vertices made one, valid.

    Rings and spikes that are nothing at this grid go; no other vertex moves farther.
    """
    geometries = shapely.from_wkb(np.array(wkbs, dtype=object))
    moved = shapely.set_precision(geometries, SNAP_M, mode="pointwise")
    broken = ~shapely.is_valid(moved)
    moved[broken] = shapely.make_valid(moved[broken], method="structure", keep_collapsed=False)
    return moved


def simplified(polygons: np.ndarray, tolerance_m: float) -> np.ndarray:
    """The polygons with fewer vertices; borders that two share stay shared.

    Where they overlap, and so are no coverage, one may come out crossing itself: that one is
    simplified alone instead.
    """
    together = shapely.coverage_simplify(polygons, tolerance_m)
    alone = ~shapely.is_valid(together)
    together[alone] = shapely.simplify(polygons[alone], tolerance_m)
    return together


def label_point(polygon: shapely.Geometry) -> shapely.Point:
    """The point farthest from the border of the largest part: where a name has most room."""
    parts = shapely.get_parts(polygon)
    largest = parts[np.argmax(shapely.area(parts))]
    west, south, east, north = largest.bounds
    step_m = max(east - west, north - south) / LABEL_STEPS
    return shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=step_m), 0)


def _is_same(row: TileCopy, copy: Copy | None) -> bool:
    if copy is None:
        return False
    said = Source(row.fid, row.name, row.code, row.simc, row.road_class)
    return said == copy.source and bytes(row.geom_3857.wkb) == copy.wkb


def _insert(layer: Layer, copies: Iterable[Copy]) -> None:
    rows = (
        TileCopy(
            layer=layer,
            band=copy.band,
            geom_3857=GEOSGeometry(memoryview(copy.wkb), srid=TILE_SRID),
            since=layer.edition_number,
            **asdict(copy.source),
        )
        for copy in copies
    )
    TileCopy.objects.bulk_create(rows, batch_size=INSERT_BATCH)


def _changed(layer: Layer) -> QuerySet[Feature]:
    """Rows that began or ended after the edition that the copies follow so far."""
    since = Q(since__gt=layer.copied_edition) | Q(until__gt=layer.copied_edition)
    return layer.features.filter(since)


def _close(layer: Layer, **which: Any) -> None:
    layer.copies.filter(until=None, **which).update(until=layer.edition_number)


def _forget_unused(layer: Layer) -> None:
    """Delete copies that ended before the oldest edition that a revision in use still shows."""
    gone = timezone.now() - timedelta(seconds=settings.TILE_GRACE_S)
    in_use = MapRevision.objects.filter(
        Q(superseded_at=None) | Q(superseded_at__gt=gone), gmina=layer.gmina_id
    )
    shown = [
        entry["edition"]
        for revision in in_use
        for entry in revision.layers
        if entry["id"] == layer.pk
    ]
    layer.copies.filter(until__lte=min(shown, default=layer.edition_number)).delete()


def _execute(name: str, layer: Layer, **parameters: Any) -> list[Any]:
    bound: dict[str, Any] = {"layer": layer.pk, "followed": layer.copied_edition}
    with connection.cursor() as cursor:
        cursor.execute((SQL / name).read_text(encoding="utf-8"), bound | parameters)
        return cursor.fetchall() if cursor.description else []
