"""Shapes that share borders, edited so that they go on sharing them: pure geometry, in metres.

A border that two areas share is drawn in both. Moving one of its points moves it in each area that
has it, so that neither a gap nor an overlap arises. What would tear the areas apart is refused.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from gis_layers.errors import (
    AreasApart,
    BorderCrosses,
    JunctionStays,
    LineDoesNotDivide,
    NoSuchVertex,
)

TOLERANCE_M = 0.02  # nearer points are one: degrees to seven places are a centimetre
NOISE_M2 = 0.01  # areas that small are rounding
NESTED = (
    0.5  # of the smaller of two areas: one lies in the other by intent, as a district in its city
)
SEAM_M2 = 1.0  # smaller holes between merged areas, or crumbs of a cut one, are how borders lie
PARTS_MAX = 20  # of one shape that a line divides

XY = tuple[float, float]
Ring = list[XY]  # without the closing repetition
Vertices = NDArray[np.float64]  # (n, 2)
Key = TypeVar("Key", bound=Hashable)
Shapes = Mapping[Key, BaseGeometry]


def moved(shapes: Shapes[Key], start: XY, end: XY) -> dict[Key, BaseGeometry]:
    """The shapes that change where a point of their borders goes from `start` to `end`.

    `start` is a vertex or any point on a side, which then gets a vertex there. Raises
    NoSuchVertex, and BorderCrosses where a shape would cross itself or lie over another.
    """
    return reshaped(passing(shapes, start), shapes, start, [end])


def without_vertex(shapes: Shapes[Key], at: XY) -> dict[Key, BaseGeometry]:
    """The shapes that change where a vertex goes. Raises as `moved`.

    Raises JunctionStays where three borders meet: without it a hole would be left.
    """
    found = passing(shapes, at)
    sides = [pair for shape in found.values() for pair in sides_at(shape, at)]
    if not all(alike(sides[0], pair) for pair in sides):
        raise JunctionStays
    return reshaped(found, shapes, at, [])


def divided(shape: BaseGeometry, line: LineString) -> list[BaseGeometry]:
    """The parts into which a line cuts a polygon or line, the largest first.

    Parts of a multi-shape that the line misses stay with the largest. Raises LineDoesNotDivide.
    """
    cut: list[BaseGeometry] = []
    missed: list[BaseGeometry] = []
    for part in shapely.get_parts(shape):
        pieces = list(split(part, line).geoms)
        (cut if len(pieces) > 1 else missed).extend(pieces)
    if not 2 <= len(cut) <= PARTS_MAX:
        raise LineDoesNotDivide
    largest, *rest = sorted(cut, key=size, reverse=True)
    return [together([largest, *missed]), *rest]


def merged(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Several shapes as one, without the seams between them. Raises AreasApart."""
    whole = shapely.union_all(shapes)
    if whole.geom_type.endswith("LineString"):
        whole = shapely.line_merge(whole)
    parts = list(shapely.get_parts(whole))
    if len(parts) > 1 and len(parts) >= sum(shapely.get_num_geometries(shape) for shape in shapes):
        raise AreasApart
    return together([without_seams(part) for part in parts])


def fitted(shape: BaseGeometry, others: Shapes[Key]) -> BaseGeometry:
    """A new area without what the others have already. Raises BorderCrosses: nothing is left."""
    left = shapely.difference(shape, shapely.union_all(list(others.values())))
    parts = [part for part in shapely.get_parts(left) if part.area > SEAM_M2]
    if not parts:
        raise BorderCrosses
    return together(parts)


def noded(shapes: Shapes[Key], by: Sequence[BaseGeometry]) -> dict[Key, BaseGeometry]:
    """The shapes that get vertices where those of others stand on their sides."""
    points = vertices(by)
    found = {
        key: with_rings(shape, lambda ring: noded_ring(ring, points))
        for key, shape in shapes.items()
    }
    return {key: new for key, new in found.items() if count(new) > count(shapes[key])}


def as_before(new: BaseGeometry, old: BaseGeometry, within_m: float) -> BaseGeometry:
    """The new shape with its vertices exactly where the old one had them, if that is so near.

    Degrees come rounded: without this an untouched vertex would creep with every edit.
    """
    former = vertices([old])
    tree = shapely.STRtree([Point(place) for place in former])

    def settled(points: Vertices) -> Vertices:
        kept, at = tree.query_nearest(
            shapely.points(points), max_distance=within_m, all_matches=False
        )
        points[kept] = former[at]
        return points

    return shapely.transform(new, settled)


def passing(shapes: Shapes[Key], at: XY) -> dict[Key, BaseGeometry]:
    """The shapes whose border passes `at`, with a vertex there and at each node of its sides."""
    points = vertices(list(shapes.values()))
    found = {}
    for key, shape in shapes.items():
        if shapely.boundary(shape).distance(Point(at)) <= TOLERANCE_M:
            found[key] = with_rings(shape, lambda ring: ring_with(ring, at, points))
    if not found:
        raise NoSuchVertex
    return found


def ring_with(ring: Ring, at: XY, points: Vertices) -> Ring:
    """The ring with a vertex `at`, if it passes there; its two sides noded by `points`."""
    n = index_of(ring, at)
    if n is None:
        side = side_of(ring, at)
        if side is None:
            return ring
        n = side + 1
        ring = [*ring[:n], at, *ring[n:]]
    # Real borders stutter: a vertex that stands several times in a row is one.
    here = ring[n]
    ring = [point for k, point in enumerate(ring) if k == n or not near(point, here)]
    n = ring.index(here)
    before = between(ring[n - 1], ring[n], points)
    after = between(ring[n], ring[(n + 1) % len(ring)], points)
    return [*ring[:n], *before, ring[n], *after, *ring[n + 1 :]]


def reshaped(
    found: Shapes[Key], shapes: Shapes[Key], at: XY, instead: list[XY]
) -> dict[Key, BaseGeometry]:
    """The found shapes with other vertices instead of the one `at`."""
    new = {
        key: with_rings(shape, lambda ring: exchanged(ring, at, instead))
        for key, shape in found.items()
    }
    refuse_crossing(shapes, new)
    return new


def exchanged(ring: Ring, at: XY, instead: list[XY]) -> Ring:
    n = index_of(ring, at)
    if n is None:
        return ring
    new = [*ring[:n], *instead, *ring[n + 1 :]]
    kept = [point for k, point in enumerate(new) if not near(point, new[k - 1])]
    if len(kept) < 3:
        raise BorderCrosses
    return kept


def refuse_crossing(before: Shapes[Key], changed: Shapes[Key]) -> None:
    """Refuse shapes that cross themselves, and overlaps that were not there before."""
    now = {**before, **changed}
    for key, shape in changed.items():
        if not shape.is_valid:
            raise BorderCrosses
        for other in now.keys() - {key}:
            was, least = overlap(before[key], before[other]), min(shape.area, now[other].area)
            if was < NESTED * least and overlap(shape, now[other]) > was + NOISE_M2:
                raise BorderCrosses


def overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    """Square metres that two shapes share; none for those that an earlier edit left broken."""
    if not (one.is_valid and other.is_valid and one.intersects(other)):
        return 0.0
    return float(one.intersection(other).area)


def sides_at(shape: BaseGeometry, at: XY) -> Iterator[tuple[XY, XY]]:
    """The vertices before and after `at` in each ring that has it."""
    for polygon in shapely.get_parts(shape):
        for ring in rings(polygon):
            if (n := index_of(ring, at)) is not None:
                yield ring[n - 1], ring[(n + 1) % len(ring)]


def alike(one: tuple[XY, XY], other: tuple[XY, XY]) -> bool:
    """Whether two pairs of points are one, in either order."""
    return any(
        near(one[0], first) and near(one[1], second) for first, second in (other, other[::-1])
    )


def near(one: XY, other: XY) -> bool:
    return bool(np.hypot(one[0] - other[0], one[1] - other[1]) <= TOLERANCE_M)


def index_of(ring: Ring, at: XY) -> int | None:
    """Which vertex of the ring stands there."""
    distances = shapely.distance(shapely.points(ring), Point(at))
    n = int(distances.argmin())
    return n if distances[n] <= TOLERANCE_M else None


def side_of(ring: Ring, at: XY) -> int | None:
    """Which side of the ring passes there: the one that begins at this vertex."""
    starts = np.array(ring)
    sides = shapely.linestrings(np.stack([starts, np.roll(starts, -1, axis=0)], axis=1))
    distances = np.atleast_1d(shapely.distance(sides, Point(at)))
    n = int(distances.argmin())
    return n if distances[n] <= TOLERANCE_M else None


def between(start: XY, end: XY, points: Vertices) -> Ring:
    """Those of the points that stand on the side from `start` to `end`, in its order."""
    low, high = np.minimum(start, end) - TOLERANCE_M, np.maximum(start, end) + TOLERANCE_M
    boxed = points[((points >= low) & (points <= high)).all(axis=1)]
    side = LineString([start, end])
    close = boxed[shapely.distance(side, shapely.points(boxed)) <= TOLERANCE_M]
    order = shapely.line_locate_point(side, shapely.points(close)).argsort()
    found = [start]
    for x, y in close[order].tolist():
        point = (x, y)
        if not near(point, found[-1]) and not near(point, end):
            found.append(point)
    return found[1:]


def noded_ring(ring: Ring, points: Vertices) -> Ring:
    new: Ring = []
    for n, start in enumerate(ring):
        new += [start, *between(start, ring[(n + 1) % len(ring)], points)]
    return new


def rings(polygon: Polygon) -> list[Ring]:
    """The rings of a polygon, the outer one first."""
    return [list(ring.coords)[:-1] for ring in (polygon.exterior, *polygon.interiors)]


def with_rings(shape: BaseGeometry, change: Callable[[Ring], Ring]) -> BaseGeometry:
    """The polygons of a shape with each ring changed."""
    new = []
    for polygon in shapely.get_parts(shape):
        outer, *inner = map(change, rings(polygon))
        new.append(Polygon(outer, inner))
    return together(new)


def without_seams(part: BaseGeometry) -> BaseGeometry:
    """A polygon without its smallest holes; a line as it is."""
    if not isinstance(part, Polygon):
        return part
    return Polygon(part.exterior, [hole for hole in part.interiors if Polygon(hole).area > SEAM_M2])


def together(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """The parts as one shape, single where it is one."""
    if len(parts) == 1:
        return parts[0]
    flat = shapely.get_parts(list(parts))
    return (
        MultiPolygon(list(flat))
        if parts[0].geom_type.endswith("Polygon")
        else MultiLineString(list(flat))
    )


def vertices(shapes: Sequence[BaseGeometry]) -> Vertices:
    return np.asarray(shapely.get_coordinates(list(shapes)), dtype=np.float64)


def count(shape: BaseGeometry) -> int:
    return int(shapely.get_num_coordinates(shape))


def size(shape: BaseGeometry) -> float:
    """Area, of a line its length."""
    return float(shape.area or shape.length)
