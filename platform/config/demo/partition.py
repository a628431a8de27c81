"""Districts made from streets: a gap-free partition whose borders run between streets."""

from collections.abc import Mapping, Sequence

import shapely
from shapely import MultiPoint, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

GRID_M = 0.001  # vertices are snapped to it, so that neighbours share theirs exactly
VERTEX_EVERY_M = 60.0  # how densely streets claim the ground beside them
SMOOTH_M = 25.0  # how far a border may move when its teeth are cut


def districts(
    outline: BaseGeometry,
    streets: Sequence[BaseGeometry],
    centres: Mapping[str, Sequence[tuple[float, float]]],
) -> dict[str, BaseGeometry]:
    """Name → polygon: ground goes with its nearest street, a street with its nearest centre.

    All in EPSG:2180; a name may have several centres. The polygons cover the outline and nothing
    else, and don't overlap.
    """
    claims = _claims(outline, streets, centres)
    names = sorted(claims)
    cells = _cells_by_name(outline, claims, names)
    smooth = shapely.coverage_simplify(cells, SMOOTH_M, simplify_boundary=False)
    return dict(zip(names, smooth, strict=True))


def _claims(
    outline: BaseGeometry,
    streets: Sequence[BaseGeometry],
    centres: Mapping[str, Sequence[tuple[float, float]]],
) -> dict[str, list[Point]]:
    """Points along the streets inside the outline, by the name whose centre is nearest."""
    claims: dict[str, list[Point]] = {name: [] for name in centres}
    for street in streets:
        inside = shapely.intersection(street, outline)
        if inside.is_empty:
            continue
        nearest = _nearest_centre(inside.centroid, centres)
        dense = shapely.segmentize(inside, VERTEX_EVERY_M)
        claims[nearest] += [Point(xy) for xy in shapely.get_coordinates(dense)]
    return claims


def _nearest_centre(point: Point, centres: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    return min(centres, key=lambda name: min(point.distance(Point(xy)) for xy in centres[name]))


def _cells_by_name(
    outline: BaseGeometry, claims: Mapping[str, list[Point]], names: Sequence[str]
) -> list[BaseGeometry]:
    owner = {(p.x, p.y): name for name in names for p in claims[name]}
    points = MultiPoint(list(owner))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=outline, ordered=True))
    mine: dict[str, list[BaseGeometry]] = {name: [] for name in names}
    for name, cell in zip(owner.values(), cells, strict=True):
        mine[name].append(cell)
    clipped = [
        shapely.intersection(shapely.union_all(mine[name]), outline, grid_size=GRID_M)
        for name in names
    ]
    return [_areas(each) for each in clipped]


def _areas(geom: BaseGeometry) -> BaseGeometry:
    """Without the points and lines that clipping leaves where a cell only touches the outline."""
    parts = [p for p in shapely.get_parts(geom) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
