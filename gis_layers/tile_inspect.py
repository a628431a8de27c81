"""What is in a tile and what it weighs, as decoded from its bytes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import mapbox_vector_tile
from mapbox_vector_tile.Mapbox import vector_tile_pb2

from gis_layers.grid import Zxy
from gis_layers.tile_answer import kept_tile
from gis_layers.tile_revisions import Known
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, encode

FEATURES_LISTED = 50  # of a layer
DOT_UNITS = 24  # half the side of the square that a point is drawn as

Position = tuple[int, int]


@dataclass(frozen=True)
class SeenFeature:
    fid: int
    shape: str
    properties: dict[str, Any]
    vertices: int


@dataclass(frozen=True)
class SeenLayer:
    """`path` draws all of it in SVG, in units of the tile, y down; `features` are the first."""

    name: str
    bytes: int
    count: int
    vertices: int
    path: str
    features: list[SeenFeature]


@dataclass(frozen=True)
class Weight:
    """Bytes of one tile: plain, gzipped, and plain were it drawn from the stored geometry."""

    zxy: Zxy
    plain: int
    gzipped: int
    ungeneralised: int


def layers_in(mvt: bytes) -> list[SeenLayer]:
    """The layers of a tile, heaviest first."""
    raw = vector_tile_pb2.tile()
    raw.ParseFromString(mvt)
    sizes = {layer.name: layer.ByteSize() for layer in raw.layers}
    decoded = mapbox_vector_tile.decode(mvt, default_options={"y_coord_down": True})
    seen = [_layer(name, sizes[name], layer["features"]) for name, layer in decoded.items()]
    return sorted(seen, key=lambda layer: -layer.bytes)


def weights(revision: Known, tileset: Tileset, zxy: Zxy) -> list[Weight]:
    """Of the tiles above and below this one, a zoom each."""
    return [_weight(revision, tileset, one) for one in line_of(zxy)]


def line_of(zxy: Zxy) -> Iterator[Zxy]:
    """The tiles that hold this one, itself, and those in its middle, from the widest zoom down."""
    z, x, y = zxy
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        if zoom <= z:
            yield zoom, x >> (z - zoom), y >> (z - zoom)
        else:
            below = zoom - z
            half = 1 << (below - 1)
            yield zoom, (x << below) + half, (y << below) + half


def _weight(revision: Known, tileset: Tileset, zxy: Zxy) -> Weight:
    body = kept_tile(revision, tileset, *zxy)
    return Weight(
        zxy=zxy,
        plain=len(body.as_plain()) if not body.is_empty else 0,
        gzipped=len(body.as_gzip()),
        ungeneralised=len(encode(without_copies(revision), tileset, *zxy)),
    )


def without_copies(revision: Known) -> Known:
    """The same map, drawn from the geometry as it is stored."""
    return replace(revision, layers=[layer | {"copied": False} for layer in revision.layers])


def _layer(name: str, size: int, features: list[dict[str, Any]]) -> SeenLayer:
    lines = [list(_lines(feature["geometry"])) for feature in features]
    counts = [sum(len(line) for line in of_one) for of_one in lines]
    return SeenLayer(
        name=name,
        bytes=size,
        count=len(features),
        vertices=sum(counts),
        path=" ".join(_drawn(line) for of_one in lines for line in of_one),
        features=[
            SeenFeature(one.get("id", 0), one["geometry"]["type"], one["properties"], count)
            for one, count in zip(features[:FEATURES_LISTED], counts, strict=False)
        ],
    )


def _lines(geometry: dict[str, Any]) -> Iterator[list[Position]]:
    """The sequences of positions of a GeoJSON geometry: lines, rings, or single points."""
    depth = DEPTHS[geometry["type"]]
    yield from _flat(geometry["coordinates"], depth)


# How deep in `coordinates` a sequence of positions is; a point is one that is not wrapped.
DEPTHS = {
    "Point": -1,
    "MultiPoint": 0,
    "LineString": 0,
    "MultiLineString": 1,
    "Polygon": 1,
    "MultiPolygon": 2,
}


def _flat(coordinates: Any, depth: int) -> Iterator[list[Position]]:
    if depth < 0:
        yield [coordinates]
    elif depth == 0:
        yield coordinates
    else:
        for part in coordinates:
            yield from _flat(part, depth - 1)


def _drawn(line: Iterable[Position]) -> str:
    (x, y), *others = line
    if not others:
        side = 2 * DOT_UNITS
        return f"M{x - DOT_UNITS} {y - DOT_UNITS}h{side}v{side}h{-side}z"
    return f"M{x} {y}L" + " ".join(f"{x} {y}" for x, y in others)
