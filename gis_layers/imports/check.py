"""What may be wrong with a feature by itself; no check is silent.

Most features are sound: a batch is looked at as arrays, and only what is not goes one by one. What
shows only between features is found in the staged edition (gis_layers.findings).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from numpy.typing import NDArray

from gis_layers.crs import STORED, are_in_country, to_lonlat
from gis_layers.imports.batch import Batch
from gis_layers.imports.drafts import Draft
from gis_layers.imports.notes import Notes
from gis_layers.imports.repair import changed_share, fault_of, of_type, repaired
from gis_layers.models import Layer

Mask = NDArray[np.bool_]
Shapes = NDArray[np.object_]  # of geometries in EPSG:2180, None where there is none
Boxes = Shapes  # of polygons; None: anywhere
# A layer's geometry type -> the type that needs no taking apart.
SINGLE = {
    Layer.GeometryType.POINT: shapely.GeometryType.POINT,
    Layer.GeometryType.LINE: shapely.GeometryType.LINESTRING,
    Layer.GeometryType.POLYGON: shapely.GeometryType.POLYGON,
}


def place(
    drafts: Sequence[Draft],
    batch: Batch,
    usable: Mask,
    *,
    boxes: Boxes,
    geometry_type: str,
    notes: Notes,
) -> None:
    """Give the usable drafts of a batch their geometries; what has none is left out and noted."""
    shapes = shapely.from_wkb(np.array(batch.wkb, dtype=object))
    wanted = usable & ~misplaced(drafts, batch, shapes, usable, boxes, notes)
    sound = wanted & is_sound(shapes, geometry_type)
    for n in positions(sound):
        drafts[n].geom = shapes[n]
    for n in positions(wanted & ~sound):
        drafts[n].geom = mended(batch.wkb[n], geometry_type, drafts[n], notes)


def is_sound(shapes: Shapes, geometry_type: str) -> Mask:
    """Which shapes can be taken as they are."""
    single: Mask = shapely.get_type_id(shapes) == SINGLE[Layer.GeometryType(geometry_type)]
    single[single] = shapely.is_valid(shapes[single])
    return single


def mended(
    wkb: bytes | None, geometry_type: str, draft: Draft, notes: Notes
) -> shapely.Geometry | None:
    """A valid geometry of the layer's type; None, with its reason noted."""
    if wkb is None:
        notes.add("geometry_missing", draft.where, row=draft.row)
        return None
    geom = GEOSGeometry(memoryview(wkb), srid=STORED)
    valid = whole(geom, geometry_type, draft, notes)
    typed = of_type(valid, geometry_type) if valid else None
    if valid and typed is None:
        notes.add("geometry_wrong_type", draft.where, row=draft.row, type=geom.geom_type)
    return shapely.from_wkb(bytes(typed.wkb)) if typed else None


def whole(
    geom: GEOSGeometry, geometry_type: str, draft: Draft, notes: Notes
) -> GEOSGeometry | None:
    """The geometry itself where it is valid, else its repair; None: beyond repair."""
    fault = fault_of(geom)
    if fault is None:
        return geom
    after = repaired(geom, geometry_type)
    at = fault.at or geom.centroid
    place = to_lonlat(at)
    told: dict[str, Any] = {"reason": fault.reason, "lon": place.x, "lat": place.y}
    if after is None:
        notes.add("geometry_broken", draft.where, row=draft.row, geom=at, before=geom, **told)
    else:
        told["changed"] = changed_share(geom, after)
        told |= {"geom": at, "before": geom, "after": after}
        notes.add("geometry_repaired", draft.where, row=draft.row, **told)
    return after


def misplaced(
    drafts: Sequence[Draft], batch: Batch, shapes: Shapes, usable: Mask, boxes: Boxes, notes: Notes
) -> Mask:
    """Which features lie where no feature of this file should; swapped axes are told apart."""
    wrong: Mask = np.zeros(len(drafts), dtype=bool)
    located = usable & np.isfinite(batch.centres).all(axis=1)
    fits, inside = shapely.intersects(shapes, boxes), are_in_country(batch.places)
    doubtful = positions(located & ~(inside & (fits | shapely.is_missing(boxes))))
    turned = batch.turned[doubtful]
    fits_turned = shapely.intersects(shapely.points(turned), boxes[doubtful]) & ~fits[doubtful]
    for n, mirrored, inside_turned in zip(
        doubtful, fits_turned, are_in_country(turned), strict=True
    ):
        if mirrored or not inside[n]:
            wrong[n] = True
            code = "axes_swapped" if mirrored or inside_turned else "not_in_country"
            notes.add(code, drafts[n].where, row=drafts[n].row)
    return wrong


def positions(mask: Mask) -> list[int]:
    """Where the mask is true."""
    found: list[int] = np.flatnonzero(mask).tolist()
    return found
