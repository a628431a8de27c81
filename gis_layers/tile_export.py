"""A gmina's whole map as one PMTiles file: offline, or from any server that knows ranges.

Form: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md.
"""

import os
import tempfile
from pathlib import Path
from typing import IO, Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from accounts.models import Gmina
from gis_layers.errors import MapEmpty
from gis_layers.tile_answer import kept_tile
from gis_layers.tile_revisions import Known, find_revision
from gis_layers.tile_walk import walk
from gis_layers.tiles import Tileset, tilejson

E7 = 10_000_000  # PMTiles counts degrees in whole ten-millionths


def current_revision(gmina: Gmina) -> Known:
    """What the gmina's map shows now. Raises MapEmpty where nothing was ever published."""
    gmina.refresh_from_db(fields=["revision"])
    known = find_revision(gmina.slug, gmina.revision)
    if known is None:
        raise MapEmpty
    return known


def export(gmina: Gmina, tileset: Tileset, path: Path) -> int:
    """Write the map as it is now to a file, whole or not at all; the number of its tiles.

    Raises MapEmpty, and OSError where the disk is full.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            count = write(gmina, tileset, file)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
    return count


def write(gmina: Gmina, tileset: Tileset, file: IO[bytes]) -> int:
    """As `export`, into an open file."""
    revision = current_revision(gmina)
    writer = Writer(file)
    try:
        # In the file's own order, along a curve, so that near tiles are read together.
        for zxy in sorted(walk(revision, tileset), key=lambda zxy: zxy_to_tileid(*zxy)):
            body = kept_tile(revision, tileset, *zxy)
            if not body.is_empty:
                writer.write_tile(zxy_to_tileid(*zxy), body.as_gzip())
        if not writer.addressed_tiles:
            raise MapEmpty
        about = tilejson(gmina, tileset, tiles_url="")
        writer.finalize(_header(about), _metadata(about))
    finally:
        writer.tile_f.close()
    return int(writer.addressed_tiles)


def _header(about: dict[str, Any]) -> dict[str, Any]:
    west, south, east, north = (round(degrees * E7) for degrees in about["bounds"])
    lon, lat, zoom = about["center"]
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": zoom,
        "center_lon_e7": round(lon * E7),
        "center_lat_e7": round(lat * E7),
    }


def _metadata(about: dict[str, Any]) -> dict[str, Any]:
    kept = ("name", "version", "attribution", "vector_layers")
    return {key: about[key] for key in kept} | {"type": "overlay"}
