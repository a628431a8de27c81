"""audit_verify: every way to tamper is found, by name; a whole log passes.

Tampering goes past the triggers as a database's owner could, with row triggers off.
"""

import io
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import anchors
from audit.anchors import Anchor, HeadsFile
from audit.chain import GENESIS, anchor, hash_of, link
from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from audit.verify import Fault, check_chain, verify
from tests.builders import make_gmina

ROWS = 6


@pytest.fixture
def heads(settings, tmp_path):
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads.log")
    return tmp_path / "heads.log"


@pytest.fixture
def gmina(db, heads):
    """A gmina whose six acts are linked and anchored."""
    gmina = make_gmina()
    for number in range(ROWS):
        record(Verb.ALERT_DRAFTED, by=None, gmina=gmina, number=number)
    link()
    anchor()
    return gmina


@contextmanager
def triggers_off():
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")


def tamper(statement, *parameters):
    with triggers_off() as cursor:
        cursor.execute(statement, parameters)


def relink_from(seq):
    """What a forger does: compute the rest of the chain anew, without holes."""
    with triggers_off():
        before = Event.objects.filter(seq__lt=seq).order_by("-seq").first()
        place, previous = (before.seq, bytes(before.hash)) if before else (0, GENESIS)
        for event in Event.objects.filter(seq__gte=seq).order_by("seq"):
            place += 1
            event.seq, event.previous_hash = place, previous
            event.hash = previous = hash_of(event)
            event.save()


def faults(heads):
    return {finding.fault for finding in verify(anchors.read(heads))}


def test_a_whole_log_passes(gmina, heads):
    out = io.StringIO()
    call_command("audit_verify", stdout=out)
    assert out.getvalue() == "Dziennik jest nienaruszony: wpięte wiersze: 6, zapisy poza bazą: 1.\n"


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'nikt@example.pl'",
        "at = at + interval '1 second'",
        """data = '{"number": 99}'""",
        "verb = 'alert_approved'",
        "target_id = 'x'",
        "actor_id = 12345",
        "hash = decode(repeat('ab', 32), 'hex')",
    ],
)
def test_a_changed_row_is_found(gmina, heads, change):
    tamper(f"UPDATE audit_event SET {change} WHERE seq = 3")
    assert Fault.CHANGED in faults(heads)


def test_a_deleted_row_is_a_gap(gmina, heads):
    tamper("DELETE FROM audit_event WHERE seq = 3")
    assert faults(heads) == {Fault.GAP}


def test_a_row_replaced_with_its_own_hash_right_breaks_the_next(gmina, heads):
    event = Event.objects.get(seq=3)
    event.data = {"number": 99}
    event.hash = hash_of(event)
    with triggers_off():
        event.save()
    assert faults(heads) == {Fault.BROKEN}


def test_a_cut_tail_is_found_by_the_heads_file(gmina, heads):
    tamper("DELETE FROM audit_event WHERE seq > 4")
    assert faults(heads) == {Fault.CUT_TAIL}


def test_a_whole_chain_gone_is_a_cut_tail(gmina, heads):
    tamper("DELETE FROM audit_event")
    assert faults(heads) == {Fault.CUT_TAIL}


def test_a_rewritten_chain_is_found_by_the_heads_file(gmina, heads):
    tamper("""UPDATE audit_event SET data = '{"number": 99}' WHERE seq = 3""")
    relink_from(3)
    assert faults(heads) == {Fault.REWRITTEN}
    assert faults(heads.with_name("none")) == set(), "inside, a rewritten chain looks whole"


def test_a_chain_closed_over_a_deleted_row_is_found_by_the_heads_file(gmina, heads):
    tamper("DELETE FROM audit_event WHERE seq = 3")
    relink_from(3)
    assert faults(heads) == {Fault.CUT_TAIL}


def test_a_row_moved_to_another_gminas_chain_is_found(gmina, heads):
    other = make_gmina("obok")
    tamper("UPDATE audit_event SET gmina_id = %s WHERE seq = 6", other.pk)
    assert {Fault.CHANGED, Fault.CUT_TAIL} <= faults(heads)


def test_rows_nobody_links_are_found_after_a_minute(gmina, heads):
    event = record(Verb.SIGNED_OUT, by=None, gmina=gmina)
    assert faults(heads) == set()
    at = timezone.now() - timedelta(seconds=61)
    tamper("UPDATE audit_event SET at = %s WHERE id = %s", at, event.pk)
    assert faults(heads) == {Fault.UNLINKED}


@pytest.mark.parametrize(("hours", "found"), [(2, set()), (4, {Fault.UNANCHORED})])
def test_a_heads_file_that_stopped_growing_is_found_after_three_hours(gmina, heads, hours, found):
    event = record(Verb.SIGNED_OUT, by=None, gmina=gmina)
    at = timezone.now() - timedelta(hours=hours)
    tamper("UPDATE audit_event SET at = %s WHERE id = %s", at, event.pk)
    link()
    assert faults(heads) == found


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "7",
        '{"at": "2026-11-24T06:00:00+00:00", "chain": "gmina:x", "seq": 1, "hash": "ab"}',
        '{"at": "wczoraj", "chain": "operator", "seq": 1, "hash": "ab"}',
    ],
)
def test_a_line_that_is_no_anchor_is_found(gmina, heads, line):
    with heads.open("a") as file:
        file.write(line + "\n")
    assert faults(heads) == {Fault.BAD_ANCHOR}


def test_the_command_says_what_is_wrong_and_fails_with_its_code(gmina, heads):
    tamper("DELETE FROM audit_event WHERE seq = 3")
    tamper("UPDATE audit_event SET actor = 'x' WHERE seq = 5")
    err = io.StringIO()
    with pytest.raises(CommandError, match="nieprawidłowości: 2") as failed:
        call_command("audit_verify", heads=heads, stderr=err)
    assert failed.value.returncode == Fault.CHANGED
    lines = err.getvalue().splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [f"gmina:{gmina.pk}", "GAP"],
        [f"gmina:{gmina.pk}", "CHANGED"],
    ]


# One chain in memory, as the database gives it, and one mutation of it.
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
acts = st.builds(
    SimpleNamespace,
    id=st.integers(1, 10**6),
    at=st.datetimes(timezones=st.just(timezone.get_fixed_timezone(0))),
    actor_id=st.none() | st.integers(1, 99),
    actor=text,
    verb=st.sampled_from(Verb.values),
    target_kind=text,
    target_id=text,
    data=st.dictionaries(text, st.integers() | text | st.lists(st.integers(), max_size=3)),
)


def linked(rows):
    previous = GENESIS
    for seq, row in enumerate(rows, start=1):
        row.gmina_id, row.seq, row.previous_hash = 3, seq, previous
        row.hash = previous = hash_of(row)
    return rows


def found(rows, head):
    anchored = Anchor(timezone.now(), "gmina:3", len(head), bytes(head[-1]).hex())
    return {f.fault for f in check_chain("gmina:3", rows, [anchored])}


@given(st.lists(acts, min_size=1, max_size=8), st.data())
def test_any_single_mutation_of_a_chain_is_found(rows, data):
    rows = linked(rows)
    head = [row.hash for row in rows]
    assert found(rows, head) == set()
    index = data.draw(st.integers(0, len(rows) - 1), label="row")
    mutation = data.draw(st.sampled_from(["delete", "repeat", *vars(rows[0])]), label="mutation")
    if mutation == "delete":
        del rows[index]
    elif mutation == "repeat":
        rows.insert(index, rows[index])
    else:
        old = getattr(rows[index], mutation)
        setattr(rows[index], mutation, data.draw(different_from(old), label="value"))
    assert found(rows, head)


def different_from(old):
    kinds = {
        bytes: st.binary(min_size=32, max_size=32),
        int: st.integers(1, 10**6),
        str: text,
        dict: st.dictionaries(text, st.integers()),
        type(None): st.integers(1, 99),
    }
    values = kinds.get(type(old), st.datetimes(timezones=st.just(timezone.get_fixed_timezone(0))))
    return values.filter(lambda new: new != old)


def test_an_empty_log_is_whole(db):
    assert verify(HeadsFile()) == []
