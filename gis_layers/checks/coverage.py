"""Ground that belongs to two features, or to none: overlaps, gaps, slivers.

Everything is worked out on a grid of a millimetre: borders that are the same stay the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry

from gis_layers.cases import Case
from gis_layers.crs import STORED

GRID_M = 0.001
NOISE_WIDTH_M = 0.01  # narrower is how coordinates were rounded
SLIVER_WIDTH_M = 5  # narrower is one border drawn twice, wider is ground that somebody claimed
TOUCH_M = 0.01  # a feature this near to a gap is its neighbour


@dataclass(frozen=True)
class Cover:
    """The features of a layer: numbers, names and shapes on the grid, in one order."""

    fids: Sequence[int]
    names: Sequence[str]
    shapes: np.ndarray
    tree: shapely.STRtree

    @classmethod
    def of(cls, rows: Iterable[tuple[int, str, bytes]]) -> "Cover":
        """Of (fid, name, WKB in EPSG:2180); the shapes must be valid."""
        fids, names, wkbs = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), ())
        shapes = shapely.set_precision(shapely.from_wkb(np.array(wkbs, dtype=object)), GRID_M)
        return cls(fids, names, shapes, shapely.STRtree(shapes))


def cases(cover: Cover, ground: shapely.Geometry | None) -> Iterator[Case]:
    """What is wrong with how the features share the ground that they should cover (None: unknown).

    Widths are mean widths: twice the area by the length of the edge.
    """
    yield from shared(cover)
    yield from left_over(cover, ground)


def shared(cover: Cover) -> Iterator[Case]:
    """One case for each pair's overlap, and one for the slivers along its border."""
    for one, two in pairs(cover):
        both = shapely.intersection(cover.shapes[one], cover.shapes[two], grid_size=GRID_M)
        parts = polygons(both)
        wide = [part for part in parts if width_m(part) >= SLIVER_WIDTH_M]
        thin = [part for part in parts if NOISE_WIDTH_M < width_m(part) < SLIVER_WIDTH_M]
        if wide:
            yield pair_case("overlap", cover, one, two, wide)
        if thin:
            yield pair_case("sliver", cover, one, two, thin)


def pairs(cover: Cover) -> Iterator[tuple[int, int]]:
    """Positions of features whose insides may meet; those of one shape are another check's."""
    ones, twos = cover.tree.query(cover.shapes, "intersects")
    for one, two in zip(ones, twos, strict=True):
        if one < two and not apart_or_equal(cover.shapes[one], cover.shapes[two]):
            yield int(one), int(two)


def apart_or_equal(one: shapely.Geometry, two: shapely.Geometry) -> bool:
    return bool(shapely.touches(one, two) or shapely.equals(one, two))


def pair_case(
    code: str, cover: Cover, one: int, two: int, parts: Sequence[shapely.Polygon]
) -> Case:
    geom = shapely.MultiPolygon(parts)
    details = {
        "other": cover.names[two],
        "other_fid": cover.fids[two],
        "m2": geom.area,
        "width_m": width_m(geom),
    }
    return Case(code, cover.names[one], details, fid=cover.fids[one], geom=stored(geom))


def left_over(cover: Cover, ground: shapely.Geometry | None) -> Iterator[Case]:
    """Holes between the features, and what they leave of the ground at its edge."""
    together = shapely.union_all(cover.shapes, grid_size=GRID_M)
    holes = [shapely.Polygon(ring) for part in polygons(together) for ring in part.interiors]
    yield from gaps(cover, holes, "gap")
    if ground is not None and not together.is_empty:
        filled = shapely.union_all([together, *holes], grid_size=GRID_M)
        open_parts = polygons(shapely.difference(ground, filled, grid_size=GRID_M))
        yield from gaps(cover, open_parts, "uncovered")


def gaps(cover: Cover, parts: Iterable[shapely.Polygon], wide_code: str) -> Iterator[Case]:
    for part in parts:
        width = width_m(part)
        if width > NOISE_WIDTH_M:
            code = wide_code if width >= SLIVER_WIDTH_M else "sliver"
            details = {"m2": part.area, "width_m": width}
            yield Case(code, neighbours(cover, part), details, geom=stored(part))


def neighbours(cover: Cover, part: shapely.Polygon) -> str:
    near = cover.tree.query(part, "dwithin", distance=TOUCH_M)
    return " / ".join(sorted({cover.names[n] for n in near})) or "–"


def polygons(geom: shapely.Geometry) -> list[shapely.Polygon]:
    parts = shapely.get_parts(geom)
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return [part for part in flat if isinstance(part, shapely.Polygon) and not part.is_empty]


def width_m(geom: shapely.Geometry) -> float:
    return 2 * float(shapely.area(geom)) / float(shapely.length(geom))


def stored(geom: shapely.Geometry) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shapely.to_wkb(geom)), srid=STORED)
