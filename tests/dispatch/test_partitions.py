"""Months made ahead, and dropped only when they are old, folded and seen to be so for days."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from dispatch import partitions, statistics
from dispatch.models import Batch, Delivery, MessageFigures, Receipt, Retirement
from tests.builders import make_alert, make_device, make_gmina, make_message
from tests.emulator import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_partitions():
    """DDL outlives the emptying of tables: other tests' clocks make partitions too."""
    _drop_all()
    yield
    _drop_all()


def _drop_all():
    with connection.cursor() as cursor:
        for table in partitions.TABLES:
            cursor.execute(f"ALTER TABLE {table}_default DROP CONSTRAINT IF EXISTS elsewhere")
            for first in partitions.partitioned(table):
                cursor.execute(f"DROP TABLE {table}_{first:%Y_%m}")


class Clock:
    """The time as every process sees it."""

    def __init__(self, monkeypatch):
        self.now = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def pass_days(self, days):
        """A tick a day, as long as that."""
        dropped = []
        for _ in range(days):
            self.now += timedelta(days=1)
            dropped += partitions.drop_old()
        return dropped


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def sent(frozen_at, *, ended=True, devices=3):
    """A message with a receipt, of an alert that ended at once."""
    over = {"state": "ended", "end_reason": "expired", "ended_at": frozen_at} if ended else {}
    alert = make_alert(make_gmina(f"g{frozen_at:%y%m%d%H%M}"), **over)
    phones = [make_device() for _ in range(devices)]
    message = make_message(alert, phones, frozen_at=frozen_at, sent_at=frozen_at)
    Receipt.objects.create(
        month=message.month,
        message_id=message.pk,
        endpoint_id=phones[0].pk,
        resident_id=phones[0].resident_id,
        event="received",
        at=frozen_at,
    )
    return message


def in_partition(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {table} GROUP BY 1")
        return dict(cursor.fetchall())


def test_this_month_and_three_to_come_are_made_once(clock):
    assert len(partitions.make_ahead()) == 8
    assert partitions.make_ahead() == []
    months = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    assert [partitions.partitioned(table) for table in partitions.TABLES] == [months, months]
    sent(NOW)
    assert in_partition("dispatch_delivery") == {"dispatch_delivery_2026_11": 3}
    assert in_partition("dispatch_receipt") == {"dispatch_receipt_2026_11": 1}


def test_rows_in_default_stay_there_and_are_found(clock):
    message = sent(NOW)
    made = partitions.make_ahead()
    assert "dispatch_delivery_2026_11" not in made
    assert "dispatch_delivery_2026_12" in made
    assert in_partition("dispatch_delivery") == {"dispatch_delivery_default": 3}
    assert Delivery.objects.filter(month=message.month, message_id=message.pk).count() == 3


def test_a_partition_is_as_unique_as_the_whole(clock):
    partitions.make_ahead()
    message = sent(NOW)
    again = Delivery.objects.filter(message_id=message.pk).first()
    again.pos = 99
    with pytest.raises(IntegrityError):
        again.save(force_insert=True)


def test_a_freezing_under_way_is_not_held_up_and_the_next_tick_makes_it(clock, monkeypatch):
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT_MS", 100)
    begun, done = threading.Event(), threading.Event()

    def freeze():
        with transaction.atomic():
            sent(NOW)
            begun.set()
            done.wait(10)
        connection.close()

    freezing = threading.Thread(target=freeze)
    freezing.start()
    assert begun.wait(10)
    try:
        assert partitions.make_ahead() == []
    finally:
        done.set()
        freezing.join()
    assert "dispatch_delivery_2026_12" in partitions.make_ahead()
    assert in_partition("dispatch_delivery") == {"dispatch_delivery_default": 3}


def test_a_freezing_that_comes_in_between_waits_and_finds_the_new_partition(clock, monkeypatch):
    attach, freezers = partitions._attach, []

    def attach_when_somebody_waits(month):
        freezers.append(threading.Thread(target=freeze, args=(month.first, failures)))
        freezers[-1].start()
        wait_until(somebody_waits, "the freezing waits for us")
        attach(month)

    failures = []
    monkeypatch.setattr(partitions, "TABLES", (partitions.DELIVERY,))
    monkeypatch.setattr(partitions, "MONTHS_AHEAD", 0)
    monkeypatch.setattr(partitions, "_attach", attach_when_somebody_waits)
    assert partitions.make_ahead() == ["dispatch_delivery_2026_11"]
    freezers[0].join()
    assert failures == []
    assert in_partition("dispatch_delivery") == {"dispatch_delivery_2026_11": 1}


def freeze(month, failures):
    try:
        Delivery.objects.create(
            month=month, message_id=1, batch_no=1, pos=1, gmina_id=1, endpoint_id=1, resident_id=1
        )
    except IntegrityError as error:
        failures.append(error)
    finally:
        connection.close()


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_a_crash_between_making_and_attaching_is_made_good(clock):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE dispatch_delivery_2026_12 (LIKE dispatch_delivery INCLUDING ALL)"
        )
        cursor.execute(
            "ALTER TABLE dispatch_delivery_default ADD CONSTRAINT elsewhere "
            "CHECK (month < '2026-12-01' OR month >= '2027-01-01') NOT VALID"
        )
    partitions.make_ahead()
    assert date(2026, 12, 1) in partitions.partitioned("dispatch_delivery")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'elsewhere'")
        assert cursor.fetchone() == (0,)


def test_two_clocks_at_once_make_each_partition_once(clock):
    results = []

    def run():
        results.append(partitions.make_ahead())
        connection.close()

    clocks = [threading.Thread(target=run) for _ in range(2)]
    for thread in clocks:
        thread.start()
    for thread in clocks:
        thread.join()
    assert len([name for made in results for name in made]) == 8


# ── What is old ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def old(clock, settings):
    """A message that is older than receipts and deliveries are kept, in a partition of its own."""
    settings.DELIVERIES_KEPT_MONTHS, settings.RECEIPTS_KEPT_MONTHS = 2, 1
    partitions.make_ahead()
    message = sent(NOW)
    clock.now = NOW + timedelta(days=100)
    return message


def test_details_go_after_the_figures_are_folded_and_days_have_passed(clock, old):
    assert clock.pass_days(20) == []
    assert statistics.fold(old)
    dropped = clock.pass_days(8)
    assert set(dropped) >= {"dispatch_receipt_2026_11", "dispatch_delivery_2026_11"}
    assert not Delivery.objects.exists()
    assert not Receipt.objects.exists()
    assert not Batch.objects.exists()
    assert statistics.figures_of(old).residents["selected"].count == 3


def test_an_alert_that_still_runs_keeps_its_month(clock, settings):
    settings.DELIVERIES_KEPT_MONTHS = settings.RECEIPTS_KEPT_MONTHS = 1
    partitions.make_ahead()
    statistics.fold(sent(NOW, ended=False))
    clock.now = NOW + timedelta(days=400)
    assert clock.pass_days(20) == []


def test_old_rows_in_default_are_deleted_in_pieces(clock, settings, monkeypatch):
    settings.DELIVERIES_KEPT_MONTHS = settings.RECEIPTS_KEPT_MONTHS = 1
    monkeypatch.setattr(partitions, "DELETE_AT_ONCE", 2)
    message, newer = sent(NOW), sent(NOW + timedelta(days=90))
    partitions.make_ahead()
    clock.now = NOW + timedelta(days=90)
    statistics.fold(message)
    clock.pass_days(14)
    assert set(Delivery.objects.values_list("message_id", flat=True)) == {newer.pk}
    assert set(Receipt.objects.values_list("message_id", flat=True)) == {newer.pk}


def test_a_clock_that_jumps_ahead_and_back_drops_nothing(clock, settings):
    partitions.make_ahead()
    message = sent(NOW)
    clock.now = NOW + timedelta(days=4)
    statistics.fold(message)
    for _ in range(10):
        clock.now = NOW.replace(year=2040)
        assert partitions.drop_old() == []
        clock.now = NOW + timedelta(days=4)
        assert partitions.drop_old() == []
    assert not Retirement.objects.exists()
    clock.now = NOW.replace(year=2040)
    assert clock.pass_days(partitions.DAYS_DUE - 1) == []
    assert Delivery.objects.count() == 3


def test_ticks_of_one_day_are_one_day(clock, old):
    statistics.fold(old)
    for _ in range(50):
        clock.now += timedelta(seconds=5)
        assert partitions.drop_old() == []
    assert set(Retirement.objects.values_list("days", flat=True)) == {1}


def test_figures_folded_before_the_end_do_not_let_details_go(clock, old):
    MessageFigures.objects.create(message=old, folded_at=NOW, told={})
    assert clock.pass_days(10) == []
