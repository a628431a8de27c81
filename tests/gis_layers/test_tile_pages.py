"""The inspector of tiles and the download of the map: what they show, to whom."""

from itertools import pairwise

import pytest
from django.test import Client
from pmtiles.reader import MemorySource, all_tiles

from accounts.models import Gmina
from gis_layers.generalise import generalise
from gis_layers.models import Layer
from gis_layers.revisions import raise_revision
from gis_layers.tile_export import current_revision
from gis_layers.tile_inspect import layers_in, line_of, weights
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, tile
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_street,
    make_user,
    sign_in,
    square,
)
from tests.gis_layers.test_tiles import tile_of

PAGE = "/staff/testowo/tiles/"


@pytest.fixture
def gmina(db) -> Gmina:
    gmina = make_gmina("testowo")
    crooked = [(4000 + 10 * n, 4000 + 3 * (n % 2)) for n in range(60)]
    make_street(gmina, "Główna", geom=line(*crooked))
    make_street(gmina, "<b>Boczna</b>", geom=line((4100, 4100), (4400, 4100)))
    make_district(gmina, "Stare", geom=square(3900, 3900, 400))
    make_address(gmina, "12", at=at(4050, 4010))
    for layer in gmina.layers.all():
        generalise(layer)
    raise_revision([gmina])
    gmina.refresh_from_db()
    return gmina


@pytest.fixture
def anna(gmina) -> Client:
    """The GIS officer's browser, in English."""
    client = sign_in(Client(), make_user("anna@a.example", "gis", gmina=gmina))
    client.cookies["lang"] = "en"
    return client


def asked(zxy: tuple[int, int, int], tileset: str = "public") -> dict[str, object]:
    return {"tileset": tileset, **dict(zip("zxy", zxy, strict=True))}


def test_a_layer_is_counted_weighed_and_drawn(gmina):
    zxy = tile_of(at(4100, 4020), 15)
    mvt = tile("testowo", Tileset.PUBLIC, gmina.revision, *zxy)
    seen = {layer.name: layer for layer in layers_in(mvt)}
    assert set(seen) == {"ulice", "osiedla", "osiedla:label"}
    assert seen["ulice"].count == 2
    assert {feature.properties["name"] for feature in seen["ulice"].features} == {
        "Główna", "<b>Boczna</b>"
    }  # fmt: skip
    assert seen["ulice"].vertices == sum(one.vertices for one in seen["ulice"].features)
    assert seen["ulice"].path.count("M") == 2
    assert seen["osiedla:label"].path.endswith("z")
    # Each layer is a field of the tile: two bytes of key and length for each 128 and more.
    assert 0 <= len(mvt) - sum(layer.bytes for layer in seen.values()) <= 4 * len(seen)


def test_the_line_of_a_tile_holds_it_at_every_zoom():
    zxy = tile_of(at(4100, 4020), 12)
    found = list(line_of(zxy))
    assert [z for z, _x, _y in found] == list(range(MIN_ZOOM, MAX_ZOOM + 1))
    assert zxy in found
    for (_, x, y), (_, below_x, below_y) in pairwise(found):
        assert (below_x // 2, below_y // 2) == (x, y)


def test_weights_tell_what_the_copies_save(gmina):
    found = weights(current_revision(gmina), Tileset.PUBLIC, tile_of(at(4100, 4020), 12))
    by_zoom = {one.zxy[0]: one for one in found}
    assert by_zoom[12].plain < by_zoom[12].ungeneralised
    assert 0 < by_zoom[12].gzipped < by_zoom[12].plain


def test_the_page_begins_in_the_middle_of_the_gmina(anna):
    page = anna.get(PAGE).content.decode()
    z, x, y = tile_of(at(5000, 5000), 12)
    assert f"{z}/{x}/{y}" in page
    assert "ulice" in page
    assert "&lt;b&gt;Boczna" in page
    assert "<b>Boczna" not in page
    assert "adresy" not in page


def test_the_staffs_map_can_be_looked_into(anna):
    page = anna.get(PAGE, asked(tile_of(at(4050, 4010), 16), "staff")).content.decode()
    assert "adresy" in page


def test_an_empty_tile_is_said_to_be_one(anna):
    page = anna.get(PAGE, asked(tile_of(at(9000, 9000), 16))).content.decode()
    assert "Nothing is here" in page


@pytest.mark.parametrize(
    ("zxy", "words"),
    [((8, 256, 0), "no such tile"), ((17, 1, 1), "16"), (("x", 1, 1), "whole number")],
)
def test_no_such_tile_is_told(anna, zxy, words):
    answer = anna.get(PAGE, asked(zxy))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "tile-drawing" not in answer.content.decode()


def test_the_map_is_downloaded_as_pmtiles(anna, gmina):
    answer = anna.get(f"{PAGE}export")
    assert answer["Content-Disposition"] == (
        f'attachment; filename="testowo-{gmina.revision}.pmtiles"'
    )
    assert answer["Content-Type"] == "application/vnd.pmtiles"
    assert tile_of(at(4100, 4020), 14) in dict(all_tiles(MemorySource(answer.getvalue())))


def test_before_anything_is_published_both_say_so(anna, gmina):
    gmina.revisions.all().delete()
    assert "nothing has been published" in anna.get(PAGE).content.decode()
    answer = anna.get(f"{PAGE}export", follow=True)
    assert answer.redirect_chain[0][0] == PAGE
    assert "nothing has been published" in answer.content.decode()


def test_a_gmina_without_outline_begins_where_something_is(anna, gmina):
    Layer.objects.filter(slug="granica").delete()
    raise_revision([gmina])
    assert "ulice" in anna.get(PAGE, asked(tile_of(at(4100, 4020), 12))).content.decode()
    assert f"{MIN_ZOOM}/" in anna.get(PAGE).content.decode()


@pytest.mark.parametrize("path", ["", "export"])
def test_only_a_gis_officer_of_the_gmina_comes_in(gmina, path):
    other = make_gmina("obcowo")
    bartek = sign_in(Client(), make_user("bartek@a.example", "editor", gmina=gmina))
    celina = sign_in(Client(), make_user("celina@b.example", "gis", gmina=other))
    statuses = [client.get(PAGE + path).status_code for client in (bartek, celina, Client())]
    assert statuses == [403, 404, 302]
