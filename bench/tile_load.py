"""The same tiles and the same client (wrk) for every tile server that is compared."""

import random
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from accounts.models import Gmina
from gis_layers.grid import Bbox, Zxy, tile_at
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, tile

SEED, TILES, SECONDS = 20_261_124, 200, 10


def tile_list(gmina: Gmina) -> list[Zxy]:
    """The fixed seeded list: tiles of z8 to z16 over the gmina, with something in each."""
    chosen = random.Random(SEED)
    west, south, east, north = _bounds_3857(gmina)
    found: list[Zxy] = []
    while len(found) < TILES:
        z = chosen.randint(MIN_ZOOM, MAX_ZOOM)
        zxy = tile_at(chosen.uniform(west, east), chosen.uniform(south, north), z)
        # At low zooms the gmina is one tile: it stands in the list once for each draw.
        if tile(gmina.slug, Tileset.PUBLIC, gmina.revision, *zxy):
            found.append(zxy)
    return found


def _bounds_3857(gmina: Gmina) -> Bbox:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ("
            " SELECT ST_Extent(f.geom_3857) AS e FROM gis_layers_feature f"
            " JOIN gis_layers_layer l ON l.id = f.layer_id"
            " WHERE l.gmina_id = %s AND l.slug = 'granica' AND f.until IS NULL) AS s",
            [gmina.pk],
        )
        row: Bbox = cursor.fetchone()
        return row


def our_path(gmina: Gmina, zxy: Zxy) -> str:
    return "/tiles/{}/{}/{}/{}/{}.mvt".format(gmina.slug, gmina.revision, *zxy)


def tiles_per_second(
    base: str, paths: Sequence[str], clients: int, folder: Path, *, takes_gzip: bool = False
) -> float:
    """wrk, each request another path of the list; any answer but 200 spoils the run."""
    listed = ",".join(f'"{path}"' for path in paths)
    headers = '{["Accept-Encoding"]="gzip"}' if takes_gzip else "{}"
    script = folder / "tiles.lua"
    script.write_text(
        f"local paths = {{{listed}}}\nlocal asked = {{}}\nmath.randomseed(1)\n"
        "init = function() for n, path in ipairs(paths) do"
        f" asked[n] = wrk.format('GET', path, {headers}) end end\n"
        "request = function() return asked[math.random(#asked)] end\n"
    )
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", f"-s{script}", base]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
