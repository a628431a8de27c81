"""tipg as it comes from PyPI, over the same features in a table of its own with its own index.

bench/tipg.lock: echo 'tipg
uvicorn[standard]' | uv pip compile - --python-version 3.11 --generate-hashes --no-emit-index-url
    --no-annotate --no-header -o bench/tipg.lock
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from accounts.models import Gmina
from bench.harness import ROOT, free_port, running, wait_for
from gis_layers.grid import Zxy

VENV = ROOT / ".local" / "bench-tipg"
LOCK = ROOT / "bench" / "tipg.lock"
WORKERS = 2  # as many as our own web server has
TABLE = "bench_tipg.map"


def install() -> None:
    """Into an environment of its own: its libraries are not ours."""
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", "--allow-existing", VENV], check=True)
    subprocess.run(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", VENV / "bin/python", LOCK],
        check=True,
    )


def write_table(gmina: Gmina) -> None:
    """The gmina's public features of the moment, all in one layer: one request a tile, as ours."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bench_tipg")
        cursor.execute("DROP TABLE IF EXISTS bench_tipg.map")
        cursor.execute(
            "CREATE TABLE bench_tipg.map AS SELECT f.fid, l.slug AS layer, f.name, f.code, f.simc,"
            " f.attrs ->> 'class' AS class, f.geom_3857::geometry(Geometry, 3857) AS geom"
            " FROM gis_layers_feature f JOIN gis_layers_layer l ON l.id = f.layer_id"
            " WHERE l.gmina_id = %s AND l.public AND f.until IS NULL",
            [gmina.pk],
        )
        cursor.execute("ALTER TABLE bench_tipg.map ADD PRIMARY KEY (fid)")
        cursor.execute("CREATE INDEX ON bench_tipg.map USING gist (geom)")
        cursor.execute("ANALYZE bench_tipg.map")


def path_of(zxy: Zxy) -> str:
    return "/collections/{}/tiles/WebMercatorQuad/{}/{}/{}".format(TABLE, *zxy)


@contextmanager
def tipg_server(log: Path) -> Iterator[str]:
    port, db = free_port(), connection.settings_dict
    user = quote(db["USER"]) + (f":{quote(db['PASSWORD'])}" if db["PASSWORD"] else "")
    env = {
        "DATABASE_URL": f"postgresql://{user}@{db['HOST']}:{db['PORT'] or 5432}/{db['NAME']}",
        "TIPG_DB_SCHEMAS": '["bench_tipg"]',
        "TIPG_TILE_BUFFER": "64",
        "TIPG_MAX_FEATURES_PER_TILE": "20000",
        "TIPG_CATALOG_TTL": "3600",
        "PYTHONPATH": "",
    }
    command = [
        *(str(VENV / "bin/uvicorn"), "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(WORKERS), "--log-level", "warning", "--no-access-log"),
    ]
    with running(*command, env=env, log=log):
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/healthz")
        yield base
