"""Where houses stand along a street: both sides of its lines, in metres (EPSG:2180)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import floor, hypot

import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

STEP_M = 4.0  # how finely a street is searched for room


@dataclass(frozen=True)
class Stand:
    """A spot beside a street: how far along it, on which side, and where."""

    along_m: float
    left: bool
    point: Point


def chain(lines: Sequence[BaseGeometry], *, start: Point) -> list[LineString]:
    """The lines of one street in walking order and direction, from its end nearest to `start`."""
    left = _joined(lines)
    walked: list[LineString] = []
    here = start
    while left:
        nearest = min(left, key=lambda line: _ends_distance(line, here))
        left.remove(nearest)
        if here.distance(Point(nearest.coords[-1])) < here.distance(Point(nearest.coords[0])):
            nearest = nearest.reverse()
        walked.append(nearest)
        here = Point(nearest.coords[-1])
    return walked


def _joined(lines: Sequence[BaseGeometry]) -> list[LineString]:
    merged = shapely.line_merge(shapely.union_all(list(lines)))
    return list(shapely.get_parts(merged))


def _ends_distance(line: LineString, point: Point) -> float:
    return float(min(point.distance(Point(line.coords[end])) for end in (0, -1)))


def stands(walk: Sequence[LineString], *, setback_m: float) -> Iterator[Stand]:
    """Every STEP_M along the walk one stand on each side, `setback_m` from the axis."""
    before_m = 0.0
    for line in walk:
        for step in count():
            along_m = (step + 0.5) * STEP_M
            if along_m >= line.length:
                break
            for left in (True, False):
                point = beside(line, along_m, setback_m if left else -setback_m)
                yield Stand(before_m + along_m, left, point)
        before_m += line.length


def beside(line: LineString, along_m: float, offset_m: float) -> Point:
    """The point `offset_m` to the left (negative: right) of the line at `along_m`."""
    back, ahead = line.interpolate(max(along_m - 1, 0)), line.interpolate(along_m + 1)
    dx, dy = ahead.x - back.x, ahead.y - back.y
    at, length = line.interpolate(along_m), hypot(dx, dy) or 1.0
    return Point(at.x - dy / length * offset_m, at.y + dx / length * offset_m)


def house_numbers(taken: Sequence[Stand]) -> list[str]:
    """Numbers for the stands of one street, odd on the left and even on the right.

    They rise with the distance on both sides at one pace, so that 24 stands across from 23. Where
    houses are nearer to each other than the pace, the next one gets a letter: 12, 12a, 12b.
    """
    pace_m = _pace_m(taken)
    numbers: dict[Stand, str] = {}
    for left in (True, False):
        side = sorted((s for s in taken if s.left == left), key=lambda s: s.along_m)
        numbers.update(zip(side, _side_numbers(side, pace_m), strict=True))
    return [numbers[stand] for stand in taken]


def _pace_m(taken: Sequence[Stand]) -> float:
    sides = [sum(1 for s in taken if s.left), sum(1 for s in taken if not s.left)]
    return 0.8 * max((s.along_m for s in taken), default=0.0) / max(*sides, 1) or 1.0


def _side_numbers(side: Sequence[Stand], pace_m: float) -> Iterator[str]:
    last, letters = -1, 0
    for stand in side:
        index = floor(stand.along_m / pace_m)
        if index > last:
            last, letters = index, 0
        elif letters < 3:
            letters += 1
        else:
            last, letters = last + 1, 0
        number = 2 * last + (1 if stand.left else 2)
        yield f"{number}{'abc'[letters - 1] if letters else ''}"
