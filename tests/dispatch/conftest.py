"""What the tests of sending share."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from dispatch import jobs


@pytest.fixture
def queue_server() -> Iterator[redis.Redis]:
    """Redis with nothing in it, before and after; jobs of one test must not run in another."""
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushdb()
        yield server
        server.flushdb()
    jobs.stopping.clear()
