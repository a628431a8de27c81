"""How well an alert to a street finds the people who live there, on Helsinki's real addresses.

One resident per address enrols through the public API, in one of two ways:

- declared: types the address into the address search and takes the first answer;
- GPS: stands at the address and sends the position with independent normal noise on each axis.

Then every street is aimed at and an alert of severity `important` (the first candidate street
only) is frozen; those who are to be told are compared with those who live there. Precision: of all
tellings, the share that reached someone of that street. Recall: of all residents, the share told
when their street was; whoever is attached to no street is missed.

bench/ reports `scores()`; the tests hold them to their goals. The two ways run inside `abroad()`.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.contrib.gis.geos import Point
from django.db import transaction
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import Gmina, User
from accounts.throttles import OpenThrottle
from dispatch import areas, audiences, fanout
from dispatch.fanout import Text
from dispatch.models import Delivery
from gis_layers.crs import to_lonlat
from residents.models import Place
from tests.builders import aim, make_alert
from tests.street_targeting import helsinki
from tests.street_targeting.helsinki import RealAddress

SIGMA_M = 10  # standard deviation of a position, on each axis
# What a phone calls its accuracy then: the radius that holds 68 % of positions.
ACCURACY_M = 15
SEEDS = range(1, 6)


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float


class Neighbourhood:
    """One resident per address, each with a phone and at most one place."""

    def __init__(self, gmina: Gmina, addresses: Sequence[RealAddress]) -> None:
        self.gmina = gmina
        self.addresses = addresses
        self._clients = [_registered() for _address in addresses]
        self._places: dict[int, str] = {}

    def settle(self, wheres: Iterable[Mapping[str, Any]]) -> None:
        """Everybody says where home is: the first time by POST, later by PATCH."""
        for n, (client, where) in enumerate(zip(self._clients, wheres, strict=True)):
            if n in self._places:
                answer = client.patch(f"/api/v1/places/{self._places[n]}", where, format="json")
            else:
                answer = client.post("/api/v1/places", {"kind": "home", **where}, format="json")
            assert answer.status_code in {200, 201}, answer.content
            self._places[n] = answer.json()["id"]

    def score(self) -> Score:
        """Aim at every street that has an address, and compare who is told with who lives there."""
        pks = dict(Place.objects.values_list("public_id", "resident_id"))
        living: dict[int, set[int]] = {}
        for n, address in enumerate(self.addresses):
            living.setdefault(address.street_fid, set()).add(pks[UUID(self._places[n])])
        told = {fid: told_of_street(self.gmina, fid) for fid in living}
        hits = sum(len(told[fid] & living[fid]) for fid in living)
        return Score(
            precision=hits / sum(map(len, told.values())), recall=hits / len(self.addresses)
        )


def told_of_street(gmina: Gmina, fid: int) -> set[int]:
    """The residents to whom an `important` alert to this street is frozen."""
    alert = aim(make_alert(gmina), {"kind": "feature", "fid": fid, "reach": "addresses"})
    area = areas.resolve(gmina, areas.chosen_parts(alert))
    seen = audiences.preview(gmina, area, alert.kind, alert.severity)
    if seen.residents == 0:
        return set()
    alert.seen_residents, alert.seen_hash = seen.residents, seen.hash
    officer = User.objects.get_or_create(email="street-targeting@test.example")[0]
    message = fanout.freeze(alert, by=officer, texts=[Text("pl", "Brak wody", "Do 18:00.")]).message
    deliveries = Delivery.objects.filter(month=message.month, message_id=message.pk)
    return set(deliveries.values_list("resident_id", flat=True))


def _registered() -> APIClient:
    """The client of a phone that has just registered."""
    client = APIClient(SERVER_NAME="localhost")
    push = {"kind": "token", "value": f"street-targeting-{uuid4()}"}
    body = {"platform": "android", "push": push}
    answer = client.post("/api/v1/devices", body, format="json")
    assert answer.status_code == 201, answer.content
    device_id, secret = answer.json()["device_id"], answer.json()["secret"]
    client.credentials(HTTP_AUTHORIZATION=f"Device {device_id}:{secret}")
    return client


def declared_score() -> Score:
    """Everybody, twins' people included, chooses their address by its text."""
    gmina, addresses = helsinki.load(twins=True)
    neighbourhood = Neighbourhood(gmina, addresses)
    neighbourhood.settle({"address_fid": _first_answer(gmina, one)} for one in addresses)
    return neighbourhood.score()


def _first_answer(gmina: Gmina, address: RealAddress) -> int:
    """What the address search answers first to the address as people write it."""
    text = f"{address.street} {address.number}"
    query = {"q": text, "gmina": gmina.slug}
    answer = APIClient(SERVER_NAME="localhost").get("/api/v1/addresses", query)
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert results, f"the search finds nothing for {text!r}"
    fid: int = results[0]["fid"]
    return fid


def gps_score(seeds: Iterable[int] = SEEDS) -> Score:
    """Means over the seeds; the register is the real addresses, without twins."""
    gmina, addresses = helsinki.load(twins=False)
    neighbourhood = Neighbourhood(gmina, addresses)
    found = []
    for seed in seeds:
        noise = random.Random(seed)
        neighbourhood.settle(_position(address.geom, noise) for address in addresses)
        found.append(neighbourhood.score())
    return Score(mean(one.precision for one in found), mean(one.recall for one in found))


def _position(point: Point, noise: random.Random) -> dict[str, float]:
    """Where a phone at the point believes to be, as it would send it."""
    x, y = (value + noise.gauss(0, SIGMA_M) for value in point.coords)
    seen = to_lonlat(Point(x, y, srid=2180))
    return {"lon": seen.x, "lat": seen.y, "accuracy_m": ACCURACY_M}


def scores() -> dict[str, float]:
    """The four figures, under their names in bench/results.json; leaves nothing behind."""
    with abroad(), undone():
        declared = declared_score()
    with abroad(), undone():
        gps = gps_score()
    return {
        "street_targeting_declared_precision": declared.precision,
        "street_targeting_declared_recall": declared.recall,
        "street_targeting_gps10_precision": gps.precision,
        "street_targeting_gps10_recall": gps.recall,
    }


@contextmanager
def abroad() -> Iterator[None]:
    """Settings for Helsinki, and for thousands of phones that come from one address.

    Alerts are frozen to go through an emulator; nothing is sent, for nothing is committed.
    """
    rates = dict.fromkeys(OpenThrottle.THROTTLE_RATES)
    with (
        override_settings(
            COUNTRY_ENVELOPE_2180=None, FCM_CREDENTIALS="", FCM_EMULATOR_URL="http://127.0.0.1:9"
        ),
        mock.patch.dict(OpenThrottle.THROTTLE_RATES, rates),
    ):
        yield


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
