"""REST of the map editor: who may, what each act does, and what it refuses."""

import json
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.test import Client

from accounts.models import Gmina
from gis_layers import changesets, editions
from gis_layers.geojson import geojson_of
from gis_layers.models import Edition, Feature, FeatureChange, Layer
from tests.builders import (
    at,
    line,
    make_district,
    make_feature,
    make_gmina,
    make_layer,
    make_street,
    make_user,
    replacing,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
EDITS = "/api/v1/gminas/testowo/layers/osiedla/edits/"


@pytest.fixture
def gmina() -> Gmina:
    """Two districts of 100 m side by side, and one on top of the left."""
    gmina = make_gmina("testowo")
    make_district(gmina, "Zachód", geom=square(0, 0, 100))
    make_district(gmina, "Wschód", geom=square(100, 0, 100))
    make_district(gmina, "Północ", geom=square(0, 100, 100))
    return gmina


@pytest.fixture
def anna(gmina) -> Client:
    return sign_in(Client(), make_user("anna@a.example", "gis", gmina=gmina))


@pytest.fixture
def bartek(gmina) -> Client:
    return sign_in(Client(), make_user("bartek@a.example", "gis", gmina=gmina))


def lonlat(x: float, y: float) -> list[float]:
    return geojson_of(at(x, y))["coordinates"]


def board(client: Client, **query: Any) -> dict[str, Any]:
    (west, south), (east, north) = lonlat(-50, -50), lonlat(350, 350)
    box = {"west": west, "south": south, "east": east, "north": north}
    return client.get(EDITS + "board", box | query).json()


def named(answer: dict[str, Any]) -> dict[str, Any]:
    return {row["properties"]["name"]: row for row in answer["features"]}


def seen(client: Client) -> dict[str, str]:
    return {str(row["id"]): row["etag"] for row in board(client)["features"]}


def send(client: Client, path: str, body: object, method: str = "post", **headers: str):
    return getattr(client, method)(
        EDITS + path, json.dumps(body), content_type="application/json", headers=headers
    )


def areas(layer: Layer) -> dict[str, int]:
    """Square metres by name, as the open change set would show the layer."""
    edition = changesets.current_changeset(layer)
    return {
        state.content.name: round(state.content.geom.area)
        for state in changesets.shown_of(layer, edition)
    }


@pytest.fixture
def layer(gmina) -> Layer:
    return Layer.objects.get(slug="osiedla")


def test_reading_begins_no_change_set(anna):
    answer = board(anna)
    assert set(named(answer)) == {"Zachód", "Wschód", "Północ"}
    assert (answer["edition"], answer["changes"], answer["can_undo"]) == (None, 0, False)
    assert not Edition.objects.filter(state="staged").exists()


def test_a_shared_point_moves_in_every_district_that_has_it(anna, layer):
    answer = send(
        anna, "move", {"start": lonlat(100, 100), "end": lonlat(120, 120), "seen": seen(anna)}
    )
    assert answer.status_code == 200
    assert len(answer.json()["features"]) == 3
    assert areas(layer) == {"Zachód": 12_000, "Wschód": 10_000, "Północ": 10_000}


def test_a_side_gets_a_vertex_in_both_districts_that_have_it(anna, gmina, layer):
    """Ten kilometres long: in degrees its middle would lie metres off the line."""
    Feature.objects.filter(layer=layer).delete()
    make_district(gmina, "Południe", geom=square(0, -10_000, 10_000))
    make_district(gmina, "Północ", geom=square(0, 0, 10_000))
    side = [lonlat(0, 0), lonlat(10_000, 0)]
    answer = send(anna, "move", {"side": side, "end": lonlat(5_000, 10), "seen": seen(anna)})
    assert len(answer.json()["features"]) == 2
    assert areas(layer) == {"Południe": 100_050_000, "Północ": 99_950_000}


def test_undo_and_redo_answer_with_what_changed_back(anna, layer):
    before = areas(layer)
    send(anna, "move", {"start": lonlat(100, 50), "end": lonlat(120, 50), "seen": seen(anna)})
    assert areas(layer) != before
    undone = send(anna, "undo", None).json()
    assert (len(undone["features"]), undone["can_undo"], undone["can_redo"]) == (2, False, True)
    assert areas(layer) == before
    assert send(anna, "redo", None).json()["can_undo"]
    assert areas(layer) != before
    assert send(anna, "redo", None).status_code == 409


def test_whoever_comes_second_learns_who_was_first_and_changes_nothing(anna, bartek, layer):
    bartek_saw = seen(bartek)
    send(anna, "move", {"start": lonlat(100, 50), "end": lonlat(120, 50), "seen": seen(anna)})
    before = areas(layer)
    answer = send(
        bartek, "move", {"start": lonlat(100, 0), "end": lonlat(90, 0), "seen": bartek_saw}
    )
    assert (answer.status_code, answer.json()["code"]) == (412, "version_stale")
    assert answer.json()["details"]["who"] == "Anna"
    assert areas(layer) == before
    assert named(board(bartek))["Zachód"]["op"] == "replace"


def test_a_neighbour_never_seen_refuses_the_move(anna):
    one = dict(list(seen(anna).items())[:1])
    answer = send(anna, "move", {"start": lonlat(100, 50), "end": lonlat(120, 50), "seen": one})
    assert answer.status_code == 412


def test_attributes_change_and_the_shape_stays_to_the_bit(anna, layer):
    row = named(board(anna))["Zachód"]
    path, tag = f"features/{row['id']}", {"If-Match": row["etag"]}
    answer = send(anna, path, {"name": "Stare Miasto"}, "patch", **tag)
    assert named(answer.json())["Stare Miasto"]["op"] == "replace"
    [change] = changesets.current_changeset(layer).changes.all()
    assert change.geom.equals_exact(Feature.objects.get(fid=change.fid).geom)


def test_a_shape_sent_back_in_degrees_leaves_untouched_vertices_where_they_were(anna, layer):
    row = named(board(anna))["Północ"]
    shape = row["geometry"]
    shape["coordinates"][0][2] = lonlat(100, 230)
    path, tag = f"features/{row['id']}", {"If-Match": row["etag"]}
    assert send(anna, path, {"geometry": shape}, "patch", **tag).status_code == 200
    [change] = changesets.current_changeset(layer).changes.all()
    before = Feature.objects.get(fid=row["id"]).geom.coords[0]
    assert len(set(before) - set(change.geom.coords[0])) == 1


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_change_that_does_not_say_what_it_is_meant_for_is_refused(anna, method):
    fid = board(anna)["features"][0]["id"]
    answer = send(anna, f"features/{fid}", {"name": "X"}, method)
    assert (answer.status_code, answer.json()["code"]) == (428, "version_missing")


def test_a_removed_feature_is_gone_from_the_board_and_comes_back_by_undo(anna):
    row = named(board(anna))["Zachód"]
    answer = send(anna, f"features/{row['id']}", None, "delete", **{"If-Match": row["etag"]})
    assert answer.json()["gone"] == [row["id"]]
    assert "Zachód" not in named(board(anna))
    assert anna.get(f"{EDITS}features/{row['id']}").status_code == 404
    assert "Zachód" in named(send(anna, "undo", None).json())


def test_a_drawn_district_takes_nothing_from_its_neighbours(anna, layer):
    drawn = {"name": "Nowe", "geometry": geojson_of(square(150, 50, 100))}
    answer = send(anna, "features", drawn)
    assert answer.status_code == 201
    assert answer.json()["features"][0]["properties"]["name"] == "Nowe"
    assert areas(layer)["Nowe"] == 7_500
    assert areas(layer)["Wschód"] == 10_000


def test_a_zone_of_another_kind_may_lie_over_others(anna, gmina):
    zones = make_layer(gmina, "strefy", kind="custom", geometry_type="polygon")
    make_feature(zones, geom=square(0, 0, 100), name="A")
    path = EDITS.replace("osiedla", "strefy") + "features"
    body = {"name": "B", "geometry": geojson_of(square(50, 50, 100))}
    assert anna.post(path, json.dumps(body), content_type="application/json").status_code == 201
    assert areas(zones)["B"] == 10_000


def test_a_line_splits_a_district_and_merging_makes_it_whole_again(anna, layer):
    fid = named(board(anna))["Zachód"]["id"]
    cut = [lonlat(30, -10), lonlat(30, 110)]
    answer = send(anna, "split", {"fid": fid, "line": cut, "seen": seen(anna)}).json()
    # The neighbour on top gets the point where the line meets their border.
    assert len(answer["features"]) == 3
    kept, new = answer["features"][:2]
    assert (kept["id"], kept["op"], new["op"]) == (fid, "replace", "add")
    answer = send(anna, "merge", {"fids": [fid, new["id"]], "seen": seen(anna)}).json()
    assert answer["gone"] == [new["id"]]
    assert areas(layer)["Zachód"] == 10_000


def test_districts_apart_do_not_merge(anna, gmina):
    far = make_district(gmina, "Daleko", geom=square(300, 300, 10))
    fids = [named(board(anna))["Zachód"]["id"], far.fid]
    answer = send(anna, "merge", {"fids": fids, "seen": seen(anna)})
    assert (answer.status_code, answer.json()["code"]) == (422, "areas_apart")


def test_a_vertex_goes_unless_three_borders_meet_there(anna, layer):
    send(anna, "move", {"start": lonlat(100, 50), "end": lonlat(120, 50), "seen": seen(anna)})
    assert send(anna, "vertex", {"at": lonlat(120, 50), "seen": seen(anna)}).status_code == 200
    assert areas(layer)["Zachód"] == 10_000
    answer = send(anna, "vertex", {"at": lonlat(100, 100), "seen": seen(anna)})
    assert (answer.status_code, answer.json()["code"]) == (422, "junction_stays")


def test_a_street_splits_at_a_line_across_it(anna, gmina):
    street = make_street(
        gmina, "Główna", geom=LineString(at(0, 0), at(100, 0), srid=2180), simc="0144259"
    )
    path = EDITS.replace("osiedla", "ulice")
    etag = anna.get(f"{path}features/{street.fid}").json()["etag"]
    body = {"fid": street.fid, "line": [lonlat(30, -5), lonlat(30, 5)], "seen": {street.fid: etag}}
    answer = anna.post(path + "split", json.dumps(body), content_type="application/json").json()
    assert [row["properties"]["name"] for row in answer["features"]] == ["Główna", "Główna"]


def test_borders_of_streets_are_not_moved_in_common(anna, gmina):
    make_street(gmina, "Główna", geom=LineString(at(0, 0), at(100, 0), srid=2180), simc="0144259")
    body = {"start": lonlat(0, 0), "end": lonlat(5, 5), "seen": {}}
    path = EDITS.replace("osiedla", "ulice") + "move"
    answer = anna.post(path, json.dumps(body), content_type="application/json")
    assert answer.json()["code"] == "no_such_vertex"


@pytest.mark.parametrize("keep", ["mine", "published"])
def test_a_conflict_is_settled_either_way(anna, layer, keep):
    row = named(board(anna))["Zachód"]
    tag = {"If-Match": row["etag"]}
    send(anna, f"features/{row['id']}", {"name": "Mój"}, "patch", **tag)
    rival = replacing(Feature.objects.get(fid=row["id"]), name="Wydany")
    editions.publish(editions.stage(layer, [rival], None, "plik"), None)
    assert board(anna)["conflicts"] == [row["id"]]
    answer = send(anna, f"features/{row['id']}/settle", {"keep": keep}).json()
    assert answer["conflicts"] == []
    assert set(named(answer)) == {"Mój" if keep == "mine" else "Wydany"}
    assert send(anna, "undo", None).json()["conflicts"] == [row["id"]]


def test_a_staged_import_is_edited_in_place(anna, layer):
    district = Feature.objects.get(name="Zachód")
    edition = editions.stage(
        layer, [FeatureChange(op="remove", fid=district.fid)], None, "plik.gpkg"
    )
    assert set(named(board(anna, edition=edition.pk))) == {"Wschód", "Północ"}
    row = named(board(anna, edition=edition.pk))["Wschód"]
    send(
        anna,
        f"features/{row['id']}?edition={edition.pk}",
        {"name": "W"},
        "patch",
        **{"If-Match": row["etag"]},
    )
    assert edition.changes.count() == 2
    assert changesets.current_changeset(layer) is None


def test_an_edition_that_is_not_there_is_not_found(anna):
    for number in ["0", "x", "99999999999999999999", "-1", "²"]:
        assert anna.get(f"{EDITS}features/1?edition={number}").status_code == 404, number


def test_too_many_vertices_ask_to_go_nearer(anna, settings):
    settings.EDIT_MAX_VERTICES = 12
    answer = board(anna)
    assert (answer["complete"], answer["features"]) == (False, [])


HOSTILE: list[object] = [
    None,
    [],
    "x",
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[19, 50]]]},
    {"type": "Polygon", "coordinates": [[["a", "b"], [1, 2], [3, 4], ["a", "b"]]]},
    {"type": "Polygon", "coordinates": [[[19, 50], [19, 51], [1e308, 50], [19, 50]]]},
    {"type": "Polygon", "coordinates": [[[50, 19], [51, 19], [51, 20], [50, 19]]]},
    {"type": "Point", "coordinates": [19, 50]},
    {"type": "Polygon", "coordinates": {"a": 1}},
    {"type": ["Polygon"], "coordinates": []},
]


def test_what_is_no_shape_of_the_layer_is_refused(anna):
    for shape in HOSTILE:
        answer = send(anna, "features", {"name": "X", "geometry": shape})
        assert 400 <= answer.status_code < 500, shape
    assert not Edition.objects.filter(state="staged").exists()


def test_a_number_that_no_feature_can_have_is_not_found(anna):
    answer = send(anna, f"features/{10**30}", {"name": "X"}, "patch", **{"If-Match": '"1-0"'})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("move", {"start": [19, 50], "end": [19, 50]}),
        ("move", {"end": [19, 50], "seen": {}}),
        ("move", {"start": [19, 50], "side": [[19, 50]] * 2, "end": [19, 50], "seen": {}}),
        ("move", {"start": [50, 19], "end": [19, 50], "seen": {}}),
        ("move", {"start": [19, 50], "end": [19, 50], "seen": {"x": "y"}}),
        ("split", {"fid": 1, "line": [[19, 50]], "seen": {}}),
        ("merge", {"fids": [1], "seen": {}}),
        ("merge", {"fids": [10**30, 1], "seen": {}}),
        ("features/1/settle", {"keep": "both"}),
        ("features/1/settle", {"keep": "mine"}),
    ],
)
def test_bad_questions_are_refused(anna, path, body):
    assert 400 <= send(anna, path, body).status_code < 500


class TestWhoMay:
    def test_editors_of_alerts_read_no_change_sets(self, gmina):
        editor = sign_in(Client(), make_user("e@a.example", "editor", gmina=gmina))
        assert editor.get(EDITS + "board").status_code == 403

    def test_officers_of_another_gmina_find_nothing(self, gmina):
        other = make_gmina("inna", outline=square(20_000, 0, 100))
        celina = sign_in(Client(), make_user("c@b.example", "gis", gmina=other))
        assert celina.get(EDITS + "board").status_code == 404
        fid = Feature.objects.get(name="Zachód").fid
        mine = EDITS.replace("testowo", "inna")
        assert celina.get(f"{mine}features/{fid}").status_code == 404

    def test_an_edition_of_another_layer_is_not_found(self, anna, gmina):
        street = make_street(gmina, "Główna", geom=line((0, 0), (10, 0)))
        staged = editions.stage(street.layer, [], None, "x")
        (west, south), (east, north) = lonlat(0, 0), lonlat(1, 1)
        box = {"west": west, "south": south, "east": east, "north": north}
        answer = anna.get(EDITS + "board", box | {"edition": staged.pk})
        assert answer.status_code == 404

    def test_the_signed_out_are_asked_to_sign_in(self, gmina):
        assert Client().get(EDITS + "board").status_code == 401
