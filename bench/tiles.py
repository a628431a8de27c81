"""Uncached tiles over HTTP against the same layers by a raw prepared ST_AsMVT (pgbench)."""

import os
import random
import re
import subprocess
import tempfile
from pathlib import Path

from django.db import connection

from accounts.models import Gmina
from bench.harness import Result, web_server
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, tile

SEED, TILES, SECONDS = 20_261_124, 200, 10

# Layers and editions written in, no look-up of gmina or revision: PostGIS's own ceiling. Without
# "geom IS NOT NULL", which PostgreSQL would move inwards and so clip each geometry twice; ST_AsMVT
# leaves out what has none, and the bytes are the same.
RAW = """
\\set n random(1, {tiles})
WITH box AS (
    SELECT
        ST_TileEnvelope(z, x, y) AS tile,
        ST_TileEnvelope(z, x, y, margin => 64.0 / 4096) AS searched
    FROM bench_tile
    WHERE n = :n
)
SELECT {layers};
"""
RAW_LAYER = """(
    SELECT ST_AsMVT(shown, '{slug}', 4096, 'geom', 'fid')
    FROM (
        SELECT
            f.fid, f.name, nullif(f.code, '') AS code, nullif(f.simc, '') AS simc,
            f.attrs ->> 'class' AS class,
            ST_AsMVTGeom(f.geom_3857, box.tile, 4096, 64, true) AS geom
        FROM gis_layers_feature AS f, box
        WHERE f.layer_id = {id} AND f.geom_3857 && box.searched AND f.until IS NULL
    ) AS shown
)"""


def tile_list(gmina: Gmina) -> list[tuple[int, int, int]]:
    """The fixed seeded list: tiles of z8 to z16 over the gmina, with something in each."""
    chosen = random.Random(SEED)
    west, south, east, north = _bounds_3857(gmina)
    world = 40_075_016.685578488  # metres of the equator in EPSG:3857
    found: list[tuple[int, int, int]] = []
    while len(found) < TILES:
        z = chosen.randint(MIN_ZOOM, MAX_ZOOM)
        px, py = chosen.uniform(west, east), chosen.uniform(south, north)
        x, y = int((px / world + 0.5) * 2**z), int((0.5 - py / world) * 2**z)
        shown = tile(gmina.slug, Tileset.PUBLIC, gmina.revision, z, x, y)
        # At low zooms the gmina is one tile: it stands in the list once for each draw.
        if shown:
            found.append((z, x, y))
    return found


def _bounds_3857(gmina: Gmina) -> tuple[float, float, float, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
            " SELECT ST_Extent(f.geom_3857) AS e FROM gis_layers_feature f"
            " JOIN gis_layers_layer l ON l.id = f.layer_id"
            " WHERE l.gmina_id = %s AND l.slug = 'granica' AND f.until IS NULL) AS s",
            [gmina.pk],
        )
        row: tuple[float, float, float, float] = cursor.fetchone()
        return row


def _write_tile_table(tiles: list[tuple[int, int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_tile")
        cursor.execute("CREATE TABLE bench_tile (n int PRIMARY KEY, z int, x int, y int)")
        cursor.executemany(
            "INSERT INTO bench_tile VALUES (%s, %s, %s, %s)",
            [(n, *zxy) for n, zxy in enumerate(tiles, start=1)],
        )
        cursor.execute("ANALYZE")


def _raw_script(gmina: Gmina) -> str:
    layers = gmina.layers.filter(public=True, edition_number__gt=0).order_by("slug")
    parts = [RAW_LAYER.format(slug=layer.slug, id=layer.pk) for layer in layers]
    return RAW.format(tiles=TILES, layers=" || ".join(parts))


def raw_tiles_per_second(gmina: Gmina, clients: int, folder: Path) -> float:
    script = folder / "raw.sql"
    script.write_text(_raw_script(gmina))
    db = connection.settings_dict
    out = subprocess.run(
        [
            *("pgbench", "--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *(f"--client={clients}", "--jobs=1", f"--time={SECONDS}", "--random-seed=1"),
            *("-h", db["HOST"] or "/var/run/postgresql", "-p", str(db["PORT"] or 5432)),
            *("-U", db["USER"], db["NAME"]),
        ],
        env={**os.environ, "PGPASSWORD": db["PASSWORD"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def http_tiles_per_second(
    base: str, gmina: Gmina, tiles: list[tuple[int, int, int]], clients: int, folder: Path
) -> float:
    """wrk, each request another tile of the list; any answer but 200 spoils the run."""
    paths = ",".join(f'"/tiles/{gmina.slug}/{gmina.revision}/{z}/{x}/{y}.mvt"' for z, x, y in tiles)
    script = folder / "tiles.lua"
    script.write_text(
        f"local paths = {{{paths}}}\nlocal asked = {{}}\nmath.randomseed(1)\n"
        "init = function() for n, path in ipairs(paths) do"
        " asked[n] = wrk.format('GET', path) end end\n"
        "request = function() return asked[math.random(#asked)] end\n"
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", f"-s{script}", base]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    tiles = tile_list(gmina)
    _write_tile_table(tiles)
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with web_server(log=folder / "web.log") as base:
            http_tiles_per_second(base, gmina, tiles, 8, folder)  # connections, plans, caches
            for clients in (1, 8, 32):
                raw = raw_tiles_per_second(gmina, clients, folder)
                ours = http_tiles_per_second(base, gmina, tiles, clients, folder)
                results.append(
                    Result(
                        name=f"tile_uncached_{clients}",
                        value=ours,
                        unit="tiles/s",
                        reference=f"raw prepared ST_AsMVT, pgbench, {clients} clients",
                        reference_value=raw,
                        goal=0.9,
                        better="higher",
                    )
                )
    return results
