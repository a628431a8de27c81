"""PostgreSQL restarted without warning, while an alert is being sent or frozen."""

import signal
import threading

import psycopg
from django.db import Error, connection

from dispatch import compose
from dispatch.models import Alert, Batch, Delivery, Message
from tests.faults.conftest import database_of
from tests.faults.machine import SENDERS
from tests.faults.town import AT_RISK, done

# Sessions that have written deliveries and now wait for a lock.
FREEZING = """
SELECT count(*) FROM pg_locks AS waits JOIN pg_locks AS holds USING (pid)
JOIN pg_class AS held ON held.oid = holds.relation
WHERE NOT waits.granted AND holds.granted AND holds.mode = 'RowExclusiveLock'
    AND held.relname = 'dispatch_delivery'
"""


def crash(machine):
    """The server's end without goodbye; it recovers at its next start."""
    machine.stop("postgres", by=signal.SIGQUIT)
    machine.start("postgres")


def test_restarted_while_sending_it_loses_nobody(machine, town, ends_well, report):
    message = town.send(5_000)
    machine.until(lambda: done(message) >= 10, "it is under way")
    crash(machine)
    found = ends_well(message)
    report("PostgreSQL restarted while sending", found)
    assert found.repeats <= len(SENDERS) * AT_RISK


def test_restarted_while_freezing_nothing_is_left_and_the_alert_waits_to_be_approved(
    machine, town, ends_well, report
):
    """Somebody else has the texts locked, so that freezing stands still in its middle."""
    alert = town.submit(5_000)
    before = [model.objects.count() for model in (Message, Batch, Delivery)]
    failures = []
    officer = threading.Thread(target=approve, args=(machine, town, alert, failures))
    with psycopg.connect(machine.dsn) as other:
        other.execute("LOCK TABLE dispatch_messagetext IN SHARE MODE")
        officer.start()
        machine.until(stands_in_its_middle, "freezing has written deliveries and waits")
        crash(machine)
        other.close()
    officer.join()
    assert len(failures) == 1
    alert.refresh_from_db()
    assert alert.state == Alert.State.AWAITING_APPROVAL
    assert [model.objects.count() for model in (Message, Batch, Delivery)] == before
    compose.approve(alert, by=town.approver)
    found = ends_well(alert.messages.get())
    report("PostgreSQL restarted while freezing", found)
    assert (found.planned, found.repeats) == (5_000, 0)


def approve(machine, town, alert, failures):
    with database_of(machine):
        try:
            compose.approve(alert, by=town.approver)
        except Error as error:
            failures.append(error)


def stands_in_its_middle():
    with connection.cursor() as cursor:
        cursor.execute(FREEZING)
        return cursor.fetchone()[0] > 0
