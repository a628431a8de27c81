"""Houses along streets: as many in each zone as its register counts, only where there is room.

Pure geometry in EPSG:2180; the same seed gives the same houses. Which streets, what kind of house
stands where and how many there are is told by the gmina's own module (chorzow.py, praszka.py).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import hypot
from random import Random

import shapely
from shapely import Point, STRtree
from shapely.geometry.base import BaseGeometry

from config.demo.frontage import Stand, chain, stands

FROM_ROADS_M = 8.5  # no house nearer to the axis of any road
BETWEEN_HOUSES_M = 9.0
SETBACK_M = (10.0, 15.0)  # from the axis; one figure a street, so that its houses line up
GAP_JITTER = (0.75, 1.35)


@dataclass(frozen=True)
class Building:
    """A kind of house: its room along the street in metres, its flats and its work places."""

    spacing_m: float
    dwellings: tuple[int, int]
    jobs: tuple[int, int]
    with_jobs: float  # share of such houses that have work places at all


@dataclass(frozen=True)
class Street:
    """A street to build along; `key` tells it apart from every other."""

    key: str
    lines: Sequence[BaseGeometry]


@dataclass(frozen=True)
class Spot:
    """Room for a house: where, of what kind, and the zone whose count it would be part of."""

    street: Street
    stand: Stand
    building: Building
    zone: str
    jitter: float


@dataclass(frozen=True)
class House:
    spot: Spot
    dwellings: int
    jobs: int


class Ground:
    """Where a house may stand: inside the outline, not in `empty`, off every road."""

    def __init__(
        self, outline: BaseGeometry, roads: Sequence[BaseGeometry], empty: BaseGeometry
    ) -> None:
        self._free = shapely.difference(outline, empty)
        shapely.prepare(self._free)
        self._roads = STRtree(list(roads))

    def fit(self, spots: Sequence[Spot]) -> Iterator[Spot]:
        points = [spot.stand.point for spot in spots]
        near, _ = self._roads.query(points, predicate="dwithin", distance=FROM_ROADS_M)
        on_road = set(near.tolist())
        free = shapely.contains(self._free, points)
        return (s for i, s in enumerate(spots) if free[i] and i not in on_road)


class Crowd:
    """The houses there are, to keep new ones BETWEEN_HOUSES_M away."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def settle(self, point: Point) -> bool:
        """Take the place if it is free; say whether it was."""
        x, y = point.x, point.y
        column, row = int(x // BETWEEN_HOUSES_M), int(y // BETWEEN_HOUSES_M)
        for cell in product((column - 1, column, column + 1), (row - 1, row, row + 1)):
            for other_x, other_y in self._cells.get(cell, ()):
                if hypot(other_x - x, other_y - y) < BETWEEN_HOUSES_M:
                    return False
        self._cells[column, row].append((x, y))
        return True


def spots_along(
    street: Street,
    *,
    start: Point,
    building_at: Callable[[Street, Point], Building],
    zone_at: Callable[[Point], str],
    seed: int,
) -> list[Spot]:
    """All stands of a street in walking order, numbered from its end nearest to `start`."""
    dice = Random(f"{seed} {street.key}")
    setback_m = dice.uniform(*SETBACK_M)
    return [
        Spot(
            street,
            stand,
            building_at(street, stand.point),
            zone_at(stand.point),
            dice.uniform(*GAP_JITTER),
        )
        for stand in stands(chain(street.lines, start=start), setback_m=setback_m)
    ]


def build(spots: Sequence[Spot], quotas: Mapping[str, int], *, seed: int) -> list[House]:
    """Exactly `quotas[zone]` houses on the spots of each zone, spread evenly along its streets.

    Raises ValueError where a zone has less room than that.
    """
    dice = Random(f"{seed} houses")
    chosen: list[Spot] = []
    for zone in sorted(quotas):
        chosen += _spread([s for s in spots if s.zone == zone], quotas[zone], chosen, dice)
    return [_furnish(spot, dice) for spot in chosen]


def _spread(spots: Sequence[Spot], quota: int, others: Sequence[Spot], dice: Random) -> list[Spot]:
    """The widest spacing that still gives the quota, found by halving; the surplus is drawn out."""
    tight, wide = 0.0, 50.0
    best = _settled(spots, tight, others)
    if len(best) < quota:
        raise ValueError(f"room for {len(best)} houses only, {quota} asked for")
    for _ in range(16):
        middle = (tight + wide) / 2
        found = _settled(spots, middle, others)
        if len(found) >= quota:
            tight, best = middle, found
        else:
            wide = middle
    kept = set(dice.sample(range(len(best)), quota))
    return [spot for i, spot in enumerate(best) if i in kept]


def _settled(spots: Sequence[Spot], stretch: float, others: Sequence[Spot]) -> list[Spot]:
    """Spots taken one by one along each side, `stretch` times their usual spacing apart."""
    crowd = Crowd()
    for other in others:
        crowd.settle(other.stand.point)
    last: dict[tuple[str, bool], float] = {}
    taken = []
    for spot in spots:
        side = (spot.street.key, spot.stand.left)
        gap_m = spot.building.spacing_m * stretch * spot.jitter
        if spot.stand.along_m - last.get(side, -1e9) < gap_m:
            continue
        if crowd.settle(spot.stand.point):
            last[side] = spot.stand.along_m
            taken.append(spot)
    return taken


def _furnish(spot: Spot, dice: Random) -> House:
    kind = spot.building
    jobs = dice.randint(*kind.jobs) if dice.random() < kind.with_jobs else 0
    return House(spot, dice.randint(*kind.dwellings), jobs)
