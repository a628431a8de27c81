"""What the database itself refuses, whoever asks."""

import pytest
from django.db import ProgrammingError, connection, transaction

from audit.chain import link
from audit.models import Event
from audit.record import record
from audit.verbs import Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return record(Verb.SIGNED_IN, by=None, gmina=None, step=1)


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'x'",
        "data = '{}'",
        "at = now()",
        "gmina_id = 7",
        "verb = 'signed_out'",
        "seq = 1, previous_hash = '\\x00', hash = '\\x00', actor = 'x'",
    ],
)
def test_an_unlinked_row_cannot_be_changed(event, change):
    with pytest.raises(ProgrammingError, match="append-only"):
        run(f"UPDATE audit_event SET {change}")


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'x'",
        "hash = '\\x00'",
        "seq = 2",
        "seq = NULL, previous_hash = NULL, hash = NULL",
    ],
)
def test_a_linked_row_cannot_be_changed_or_unlinked(event, change):
    link()
    with pytest.raises(ProgrammingError, match="append-only"):
        run(f"UPDATE audit_event SET {change}")


def test_an_update_that_changes_nothing_is_refused_too(event):
    with pytest.raises(ProgrammingError, match="append-only"):
        run("UPDATE audit_event SET actor = actor")


def test_no_row_can_be_deleted(event):
    with pytest.raises(ProgrammingError, match="DELETE refused"):
        run("DELETE FROM audit_event")


def test_the_table_cannot_be_emptied(event):
    """The trigger that the test runner lifts, put back for this test."""
    run("ALTER TABLE audit_event ENABLE TRIGGER audit_event_truncate")
    with pytest.raises(ProgrammingError, match="TRUNCATE refused"):
        run("TRUNCATE audit_event")


def test_a_row_cannot_arrive_linked(event):
    with pytest.raises(ProgrammingError, match=r"audit\.chain only"):
        run(
            "INSERT INTO audit_event (at, actor, verb, target_kind, target_id, data, seq,"
            " previous_hash, hash) VALUES (now(), 'x', 'signed_in', '', '', '{}', 1, '', '')"
        )
