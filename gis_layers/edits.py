"""What an officer does on the map, each act one step over every feature whose border it touches.

`seen` says which state of each feature the officer had before them, fid to ETag; a feature that
the act turns out to touch and that is in another state, or was never seen, refuses the whole act.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from accounts.models import User
from gis_layers import editions, topology
from gis_layers.content import Content, checked
from gis_layers.crs import STORED
from gis_layers.editions import Op
from gis_layers.errors import LineDoesNotDivide, NothingToSettle
from gis_layers.imports.drafts import ID_ATTR
from gis_layers.models import Edition, EditStep, Layer, LayerKind
from gis_layers.states import State, content_of_change, published, shown
from gis_layers.steps import SAME_M, Step, step
from gis_layers.topology import XY

Kind = EditStep.Kind
Seen = Mapping[int, str]
NEVER = ""  # the ETag of no state
# Layers whose areas lie side by side: what one has no other can have.
COVERAGES = (LayerKind.DISTRICT, LayerKind.TERYT_UNIT)


def draw(edition: Edition, content: Content, by: User | None) -> list[int]:
    """A new feature; a district without what its neighbours have. The fids touched, its own first.

    Neighbours get vertices where it meets their sides, and so share the border from then on.
    """
    content = checked(edition.layer, content)
    with step(edition, by, Kind.PUT) as now:
        others = neighbours(edition, content.geom)
        shape = to_shape(content.geom)
        if others:
            shape = topology.fitted(shape, shapes_of(others))
        new = now.put(None, replace(content, geom=to_geom(shape))).fid
        return [new, *write(now, others, topology.noded(shapes_of(others), [shape]))]


def move_border(edition: Edition, start: XY, end: XY, by: User | None, seen: Seen) -> list[int]:
    """Move a point of a border from `start` to `end` (EPSG:2180) in every area that has it."""
    with step(edition, by, Kind.MOVE) as now:
        near = about(edition, start)
        new = topology.moved(shapes_of(near), start, end)
        return write(now, near, new, seen)


def remove_vertex(edition: Edition, at: XY, by: User | None, seen: Seen) -> list[int]:
    """Take a vertex out of a border, in every area that has it."""
    with step(edition, by, Kind.MOVE) as now:
        near = about(edition, at)
        return write(now, near, topology.without_vertex(shapes_of(near), at), seen)


def split(edition: Edition, fid: int, line: Sequence[XY], by: User | None, seen: Seen) -> list[int]:
    """Divide a feature along a line; the largest part stays what it was, the others are new."""
    if edition.layer.geometry_type == Layer.GeometryType.POINT:
        raise LineDoesNotDivide
    with step(edition, by, Kind.SPLIT) as now:
        state = now.expect(fid, seen.get(fid, NEVER))
        others = neighbours(edition, state.content.geom)
        others.pop(fid, None)
        largest, *rest = topology.divided(to_shape(state.content.geom), LineString(line))
        now.put(fid, replace(state.content, geom=to_geom(largest)))
        attrs = {key: value for key, value in state.content.attrs.items() if key != ID_ATTR}
        anew = replace(state.content, code="", attrs=attrs)
        new = [now.put(None, replace(anew, geom=to_geom(part))).fid for part in rest]
        noded = topology.noded(shapes_of(others), [largest, *rest])
        return [fid, *new, *write(now, others, noded)]


def merge(edition: Edition, fids: Sequence[int], by: User | None, seen: Seen) -> list[int]:
    """Make several features one: the first of them, which keeps its name and attributes."""
    with step(edition, by, Kind.MERGE) as now:
        states = [now.expect(fid, seen.get(fid, NEVER)) for fid in fids]
        whole = topology.merged([to_shape(state.content.geom) for state in states])
        for fid in fids[1:]:
            now.remove(fid)
        now.put(fids[0], replace(states[0].content, geom=to_geom(whole)))
        return list(fids)


def change(
    edition: Edition, fid: int, fields: Mapping[str, Any], by: User | None, expected: str
) -> list[int]:
    """Change members of a feature's content; the others stay, vertices that did not move too."""
    with step(edition, by, Kind.PUT) as now:
        before = now.expect(fid, expected).content
        content = replace(before, **fields)
        if content.geom is not None and content.geom is not before.geom:
            shape = topology.as_before(to_shape(content.geom), to_shape(before.geom), SAME_M)
            content = replace(content, geom=to_geom(shape))
        now.put(fid, content)
        return [fid]


def settle(edition: Edition, fid: int, *, mine: bool, by: User | None) -> list[int]:
    """End a conflict with an edition published meanwhile: keep the change, or what is published."""
    row = edition.changes.filter(fid=fid).first()
    if row is None:
        raise NothingToSettle
    with step(edition, by, Kind.PUT) as now:
        if mine and row.op != Op.REMOVE:
            now.put(fid, content_of_change(row))
        else:
            now.drop(fid, Content())
            if mine and published(edition.layer).filter(fid=fid).exists():
                now.remove(fid)
        return [fid]


def conflicts(edition: Edition) -> list[int]:
    """The fids whose change was made in sight of an older edition than changed them since."""
    return editions.run("edition_conflicts.sql", edition)


def write(
    now: Step,
    states: Mapping[int, State],
    shapes: Mapping[int, BaseGeometry],
    seen: Seen | None = None,
) -> list[int]:
    """Put the new shapes; without `seen` whatever was seen, for shapes that only gain vertices."""
    for fid, shape in shapes.items():
        expected = None if seen is None else seen.get(fid, NEVER)
        now.put(fid, replace(states[fid].content, geom=to_geom(shape)), expected)
    return list(shapes)


def about(edition: Edition, at: XY) -> dict[int, State]:
    """The areas that pass a place, and those in their box; none where the layer has no areas."""
    spot = Point(*at, srid=STORED).buffer(topology.TOLERANCE_M)
    found = [to_shape(state.content.geom) for state in shown(edition, spot)]
    if not found or edition.layer.geometry_type != Layer.GeometryType.POLYGON:
        return {}
    return around(edition, to_geom(shapely.union_all(found)))


def neighbours(edition: Edition, geom: GEOSGeometry | None) -> dict[int, State]:
    """The features whose borders a shape may share: none where these may lie over one another."""
    if geom is None or edition.layer.kind not in COVERAGES:
        return {}
    return around(edition, geom)


def around(edition: Edition, geom: GEOSGeometry) -> dict[int, State]:
    """The features in the box of a geometry, by fid."""
    box = Polygon.from_bbox(geom.extent)
    box.srid = STORED
    return {state.fid: state for state in shown(edition, box)}


def shapes_of(states: Mapping[int, State]) -> dict[int, BaseGeometry]:
    return {fid: to_shape(state.content.geom) for fid, state in states.items()}


def to_shape(geom: GEOSGeometry | None) -> BaseGeometry:
    """The same coordinates for shapely."""
    return shapely.from_wkb(bytes(geom.wkb)) if geom else shapely.GeometryCollection()


def to_geom(shape: BaseGeometry) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shape.wkb), srid=STORED)
