"""PostGIS's own ceiling: prepared ST_AsMVT by pgbench, nothing between it and the tables.

Layers and editions are written in, no look-up of gmina or revision. Without "geom IS NOT NULL",
which PostgreSQL would move inwards and so clip each geometry twice; ST_AsMVT leaves out what has
none, and the bytes are the same.
"""

import os
import re
import subprocess
from pathlib import Path

from django.db import connection

from accounts.models import Gmina
from bench.tile_load import SECONDS, TILES
from gis_layers.bands import BANDS
from gis_layers.grid import Zxy
from gis_layers.models import Layer

SCRIPT = """
\\set n random(1, {tiles})
WITH box AS (
    SELECT
        band,
        ST_TileEnvelope(z, x, y) AS tile,
        ST_TileEnvelope(z, x, y, margin => 64.0 / 4096) AS searched
    FROM bench_tile
    WHERE n = :n
)
SELECT {layers};
"""
LAYER = """(
    SELECT ST_AsMVT(shown, '{slug}', 4096, 'geom', 'fid')
    FROM (
        SELECT
            f.fid, f.name, nullif(f.code, '') AS code, nullif(f.simc, '') AS simc,
            {road_class} AS class,
            ST_AsMVTGeom(f.geom_3857, box.tile, 4096, 64, true) AS geom
        FROM {table} AS f, box
        WHERE f.layer_id = {id} AND f.geom_3857 && box.searched AND f.until IS NULL {band}
    ) AS shown
)"""
# The geometry as it is stored; and the copies that our own tiles of zooms up to 15 are made of.
STORED = {"table": "gis_layers_feature", "road_class": "f.attrs ->> 'class'", "band": ""}
COPIES = {
    "table": "gis_layers_tilecopy",
    "road_class": "f.road_class",
    "band": "AND f.band = box.band",
}


def write_tile_table(tiles: list[Zxy]) -> None:
    """The list with the band of each tile; zoom 16, which has none, takes the finest."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_tile")
        cursor.execute(
            "CREATE TABLE bench_tile (n int PRIMARY KEY, z int, x int, y int, band smallint)"
        )
        cursor.executemany(
            "INSERT INTO bench_tile VALUES (%s, %s, %s, %s, %s)",
            [(n, *zxy, _band(zxy[0])) for n, zxy in enumerate(tiles, start=1)],
        )
        cursor.execute("ANALYZE")


def _band(z: int) -> int:
    return min((band for band in BANDS if band >= z), default=max(BANDS))


def raw_tiles_per_second(gmina: Gmina, clients: int, folder: Path, source: dict[str, str]) -> float:
    script = folder / "raw.sql"
    script.write_text(_script(gmina, source))
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


def _script(gmina: Gmina, source: dict[str, str]) -> str:
    layers = Layer.objects.filter(gmina=gmina, public=True, edition_number__gt=0).order_by("slug")
    parts = [LAYER.format(slug=layer.slug, id=layer.pk, **source) for layer in layers]
    return SCRIPT.format(tiles=TILES, layers=" || ".join(parts))
