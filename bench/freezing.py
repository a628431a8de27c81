"""Freezing against two bare INSERT … SELECT, and whether a row's cost stays flat.

`freeze*`: the statement finds nobody. It writes the deliveries that a freezing has just written
once more, in their order, into the same empty table. Whatever it costs to find, order, batch and
count the audience is ours alone.
`freeze*_found`: the statement finds the same phones by the shortest SQL for it (as the statements
of bench/audiences.py), and writes them in the order of sending, without which a delivery has no
batch and no place in it: but writes no batches, counts nothing, knows nobody's quiet hours, and
gives the same reason for everybody.
Areas are circles around the gmina's middle that hold so many phones, and the whole gmina.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Gmina
from bench.audiences import WHOLE
from bench.harness import Result
from dispatch import quiet
from dispatch.areas import Area, Piece
from dispatch.audiences import SILENT_AFTER, Question
from dispatch.models import Severity
from dispatch.parts import Kind, PartSpec, Reach

SIZES = {"freeze_25k": 25_000, "freeze_250k": 250_000, "freeze": None}
ROUNDS = {"freeze_25k": 7, "freeze_250k": 5, "freeze": 3}
GOAL = 0.7
FILES = ("freeze_reached", "freeze_endpoints", "freeze_write")
MIDDLE = """
SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(geom)), avg(ST_Y(geom))), 2180)
FROM residents_place WHERE gmina_id = %(gmina)s
"""
CIRCLE = """
SELECT ST_AsBinary(middle.geom), ST_Distance(place.geom, middle.geom)
FROM residents_place place
CROSS JOIN (SELECT %(middle)s::geometry AS geom OFFSET 0) AS middle
JOIN residents_device device ON device.resident_id = place.resident_id
WHERE place.gmina_id = %(gmina)s AND device.push_hash IS NOT NULL
ORDER BY 2
LIMIT 1 OFFSET %(phones)s
"""

FOUND = """
INSERT INTO dispatch_delivery (
    month, message_id, batch_no, pos, gmina_id, channel, endpoint_id, resident_id, place_kind)
SELECT %(month)s, 0, nth / 100, nth %% 100, %(gmina)s, 'fcm', id, resident_id, 'home'
FROM (
    SELECT device.id, device.resident_id, row_number() OVER (
        ORDER BY device.last_seen_at < %(lately)s, found.distance_m, device.id
    ) AS nth
    FROM (
        SELECT place.resident_id,
            min(ST_Distance(place.geom, ST_SetSRID(%(focus)s::geometry, 2180))) AS distance_m
        FROM residents_place AS place
        {where}
        GROUP BY place.resident_id
    ) AS found
    JOIN residents_device AS device
        ON device.resident_id = found.resident_id AND device.push_hash IS NOT NULL
    WHERE NOT EXISTS (
        SELECT 1 FROM residents_mute AS mute
        WHERE mute.resident_id = found.resident_id AND mute.kind = %(kind)s
    )
) AS endpoint
ORDER BY nth
"""
NEAR = """
JOIN (
    SELECT ST_GeomFromWKB(wkb, 2180) AS geom FROM unnest(%(pieces)s::bytea[]) AS wkb OFFSET 0
) AS piece ON ST_DWithin(place.geom, piece.geom, %(reach_m)s)
WHERE place.gmina_id = %(gmina)s
"""

SAME = """
SELECT count(*), count(written.endpoint_id)
FROM kept
LEFT JOIN dispatch_delivery AS written USING (month, message_id, channel, endpoint_id)
"""


@dataclass(frozen=True)
class Times:
    """Rows of an audience, and the median seconds of a freezing and of the two bare statements."""

    rows: int
    own_s: float
    kept_s: float
    found_s: float


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    _sql("VACUUM ANALYZE residents_place, residents_device, residents_mute, residents_resident")
    results, row_us = [], {}
    for name, phones in SIZES.items():
        times = _measure(_question(gmina, phones), rounds=ROUNDS[name])
        row_us[name] = 1_000_000 * times.own_s / times.rows
        results += _results(name, times)
    print(f"largest memory of the backend: {_peak_mb()} MB, shared buffers included")
    dearest, cheapest = max(row_us.values()), min(row_us.values())
    flat = ("us a row, the dearest size", "the cheapest size", cheapest, 1.2, "lower")
    return [*results, Result("freeze_flat", dearest, *flat)]


def _results(name: str, times: Times) -> list[Result]:
    rows, value = times.rows, times.rows / times.own_s
    kept, found = rows / times.kept_s, rows / times.found_s
    chosen = f"bare INSERT … SELECT of the same {rows} rows, found already"
    finding = f"bare INSERT … SELECT that finds the same {rows} phones"
    return [
        Result(name, value, "rows/s", chosen, kept, GOAL, "higher"),
        Result(f"{name}_found", value, "rows/s", finding, found, GOAL, "higher"),
    ]


def _question(gmina: Gmina, phones: int | None) -> Question:
    """The whole gmina, or the circle that holds so many phones."""
    if phones is None:
        area = Area((PartSpec(Kind.GMINA),), (), (), (), {})
    else:
        [(wkb, reach_m)] = _sql(CIRCLE, gmina=gmina.pk, phones=phones, middle=_middle(gmina))
        circle = PartSpec(Kind.DRAWN, reach=Reach.METRES, reach_m=reach_m)
        area = Area((circle,), (Piece(0, bytes(wkb), reach_m),), (), (), {})
    return Question(gmina, area, "woda", Severity.IMPORTANT)


def _measure(question: Question, *, rounds: int) -> Times:
    """The freezing and both statements in turn, each into an empty table."""
    freezing, finding = _freezing_parameters(question), _finding(question)
    searched = _finding_parameters(question)
    own, kept, found = [], [], []
    for _round in range(rounds):
        _empty()
        own.append(_seconds(lambda: question.write(*FILES, **freezing)))
        _sql("CREATE TEMP TABLE kept AS SELECT * FROM dispatch_delivery ORDER BY batch_no, pos")
        _empty()
        kept.append(_seconds(lambda: _sql("INSERT INTO dispatch_delivery SELECT * FROM kept")))
        _empty()
        found.append(_seconds(lambda: _sql(finding, **searched)))
        rows = _same_phones()
        _sql("DROP TABLE kept")
    _empty()
    return Times(rows, *map(statistics.median, (own, kept, found)))


def _freezing_parameters(question: Question) -> dict[str, Any]:
    now = timezone.now()
    held = quiet.held(question.severity, now, now + timedelta(hours=6))
    return {
        "held": held.names,
        "moments": held.moments,
        "batches": 0,
        "month": now.date().replace(day=1),
        "message": 0,
        "gmina": question.gmina.pk,
        "priority": 1,
        "batch": 100,
    }


def _finding(question: Question) -> str:
    return FOUND.format(where=NEAR if question.area.pieces else WHOLE)


def _finding_parameters(question: Question) -> dict[str, Any]:
    pieces = question.area.pieces
    return {
        "month": timezone.now().date().replace(day=1),
        "gmina": question.gmina.pk,
        "kind": question.kind,
        "pieces": [piece.wkb for piece in pieces],
        "reach_m": pieces[0].reach_m if pieces else None,
        "lately": timezone.now() - SILENT_AFTER,
        "focus": _middle(question.gmina),
    }


def _middle(gmina: Gmina) -> str:
    """The middle of the gmina's places, as an area without a shape has it (hexadecimal WKB)."""
    [(middle,)] = _sql(MIDDLE, gmina=gmina.pk)
    return str(middle)


def _same_phones() -> int:
    """How many phones both have told; raises AssertionError where they are not the same."""
    [(rows, common)] = _sql(SAME)
    [(written,)] = _sql("SELECT count(*) FROM dispatch_delivery")
    if not rows == common == written:
        raise AssertionError(f"{rows} phones frozen, {written} found, {common} of them the same")
    return int(rows)


def _empty() -> None:
    _sql("TRUNCATE dispatch_delivery, dispatch_batch")


def _peak_mb() -> int:
    [(pid,)] = _sql("SELECT pg_backend_pid()")
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def _sql(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall()) if cursor.description else []


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
