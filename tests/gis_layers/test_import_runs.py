"""Imports as jobs: who has one, how it ends, and that nothing half-done is ever there."""

import errno
import os
import signal
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts import work_queue
from accounts.models import Membership
from audit.models import Event
from gis_layers import editions
from gis_layers.imports import jobs, load, runs, uploads, working
from gis_layers.imports.file_errors import DiskFull
from gis_layers.imports.options import Options
from gis_layers.imports.progress import ImportCancelled, Progress
from gis_layers.models import Edition, Feature, ImportRun, Layer, UploadPart
from tests.builders import make_gmina, make_user, publish, square
from tests.gis_layers.layer_files import feature, write
from tests.processes import manage

State = ImportRun.State
DISTRICTS = Options(fields={"name": "name"})
CANCELLED_WITHIN_S = 60  # a deadline for what never comes, no measurement


@pytest.fixture
def gmina(db):
    return make_gmina()


@pytest.fixture
def officer(gmina):
    return make_user("gis@testowo.example", Membership.Role.GIS, gmina=gmina)


@pytest.fixture(autouse=True)
def quiet_queue(monkeypatch):
    """Jobs are run by hand here; which were asked for."""
    asked: list[object] = []
    monkeypatch.setattr(work_queue, "put", lambda job, **_limits: asked.append(job) or True)
    return asked


@pytest.fixture
def waiting(gmina, officer, tmp_path):
    """Makes a run that waits for a worker, of a file of districts."""

    def make(*names, content: bytes | None = None) -> ImportRun:
        shapes = [feature(square(20 * n, 0, 9), name=name) for n, name in enumerate(names)]
        path = write(tmp_path / "osiedla.geojson", *shapes)
        file = BytesIO(path.read_bytes() if content is None else content)
        run = runs.upload(gmina, file, path.name, {"tables": []}, officer)
        return runs.start(run, "district", DISTRICTS, officer)

    return make


def fresh(run: ImportRun) -> ImportRun:
    return ImportRun.objects.get(pk=run.pk)


def dead(run: ImportRun) -> ImportRun:
    """The run of a worker that died: its claim has run out."""
    ImportRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    return fresh(run)


class TestUploads:
    @given(name=st.text(max_size=300))
    def test_any_name_becomes_one_that_a_folder_can_hold(self, name, tmp_path_factory):
        plain = uploads.plain_name(name)
        assert 0 < len(plain.encode()) <= 200
        assert "/" not in plain
        assert plain.isprintable()
        assert plain not in {".", ".."}

    @pytest.mark.parametrize(
        ("name", "plain"),
        [
            ("../../etc/ulice.gpkg", "ulice.gpkg"),
            (r"C:\mapy\ulice.gpkg", "ulice.gpkg"),
            ("x" * 300 + ".gpkg", "x" * 195 + ".gpkg"),
            ("ulice\x00\u202e.gpkg", "ulice.gpkg"),
            ("..", "file"),
        ],
    )
    def test_the_ending_stays_and_the_way_there_goes(self, name, plain):
        assert uploads.plain_name(name) == plain

    def test_a_file_comes_back_byte_for_byte_in_a_folder_that_is_gone_later(
        self, gmina, officer, monkeypatch
    ):
        monkeypatch.setattr(uploads, "PART_BYTES", 10)
        content = bytes(range(256)) * 3
        run = runs.upload(gmina, BytesIO(content), "a.gpkg", {}, officer)
        assert (run.size, run.parts.count()) == (768, 77)
        with uploads.local(run) as path:
            assert path.name == "a.gpkg"
            assert path.read_bytes() == content
        assert not path.parent.exists()

    def test_a_file_that_is_not_whole_any_more_is_refused(self, gmina, officer, monkeypatch):
        monkeypatch.setattr(uploads, "PART_BYTES", 10)
        run = runs.upload(gmina, BytesIO(b"x" * 25), "a.gpkg", {}, officer)
        run.parts.get(no=1).delete()
        with pytest.raises(uploads.UploadLost), uploads.local(run):
            pass

    def test_a_full_disk_is_told_and_leaves_no_folder(self, gmina, officer, monkeypatch):
        def full(_run, path):
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        folders = []
        run = runs.upload(gmina, BytesIO(b"x"), "a.gpkg", {}, officer)
        monkeypatch.setattr(uploads, "put_together", lambda r, p: folders.append(p) or full(r, p))
        with pytest.raises(DiskFull), uploads.local(run):
            pass
        assert not folders[0].parent.exists()


class TestClaims:
    def test_a_run_has_one_worker(self, waiting):
        run = waiting("Zachód")
        claimed = runs.claim()
        assert (claimed.pk, claimed.state, claimed.attempts) == (run.pk, State.READING, 1)
        assert runs.claim() is None

    def test_the_longest_waiting_file_is_first(self, waiting):
        first, _second = waiting("Zachód"), waiting("Wschód")
        assert runs.claim().pk == first.pk

    def test_a_heartbeat_tells_how_far_it_is_and_keeps_the_claim(self, waiting):
        waiting("Zachód")
        claimed = runs.claim()
        progress = Progress(state=State.WRITING, expected=9, read=9, checked=9, written=4)
        assert runs.renew(claimed, progress)
        now = fresh(claimed)
        assert (now.state, now.expected, now.written) == (State.WRITING, 9, 4)
        assert now.lease_until > claimed.lease_until

    def test_a_heartbeat_hears_that_the_claim_is_lost_or_the_run_cancelled(self, waiting, officer):
        waiting("Zachód")
        claimed = runs.claim()
        runs.cancel(claimed, officer)
        assert not runs.renew(claimed, Progress())
        ImportRun.objects.update(owner=uuid4(), cancel_asked=False)
        assert not runs.renew(claimed, Progress())

    def test_a_dead_workers_file_goes_to_another_and_is_given_up_in_the_end(
        self, waiting, settings
    ):
        run = waiting("Zachód")
        for attempt in range(1, settings.IMPORT_ATTEMPTS + 1):
            assert runs.claim().attempts == attempt
            dead(run)
            runs.sweep()
        ended = fresh(run)
        assert (ended.state, ended.error_code) == (State.FAILED, "import_worker_lost")
        assert set(ended.error_text) == {"pl", "en"}
        assert not UploadPart.objects.exists()

    def test_a_worker_at_work_keeps_its_file(self, waiting):
        run = waiting("Zachód")
        runs.claim()
        runs.sweep()
        assert fresh(run).state == State.READING

    def test_who_lost_the_claim_writes_nothing(self, waiting):
        run = waiting("Zachód")
        claimed = runs.claim()
        dead(run)
        runs.sweep()
        layer = Layer.objects.create(gmina=run.gmina, slug="osiedla", kind="district")
        edition = editions.stage(layer, [], None, "late")
        with pytest.raises(runs.ClaimLost):
            runs.complete(claimed, edition, Progress(written=1))
        runs.fail(claimed, ImportCancelled())
        assert fresh(run).state == State.WAITING

    def test_uploads_that_nobody_goes_on_with_are_forgotten(self, gmina, officer, settings):
        run = runs.upload(gmina, BytesIO(b"x"), "a.gpkg", {}, officer)
        runs.sweep()
        assert fresh(run).state == State.UPLOADED
        old = timezone.now() - timedelta(seconds=settings.IMPORT_UPLOAD_KEPT_S + 1)
        ImportRun.objects.update(created_at=old)
        runs.sweep()
        assert fresh(run).state == State.CANCELLED
        assert not UploadPart.objects.exists()

    def test_a_run_that_has_ended_cannot_be_started_or_cancelled(self, waiting, officer):
        run = waiting("Zachód")
        runs.cancel(run, officer)
        assert fresh(run).state == State.CANCELLED
        for act in (
            lambda: runs.cancel(run, officer),
            lambda: runs.start(run, "district", DISTRICTS, officer),
        ):
            with pytest.raises(runs.RunNotOpen):
                act()

    def test_starting_and_cancelling_are_in_the_audit_log(self, waiting, officer):
        run = waiting("Zachód")
        runs.cancel(run, officer)
        acts = Event.objects.filter(target_kind="import_run", target_id=str(run.pk))
        assert list(acts.order_by("pk").values_list("verb", flat=True)) == [
            "import_started",
            "import_cancelled",
        ]

    def test_the_clock_knocks_as_long_as_a_file_waits(self, waiting, quiet_queue):
        jobs.catch_up()
        assert quiet_queue == []
        waiting("Zachód")
        jobs.catch_up()
        assert quiet_queue == [jobs.WORK]


@pytest.mark.django_db(transaction=True)
class TestWork:
    def test_a_file_becomes_a_staged_edition(self, waiting):
        run = waiting("Zachód", "Wschód")
        assert working.work() == 1
        ended = fresh(run)
        assert (ended.state, ended.edition.state) == (State.STAGED, Edition.State.STAGED)
        assert (ended.read, ended.checked, ended.written, ended.expected) == (2, 2, 2, 2)
        assert ended.edition.created_by_id == run.created_by_id
        assert not UploadPart.objects.exists()
        assert not Feature.objects.filter(layer__kind="district").exists()
        assert working.work() == 0

    def test_a_file_that_changes_nothing_leaves_nothing_to_publish(self, waiting):
        waiting("Zachód")
        working.work()
        publish(Edition.objects.get(layer__kind="district"))
        run = waiting("Zachód")
        working.work()
        assert fresh(run).state == State.UNCHANGED
        assert not Edition.objects.filter(state=Edition.State.STAGED).exists()
        assert runs.same_file(fresh(run)) is not None

    def test_a_file_that_is_no_layer_ends_with_its_code(self, waiting):
        run = waiting(content=b"no layer at all")
        working.work()
        ended = fresh(run)
        assert (ended.state, ended.error_code) == (State.FAILED, "not_a_layer")
        assert "osiedla.geojson" in ended.error_text["pl"]
        assert not Layer.objects.filter(kind="district").exists()
        assert not UploadPart.objects.exists()

    def test_a_fault_of_ours_is_recorded_and_shown_to_rq(self, waiting, monkeypatch):
        run = waiting("Zachód")
        monkeypatch.setattr(load, "settle", lambda *_said: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            working.work()
        assert (fresh(run).state, fresh(run).error_code) == (State.FAILED, "import_broken")
        assert not Edition.objects.filter(layer__kind="district").exists()

    def test_cancelling_ends_a_statement_that_runs_for_long(self, waiting, officer, monkeypatch):
        run = waiting("Zachód")
        monkeypatch.setattr(load, "settle", lambda *_said: sleep())
        with working_aside():
            until(lambda: fresh(run).state == State.CHECKING)
            runs.cancel(run, officer)
            until(lambda: fresh(run).state == State.CANCELLED)
        assert not Edition.objects.filter(layer__kind="district").exists()
        assert not UploadPart.objects.exists()

    def test_a_killed_worker_leaves_nothing_and_the_next_one_does_it_once(self, waiting):
        run = waiting("Zachód", "Wschód")
        layer = Layer.objects.create(
            gmina=run.gmina, slug="osiedla", kind="district", geometry_type="polygon"
        )
        with transaction.atomic():  # holds the worker up where it is about to write
            Layer.objects.select_for_update().get(pk=layer.pk)
            worker = manage("shell", "-c", "from gis_layers.imports.working import work; work()")
            try:
                until(waits_for_lock)
            finally:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
        assert not layer.editions.exists()
        dead(run)
        runs.sweep()
        working.work()
        assert fresh(run).state == State.STAGED
        assert layer.editions.get().changes.count() == 2


def sleep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [CANCELLED_WITHIN_S * 2])


def until(holds) -> None:
    deadline = time.monotonic() + CANCELLED_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def waits_for_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else it is one for the transaction
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


@contextmanager
def working_aside():
    """A worker in a thread with its own connection."""

    def work() -> None:
        try:
            working.work()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
