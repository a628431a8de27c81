"""The funnel of a message to 25,000, and a gmina's year, on ten million deliveries by month.

The deliveries are made once (the build time is printed) and kept in the database `history`. The
reference is the limit of 100 ms that the page has; the shortest statements that read the same rows
are printed beside.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection

from accounts.models import Gmina
from bench.harness import Result
from dispatch import funnel, partitions, reports
from dispatch.masking import Count, Told
from dispatch.models import Alert, Kind, Message, MessageFigures
from dispatch.reports import Period
from dispatch.statistics import fold

LIMIT_MS = 100
YEAR = 2025
MONTHS = 10
MESSAGES = 400  # over all months
PHONES = 25_000
ROUNDS = 9
SLUG = "historia"

# One message's deliveries, batches, and receipts of two in three phones; by id and month.
FILL = """
INSERT INTO dispatch_delivery (month, message_id, batch_no, pos, gmina_id, channel, endpoint_id,
    resident_id, place_kind)
SELECT %(month)s, %(message)s, n / 100 + 1, n %% 100 + 1, %(gmina)s, 'fcm', 1000000 + n,
    5000000 + n * 9 / 10, 'home'
FROM generate_series(0, %(phones)s - 1) AS n;
INSERT INTO dispatch_batch (month, message_id, gmina_id, no, channel, priority, n, state, attempt,
    codes, fcm_ids, done_at)
SELECT %(month)s, %(message)s, %(gmina)s, no, 'fcm', 1, 100, 2, 1,
    array_fill(1::smallint, ARRAY[98]) || ARRAY[3, 6]::smallint[],
    array_fill('projects/p/messages/0:1234567890123456%%abcdef'::text, ARRAY[100]),
    %(at)s::timestamptz + make_interval(secs => no / 20.0)
FROM generate_series(1, %(phones)s / 100) AS no;
INSERT INTO dispatch_receipt (month, message_id, endpoint_id, event, resident_id, at, reported_at)
SELECT %(month)s, %(message)s, 1000000 + n, event, 5000000 + n * 9 / 10,
    %(at)s::timestamptz + make_interval(secs => 10 + n / 100.0), %(at)s
FROM generate_series(0, %(phones)s - 1) AS n,
    unnest(
        CASE WHEN n %% 6 = 0 THEN ARRAY['received', 'shown', 'opened'] ELSE ARRAY['received'] END
    ) AS event
WHERE n %% 3 < %(heard)s
"""
BARE = """
SELECT count(*), count(DISTINCT resident_id) FROM dispatch_delivery
WHERE month = %(month)s AND message_id = %(message)s
UNION ALL
SELECT count(*), count(DISTINCT resident_id) FROM dispatch_receipt
WHERE month = %(month)s AND message_id = %(message)s
UNION ALL
SELECT sum(cardinality(array_positions(codes, 1::smallint))), count(*) FROM dispatch_batch
WHERE message_id = %(message)s
"""


def run(_dataset: str) -> list[Result]:
    gmina = _history()
    message = _measured(gmina)
    key = {"month": message.month, "message": message.pk}
    print(f"bare counts of its rows: {_median_ms(lambda: _execute(BARE, key)):.1f} ms")

    def live() -> None:
        assert funnel.live(message) is not None

    def year() -> None:
        assert reports.report(gmina, YEAR, Period.MONTH).total.alerts == MESSAGES

    return [_against_limit("funnel_10m", live), _against_limit("statistics_10m", year)]


def _against_limit(name: str, act: Callable[[], None]) -> Result:
    return Result(
        name=name,
        value=_median_ms(act),
        unit="ms",
        reference="the page's limit",
        reference_value=LIMIT_MS,
        goal=1.0,
        better="lower",
    )


def _median_ms(act: Callable[[], object]) -> float:
    act()
    return 1000 * statistics.median(_seconds(act) for _ in range(ROUNDS))


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _execute(sql: str, parameters: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        if cursor.description:
            cursor.fetchall()


def _history() -> Gmina:
    """The gmina whose past has ten million deliveries; made where it is not complete."""
    gmina, _ = Gmina.objects.get_or_create(
        slug=SLUG,
        defaults={"name": "Historia", "office": "Urząd", "kind": "town", "terc6": "999901"},
    )
    missing = MESSAGES - MessageFigures.objects.filter(message__gmina=gmina).count()
    if missing > 0:
        started = time.perf_counter()
        _start_anew(gmina)
        for number in range(MESSAGES):
            _add(gmina, number)
        _fold(gmina)
        _execute("ANALYZE", {})
        rows = MESSAGES * PHONES
        print(f"built {rows:,} deliveries in {time.perf_counter() - started:.0f} s")
    return gmina


def _start_anew(gmina: Gmina) -> None:
    with connection.cursor() as cursor:
        for table in (*partitions.TABLES, "dispatch_batch"):
            cursor.execute(f"TRUNCATE {table}")
    MessageFigures.objects.all().delete()
    Message.objects.filter(gmina=gmina).delete()
    Alert.objects.filter(gmina=gmina).delete()
    for month in range(1, MONTHS + 1):
        first = datetime(YEAR, month, 1, tzinfo=UTC).date()
        for table in partitions.TABLES:
            if first not in partitions.partitioned(table):
                partitions.make(partitions.Month(table, first, has_partition=True), current=first)


def _add(gmina: Gmina, number: int) -> None:
    at = datetime(YEAR, number % MONTHS + 1, 5 + number % 20, 12, tzinfo=UTC)
    over = at + timedelta(hours=6)
    kind, _ = Kind.objects.get_or_create(
        gmina=gmina, code=f"temat-{number % 12}", defaults={"category": "awaria"}
    )
    alert = Alert.objects.create(
        gmina=gmina,
        ref=f"{SLUG}-{YEAR}-{number}",
        state="ended",
        end_reason="expired",
        kind=kind,
        severity="important",
        author_id=1,
        expires_at=over,
        ended_at=over,
    )
    residents = PHONES * 9 // 10
    message = Message.objects.create(
        month=at.date().replace(day=1),
        alert=alert,
        gmina=gmina,
        kind="alert",
        severity="important",
        transport="emulator",
        frozen_at=at,
        frozen_by_id=1,
        expires_at=over,
        area_hash="0" * 64,
        residents=residents,
        devices=PHONES,
        told=Told(Count(residents), Count(PHONES), Count(0), Count(0)).to_json(),
        sent_at=at + timedelta(seconds=15),
    )
    # The measured month has all receipts, the others few: they cost the others' readers nothing.
    heard = 2 if at.month == MONTHS else 0
    _execute(
        FILL,
        {
            "month": message.month,
            "message": message.pk,
            "gmina": gmina.pk,
            "phones": PHONES,
            "at": at,
            "heard": heard,
        },
    )


def _fold(gmina: Gmina) -> None:
    for message in Message.objects.filter(gmina=gmina).select_related("alert"):
        fold(message)


def _measured(gmina: Gmina) -> Message:
    """A message in the middle of the last month."""
    of_month = Message.objects.filter(gmina=gmina, frozen_at__month=MONTHS).order_by("pk")
    return of_month.select_related("alert")[of_month.count() // 2]
