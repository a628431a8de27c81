"""Staff bring a file or a service, say what it is, and follow the import."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client, override_settings

from accounts import work_queue
from accounts.models import Membership
from config.upload_limits import FORM_BYTES
from gis_layers.imports import nightly, working
from gis_layers.models import Edition, ImportRun, WfsSource
from tests.builders import line, make_gmina, make_user, sign_in, square
from tests.gis_layers.layer_files import feature, write
from tests.gis_layers.wfs_server import FakeWfs, serving

pytestmark = pytest.mark.django_db(transaction=True)
State = ImportRun.State


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def officer(gmina) -> Client:
    client = Client()
    client.cookies["lang"] = "en"
    sign_in(client, make_user("gis@testowo.example", Membership.Role.GIS, gmina=gmina))
    return client


@pytest.fixture(autouse=True)
def quiet_queue(monkeypatch):
    monkeypatch.setattr(work_queue, "put", lambda _job, **_limits: True)


BEGIN = "/staff/testowo/layers/import/"


def bring(officer, path, *, name="ulice.geojson"):
    return officer.post(BEGIN, {"file": SimpleUploadedFile(name, path.read_bytes())})


def progress(officer, run: ImportRun) -> dict:
    return officer.get(f"/api/v1/gminas/testowo/imports/{run.pk}").json()


@pytest.fixture
def streets(tmp_path):
    return write(
        tmp_path / "s.geojson",
        feature(line((0, 0), (9, 0)), naz="Główna", klasa="L"),
        feature(line((9, 0), (20, 0)), naz="Główna", klasa="L"),
    )


class TestFiles:
    def test_from_the_upload_over_the_choice_to_the_staged_edition(self, officer, streets):
        where = bring(officer, streets).headers["Location"]
        assert "naz" not in (page := officer.get(where).content.decode())
        assert 'value="street" selected' in page
        table = ImportRun.objects.get().inspection["tables"][0]["name"]
        columns = f"{where}?table={table}&kind=street"
        assert "naz: Główna" in officer.get(columns).content.decode()
        said = {"act": "start", "column_name": "naz", "group": "on", "attrs": "klasa"}
        said |= {"title_pl": "Ulice", "title_en": "Streets"}
        assert officer.post(columns, said).headers["Location"] == where
        run = ImportRun.objects.get()
        assert progress(officer, run)["state"] == State.WAITING
        working.work()
        assert progress(officer, run) == {
            "id": run.pk,
            "file_name": "ulice.geojson",
            "state": State.STAGED,
            "read": 2,
            "checked": 2,
            "written": 1,
            "expected": 2,
            "edition": Edition.objects.get(layer__slug="ulice").pk,
            "error": "",
        }
        (change,) = Edition.objects.get(layer__slug="ulice").changes.all()
        assert (change.name, change.attrs) == ("Główna", {"klasa": "L"})
        assert "editions/" in officer.get(where).content.decode()

    def test_a_file_that_is_no_layer_is_refused_at_once_and_not_kept(self, officer, tmp_path):
        path = tmp_path / "x.gpkg"
        path.write_bytes(b"nothing of a layer")
        answer = bring(officer, path, name="x.gpkg")
        assert answer.status_code == 200
        assert "is not a layer" in answer.content.decode()
        assert not ImportRun.objects.exists()

    def test_a_file_above_the_limit_is_refused(self, officer, streets):
        with override_settings(IMPORT_UPLOAD_MAX_BYTES=10):
            assert "larger than" in bring(officer, streets).content.decode()
        assert not ImportRun.objects.exists()

    @pytest.mark.parametrize(("who", "limit"), [("officer", 10), ("stranger", 10**9)])
    def test_a_body_far_too_large_is_not_even_read(
        self, officer, who, limit, monkeypatch, settings
    ):
        settings.IMPORT_UPLOAD_MAX_BYTES = limit
        kept: list[bytes] = []
        monkeypatch.setattr(
            MemoryFileUploadHandler, "receive_data_chunk", lambda _self, raw, _at: kept.append(raw)
        )
        client = officer if who == "officer" else Client(enforce_csrf_checks=True)
        client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
        file = SimpleUploadedFile("x.gpkg", b"x" * (FORM_BYTES + 11))
        assert client.post(BEGIN, {"file": file}).status_code == 400
        assert kept == []

    def test_the_same_file_again_is_told(self, officer, streets):
        bring(officer, streets)
        where = bring(officer, streets).headers["Location"]
        assert "This very file" in officer.get(where).content.decode()

    def test_a_new_layer_needs_a_name_of_its_own(self, officer, streets):
        where = bring(officer, streets).headers["Location"]
        table = ImportRun.objects.get().inspection["tables"][0]["name"]
        columns = f"{where}?table={table}&kind=custom"
        assert (
            "Give the new layer a name" in officer.post(columns, {"act": "start"}).content.decode()
        )
        answer = officer.post(columns, {"act": "start", "title_pl": "Granica"})
        assert "of this name already" in answer.content.decode()
        assert ImportRun.objects.get().state == State.UPLOADED

    def test_an_import_is_cancelled_on_its_page(self, officer, streets):
        where = bring(officer, streets).headers["Location"]
        officer.post(where, {"act": "cancel"})
        assert ImportRun.objects.get().state == State.CANCELLED

    def test_names_of_files_and_columns_are_text_and_nothing_else(self, officer, tmp_path):
        evil = "<script>alert(1)</script>"
        path = write(tmp_path / "e.geojson", feature(square(0, 0, 9), **{evil: evil}))
        where = bring(officer, path, name=f"{evil}.geojson").headers["Location"]
        table = ImportRun.objects.get().inspection["tables"][0]["name"]
        for url in (BEGIN, where, f"{where}?table={table}&kind=district"):
            assert "<script>alert" not in officer.get(url).content.decode()

    def test_swapped_axes_are_pointed_out_and_not_assumed(self, officer, tmp_path):
        shape = feature(square(0, 0, 9), nazwa="Zachód")["geometry"]
        turned = [[[y, x] for x, y in ring] for ring in shape["coordinates"]]
        path = write(
            tmp_path / "t.geojson",
            {**feature(None, nazwa="Zachód"), "geometry": {**shape, "coordinates": turned}},
        )
        where = bring(officer, path).headers["Location"]
        table = ImportRun.objects.get().inspection["tables"][0]["name"]
        page = officer.get(f"{where}?table={table}&kind=district").content.decode()
        assert "only then does the file lie in your gmina" in page
        assert 'name="swap_axes" checked' not in page


class TestServices:
    @pytest.fixture(autouse=True)
    def private(self):
        with override_settings(WFS_PRIVATE=True):
            yield

    def added(self, officer, server: FakeWfs, **said) -> None:
        said = {"act": "add_source", "url": server.address, "title": "Ulice EMUiA", **said}
        return officer.post(BEGIN, said)

    def test_what_a_service_offers_is_shown_before_it_is_added(self, officer):
        with serving(FakeWfs()) as server:
            answer = self.added(officer, server)
        assert "m:ulice" in answer.content.decode()
        assert not WfsSource.objects.exists()

    def test_an_address_that_may_not_be_asked_is_refused(self, officer):
        with override_settings(WFS_PRIVATE=False):
            answer = self.added(officer, FakeWfs(address="https://127.0.0.1/wfs"))
        assert not WfsSource.objects.exists()
        assert "field-error" in answer.content.decode() or "errorlist" in answer.content.decode()

    def test_read_once_chosen_once_then_every_night(self, officer, monkeypatch):
        with serving(FakeWfs()) as server:
            self.added(officer, server, type_name="m:ulice", nightly="on")
            working.work()
            run = ImportRun.objects.get()
            assert (run.state, len(run.inspection["tables"])) == (State.UPLOADED, 1)
            tonight(monkeypatch, hour=3)
            nightly.start_due()  # nobody has said yet what it is
            assert ImportRun.objects.count() == 1
            table = run.inspection["tables"][0]
            columns = f"{BEGIN}{run.pk}/?table={table['name']}&kind=street"
            said = {"act": "start", "column_name": "nazwa", "group": "on", "title_pl": "Ulice"}
            officer.post(columns, said)
            working.work()
            run.refresh_from_db()
            assert (run.state, run.written) == (State.STAGED, 7)
            server.features = 8
            for _clock in range(2):
                nightly.start_due()
            working.work()
        first, second = ImportRun.objects.order_by("id")
        assert (second.state, second.written, second.created_by_id) == (State.STAGED, 8, None)
        first.edition.refresh_from_db()
        assert first.edition.state == Edition.State.DISCARDED  # nobody published it

    def test_nothing_is_read_by_day(self, gmina, monkeypatch):
        WfsSource.objects.create(gmina=gmina, nightly=True, options={"slug": "ulice"})
        tonight(monkeypatch, hour=1)
        nightly.start_due()
        assert not ImportRun.objects.exists()

    def test_a_service_that_fails_says_so_and_is_asked_again_the_next_night(
        self, officer, gmina, monkeypatch
    ):
        with serving(FakeWfs(status=500)) as server:
            WfsSource.objects.create(
                gmina=gmina,
                title="Ulice",
                url=server.address,
                type_name="m:ulice",
                kind="street",
                options={"slug": "ulice"},
                nightly=True,
            )
            tonight(monkeypatch, hour=3)
            nightly.start_due()
            working.work()
        run = ImportRun.objects.get()
        assert (run.state, run.error_code != "") == (State.FAILED, True)
        tonight(monkeypatch, hour=3, day=25)
        nightly.start_due()
        assert ImportRun.objects.count() == 2

    def test_a_forgotten_service_is_not_read_any_more(self, officer, gmina):
        source = WfsSource.objects.create(gmina=gmina, title="Ulice", url="https://x.example/")
        officer.post(BEGIN, {"act": "remove_source", "source": source.pk})
        assert not WfsSource.objects.exists()


def tonight(monkeypatch, *, hour: int, day: int = 24) -> date:
    now = datetime(2026, 11, day, hour, tzinfo=ZoneInfo("Europe/Warsaw"))
    monkeypatch.setattr(nightly.timezone, "localtime", lambda: now)
    return now.date()
