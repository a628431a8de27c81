"""The demo waits until the system says that it is ready, and says why when it is not."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops import demo, probe
from ops.local import Failure
from ops.supervisor import Supervisor


@contextmanager
def answering(*statuses: int) -> Iterator[str]:
    """A server that gives these statuses one after another, the last one for ever."""
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()
            self.wfile.write(b"fcm_not_configured")

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/readyz"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_goes_on_once_ready():
    with answering(503, 503, 200) as url:
        demo.await_ready(Supervisor(dict(os.environ)), url)


def test_what_is_not_ready_in_time_fails_with_its_own_words(monkeypatch):
    monkeypatch.setattr(demo, "READY_WITHIN_S", 0.5)
    with answering(503) as url, pytest.raises(Failure, match="fcm_not_configured"):
        demo.await_ready(Supervisor(dict(os.environ)), url)


def test_nobody_listening_is_not_ready(monkeypatch):
    monkeypatch.setattr(demo, "READY_WITHIN_S", 0.5)
    with pytest.raises(Failure, match="not ready"):
        demo.await_ready(Supervisor(dict(os.environ)), "http://127.0.0.1:1/readyz")


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False), (404, False)])
def test_a_probe_counts_200_only(status, expected):
    with answering(status) as url:
        assert probe.answers(url) is expected


def test_a_probe_of_nobody_is_a_no():
    assert probe.answers("http://127.0.0.1:1/healthz") is False


def test_the_demos_processes_are_ended_whatever_happens(monkeypatch):
    stopped: list[object] = []
    monkeypatch.setattr(demo.processes, "stop", stopped.append)
    monkeypatch.setattr(demo.environment, "usable_port", lambda name: "1")
    monkeypatch.setattr(demo.environment, "for_process", lambda **extra: dict(os.environ))
    monkeypatch.setattr(demo.signal, "signal", lambda number, handler: None)
    with pytest.raises(ZeroDivisionError), demo.supervised():
        raise ZeroDivisionError
    assert stopped == [demo.ROLES, []]  # leftovers before, what was started after
