"""Tiles nobody asked for before, over HTTP: against PostGIS alone, and against tipg.

Our tiles come from copies that are generalised for each band of zooms and leave out short streets
from afar; PostGIS and tipg encode the geometry as it is stored, which is what either would do. One
row is against PostGIS on the very copies, where all that HTTP, Django and Python cost shows.
"""

import tempfile
from pathlib import Path

from accounts.models import Gmina
from bench import tile_tipg
from bench.harness import Result, web_server
from bench.tile_load import our_path, tile_list, tiles_per_second
from bench.tile_raw import COPIES, STORED, raw_tiles_per_second, write_tile_table
from gis_layers.generalise import copy_all
from gis_layers.grid import Zxy
from gis_layers.tile_export import current_revision
from gis_layers.tile_inspect import without_copies
from gis_layers.tiles import Tileset, encode

UNCACHED = {"TILE_CACHE_URL": "", "TILE_MEMORY_MB": "0"}


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    copy_all(gmina)
    gmina.refresh_from_db()
    tiles = tile_list(gmina)
    write_tile_table(tiles)
    tile_tipg.install()
    tile_tipg.write_table(gmina)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        return [
            *_against_postgis(gmina, tiles, folder),
            _against_tipg(gmina, tiles, folder),
            _largest(gmina, tiles),
        ]


def _against_postgis(gmina: Gmina, tiles: list[Zxy], folder: Path) -> list[Result]:
    paths = [our_path(gmina, zxy) for zxy in tiles]
    with web_server(log=folder / "web.log", **UNCACHED) as base:
        tiles_per_second(base, paths, 8, folder)  # connections, plans, PostgreSQL's own cache
        results = []
        for clients in (1, 8, 32):
            raw = raw_tiles_per_second(gmina, clients, folder, STORED)
            ours = tiles_per_second(base, paths, clients, folder)
            name = f"raw prepared ST_AsMVT of the stored geometry, pgbench, {clients} clients"
            results.append(_faster(f"tile_uncached_{clients}", ours, name, raw, goal=1.5))
        raw = raw_tiles_per_second(gmina, 8, folder, COPIES)
        ours = tiles_per_second(base, paths, 8, folder)
    name = "raw prepared ST_AsMVT of the same copies, pgbench, 8 clients"
    return [*results, _faster("tile_uncached_8_same_copies", ours, name, raw, goal=0.5)]


def _against_tipg(gmina: Gmina, tiles: list[Zxy], folder: Path) -> Result:
    theirs, ours = [tile_tipg.path_of(zxy) for zxy in tiles], [our_path(gmina, z) for z in tiles]
    with tile_tipg.tipg_server(folder / "tipg.log") as base:
        tiles_per_second(base, theirs, 8, folder)
        reference = tiles_per_second(base, theirs, 8, folder)
    with web_server(log=folder / "web.log", **UNCACHED) as base:
        tiles_per_second(base, ours, 8, folder)
        value = tiles_per_second(base, ours, 8, folder)
    name = "tipg, 2 workers, the same features in one table, 8 clients"
    return _faster("tile_vs_tipg", value, name, reference, goal=2.5)


def _largest(gmina: Gmina, tiles: list[Zxy]) -> Result:
    revision = current_revision(gmina)
    before = without_copies(revision)
    return Result(
        name="tile_largest_bytes",
        value=max(len(encode(revision, Tileset.PUBLIC, *zxy)) for zxy in set(tiles)),
        unit="B",
        reference="the largest tile of the list from the stored geometry",
        reference_value=max(len(encode(before, Tileset.PUBLIC, *zxy)) for zxy in set(tiles)),
        goal=0.6,
        better="lower",
    )


def _faster(name: str, value: float, reference: str, reference_value: float, goal: float) -> Result:
    return Result(
        name=name,
        value=value,
        unit="tiles/s",
        reference=reference,
        reference_value=reference_value,
        goal=goal,
        better="higher",
    )
