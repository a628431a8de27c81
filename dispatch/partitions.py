"""Months of deliveries and receipts: their partitions made ahead, and dropped when they are old.

Rows of a month without a partition go to DEFAULT and stay there: they are found like any others,
and are deleted in pieces when they are old. So nothing waits for rows to be moved. Locks that could
hold up a freezing are given up after LOCK_TIMEOUT_MS; the clock comes back in seconds.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from psycopg import sql
from psycopg.errors import LockNotAvailable

from dispatch import queries
from dispatch.models import Batch, Message, Retirement
from dispatch.statistics import SETTLED_AFTER

logger = logging.getLogger(__name__)
DELIVERY, RECEIPT = "dispatch_delivery", "dispatch_receipt"
TABLES = (DELIVERY, RECEIPT)
MONTHS_AHEAD = 3
LOCK = 0x53414F504152  # "SAOPAR": two clocks must not make the same partition
LOCK_TIMEOUT_MS = 500
# An empty or small DEFAULT is looked through in milliseconds; a larger one without its lock.
SMALL_BYTES = 16 * 1024**2
# A month goes when it was old enough on so many days, at least so far apart.
DAYS_DUE = 7
A_DAY = timedelta(hours=20)
DELETE_AT_ONCE = 20_000


@dataclass(frozen=True)
class Month:
    """A month of one table, as a partition or within DEFAULT."""

    table: str
    first: date
    has_partition: bool

    @property
    def name(self) -> str:
        return f"{self.table}_{self.first:%Y_%m}"

    @property
    def next(self) -> date:
        return month_after(self.first, 1)


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def make_ahead() -> list[str]:
    """A duty of the clock: partitions for this month and those to come; the names of new ones.

    This month only where none of its rows are in DEFAULT yet. Where a lock can't be had in time the
    rest is left to the next tick.
    """
    current = month_of(timezone.now().date())
    wanted = [month_after(current, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    missing = [
        Month(table, first, has_partition=True)
        for table in TABLES
        for first in sorted(set(wanted) - set(partitioned(table)))
    ]
    if not missing:
        return []
    made: list[str] = []
    with _alone() as is_ours, _patient():
        made.extend(month.name for month in missing if is_ours and make(month, current=current))
    return made


def drop_old() -> list[str]:
    """A duty of the clock: drop months that are old, folded, and seen to be so for days."""
    return [month.name for month, kept_months in _oldest() if _retire(month, kept_months)]


def partitioned(table: str) -> list[date]:
    """The months that have a partition, in order."""
    rows = queries.rows("partitions", table=table)
    return [date(int(row["year"]), int(row["month"]), 1) for row in rows]


def _oldest() -> Iterator[tuple[Month, int]]:
    """Of each table the oldest month that has rows or a partition, and for how many it is kept."""
    kept = {DELIVERY: settings.DELIVERIES_KEPT_MONTHS, RECEIPT: settings.RECEIPTS_KEPT_MONTHS}
    for table, months in kept.items():
        default, parts = _oldest_in_default(table), partitioned(table)
        if default is not None and (not parts or default < parts[0]):
            yield Month(table, default, has_partition=False), months
        elif parts:
            yield Month(table, parts[0], has_partition=True), months


def _oldest_in_default(table: str) -> date | None:
    [row] = _run("SELECT min(month) FROM {}", sql.Identifier(f"{table}_default"))
    return row[0]


def _retire(month: Month, kept_months: int) -> bool:
    if not _is_old(month, kept_months):
        Retirement.objects.filter(table=month.table).delete()
        return False
    if not (_is_folded(month.first) and _is_seen_long(month)):
        return False
    with _patient():
        return _drop(month)
    return False


def _is_old(month: Month, kept_months: int) -> bool:
    return month_after(month.first, kept_months) < month_of(timezone.now().date())


def _is_folded(first: date) -> bool:
    """Whether every message of the month has its last figures (statistics.py)."""
    settled_at = F("alert__ended_at") + SETTLED_AFTER
    unsettled = Q(alert__ended_at=None) | Q(figures=None) | Q(figures__folded_at__lt=settled_at)
    return not Message.objects.filter(unsettled, month=first).exists()


def _is_seen_long(month: Month) -> bool:
    """Note that the month is old; whether that was so on DAYS_DUE days."""
    now = timezone.now()
    seen, is_new = Retirement.objects.get_or_create(
        table=month.table, month=month.first, defaults={"seen_at": now}
    )
    if not is_new and now >= seen.seen_at + A_DAY:
        Retirement.objects.filter(pk=seen.pk).update(days=F("days") + 1, seen_at=now)
        seen.refresh_from_db()
    return seen.days >= DAYS_DUE


def _drop(month: Month) -> bool:
    """False: rows are left, for the next tick."""
    if month.table == DELIVERY and _delete_batches(month.first):
        return False
    if not month.has_partition:
        return not _delete_from_default(month)
    with transaction.atomic():
        _limit_locks()
        _run("DROP TABLE {}", sql.Identifier(month.name))
        Retirement.objects.filter(table=month.table, month=month.first).delete()
    logger.info("partition dropped", extra={"partition": month.name})
    return True


def _delete_batches(first: date) -> int:
    """Batches lead to nothing without their deliveries; how many went this time."""
    some = Batch.objects.filter(month=first).order_by("pk").values("pk")[: DELETE_AT_ONCE // 100]
    return Batch.objects.filter(pk__in=list(some.values_list("pk", flat=True))).delete()[0]


def _delete_from_default(month: Month) -> int:
    return len(
        _run(
            "DELETE FROM {0} WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM {0} WHERE month = {1} LIMIT {2})) RETURNING 1",
            sql.Identifier(f"{month.table}_default"),
            sql.Literal(month.first),
            sql.Literal(DELETE_AT_ONCE),
        )
    )


def make(month: Month, *, current: date) -> bool:
    """Make and attach one partition; False where its rows are in DEFAULT already."""
    if _has_rows_in_default(month):
        return False
    if month.first == current:
        return _make_at_once(month)
    _run(
        "CREATE TABLE IF NOT EXISTS {} (LIKE {} INCLUDING ALL)",
        sql.Identifier(month.name),
        sql.Identifier(month.table),
    )
    # Attaching looks DEFAULT through for rows of the month, under a lock that stops everybody,
    # unless a constraint tells that there are none. Validating that one stops nobody. No row of a
    # month to come is refused by it meanwhile: there are none yet.
    default, elsewhere = sql.Identifier(f"{month.table}_default"), sql.Identifier("elsewhere")
    with transaction.atomic():
        _limit_locks()
        _run("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", default, elsewhere)
        _run(
            "ALTER TABLE {} ADD CONSTRAINT {} CHECK (month < {} OR month >= {}) NOT VALID",
            *(default, elsewhere, sql.Literal(month.first), sql.Literal(month.next)),
        )
    _run("ALTER TABLE {} VALIDATE CONSTRAINT {}", default, elsewhere)
    with transaction.atomic():
        _limit_locks()
        _attach(month)
        _run("ALTER TABLE {} DROP CONSTRAINT {}", default, elsewhere)
    return True


def _make_at_once(month: Month) -> bool:
    """This month's partition, which is being written to: one transaction, or not at all."""
    default = f"{month.table}_default"
    [row] = _run("SELECT pg_relation_size({}::regclass)", sql.Literal(default))
    if row[0] > SMALL_BYTES:
        return False
    with transaction.atomic():
        _limit_locks()
        # The parent first: a freezing that waited for DEFAULT alone would have chosen it already,
        # and be refused there once the month has a table of its own.
        _run("LOCK TABLE ONLY {} IN SHARE ROW EXCLUSIVE MODE", sql.Identifier(month.table))
        _run("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", sql.Identifier(default))
        if _has_rows_in_default(month):
            return False
        _run(
            "CREATE TABLE IF NOT EXISTS {} (LIKE {} INCLUDING ALL)",
            sql.Identifier(month.name),
            sql.Identifier(month.table),
        )
        _attach(month)
    return True


def _attach(month: Month) -> None:
    _run(
        "ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})",
        sql.Identifier(month.table),
        sql.Identifier(month.name),
        sql.Literal(month.first),
        sql.Literal(month.next),
    )
    logger.info("partition made", extra={"partition": month.name})


def _has_rows_in_default(month: Month) -> bool:
    [row] = _run(
        "SELECT EXISTS (SELECT FROM {} WHERE month >= {} AND month < {})",
        sql.Identifier(f"{month.table}_default"),
        sql.Literal(month.first),
        sql.Literal(month.next),
    )
    return bool(row[0])


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other process makes partitions just now; held by the session meanwhile."""
    [row] = _run("SELECT pg_try_advisory_lock({})", sql.Literal(LOCK))
    try:
        yield row[0]
    finally:
        if row[0]:
            _run("SELECT pg_advisory_unlock({})", sql.Literal(LOCK))


@contextmanager
def _patient() -> Iterator[None]:
    """Leaves to the next tick what waits for a lock too long."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        logger.info("partition waits for a lock")


def _limit_locks() -> None:
    _run("SET LOCAL lock_timeout = {}", sql.Literal(f"{LOCK_TIMEOUT_MS}ms"))


def _run(statement: str, *parts: sql.Composable) -> list[tuple[Any, ...]]:
    """Names of tables can't be parameters: composed and quoted by psycopg."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
        return cursor.fetchall() if cursor.description else []
