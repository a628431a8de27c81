"""A gmina made of Helsinki's real streets and addresses (fixtures/helsinki), and twins of streets.

The coordinates are the real ones, in EPSG:2180 as everywhere here. The projection is a transverse
Mercator on 19° E with the scale 0.9993; Helsinki is 6° east of that, where the scale is 1.0006, so
a stored metre is a metre on the ground to 0.6 mm: nothing beside the 10 m of a GPS. No shift to
Poland is needed, only the check that a point is in Poland must be off
(settings.COUNTRY_ENVELOPE_2180 = None).
"""

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Point, Polygon
from shapely.affinity import translate

from accounts.models import Gmina
from gis_layers.crs import to_2180
from gis_layers.editions import new_fids
from gis_layers.models import AddressPoint, Feature
from tests.builders import make_gmina, make_layer, make_street

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "helsinki"
# The extract's own box, from its header: lon, lat of the south-west and north-east corners.
BOX = (24.935176299, 60.164155, 24.953414599, 60.179113)
SIMC = "9999999"  # no locality of the register

# Streets that differ from a real one only in case, diacritics or type, with the real one's house
# numbers: an address of a twin is told from its original by its spelling alone.
TWINS = {
    "Kaivokatu": ("KAIVOKATU", "Aleja Kaivokatu", "Plac Kaivokatu"),
    "Aleksanterinkatu": ("aleksanterinkatu", "Aleja Aleksanterinkatu"),
    "Eteläesplanadi": ("Etelaesplanadi", "ETELÄESPLANADI"),
    "Lönnrotinkatu": ("Lonnrotinkatu", "Lönnrotinkątu", "Rondo Lönnrotinkatu"),
    "Töölönlahdenkatu": ("Toolonlahdenkatu",),
}
TWIN_STEP_M = 25  # each twin lies this much further east and north than the one before


@dataclass(frozen=True)
class RealAddress:
    """An address that stands in the fixture: where, and on which street feature."""

    fid: int
    street: str
    street_fid: int
    number: str
    geom: Point  # EPSG:2180


def load(*, twins: bool) -> tuple[Gmina, list[RealAddress]]:
    """Make the gmina with its layers; the 1,334 addresses, and the twins' where asked for."""
    gmina = make_gmina("helsinki", outline=to_2180(_box()))
    lines, points = _lines(), _points()
    if twins:
        _add_twins(lines, points)
    streets = {name: make_street(gmina, name, geom=geom, simc=SIMC) for name, geom in lines.items()}
    return gmina, _make_addresses(gmina, streets, points)


def _box() -> Polygon:
    box = Polygon.from_bbox(BOX)
    box.srid = 4326
    return box


def _features(name: str) -> list[dict[str, Any]]:
    with gzip.open(FIXTURES / f"{name}.geojson.gz", "rt", encoding="utf-8") as file:
        features: list[dict[str, Any]] = json.load(file)["features"]
    return features


def _geometry(feature: dict[str, Any]) -> Any:
    geom = GEOSGeometry(json.dumps(feature["geometry"]))
    geom.srid = 4326
    return to_2180(geom)


def _lines() -> dict[str, MultiLineString]:
    """Street name -> all its lines."""
    parts = defaultdict(list)
    for feature in _features("streets"):
        parts[feature["properties"]["name"]].append(_geometry(feature))
    return {name: MultiLineString(lines, srid=2180) for name, lines in parts.items()}


def _points() -> list[tuple[str, str, Point]]:
    """Street name, number, position of every address."""
    return [
        (feature["properties"]["street"], feature["properties"]["number"], _geometry(feature))
        for feature in _features("addresses")
    ]


def _add_twins(lines: dict[str, MultiLineString], points: list[tuple[str, str, Point]]) -> None:
    for name, twins in TWINS.items():
        originals = [(number, point) for street, number, point in points if street == name]
        for step, twin in enumerate(twins, start=1):
            lines[twin] = _shifted(lines[name], step * TWIN_STEP_M)
            points += [
                (twin, number, _shifted(point, step * TWIN_STEP_M)) for number, point in originals
            ]


def _shifted(geom: GEOSGeometry, metres: float) -> Any:
    """The same shape that much further east and north."""
    moved = translate(shapely.from_wkb(bytes(geom.wkb)), metres, metres)
    return GEOSGeometry(memoryview(moved.wkb), srid=2180)


def _make_addresses(
    gmina: Gmina, streets: dict[str, Feature], points: list[tuple[str, str, Point]]
) -> list[RealAddress]:
    layer = make_layer(gmina, "adresy", kind="address", geometry_type="point")
    made = [
        RealAddress(fid, name, streets[name].fid, number, point)
        for fid, (name, number, point) in zip(new_fids(len(points)), points, strict=True)
    ]
    AddressPoint.objects.bulk_create(
        AddressPoint(
            layer=layer,
            fid=address.fid,
            simc=SIMC,
            street_fid=address.street_fid,
            number=address.number,
            geom=address.geom,
            since=1,
        )
        for address in made
    )
    return made
