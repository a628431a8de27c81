"""The FCM emulator as a process of its own, for every test that sends.

`emulator` points settings at it and gives a client: `emulator.inbox(token)`, `emulator.inject(…)`.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[1]


class EmulatorProcess:
    """`manage.py fcm_emulator` on a free port of loopback."""

    def __init__(self, log: Path, *, latency_ms: int = 0) -> None:
        self.log = log
        self.latency_ms = latency_ms
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        options = {"--port": self.port, "--log": self.log, "--latency-ms": self.latency_ms}
        words = [str(word) for option in options.items() for word in option]
        command = [sys.executable, "manage.py", "fcm_emulator", *words]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ)
        wait_until(lambda: self.answers() or self.process.poll() is not None, "it answers")
        assert self.process.poll() is None, "the emulator did not start"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/stats", timeout=2).ok
        except requests.ConnectionError:
            return False


class Emulator:
    """What tests ask of it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=5).json()

    def inbox(self, token: str) -> list[dict[str, Any]]:
        """The messages one push target received."""
        return [entry["message"] for entry in self.get(f"/inbox/{token}")["messages"]]

    def inject(self, error: str, **order: Any) -> None:
        """Order an error: `token=` or `rate=`, and the other fields of emulator.faults.Fault."""
        answer = requests.post(f"{self.url}/inject", json={"error": error, **order}, timeout=5)
        assert answer.status_code == 201, answer.text

    def heal(self) -> None:
        requests.delete(f"{self.url}/inject", timeout=5).raise_for_status()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Any, what: str, *, seconds: float = 60) -> None:
    """Poll a condition; fails the test with `what` when time is up."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"timed out: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess(tmp_path_factory.mktemp("fcm") / "messages.ndjson")
    yield process
    process.stop()


@pytest.fixture
def emulator(emulator_process: EmulatorProcess, settings: Any) -> Iterator[Emulator]:
    settings.FCM_CREDENTIALS = ""
    settings.FCM_EMULATOR_URL = emulator_process.url
    client = Emulator(emulator_process.url)
    client.heal()
    yield client
    client.heal()
