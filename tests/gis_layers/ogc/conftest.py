"""A gmina with one layer of each kind, and how a program asks about them."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.gis.geos import MultiLineString, MultiPolygon
from django.core.cache import cache
from django.test import Client

from accounts.api_keys import make_key
from accounts.models import Gmina, User
from gis_layers.models import AddressPoint, Feature, Layer
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_feature,
    make_gmina,
    make_layer,
    make_street,
    make_user,
    square,
)

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
COLLECTIONS = "/ogc/collections"


@dataclass(frozen=True)
class Land:
    """10 km square with its streets, districts and hydrants open to all, its addresses to staff.

    Hydrants lie at (100·n, 50), n = 1 … 5; `lanes` is n, `works` says whether n is odd.
    """

    gmina: Gmina
    glowna: Feature
    zachod: Feature
    hydrants: list[Feature]
    address: AddressPoint


@pytest.fixture(autouse=True)
def no_extents_of_others() -> None:
    cache.clear()


@pytest.fixture
def land(db: None) -> Land:
    gmina = make_gmina("testowo", name="Testowo")
    glowna = make_street(
        gmina,
        "Główna",
        geom=MultiLineString(*line((0, 100), (200, 100)), *line((200, 100), (200, 300)), srid=2180),
        simc="0144259",
    )
    zachod = make_district(gmina, "Zachód", geom=square(0, 0, 500))
    # Two parts, one with a hole.
    holed = square(1000, 0, 300) - square(1100, 100, 100)
    make_district(gmina, "Wschód", geom=MultiPolygon(holed, square(2000, 0, 300), srid=2180))
    layer = make_layer(
        gmina, "hydranty", kind=Layer.Kind.CUSTOM, geometry_type="point", public=True
    )
    hydrants = [
        make_feature(
            layer, geom=at(100 * n, 50), name=f"H{n}", lanes=n, works=n % 2 == 1, note=f"nr {n}"
        )
        for n in range(1, 6)
    ]
    address = make_address(gmina, "12a", at=at(50, 110), street=glowna, simc="0144259")
    return Land(gmina, glowna, zachod, hydrants, address)


@pytest.fixture
def gis(land: Land) -> User:
    return make_user("gis@a.example", "gis", gmina=land.gmina)


class Program:
    """A client with a key of the user's, as QGIS is."""

    def __init__(self, user: User, *, may_write: bool = True, gmina: Gmina | None = None) -> None:
        _key, self.secret = make_key(
            user=user, name="QGIS", gmina=gmina, may_write=may_write, days=30
        )
        pair = base64.b64encode(f"{user.email}:{self.secret}".encode()).decode()
        self.client = Client(headers={"Authorization": f"Basic {pair}"})

    def get(self, path: str, **params: str) -> Any:
        return self.client.get(path, params)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        media = "application/merge-patch+json" if method == "patch" else "application/geo+json"
        data = {} if body is None else {"data": json.dumps(body), "content_type": media}
        call = getattr(self.client, method)
        return call(path, headers={k.replace("_", "-"): v for k, v in headers.items()}, **data)


@pytest.fixture
def officer(gis: User) -> Program:
    return Program(gis)


def ids(response: Any) -> list[int]:
    """Numbers of the features of a page."""
    assert response.status_code == 200, response.content
    return [feature["id"] for feature in response.json()["features"]]
