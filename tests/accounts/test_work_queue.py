"""Jobs are knocks: nobody waits for a Redis that does not answer."""

import socket

from accounts import work_queue
from residents import jobs


def test_nobody_waits_long_for_a_redis_that_hangs(settings, monkeypatch, caplog):
    monkeypatch.setattr(work_queue, "REDIS_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        assert not work_queue.put(jobs.reattach_places)
    assert "Redis is away" in caplog.text
