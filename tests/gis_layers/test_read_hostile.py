"""Files made to harm: each ends as a refusal with its code, and leaves nothing behind."""

import errno
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import override_settings

from gis_layers.imports.file_errors import LayerFileError
from gis_layers.imports.process import ROOT, environment
from gis_layers.imports.read import inspect, open_source
from gis_layers.imports.reading.formats import Format
from tests.builders import at, line
from tests.emulator import wait_until
from tests.gis_layers.layer_files import converted, feature, geopackage, packed, write
from tests.gis_layers.raw_features import features

GML = "http://www.opengis.net/gml"


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Iterator[Path]:
    """The folder of temporary files, which every test leaves empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    rows = [feature(line((0, 10 * n), (100, 10 * n)), name=f"Ulica {n}") for n in range(300)]
    return write(tmp_path / "s.geojson", *rows)


def refusal(path: Path, meanwhile: Callable[[int], object] = lambda _pid: None) -> str:
    """The code with which a file is refused, at its beginning or its end.

    `meanwhile` is called with the reading process while it waits for what to read.
    """
    with pytest.raises(LayerFileError) as refused:
        read_all(path, meanwhile)
    assert path.name in refused.value.text
    return refused.value.code


def read_all(path: Path, meanwhile: Callable[[int], object]) -> None:
    with open_source(path) as source:
        meanwhile(source.pid)
        list(features(source))


class TestCutOff:
    @pytest.mark.parametrize("share", [0.3, 0.97])
    @pytest.mark.parametrize("form", ["FlatGeobuf .fgb", "GML .gml", "GPKG .gpkg"])
    def test_a_file_that_is_cut_off_never_passes_for_a_shorter_one(self, streets, form, share):
        whole = converted(streets, *form.split())
        whole.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        assert refusal(whole) == "file_damaged"

    @pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
    def test_a_shapefile_of_which_a_part_is_cut_off_is_damaged(self, streets, suffix):
        shape = converted(streets, "ESRI Shapefile", ".shp")
        part = shape.with_suffix(suffix)
        part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])
        assert refusal(packed(shape)) == "file_damaged"

    def test_a_damaged_page_of_a_geopackage_is_noticed(self, streets):
        path = geopackage(streets)
        content = bytearray(path.read_bytes())
        place = content.rindex(b"Ulica 150")
        content[place - 2000 : place] = bytes(2000)
        path.write_bytes(content)
        assert refusal(path) == "file_damaged"


class TestTooMuch:
    def test_ten_thousand_columns_are_refused(self, tmp_path):
        wide = feature(at(0, 0), **{f"c{n}": n for n in range(10_000)})
        assert refusal(write(tmp_path / "wide.geojson", wide)) == "too_many_columns"

    def test_a_hundred_tables_more_than_anybody_chooses_from_are_refused(self, tmp_path):
        plain = write(tmp_path / "p.geojson", feature(at(0, 0)))
        path = tmp_path / "many.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for n in range(101):
                archive.write(plain, f"{n}.geojson")
        assert refusal(path) == "too_many_tables"

    def test_a_feature_of_gigantic_text_is_refused(self, tmp_path):
        path = tmp_path / "huge.geojson"
        pair = b"[19.123456789,50.123456789],"
        with path.open("wb") as file:
            file.write(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":')
            file.write(b'{},"geometry":{"type":"LineString","coordinates":[')
            for _ in range(75):
                file.write(pair * (1024**2 // len(pair)))
            file.write(b"[19,50]]}}]}")
        assert refusal(path) == "feature_too_large"

    def test_a_feature_of_many_vertices_hides_no_other(self, tmp_path):
        long = line(*((n, 0) for n in range(50)))
        path = write(tmp_path / "v.geojson", feature(long, n=1), feature(at(0, 0), n=2))
        with override_settings(IMPORT_MAX_VERTICES=20), open_source(path) as source:
            first, second = features(source, ["n"])
        assert (first.lost, first.geom, second.lost) == (True, None, False)
        assert [flaw.code for flaw in first.flaws] == ["too_many_vertices"]

    def test_a_reader_without_memory_ends_as_a_refusal(self, streets):
        with override_settings(IMPORT_READER_MEMORY=40 * 1024**2):
            assert refusal(streets) == "reader_failed"

    def test_a_reader_without_time_ends_as_a_refusal(self, streets):
        with override_settings(IMPORT_READER_SECONDS=0):
            assert refusal(streets) == "reader_failed"

    def test_a_reader_that_is_killed_ends_as_a_refusal(self, streets):
        assert refusal(streets, meanwhile=lambda pid: os.kill(pid, signal.SIGKILL)) == (
            "reader_failed"
        )

    def test_leaving_early_ends_the_reader_at_once(self, streets):
        with open_source(streets) as source:
            next(features(source, []))
        with pytest.raises(ProcessLookupError):
            os.kill(source.pid, 0)


class TestMeanwhile:
    def test_a_file_that_grows_while_it_is_read_is_refused(self, streets):
        longer = streets.read_text() + " "
        assert refusal(streets, meanwhile=lambda _pid: streets.write_text(longer)) == "file_changed"

    def test_a_file_that_goes_while_it_is_read_is_refused(self, streets):
        assert refusal(streets, meanwhile=lambda _pid: streets.unlink()) == "file_changed"

    def test_a_geopackage_with_changes_beside_it_is_in_use(self, streets):
        path = geopackage(streets)
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("UPDATE gpkg_contents SET description = 'x'")
        database.commit()
        assert refusal(path) == "file_in_use"
        database.close()
        with open_source(path) as source:
            assert source.count == 300

    def test_nothing_is_left_beside_the_file(self, streets):
        folder = streets.parent / "officers"
        folder.mkdir()
        path = converted(streets, "GML", ".gml").rename(folder / "s.gml")
        inspect(path)
        assert [one.name for one in folder.iterdir()] == ["s.gml"]


class TestNetwork:
    """What a file refers to on the web is not fetched: a server here would notice."""

    @pytest.fixture
    def server(self) -> Iterator[list[str]]:
        with listening() as (port, callers):
            self.address = f"http://127.0.0.1:{port}/x"
            yield callers

    def gml(self, tmp_path: Path, **said: str) -> Path:
        about = {"schema": "", "srs": "EPSG:2180", "xlink": ""} | said
        path = tmp_path / "x.gml"
        path.write_text(
            f'<ogr:FeatureCollection xmlns:gml="{GML}" xmlns:ogr="http://ogr.maptools.org/" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{about["schema"]}"><gml:featureMember><ogr:a fid="1"><ogr:geom>'
            f'<gml:Point srsName="{about["srs"]}"><gml:pos {about["xlink"]}>500000 270000</gml:pos>'
            f"</gml:Point></ogr:geom></ogr:a></gml:featureMember></ogr:FeatureCollection>"
        )
        return path

    def test_schemas_links_and_systems_on_the_web_are_not_fetched(self, tmp_path, server):
        for said in (
            {"schema": f"http://ogr.maptools.org/ {self.address}.xsd"},
            {"xlink": f'xlink:href="{self.address}"'},
        ):
            with open_source(self.gml(tmp_path, **said)) as source:
                assert [raw.geom.coords for raw in features(source, [])] == [(500000, 270000)]
        assert refusal(self.gml(tmp_path, srs=self.address)) == "crs_missing"
        assert server == []

    def test_drivers_that_follow_addresses_are_not_there(self):
        program = "import pyogrio; print(*pyogrio.list_drivers(), sep='\\n')"
        told = subprocess.run(
            [sys.executable, "-c", program],
            env=environment("/tmp"),
            check=True,
            capture_output=True,
            text=True,
        )
        assert set(told.stdout.split("\n")) - {"", "MEM"} == {str(form) for form in Format}

    @pytest.mark.parametrize(
        "content",
        [
            '{"type": "gdal_streamed_alg", "command_line": "gdal vector read /etc/passwd"}',
            '{"objectIdFieldName": "a", "geometryType": "esriGeometryPoint", "features": []}',
            '{"type": "Topology", "objects": {}, "arcs": []}',
            "<OGRVRTDataSource><OGRVRTLayer name='passwd'><SrcDataSource>/etc/passwd"
            "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        ],
    )
    def test_formats_that_only_look_alike_are_refused(self, tmp_path, content):
        path = tmp_path / "x.geojson"
        path.write_text(content)
        assert refusal(path) == "not_a_layer"


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port on this machine, and who called it."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        ended = threading.Event()

        def wait() -> None:
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(str(address))
                connection.close()

        thread = threading.Thread(target=wait)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            ended.set()
            thread.join()


def test_a_disk_too_full_for_a_temporary_folder_is_told(streets, monkeypatch):
    def full(**_about: object) -> str:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    assert refusal(streets) == "disk_full"


def test_a_reader_ends_with_the_process_that_started_it(streets):
    """A worker that is killed leaves no process behind that reads on."""
    program = (
        "import sys, signal, django; from pathlib import Path; django.setup()\n"
        "from gis_layers.imports.read import open_source\n"
        "with open_source(Path(sys.argv[1])) as source:\n"
        "    print(source.pid, flush=True); signal.pause()"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    worker = subprocess.Popen(
        [sys.executable, "-c", program, str(streets)],
        env={**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        pid = int(worker.stdout.readline())
        worker.kill()
    wait_until(lambda: ended(pid), "the reader has ended")
    inspect(streets)  # whoever reads next removes what the dead left


def ended(pid: int) -> bool:
    """Whether a process is over; nobody may have asked for its status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


def test_the_reader_knows_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s" * 50)
    monkeypatch.setenv("DATABASE_URL", "postgis://u:p@h/d")
    assert not {"SECRET_KEY", "DATABASE_URL", "FIELD_KEYS"} & environment("/tmp").keys()


def test_a_layer_without_geometry_is_told_apart_from_a_damaged_one(tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("name,age\nAnna,40\n")
    assert refusal(converted(table, "GPKG", ".gpkg")) == "no_geometry"


def test_numbers_that_are_none_lose_a_feature_or_a_value_only(tmp_path):
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                feature(at(0, 0), n=float("inf")),
                {"type": "Feature", "properties": {}, "geometry": broken_line()},
            ],
        }
    )
    path = tmp_path / "n.geojson"
    path.write_text(text)
    with open_source(path) as source:
        first, second = features(source, ["n"])
    assert (first.values, first.lost) == ({"n": None}, False)
    assert [flaw.code for flaw in first.flaws] == ["value_unusable"]
    assert second.geom is None
    assert [flaw.code for flaw in second.flaws] == ["geometry_not_finite"]


def broken_line() -> dict[str, object]:
    return {"type": "LineString", "coordinates": [[float("nan"), 50], [19, 50], [float("inf"), 1]]}
