"""The proxy's own file, in a real nginx: public tiles come from the cache, nothing else does."""

import datetime
import gzip
import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.proxy_local import adapted

MVT = b"streets " * 100
TILE = "/tiles/praszka/7/13/4527/2768.mvt"


@dataclass
class Site:
    """The proxy's two ports, and what reached the web server behind it."""

    https: int
    http: int
    seen: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        return self.get_body(path, **headers)[0]

    def get_body(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        link = http.client.HTTPSConnection("127.0.0.1", self.https, context=context, timeout=5)
        link.request("GET", path, headers={"Host": "alert.example", **headers})
        answer = link.getresponse()
        body = answer.read()
        link.close()
        return answer, body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alert.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1)
    ).sign(key, hashes.SHA256())
    (folder / "tls_certificate").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "tls_key").write_bytes(key.private_bytes(*pem, serialization.NoEncryption()))


@contextmanager
def web_server(seen: list[dict[str, str]]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
            self.send_response(200)
            body = b""
            if self.path == TILE and self.headers["Accept-Encoding"] == "gzip":
                body = gzip.compress(MVT)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("ETag", '"of-the-tile"')
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "public, max-age=31536000, immutable")
            self.send_header("Vary", "Cookie")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    made = Site(https=free_port(), http=free_port())
    write_certificate(tmp_path)
    with web_server(made.seen) as web:
        text = adapted(tmp_path, https=made.https, http=made.http, web=web)
        (tmp_path / "nginx.conf").write_text(text)
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"  # not on every user's PATH
        argv = [nginx, "-e", "stderr", "-c", tmp_path / "nginx.conf", "-g", "daemon off;"]
        process = subprocess.Popen(argv)
        try:
            await_listening(made.https, process)
            yield made
        finally:
            process.terminate()
            process.wait(10)


def await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert process.poll() is None, "nginx refused the file"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def test_a_public_tile_is_asked_for_once_and_by_the_public_name(site):
    answers = [site.get(TILE, Cookie=f"session={n}") for n in range(3)]
    assert [answer.headers["X-Cache"] for answer in answers] == ["MISS", "HIT", "HIT"]
    assert [(asked["path"], asked["host"]) for asked in site.seen] == [(TILE, "alert.example")]
    assert "immutable" in answers[-1].headers["Cache-Control"]


def test_a_tile_is_kept_packed_and_unpacked_for_who_cannot(site):
    packed, body = site.get_body(TILE, **{"Accept-Encoding": "br, gzip"})
    plain, unpacked = site.get_body(TILE)
    assert (packed.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", MVT)
    assert (plain.headers["Content-Encoding"], unpacked) == (None, MVT)
    assert [asked["accept-encoding"] for asked in site.seen] == ["gzip"]


def test_who_has_the_tile_is_told_so_from_the_cache(site):
    tag = site.get(TILE, **{"Accept-Encoding": "gzip"}).headers["ETag"]
    again = site.get(TILE, **{"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status, again.headers["X-Cache"], len(site.seen)) == (304, "HIT", 1)


@pytest.mark.parametrize(
    "path", ["/tiles/praszka/staff/7/13/4527/2768.mvt", "/tiles/praszka.json", "/staff/", "/app/"]
)
def test_everything_else_is_asked_for_each_time(site, path):
    for _ in range(2):
        assert site.get(path).headers["X-Cache"] is None
    assert len(site.seen) == 2


def test_a_caller_cannot_write_its_own_address(site):
    site.get("/staff/", **{"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "http"})
    assert site.seen[0]["x-forwarded-for"] == "127.0.0.1"
    assert site.seen[0]["x-forwarded-proto"] == "https"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_stay_inside(site, path):
    assert site.get(path).status == 404
    assert site.seen == []


def test_plain_http_is_sent_to_https(site):
    link = http.client.HTTPConnection("127.0.0.1", site.http, timeout=5)
    link.request("GET", "/app/?x=1", headers={"Host": "alert.example"})
    answer = link.getresponse()
    answer.read()
    link.close()
    assert (answer.status, answer.headers["Location"]) == (308, "https://alert.example/app/?x=1")
