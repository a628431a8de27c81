"""Borders for addresses: each district is the ground that is nearer to an address of its own.

So an address, and a phone whose nearest address it is, is in its district by plain geometry, as
districts with real borders have it, and everything else (audiences, tiles, search) knows no
difference. Neighbours share their border. Addresses of nobody keep their ground.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

GRID_M = 0.001  # coordinates are kept to the millimetre
SPOT_M = 0.1  # addresses nearer to one another are one point, as members.spot has it


def districts(
    points: NDArray[np.float64], owner: Sequence[int], ground: BaseGeometry
) -> dict[int, BaseGeometry]:
    """Owner -> polygon or multipolygon (EPSG:2180), for all owners but negative ones.

    `points` has a row (x, y) an address; points outside `ground` count for nothing. An owner with
    no point on it is left out.
    """
    inside = shapely.intersects_xy(ground, points[:, 0], points[:, 1])
    spots, first = np.unique(np.round(points[inside] / SPOT_M), axis=0, return_index=True)
    if not len(spots):
        return {}
    owners = np.asarray(owner)[inside][first]
    cells = clipped(cells_around(points[inside][first], ground), ground)
    found = {int(n): joined(cells[owners == n]) for n in np.unique(owners[owners >= 0])}
    return {n: shape for n, shape in found.items() if not shape.is_empty}


def cells_around(points: NDArray[np.float64], ground: BaseGeometry) -> NDArray[np.object_]:
    """The Voronoi cell of each point, reaching over all of the ground."""
    if len(points) == 1:  # what has no neighbour has no cell either
        return np.array([shapely.box(*ground.bounds)])
    around = shapely.box(*ground.bounds).buffer(1_000)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=around, ordered=True)
    return np.asarray(shapely.get_parts(cells))


def clipped(cells: NDArray[np.object_], ground: BaseGeometry) -> NDArray[np.object_]:
    """The cells as far as they are on the ground."""
    shapely.prepare(ground)
    crossing = ~shapely.contains_properly(ground, cells)
    cells[crossing] = shapely.intersection(cells[crossing], ground)
    return cells


def joined(cells: NDArray[np.object_]) -> BaseGeometry:
    """The cells of one district as one area; where a cell only touches the ground is no area."""
    areas = [part for part in shapely.get_parts(cells) if part.geom_type == "Polygon"]
    # The cells fit one another to the bit: no need to seek where they cross (20 times as fast).
    return shapely.set_precision(shapely.coverage_union_all(areas), GRID_M)
