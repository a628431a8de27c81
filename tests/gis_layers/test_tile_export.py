"""Walking, warming and exporting a gmina's whole map."""

import gzip
from io import StringIO
from pathlib import Path

import mapbox_vector_tile
import pytest
from django.core.management import CommandError, call_command
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from accounts.models import Gmina
from gis_layers.errors import MapEmpty
from gis_layers.models import Layer
from gis_layers.revisions import raise_revision
from gis_layers.tile_export import current_revision, export
from gis_layers.tile_walk import walk
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, tile
from tests.builders import at, line, make_address, make_district, make_gmina, make_street, square
from tests.gis_layers.test_tiles import tile_of


@pytest.fixture
def gmina(db) -> Gmina:
    gmina = make_gmina("testowo", outline=square(0, 0, 2000))
    make_street(gmina, "Główna", geom=line((400, 400), (700, 450)))
    make_district(gmina, "Stare", geom=square(100, 100, 900))
    make_address(gmina, "12", at=at(1990, 1990))
    raise_revision([gmina])
    gmina.refresh_from_db()
    return gmina


@pytest.mark.parametrize("tileset", Tileset)
def test_the_walk_meets_every_tile_that_has_something(gmina, tileset):
    met = set(walk(current_revision(gmina), tileset))
    z, west, south = tile_of(at(0, 0), MAX_ZOOM)
    _, east, north = tile_of(at(2000, 2000), MAX_ZOOM)
    full = {
        (z, x, y)
        for x in range(west - 2, east + 3)
        for y in range(north - 2, south + 3)
        if tile(gmina.slug, tileset, gmina.revision, z, x, y)
    }
    assert full
    assert full <= met
    assert {z for z, _x, _y in met} == set(range(MIN_ZOOM, MAX_ZOOM + 1))


def test_the_walk_ends_where_it_is_told_to(gmina):
    met = list(walk(current_revision(gmina), Tileset.PUBLIC, deepest=9))
    assert [z for z, _x, _y in met] == [8, 9]


def test_the_file_holds_every_tile_as_the_server_gives_it(gmina, tmp_path):
    path = tmp_path / "testowo.pmtiles"
    count = export(gmina, Tileset.PUBLIC, path)
    source = MemorySource(path.read_bytes())
    tiles = dict(all_tiles(source))
    assert len(tiles) == count
    for (z, x, y), data in tiles.items():
        served = tile(gmina.slug, Tileset.PUBLIC, gmina.revision, z, x, y)
        assert gzip.decompress(data) == served
    everything = {
        zxy
        for zxy in walk(current_revision(gmina), Tileset.PUBLIC)
        if tile(gmina.slug, Tileset.PUBLIC, gmina.revision, *zxy)
    }
    assert set(tiles) == everything


def test_the_file_says_what_it_is_and_where(gmina, tmp_path):
    path = tmp_path / "testowo.pmtiles"
    export(gmina, Tileset.PUBLIC, path)
    reader = Reader(MemorySource(path.read_bytes()))
    header, about = reader.header(), reader.metadata()
    assert (header["tile_type"], header["tile_compression"]) == (TileType.MVT, Compression.GZIP)
    assert (header["min_zoom"], header["max_zoom"]) == (MIN_ZOOM, MAX_ZOOM)
    assert header["clustered"]
    assert header["min_lon_e7"] < header["center_lon_e7"] < header["max_lon_e7"]
    assert [layer["id"] for layer in about["vector_layers"]] == [
        "osiedla", "osiedla:label", "ulice"
    ]  # fmt: skip


def test_the_file_of_the_public_has_nothing_of_the_staffs(gmina, tmp_path):
    names = {}
    for tileset in Tileset:
        path = tmp_path / f"{tileset}.pmtiles"
        export(gmina, tileset, path)
        tiles = dict(all_tiles(MemorySource(path.read_bytes())))
        names[tileset] = {
            name
            for data in tiles.values()
            for name in mapbox_vector_tile.decode(gzip.decompress(data))
        }
    assert names[Tileset.STAFF] - names[Tileset.PUBLIC] == {"adresy", "granica"}


def test_a_failed_export_leaves_the_old_file_and_no_rest(gmina, tmp_path, monkeypatch):
    path = tmp_path / "testowo.pmtiles"
    path.write_bytes(b"of yesterday")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gis_layers.tile_export.kept_tile", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("tiles_export", "testowo", str(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["testowo.pmtiles"]
    assert path.read_bytes() == b"of yesterday"


@pytest.mark.parametrize("has_revision", [False, True])
def test_a_map_with_nothing_on_it_is_refused(tmp_path: Path, db, has_revision):
    empty = make_gmina("pusto")
    Layer.objects.filter(gmina=empty).update(edition_number=0)
    if has_revision:
        raise_revision([empty])
    with pytest.raises(MapEmpty):
        export(empty, Tileset.STAFF, tmp_path / "pusto.pmtiles")
    assert list(tmp_path.iterdir()) == []


def test_warming_makes_missing_copies_and_fills_the_cache(gmina, monkeypatch):
    said = StringIO()
    call_command("tiles_warm", "testowo", staff=True, stdout=said)
    gmina.refresh_from_db()
    assert Layer.objects.get(gmina=gmina, slug="osiedla").copied_edition == 1
    assert len(said.getvalue().splitlines()) == 2
    monkeypatch.setattr("gis_layers.tile_answer.encode", lambda *args: pytest.fail("encoded"))
    call_command("tiles_warm", "testowo", staff=True, stdout=StringIO())


def test_warming_all_goes_on_past_a_gmina_without_a_map(gmina):
    Gmina.objects.create(slug="nowa", name="Nowa", office="Urząd", terc6="249998", rodz="2")
    said = StringIO()
    call_command("tiles_warm", deepest=9, stdout=said)
    assert [text.split(":")[0].split(",")[0] for text in said.getvalue().splitlines()] == [
        "nowa", "testowo"
    ]  # fmt: skip


@pytest.mark.parametrize("command", [["tiles_warm"], ["tiles_export"]])
def test_no_such_gmina(db, command, tmp_path):
    more = [str(tmp_path / "x")] if command == ["tiles_export"] else []
    with pytest.raises(CommandError, match="nigdzie"):
        call_command(*command, "nigdzie", *more)
