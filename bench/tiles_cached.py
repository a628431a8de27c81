"""Tiles that were asked for before: from our web server, and from the proxy of compose.yaml, each
against nginx serving the same bytes as files. Clients take gzip, as browsers do.
"""

import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accounts.models import Gmina
from bench import certificates
from bench.harness import Result, free_port, running, wait_for, web_server
from bench.tile_load import our_path, tile_list, tiles_per_second
from gis_layers.generalise import copy_all
from gis_layers.grid import Zxy
from gis_layers.tile_answer import MVT, kept_tile
from gis_layers.tile_export import current_revision
from gis_layers.tiles import Tileset
from ops.proxy_local import adapted, temporary_folders

CLIENTS = 32
# The processes and the cache of open files are the proxy's own; so is TLS where it is compared.
STATIC = """
user root;
worker_processes auto;
pid {folder}/static.pid;
daemon off;
events {{ worker_connections 4096; }}
http {{
    {temporary}
    access_log off;
    sendfile on;
    keepalive_requests 100000;
    open_file_cache max=20000 inactive=10m;
    default_type {mvt};
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        root {folder}/files;
        location / {{
            add_header Content-Encoding gzip;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }}
    }}
}}
"""


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    copy_all(gmina)
    gmina.refresh_from_db()
    tiles = tile_list(gmina)
    paths = [our_path(gmina, zxy) for zxy in tiles]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificates.make(folder)
        _write_files(gmina, tiles, folder / "files")
        with _static_server(folder) as (plain, encrypted), web_server(log=folder / "log") as web:
            value = _kept(web, paths, folder)
            files = _kept(plain, paths, folder)
            with _proxy(folder, web) as proxy:
                proxied = _kept(proxy, paths, folder)
                encrypted_files = _kept(encrypted, paths, folder)
    return [
        _cached("tile_cached", value, "nginx, the same bytes as files", files, goal=0.12),
        _cached(
            "tile_cached_proxy",
            proxied,
            "nginx, the same bytes as files, with TLS as the proxy",
            encrypted_files,
            goal=0.6,
        ),
    ]


def _write_files(gmina: Gmina, tiles: list[Zxy], root: Path) -> None:
    revision = current_revision(gmina)
    for zxy in set(tiles):
        path = root / our_path(gmina, zxy).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kept_tile(revision, Tileset.PUBLIC, *zxy).as_gzip())


@contextmanager
def _static_server(folder: Path) -> Iterator[tuple[str, str]]:
    http, https = free_port(), free_port()
    text = STATIC.format(
        folder=folder, temporary=temporary_folders(folder), mvt=MVT, http=http, https=https
    )
    (folder / "static.conf").write_text(text)
    with running(*_nginx(folder / "static.conf"), log=folder / "static.log"):
        wait_for(f"http://127.0.0.1:{http}/")
        yield f"http://127.0.0.1:{http}", f"https://127.0.0.1:{https}"


@contextmanager
def _proxy(folder: Path, web: str) -> Iterator[str]:
    """The file of compose.yaml as it is, but for its places."""
    for name, secret in (("server.pem", "tls_certificate"), ("server.key", "tls_key")):
        shutil.copy(folder / name, folder / secret)
    http, https = free_port(), free_port()
    port = int(web.rsplit(":", 1)[1])
    text = adapted(folder, https=https, http=http, web=port, workers="auto")
    (folder / "proxy.conf").write_text(f"daemon off;\n{text}")
    with running(*_nginx(folder / "proxy.conf"), log=folder / "proxy.log"):
        trusted = ssl.create_default_context(cafile=folder / "ca.pem")
        wait_for(f"https://127.0.0.1:{https}/tiles/", context=trusted)
        yield f"https://127.0.0.1:{https}"


def _nginx(config: Path) -> list[str]:
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    return [nginx, "-e", "stderr", "-c", str(config), "-p", str(config.parent)]


def _kept(base: str, paths: list[str], folder: Path) -> float:
    """Once to fill whatever cache there is, then measured."""
    tiles_per_second(base, paths, CLIENTS, folder, takes_gzip=True)
    return tiles_per_second(base, paths, CLIENTS, folder, takes_gzip=True)


def _cached(name: str, value: float, reference: str, reference_value: float, goal: float) -> Result:
    return Result(
        name=name,
        value=value,
        unit="tiles/s",
        reference=f"{reference}, {CLIENTS} clients",
        reference_value=reference_value,
        goal=goal,
        better="higher",
    )
