"""The geometries of a batch: flat, drawn with lines, finite, in EPSG:2180; what is not is told."""

import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_layers.imports.reading.crs import Floats, Projection, within

# Codes of WKB above GeometryCollection are curves and surfaces; a collection may hold one.
COLLECTION = 7
Wkb = bytes | None
Linear = Callable[[Sequence[int]], Sequence[Wkb]]


@dataclass
class Shapes:
    """A batch's geometries as WKB in EPSG:2180, None where there is none to be used.

    `places` are the middles of their boxes in EPSG:2180, `turned` the same with the axes the other
    way; both NaN where there is none. `flaws` says by row why a geometry is not as in the file.
    """

    wkb: list[Wkb]
    places: Floats
    turned: Floats
    middles: Floats  # in the file's own coordinates
    flaws: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    changed: Counter[str] = field(default_factory=Counter)

    def flaw(self, row: int, code: str, **details: Any) -> None:
        self.flaws.setdefault(row, []).append({"code": code, **details})


@dataclass(frozen=True)
class Limits:
    """What a geometry may be: vertices, and the box of EPSG:2180 it lies in (None: anywhere)."""

    max_vertices: int
    country: Sequence[float] | None = None


def shaped(raw: Sequence[Wkb], way: Projection, limits: Limits, linear: Linear) -> Shapes:
    """The geometries of `raw`; `linear` gives those of rows with curves, drawn with lines."""
    count = len(raw)
    nowhere = np.full((count, 2), np.nan)
    found = Shapes([None] * count, nowhere, nowhere.copy(), nowhere.copy())
    geoms = parsed(without_curves(list(raw), linear, found), found)
    geoms = counted(geoms, limits.max_vertices, found)
    geoms = flat(geoms, found)
    geoms = finite(geoms, found)
    placed = place(geoms, way, found)
    if limits.country:
        placed = contained(placed, limits.country, found)
    found.wkb = list(shapely.to_wkb(placed))
    return found


def without_curves(raw: list[Wkb], linear: Linear, found: Shapes) -> list[Wkb]:
    rows = [row for row, wkb in enumerate(raw) if wkb and kind_of(wkb) >= COLLECTION]
    if not rows:
        return raw
    for row, wkb in zip(rows, linear(rows), strict=True):
        was = raw[row] or b""
        if wkb is None or kind_of(wkb) > COLLECTION:  # a surface of triangles, say
            found.flaw(row, "geometry_unreadable")
            raw[row] = None
            continue
        if len(wkb) != len(was):
            found.changed["curves_drawn"] += 1
        raw[row] = wkb
    return raw


def kind_of(wkb: bytes) -> int:
    """The code of a geometry's type, without what says that it has heights or measures."""
    if len(wkb) < struct.calcsize("<BI"):
        return 0
    (code,) = struct.unpack_from("<I" if wkb[0] else ">I", wkb, 1)
    return (code & 0x0FFFFFFF) % 1000


def parsed(raw: Sequence[Wkb], found: Shapes) -> Any:
    geoms = shapely.from_wkb(np.array(raw, dtype=object), on_invalid="ignore")
    for row in positions(shapely.is_missing(geoms)):
        if raw[row]:
            found.flaw(row, "geometry_unreadable")
    geoms[shapely.is_empty(geoms)] = None
    return geoms


def positions(which: NDArray[np.bool_]) -> list[int]:
    return [int(row) for row in np.flatnonzero(which)]


def counted(geoms: Any, max_vertices: int, found: Shapes) -> Any:
    vertices = shapely.get_num_coordinates(geoms)
    for row in positions(vertices > max_vertices):
        found.flaw(row, "too_many_vertices", vertices=int(vertices[row]))
        geoms[row] = None
    return geoms


def flat(geoms: Any, found: Shapes) -> Any:
    deep = shapely.has_z(geoms) | shapely.has_m(geoms)
    if deep.any():
        found.changed["heights_dropped"] += int(deep.sum())
        geoms = shapely.force_2d(geoms)
    return geoms


def finite(geoms: Any, found: Shapes) -> Any:
    for row in rows_beyond(geoms):
        found.flaw(row, "geometry_not_finite")
        geoms[row] = None
    return geoms


def rows_beyond(geoms: Any) -> list[int]:
    """Rows whose geometry has a coordinate that is no finite number."""
    pairs, rows = shapely.get_coordinates(geoms, return_index=True)
    beyond = ~np.isfinite(pairs).all(axis=1)
    return [int(row) for row in np.unique(rows[beyond])]


def place(geoms: Any, way: Projection, found: Shapes) -> Any:
    """The geometries in EPSG:2180; those that have no place there are left out."""
    boxes = shapely.bounds(geoms)
    there = np.flatnonzero(~shapely.is_missing(geoms))
    middles = (boxes[there, :2] + boxes[there, 2:]) / 2
    found.middles[there] = middles
    found.places[there] = way.project(middles)
    found.turned[there] = way.turned().project(middles)
    placed = shapely.transform(geoms, way.project)
    for row in rows_beyond(placed):
        placed[row] = None
        if np.isfinite(found.places[row]).all():
            found.flaw(row, "not_in_country")
    return placed


def contained(placed: Any, country: Sequence[float], found: Shapes) -> Any:
    """Leave out what has its middle in the country and reaches beyond, as round a pole."""
    boxes = shapely.bounds(placed)
    beyond = ~(within(boxes[:, :2], country) & within(boxes[:, 2:], country))
    for row in positions(within(found.places, country) & beyond & ~shapely.is_missing(placed)):
        found.flaw(row, "not_in_country")
        placed[row] = None
    return placed
