"""Linking committed rows, and heads outside the database."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit import anchors
from audit.chain import GENESIS, LOCK_SPACE, anchor, hash_of, head, link
from audit.models import Event
from audit.record import record
from audit.verbs import Verb
from tests.builders import make_gmina

BOTH_COMMIT = pytest.mark.django_db(transaction=True)


def add(gmina=None, **data):
    return record(Verb.ALERT_DRAFTED, by=None, gmina=gmina, **data)


@pytest.mark.django_db
def test_each_row_carries_the_hash_of_the_one_before():
    for number in range(3):
        add(number=number)
    assert link() == 3
    first, second, third = Event.objects.order_by("seq")
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert bytes(first.previous_hash) == GENESIS
    assert bytes(second.previous_hash) == bytes(first.hash) == hash_of(first)
    assert bytes(third.previous_hash) == bytes(second.hash)


@pytest.mark.django_db
def test_each_gmina_and_the_operator_have_chains_of_their_own():
    testowo, obok = make_gmina("testowo"), make_gmina("obok")
    for gmina in (testowo, obok, None, testowo):
        add(gmina)
    link()
    assert [head(g).seq for g in (testowo.pk, obok.pk, None)] == [2, 1, 1]


@pytest.mark.django_db
def test_linking_goes_on_where_it_stopped():
    for number in range(5):
        add(number=number)
    assert [link(limit=2), link(limit=2), link(limit=2), link(limit=2)] == [2, 2, 1, 0]
    assert [e.data["number"] for e in Event.objects.order_by("seq")] == [0, 1, 2, 3, 4]


@BOTH_COMMIT
def test_a_row_committed_late_comes_after_those_linked_before_it():
    """A long transaction keeps nobody waiting: its row has the lower id and the later place."""
    inserted, linked = threading.Event(), threading.Event()

    def long_transaction():
        with transaction.atomic():
            add(who="long")
            inserted.set()
            linked.wait(10)
        connection.close()

    thread = threading.Thread(target=long_transaction)
    thread.start()
    inserted.wait(10)
    add(who="quick")
    assert link() == 1
    linked.set()
    thread.join(10)
    assert link() == 1
    assert [e.data["who"] for e in Event.objects.order_by("seq")] == ["quick", "long"]
    assert [e.data["who"] for e in Event.objects.order_by("id")] == ["long", "quick"]


@BOTH_COMMIT
def test_a_chain_that_another_process_links_is_left_to_it():
    add()
    held, release = threading.Event(), threading.Event()

    def other_process():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK_SPACE])
            held.set()
            release.wait(10)
        connection.close()

    thread = threading.Thread(target=other_process)
    thread.start()
    held.wait(10)
    assert link() == 0
    release.set()
    thread.join(10)
    assert link() == 1


@pytest.mark.django_db
def test_heads_are_appended_once_and_only_when_they_moved(settings, tmp_path):
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads" / "audit.log")
    gmina = make_gmina()
    add(gmina)
    add(None)
    assert anchor() == 0  # nothing is linked yet
    link()
    assert anchor() == 2
    assert anchor() == 0
    add(gmina)
    link()
    assert anchor() == 1
    lines = (tmp_path / "heads" / "audit.log").read_text().splitlines()
    assert [(json.loads(x)["chain"], json.loads(x)["seq"]) for x in lines][-1] == (
        f"gmina:{gmina.pk}",
        2,
    )
    assert json.loads(lines[-1])["hash"] == bytes(head(gmina.pk).hash).hex()


def test_a_line_cut_by_a_crash_stays_visible_and_spoils_no_other(tmp_path):
    path = tmp_path / "heads"
    path.write_text('{"at": "2026-11-2')
    now = timezone.now()
    anchors.append(path, [anchors.Anchor(now, "operator", 4, "ab" * 32)])
    found = anchors.read(path)
    assert found.bad_lines == [1]
    assert found.anchors == [anchors.Anchor(now, "operator", 4, "ab" * 32)]


def test_an_absent_heads_file_is_empty(tmp_path):
    assert anchors.read(tmp_path / "none") == anchors.HeadsFile()


@pytest.mark.django_db
def test_the_hash_is_the_same_whatever_zone_the_time_is_read_in():
    event = add()
    event.seq, event.previous_hash = 1, GENESIS
    before = hash_of(event)
    event.at = event.at.astimezone(timezone.get_fixed_timezone(timedelta(hours=2)))
    assert hash_of(event) == before
