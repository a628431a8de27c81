"""Previews of a street, a district and the whole gmina against bare SQL for the same figures."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import Gmina
from bench.harness import Result
from dispatch.areas import parse_parts, resolve
from dispatch.audiences import preview
from dispatch.models import Kind, Severity
from gis_layers.models import Feature

ROUNDS = {"small": 21, "large": 5}
SUFFIX = {"small": "", "large": "_1m8"}

# What the officer reads, by the shortest statement that gives it: residents told, their devices,
# residents without a reachable device, the others who muted the kind.
BARE = """
WITH found AS (
    SELECT DISTINCT place.resident_id FROM residents_place AS place {where}
), person AS (
    SELECT
        found.resident_id,
        EXISTS (
            SELECT 1 FROM residents_mute AS mute
            WHERE mute.resident_id = found.resident_id AND mute.kind = %(kind)s
        ) AS is_muted,
        count(device.id) AS devices
    FROM found
    LEFT JOIN residents_device AS device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    GROUP BY found.resident_id
)
SELECT
    count(*) FILTER (WHERE NOT is_muted AND devices > 0),
    coalesce(sum(devices) FILTER (WHERE NOT is_muted), 0),
    count(*) FILTER (WHERE devices = 0),
    count(*) FILTER (WHERE is_muted AND devices > 0)
FROM person
"""
STREET = "WHERE place.gmina_id = %(gmina)s AND place.street_fid = %(fid)s"
DISTRICT = """
JOIN (
    SELECT ST_GeomFromWKB(wkb, 2180) AS geom FROM unnest(%(pieces)s::bytea[]) AS wkb OFFSET 0
) AS piece ON ST_DWithin(place.geom, piece.geom, 0)
WHERE place.gmina_id = %(gmina)s
"""
WHOLE = "WHERE place.gmina_id = %(gmina)s"


@dataclass(frozen=True)
class Case:
    name: str
    part: dict[str, Any]
    where: str
    fid: int | None


def cases(gmina: Gmina) -> list[Case]:
    """ul. Główna, the district with most vertices, everybody."""
    shown = Feature.objects.filter(layer__gmina=gmina, until=None)
    street = shown.get(layer__slug="ulice", name="Główna").fid
    districts = shown.filter(layer__slug="osiedla")
    district = max(districts, key=lambda feature: feature.geom.num_coords).fid
    return [
        Case("audience_street", {"kind": "feature", "fid": street}, STREET, street),
        Case(
            "audience_district",
            {"kind": "feature", "fid": district, "reach": "metres", "reach_m": 0},
            DISTRICT,
            district,
        ),
        Case("audience_gmina", {"kind": "gmina"}, WHOLE, None),
    ]


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    kind = Kind.objects.get(gmina=gmina, code="woda")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [_measure(case, gmina, kind, dataset) for case in cases(gmina)]


def _measure(case: Case, gmina: Gmina, kind: Kind, dataset: str) -> Result:
    """The audience of an area that is found already, in turn with the bare statement.

    Finding the area on the map (its features, its pieces, the gmina's edge) costs the same however
    many people live there; it is printed beside.
    """
    area = resolve(gmina, parse_parts(gmina, [case.part]))
    pieces = [piece.wkb for piece in area.pieces]
    parameters = {"gmina": gmina.pk, "fid": case.fid, "kind": kind.code, "pieces": pieces}

    def ours() -> tuple[int, ...]:
        found = preview(gmina, area, kind, Severity.IMPORTANT)
        return (found.residents, found.devices, found.unreachable, found.muted)

    def bare() -> tuple[int, ...]:
        with connection.cursor() as cursor:
            cursor.execute(BARE.format(where=case.where), parameters)
            return tuple(int(value) for value in cursor.fetchone())

    def found_on_the_map() -> None:
        resolve(gmina, parse_parts(gmina, [case.part]))

    map_s = statistics.median(_seconds(found_on_the_map) for _ in range(ROUNDS["small"]))
    print(f"{case.name}: {1000 * map_s:.1f} ms to find the area on the map")
    if ours() != bare():
        raise AssertionError(f"{case.name}: {ours()} is not {bare()}")
    rounds = [(_seconds(ours), _seconds(bare)) for _ in range(ROUNDS[dataset])]
    return Result(
        name=case.name + SUFFIX[dataset],
        value=1000 * statistics.median(own for own, _ in rounds),
        unit="ms",
        reference="bare SQL for the same figures",
        reference_value=1000 * statistics.median(reference for _, reference in rounds),
        goal=1.5,
        better="lower",
    )


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
