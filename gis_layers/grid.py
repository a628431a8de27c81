"""The grid of web mercator tiles (EPSG:3857, y from the north); tiles are 512 pixels wide."""

import math
from collections.abc import Iterator

WORLD_M = 2 * math.pi * 6_378_137  # of the equator
TILE_PX = 512  # MapLibre's

Bbox = tuple[float, float, float, float]
Zxy = tuple[int, int, int]


def pixel_m(z: int) -> float:
    """Metres of EPSG:3857 that a pixel shows at zoom `z`."""
    return WORLD_M / 2**z / TILE_PX


def tile_at(x_m: float, y_m: float, z: int) -> Zxy:
    """The tile that holds a point in EPSG:3857, or the nearest one of the grid."""
    last = 2**z - 1
    x, y = (x_m / WORLD_M + 0.5) * 2**z, (0.5 - y_m / WORLD_M) * 2**z
    return z, min(max(int(x), 0), last), min(max(int(y), 0), last)


def tile_bounds(z: int, x: int, y: int) -> Bbox:
    """West, south, east, north in EPSG:3857."""
    side = WORLD_M / 2**z
    west, north = x * side - WORLD_M / 2, WORLD_M / 2 - y * side
    return west, north - side, west + side, north


def tiles_within(bounds: Bbox, z: int) -> Iterator[Zxy]:
    """The tiles of one zoom that touch a box in EPSG:3857, row by row from the north-west."""
    west, south, east, north = bounds
    _, first_x, first_y = tile_at(west, north, z)
    _, last_x, last_y = tile_at(east, south, z)
    for y in range(first_y, last_y + 1):
        for x in range(first_x, last_x + 1):
            yield z, x, y
