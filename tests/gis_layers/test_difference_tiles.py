"""Tiles of what an edition changes: old and new shapes, told apart, seen by who may."""

import mapbox_vector_tile
import pytest
from django.test import Client

from gis_layers import editions
from gis_layers.models import FeatureChange
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_street,
    make_user,
    next_fid,
    publish,
    sign_in,
    square,
)
from tests.gis_layers.test_tiles import tile_of

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op
Z = 14


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


@pytest.fixture
def edition(gmina):
    """Of four streets one goes, one moves, one gets a new name, one stays; a fifth comes."""
    gone, moved, named, _stays = (
        make_street(gmina, name, geom=line((0, y), (300, y)))
        for y, name in enumerate(["Dawna", "Krzywa", "Stara", "Zwykła"])
    )
    changes = [
        FeatureChange(op=Op.REMOVE, fid=gone.fid),
        FeatureChange(op=Op.REPLACE, fid=moved.fid, name="Krzywa", geom=line((0, 1), (300, 90))),
        FeatureChange(op=Op.REPLACE, fid=named.fid, name="Młoda", geom=named.geom),
        FeatureChange(op=Op.ADD, fid=next_fid(), name="Nowa", geom=line((0, 50), (300, 50))),
    ]
    return editions.stage(gone.layer, changes, None, "test")


def ask(user, edition, z=Z, x=None, y=None):
    here = tile_of(at(10, 10), Z)
    x, y = (here[1] if x is None else x), (here[2] if y is None else y)
    url = f"/tiles/{edition.layer.gmina.slug}/staff/editions/{edition.pk}/{z}/{x}/{y}.mvt"
    return sign_in(Client(), user).get(url)


def seen(answer):
    """{layer: {(what, name)}} of a tile."""
    decoded = mapbox_vector_tile.decode(answer.content)
    return {
        name: {(f["properties"].get("what"), f["properties"]["name"]) for f in layer["features"]}
        for name, layer in decoded.items()
    }


EXPECTED = {
    "same": {(None, "Zwykła")},
    "before": {("removed", "Dawna"), ("moved", "Krzywa"), ("kept", "Stara")},
    "after": {("moved", "Krzywa"), ("kept", "Młoda"), ("added", "Nowa")},
}


def test_a_tile_shows_before_and_after_and_what_stays(anna, edition):
    answer = ask(anna, edition)
    assert seen(answer) == EXPECTED
    assert answer["Cache-Control"] == "private, no-store"


def test_a_published_edition_shows_what_it_changed_then(anna, edition):
    published = publish(edition)
    later = FeatureChange(op=Op.REMOVE, fid=edition.changes.get(name="Nowa").fid)
    publish(editions.stage(edition.layer, [later], None, "later"))
    assert seen(ask(anna, published)) == EXPECTED


def test_from_afar_unchanged_lines_are_left_to_the_published_tiles(anna, edition):
    z, x, y = tile_of(at(10, 10), 11)
    assert seen(ask(anna, edition, z, x, y)) == {k: v for k, v in EXPECTED.items() if k != "same"}


def test_features_keep_their_fid(anna, edition):
    decoded = mapbox_vector_tile.decode(ask(anna, edition).content)
    fids = {change.fid for change in edition.changes.all()}
    shown = {f["id"] for layer in ("before", "after") for f in decoded[layer]["features"]}
    assert shown == fids


def test_of_addresses_only_those_that_change_are_drawn(gmina, anna):
    one, _other = (make_address(gmina, str(n), at=at(n, n)) for n in (1, 2))
    attrs = {"number": "1", "street_fid": None}
    change = FeatureChange(op=Op.REPLACE, fid=one.fid, simc=one.simc, attrs=attrs, geom=at(5, 5))
    edition = editions.stage(one.layer, [change], None, "test")
    assert seen(ask(anna, edition)) == {"before": {("moved", "1")}, "after": {("moved", "1")}}


def test_areas_have_a_point_for_their_name_on_each_side(gmina, anna):
    near = {name: square(x, 0, 100) for x, name in ((0, "Stare"), (100, "Zwykłe"))}
    old, _same = (make_district(gmina, name, geom=geom) for name, geom in near.items())
    change = FeatureChange(op=Op.REPLACE, fid=old.fid, name="Nowe", geom=square(0, 0, 90))
    edition = editions.stage(old.layer, [change], None, "test")
    labels = mapbox_vector_tile.decode(ask(anna, edition).content)["label"]["features"]
    assert {(f["properties"]["side"], f["properties"]["name"]) for f in labels} == {
        ("before", "Stare"),
        ("after", "Nowe"),
        ("same", "Zwykłe"),
    }
    assert {f["geometry"]["type"] for f in labels} == {"Point"}


def test_where_nothing_is_the_answer_is_empty(anna, edition):
    assert ask(anna, edition, x=0, y=0).status_code == 204


@pytest.mark.parametrize(("z", "x"), [(7, 0), (17, 0), (14, 2**14)])
def test_a_tile_that_cannot_be_is_not_there(anna, edition, z, x):
    assert ask(anna, edition, z, x, 0).status_code == 404


def test_who_only_reads_layers_sees_no_staged_changes(gmina, edition):
    bartek = make_user("bartek@a.example", "editor", gmina=gmina)
    assert ask(bartek, edition).status_code == 404
    assert ask(bartek, publish(edition)).status_code == 200
