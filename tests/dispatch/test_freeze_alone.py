"""A freezing under way: it stops nobody, and one that is cut off leaves nothing."""

import threading

import pytest
from django.db import DatabaseError, connection

from accounts import work_queue
from audit.models import Event
from dispatch import areas, audiences, compose, fanout, jobs, late, lease
from dispatch.models import (
    Alert,
    AlertText,
    AreaPiece,
    Batch,
    Delivery,
    Message,
    MessageText,
    StaffNotice,
)
from residents import privacy, whereabouts
from residents.models import Place
from residents.signals import place_changed
from tests.builders import (
    aim,
    at,
    make_alert,
    make_device,
    make_gmina,
    make_place,
    make_resident,
    make_user,
)
from tests.dispatch.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
WRITTEN = (Message, MessageText, AreaPiece, Batch, Delivery, StaffNotice)


@pytest.fixture(autouse=True)
def emulator_is_set(settings, monkeypatch):
    settings.FCM_EMULATOR_URL = "http://127.0.0.1:1"
    settings.FCM_CREDENTIALS = ""
    monkeypatch.setattr(jobs, "wake", lambda _priority: None)
    monkeypatch.setattr(work_queue, "put", lambda _job: True)


def scheduled(slug):
    """An alert to a whole gmina with one resident, whose time has come."""
    gmina = make_gmina(slug)
    resident = make_resident()
    make_device(resident)
    make_place(resident, gmina, at=at(1, 1))
    approver = make_user(f"{slug}@a.pl", "approver", gmina=gmina)
    alert = make_alert(gmina, state="scheduled", approved_by_id=approver.pk)
    AlertText.objects.create(alert=alert, lang="pl", title="Brak wody", body="Do 18:00.")
    aim(alert, {"kind": "gmina"})
    area = areas.resolve(gmina, areas.chosen_parts(alert))
    seen = audiences.preview(gmina, area, alert.kind, alert.severity)
    alert.seen_residents, alert.seen_editions = seen.residents, fanout.by_layer(area)
    alert.save()
    return alert


class Freezing:
    """An alert started on a connection of its own, which waits before it calls `stop`."""

    def __init__(self, alert, stop, monkeypatch):
        self.alert, self.error = alert, None
        self.there, self.go = threading.Event(), threading.Event()
        self.original, self.pid = getattr(fanout, stop), None
        monkeypatch.setattr(fanout, stop, self.wait)
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        assert self.there.wait(30)
        return self

    def __exit__(self, *_error):
        self.end()

    def end(self):
        self.go.set()
        self.thread.join(30)
        assert not self.thread.is_alive()

    def run(self):
        try:
            compose.start(self.alert)
        except DatabaseError as error:
            self.error = error
        finally:
            self.there.set()
            connection.close()

    def wait(self, *arguments, **more):
        if threading.current_thread() is self.thread:
            self.pid = connection.connection.info.backend_pid
            self.there.set()
            self.go.wait(30)
        return self.original(*arguments, **more)


@pytest.mark.parametrize("stop", ["_write", "difference", "_write_pieces", "_finish"])
def test_a_freezing_whose_connection_is_cut_leaves_nothing(monkeypatch, stop):
    alert = scheduled("a")
    before = Event.objects.count()
    with Freezing(alert, stop, monkeypatch) as freezing, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [freezing.pid])
    assert freezing.error is not None
    alert.refresh_from_db()
    assert alert.state == Alert.State.SCHEDULED
    assert [model.objects.count() for model in WRITTEN] == [0] * len(WRITTEN)
    assert Event.objects.count() == before
    assert compose.start(alert).devices == 1


def test_a_freezing_under_way_stops_nobody(monkeypatch):
    mine, other = scheduled("a"), scheduled("b")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    leaving, moving = make_resident(), make_resident()
    for resident in (leaving, moving):
        make_device(resident)
        make_place(resident, mine.gmina, at=at(5, 5))
    Alert.objects.filter(pk=mine.pk).update(seen_residents=3)
    with Freezing(mine, "_finish", monkeypatch) as freezing:
        assert compose.start(other).devices == 1
        claim = lease.claim()
        assert Message.objects.get(pk=claim.message_id).alert_id == other.pk
        assert lease.finish(claim, [1], ["id"])
        whereabouts.change_place(moving.places.get(), kind="work")
        privacy.erase(leaving)
        make_device(make_resident())
        assert freezing.thread.is_alive()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert freezing.error is None
    assert Message.objects.get(alert=mine).devices == 3


def test_others_write_count_submit_and_send_while_a_freezing_is_under_way(monkeypatch):
    mine, other = scheduled("a"), Town()
    colleague = make_user("colleague@a.pl", "editor", gmina=mine.gmina)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    with Freezing(mine, "_finish", monkeypatch) as freezing:
        draft = other.draft()
        area = areas.resolve(other.gmina, areas.chosen_parts(draft))
        assert audiences.preview(other.gmina, area, draft.kind, draft.severity).residents == 3
        submitted = compose.submit(draft, by=other.anna)
        assert compose.approve(submitted, by=other.bartek).devices == 3
        neighbour = other.data(parts=[{"kind": "gmina"}])  # of the gmina that freezes
        draft = compose.create_draft(mine.gmina, neighbour, by=colleague)
        assert compose.submit(draft, by=colleague).seen_residents == 1
        assert freezing.thread.is_alive()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert freezing.error is None
    assert Message.objects.get(alert=mine).devices == 1


def test_who_moves_in_while_the_area_is_frozen_is_told_after_it(monkeypatch):
    alert = scheduled("a")
    newcomer = make_resident()
    make_device(newcomer)
    with Freezing(alert, "_finish", monkeypatch):
        place = make_place(newcomer, alert.gmina, at=at(9, 9))
        place_changed.send(sender=Place, place_ids=[place.pk])
        assert late.work() == 0  # and nothing is forgotten
    assert late.work() == 1
    message = Message.objects.get(alert=alert)
    assert Delivery.objects.filter(message_id=message.pk).count() == 2
    assert message.late_residents == 1
