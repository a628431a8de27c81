"""One result a bench: value and reference of the same run, and their ratio."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"


@dataclass(frozen=True)
class Result:
    """`ratio` = value / reference_value; met when it is on the `better` side of `goal`."""

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    goal: float
    better: str

    @property
    def ratio(self) -> float:
        return self.value / self.reference_value

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal if self.better == "higher" else self.ratio <= self.goal

    def as_json(self) -> dict[str, object]:
        fields = asdict(self) | {"ratio": round(self.ratio, 4)}
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in fields.items()}


def write(results: list[Result]) -> None:
    """Replace the named results in bench/results.json, keep the others."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    fresh = {result.name: result.as_json() for result in results}
    merged = [row for row in kept if row["name"] not in fresh] + list(fresh.values())
    RESULTS.write_text(json.dumps(sorted(merged, key=lambda row: row["name"]), indent=1) + "\n")


def cpu_s(pid: int) -> float:
    """Processor seconds used by a process and by those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes started by `pid` that are still there."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def postgres_cpu_s() -> float:
    """All of the server's processes: the running ones, and the ended ones by their parent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    postmaster = int(fields[1])
    return cpu_s(postmaster) + sum(map(cpu_s, children(postmaster)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str, env: dict[str, str] | None = None, log: Path) -> Iterator[int]:
    """The command as a child in its own process group, ended when the block ends; gives its pid."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child.pid
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def wait_for(url: str, *, timeout_s: float = 30, context: ssl.SSLContext | None = None) -> None:
    """Until the address answers anything; TimeoutError after `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2, context=context)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{url} did not answer in {timeout_s} s")


@contextmanager
def web_server(*, log: Path, workers: int = 2, **env: str) -> Iterator[str]:
    """The web process with the options of the Dockerfile; gives its address."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "8", "--backpressure", "64", "--no-ws"),
        "config.wsgi:application",
    ]
    path = f"{ROOT}:{ROOT / 'platform'}"
    with running(*command, env={"PYTHONPATH": path, **env}, log=log):
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/healthz")
        yield base
