"""Freezing against a bare INSERT … SELECT of the same rows, and whether a row's cost stays flat.

The bare statement writes the deliveries that a freezing has just written once more, in their order,
into the same empty table. Areas are circles around the gmina's middle that hold so many phones, and
the whole gmina.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Gmina
from bench.harness import Result
from dispatch import quiet
from dispatch.areas import Area, Piece
from dispatch.audiences import Question
from dispatch.models import Severity
from dispatch.parts import Kind, PartSpec, Reach

SIZES = {"freeze_25k": 25_000, "freeze_250k": 250_000, "freeze": None}
ROUNDS = {"freeze_25k": 7, "freeze_250k": 5, "freeze": 3}
FILES = ("freeze_reached", "freeze_endpoints", "freeze_write")
CIRCLE = """
WITH middle AS (
    SELECT ST_SetSRID(ST_MakePoint(avg(ST_X(geom)), avg(ST_Y(geom))), 2180) AS geom
    FROM residents_place WHERE gmina_id = %(gmina)s
)
SELECT ST_AsBinary(middle.geom), ST_Distance(place.geom, middle.geom)
FROM residents_place place
CROSS JOIN middle
JOIN residents_device device ON device.resident_id = place.resident_id
WHERE place.gmina_id = %(gmina)s AND device.push_hash IS NOT NULL
ORDER BY 2
LIMIT 1 OFFSET %(phones)s
"""


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    _sql("VACUUM ANALYZE residents_place, residents_device, residents_mute, residents_resident")
    results, row_us = [], {}
    for name, phones in SIZES.items():
        rows, own_s, bare_s = _measure(_question(gmina, phones), rounds=ROUNDS[name])
        row_us[name] = 1_000_000 * own_s / rows
        reference = f"bare INSERT … SELECT of the same {rows} rows"
        results.append(
            Result(name, rows / own_s, "rows/s", reference, rows / bare_s, 0.7, "higher")
        )
    print(f"largest memory of the backend: {_peak_mb()} MB, shared buffers included")
    dearest, cheapest = max(row_us.values()), min(row_us.values())
    flat = ("us a row, the dearest size", "the cheapest size", cheapest, 1.2, "lower")
    return [*results, Result("freeze_flat", dearest, *flat)]


def _question(gmina: Gmina, phones: int | None) -> Question:
    """The whole gmina, or the circle that holds so many phones."""
    if phones is None:
        area = Area((PartSpec(Kind.GMINA),), (), (), (), {})
    else:
        [(wkb, reach_m)] = _sql(CIRCLE, gmina=gmina.pk, phones=phones)
        circle = PartSpec(Kind.DRAWN, reach=Reach.METRES, reach_m=reach_m)
        area = Area((circle,), (Piece(0, bytes(wkb), reach_m),), (), (), {})
    return Question(gmina, area, "woda", Severity.IMPORTANT)


def _measure(question: Question, *, rounds: int) -> tuple[int, float, float]:
    """Rows, and the median seconds of a freezing and of the bare statement, taken in turn."""
    now = timezone.now()
    held = quiet.held(question.severity, now, now + timedelta(hours=6))
    parameters: dict[str, Any] = {
        "held": held.names,
        "moments": held.moments,
        "batches": 0,
        "month": now.date().replace(day=1),
        "message": 0,
        "gmina": question.gmina.pk,
        "priority": 1,
        "batch": 100,
    }
    own, bare = [], []
    for _round in range(rounds):
        _empty()
        own.append(_seconds(lambda: question.write(*FILES, **parameters)))
        _sql("CREATE TEMP TABLE kept AS SELECT * FROM dispatch_delivery ORDER BY batch_no, pos")
        _empty()
        bare.append(_seconds(lambda: _sql("INSERT INTO dispatch_delivery SELECT * FROM kept")))
        [(rows,)] = _sql("SELECT count(*) FROM kept")
        _sql("DROP TABLE kept")
    _empty()
    return rows, statistics.median(own), statistics.median(bare)


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
