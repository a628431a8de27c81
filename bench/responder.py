"""nginx as FCM: answers every token exchange at once and every send after 50 ms, over verified TLS.

A client finds its service account where the emulator has it; whoever starts the responder writes
service-account.json into its folder. It checks nothing and remembers nothing (the emulator does):
a speed measured here is the sender's. A run in which it uses more than 70 % of a core is invalid.
"""

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import certificates
from bench.harness import children, cpu_s, free_port, running, wait_for
from dispatch.emulator.account import load_or_make

LATENCY_S = 0.05
MAX_CORE_SHARE = 0.7
MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")

CONFIGURATION = """
load_module {module};
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        location /token {{
            echo '{{"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}}';
        }}
        location = /service-account.json {{
            alias {folder}/service-account.json;
        }}
        location / {{
            echo_read_request_body;
            echo_sleep {latency};
            echo '{{"name": "projects/bench/messages/0"}}';
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Responder:
    """`ca` is the PEM file a client has to trust."""

    url: str
    ca: Path
    pid: int

    def cpu_s(self) -> float:
        """Processor seconds that nginx's worker has used so far."""
        return sum(cpu_s(worker) for worker in children(self.pid))


@contextmanager
def responder(folder: Path) -> Iterator[Responder]:
    """Started in `folder`, ended with the block. FileNotFoundError without nginx's echo module."""
    if not MODULE.exists():
        raise FileNotFoundError(f"{MODULE}: apt-get install libnginx-mod-http-echo")
    port = free_port()
    certificates.make(folder)
    (folder / "nginx.conf").write_text(
        CONFIGURATION.format(
            module=MODULE,
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            port=port,
            latency=LATENCY_S,
        )
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with running(*command, log=folder / "nginx.log") as pid:
        url = f"https://127.0.0.1:{port}"
        wait_for(f"{url}/token", context=ssl.create_default_context(cafile=folder / "ca.pem"))
        yield Responder(url=url, ca=folder / "ca.pem", pid=pid)


def write_account(folder: Path, url: str) -> None:
    """A service account that the responder's token exchange takes, as the emulator has one."""
    account = load_or_make(folder / "key.json").credentials(f"{url}/token")
    path = folder / "service-account.json"
    path.write_text(json.dumps(account))
    path.chmod(0o644)
