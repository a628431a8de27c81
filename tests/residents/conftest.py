"""A town to live in, and the app as a client of the REST API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import Gmina
from gis_layers.models import AddressPoint, Feature
from residents.models import Device
from teryt.models import Locality
from tests.builders import at, line, make_address, make_gmina, make_street


@dataclass
class Town:
    """ul. Główna runs east along y = 100 with number 1 at its middle, and a village lies south."""

    gmina: Gmina
    street: Feature
    address: AddressPoint
    village_address: AddressPoint


@pytest.fixture
def town() -> Town:
    gmina = make_gmina("testowo")
    street = make_street(gmina, "Główna", geom=line((0, 100), (200, 100)))
    for simc, name in (("0000001", "Testowo"), ("0000002", "Kowale")):
        Locality.objects.create(
            simc=simc, terc6=gmina.terc6, rodz="2", rm="01", name=name, parent_simc=simc,
            search_name=name.lower(), state_on="2026-01-01",
        )  # fmt: skip
    return Town(
        gmina=gmina,
        street=street,
        address=make_address(gmina, "1", at=at(100, 110), street=street),
        village_address=make_address(gmina, "7", at=at(100, 5_000), simc="0000002"),
    )


class App:
    """An installed app: sends JSON, with the secret once it has one."""

    def __init__(self) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers=self.headers | headers,
        )

    def register(self, **body: Any) -> HttpResponse:
        """Register and keep the secret, as the app would."""
        answer = self.send("POST", "devices", {"platform": "android"} | body)
        if answer.status_code == 201:
            self.use(answer.json()["device_id"], answer.json()["secret"])
        return answer

    def use(self, device_id: object, secret: str) -> None:
        self.headers = {"Authorization": f"Device {device_id}:{secret}"}

    @property
    def device(self) -> Device:
        return Device.objects.get(public_id=self.headers["Authorization"][7:43])


@pytest.fixture
def app() -> App:
    """A registered app."""
    app = App()
    app.register()
    return app


@pytest.fixture
def stranger() -> App:
    """An app that has not registered."""
    return App()


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Each test starts with nothing counted against it."""
    cache.clear()
    yield
    cache.clear()
