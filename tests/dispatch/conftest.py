"""What the tests of sending share."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client

from dispatch import jobs
from residents.models import Device
from tests.builders import SECRET


@pytest.fixture
def queue_server() -> Iterator[redis.Redis]:
    """Redis with nothing in it, before and after; jobs of one test must not run in another."""
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushdb()
        yield server
        server.flushdb()
    jobs.stopping.clear()


@pytest.fixture
def phone() -> type["Phone"]:
    """`phone(device)` is that device's app."""
    return Phone


class Phone:
    """A device's app as a client of the REST API."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.client = Client(headers={"Authorization": f"Device {device.public_id}:{SECRET}"})

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}")

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", body, content_type="application/json")

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(f"/api/v1/{path}", body, content_type="application/json")

    def report(self, delivery_id: str, event: str, **more: Any) -> Any:
        """The answer to one receipt."""
        receipt = {"delivery_id": delivery_id, "event": event, **more}
        return self.post("receipts", {"receipts": [receipt]}).json()
