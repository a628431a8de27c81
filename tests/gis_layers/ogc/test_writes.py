"""OGC API Features 4: changes go to the working copy, each meant for one state of a feature."""

import copy
import json

import pytest
from django.test import Client
from shapely.geometry import shape

from gis_layers.changesets import current_changeset
from gis_layers.crs import to_lonlat
from gis_layers.editions import publish
from gis_layers.models import Edition, Feature, FeatureChange, Layer
from tests.builders import at, make_user, sign_in
from tests.gis_layers.ogc.conftest import COLLECTIONS, CRS84, EPSG, Land, Program, ids

COPY = f"{COLLECTIONS}/testowo.hydranty.staged"
PUBLISHED = f"{COLLECTIONS}/testowo.hydranty"


def point(x: float, y: float) -> dict:
    where = to_lonlat(at(x, y))
    return {"type": "Point", "coordinates": [where.x, where.y]}


def hydrant(x: float = 700, y: float = 50, **properties: object) -> dict:
    return {
        "type": "Feature",
        "geometry": point(x, y),
        "properties": {"name": "H7", "lanes": 7, **properties},
    }


def path(land: Land, n: int = 1) -> str:
    return f"{COPY}/items/{land.hydrants[n - 1].fid}"


def published(layer: str = "hydranty") -> list[tuple]:
    rows = Feature.objects.filter(layer__slug=layer, until=None).order_by("fid")
    return [(row.pk, row.name, row.geom.wkt) for row in rows]


def changes() -> list[tuple[int, str]]:
    return list(FeatureChange.objects.order_by("fid").values_list("fid", "op"))


def test_a_new_feature_stands_in_the_working_copy_only(land: Land, officer: Program) -> None:
    """/conf/create-replace-delete/insert-…"""
    before = published()
    answer = officer.send("post", f"{COPY}/items", hydrant())
    assert answer.status_code == 201
    made = officer.get(answer["Location"].removeprefix("http://testserver"))
    assert made["ETag"] == answer["ETag"]
    assert made.json()["properties"]["lanes"] == 7
    assert made.json()["geometry"]["coordinates"] == pytest.approx(
        point(700, 50)["coordinates"], abs=1e-9
    )
    assert len(ids(officer.get(f"{COPY}/items"))) == 6
    assert len(ids(officer.get(f"{PUBLISHED}/items"))) == 5
    assert published() == before
    assert changes() == [(made.json()["id"], "add")]


def test_replace_update_and_delete(land: Land, officer: Program) -> None:
    """/conf/create-replace-delete/replace-…, delete-…, /conf/update/…"""
    etag = officer.get(path(land))["ETag"]
    body = hydrant(110, 50, name="H1 nowy")
    replaced = officer.send("put", path(land), body, If_Match=etag)
    assert replaced.status_code == 204
    found = officer.get(path(land))
    assert found["ETag"] == replaced["ETag"] != etag
    assert found.json()["properties"] == {"name": "H1 nowy", "code": "", "simc": "", "lanes": 7}

    patch = {"properties": {"lanes": None, "works": False}}
    updated = officer.send("patch", path(land), patch, If_Match=replaced["ETag"])
    assert updated.status_code == 204
    found = officer.get(path(land)).json()
    assert found["properties"] == {"name": "H1 nowy", "code": "", "simc": "", "works": False}
    assert found["geometry"]["coordinates"] == pytest.approx(
        point(110, 50)["coordinates"], abs=1e-9
    )
    moved = {"geometry": point(120, 50)}
    updated = officer.send("patch", path(land), moved, If_Match=updated["ETag"])
    assert updated.status_code == 204
    assert officer.get(path(land)).json()["properties"]["name"] == "H1 nowy"

    gone = officer.send("delete", path(land), If_Match=updated["ETag"])
    assert gone.status_code == 204
    assert officer.get(path(land)).status_code == 404
    assert len(ids(officer.get(f"{COPY}/items"))) == 4
    assert officer.get(f"{PUBLISHED}/items/{land.hydrants[0].fid}").status_code == 200
    assert changes() == [(land.hydrants[0].fid, "remove")]


def test_filters_and_pages_see_the_working_copy(land: Land, officer: Program) -> None:
    new = officer.send("post", f"{COPY}/items", hydrant(lanes=99))
    etag = officer.get(path(land, 3))["ETag"]
    officer.send("patch", path(land, 3), {"properties": {"lanes": 98}}, If_Match=etag)
    etag = officer.get(path(land, 5))["ETag"]
    officer.send("delete", path(land, 5), If_Match=etag)
    new_fid = int(new["Location"].rsplit("/", 1)[1])
    asked = officer.get(f"{COPY}/items", filter="lanes >= 4")
    assert ids(asked) == [land.hydrants[2].fid, land.hydrants[3].fid, new_fid]
    assert asked.json()["numberMatched"] == 3
    seen, after = [], ""
    for _page in range(6):
        document = officer.get(f"{COPY}/items", limit="1", **({"cursor": after} if after else {}))
        seen += ids(document)
        after = str(seen[-1])
    assert seen[:5] == [*(land.hydrants[n].fid for n in range(4)), new_fid]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
class TestWhichState:
    """/conf/optimistic-locking-etags"""

    def send(self, officer: Program, method: str, to: str, **headers: str):
        body = None if method == "delete" else hydrant()
        return officer.send(method, to, body, **headers)

    @pytest.mark.parametrize("etag", [None, "*", '"1-0", "2-0"'])
    def test_it_has_to_be_said(self, land: Land, officer: Program, method: str, etag) -> None:
        answer = self.send(officer, method, path(land), **({"If_Match": etag} if etag else {}))
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_missing")
        assert changes() == []

    def test_another_ones_change_is_not_undone(
        self, land: Land, officer: Program, method: str
    ) -> None:
        etag = officer.get(path(land))["ETag"]
        other = Program(make_user("ola@a.example", "gis", gmina=land.gmina))
        kept = other.send("put", path(land), hydrant(name="od Oli"), If_Match=etag)
        answer = self.send(officer, method, path(land), If_Match=etag)
        assert (answer.status_code, answer.json()["code"]) == (412, "version_stale")
        assert answer.json()["details"]["who"] == "Ola"
        assert officer.get(path(land))["ETag"] == kept["ETag"]

    def test_a_feature_that_is_not_there_is_not_found(
        self, land: Land, officer: Program, method: str
    ) -> None:
        for fid in (land.glowna.fid, 999_999_999, "x"):
            answer = self.send(officer, method, f"{COPY}/items/{fid}", If_Match='"1-0"')
            assert answer.status_code == 404


@pytest.mark.parametrize("crs", [CRS84, f"{EPSG}4326", f"{EPSG}2180", f"{EPSG}3857"])
def test_what_is_written_back_as_it_was_read_changes_nothing(
    land: Land, officer: Program, crs: str
) -> None:
    """The round trip in each coordinate system: not a millimetre, not a property."""
    for layer in ("osiedla", "ulice", "hydranty", "adresy"):
        items = f"{COLLECTIONS}/testowo.{layer}.staged/items"
        for feature in officer.get(items, crs=crs).json()["features"]:
            where = f"{items}/{feature['id']}"
            etag = officer.get(where)["ETag"]
            answer = officer.send("put", where, feature, If_Match=etag, Content_Crs=f"<{crs}>")
            assert answer.status_code == 204, answer.content
    assert changes() == []


def test_the_exact_numbers_of_2180_are_kept(land: Land, officer: Program) -> None:
    crs = f"{EPSG}2180"
    body = hydrant()
    body["geometry"]["coordinates"] = [270_050.123456789, 500_700.987654321]  # northing first
    answer = officer.send("post", f"{COPY}/items", body, Content_Crs=f"<{crs}>")
    fid = int(answer["Location"].rsplit("/", 1)[1])
    assert FeatureChange.objects.get(fid=fid).geom.coords == (500_700.987654321, 270_050.123456789)
    again = officer.get(f"{COPY}/items/{fid}", crs=crs).json()
    assert again["geometry"]["coordinates"] == body["geometry"]["coordinates"]


def test_an_attribute_that_is_null_stays_and_a_programs_null_is_nothing(
    land: Land, officer: Program
) -> None:
    first = land.hydrants[0]
    first.attrs["since"] = None
    first.save()
    feature = officer.get(path(land)).json()
    feature["properties"]["made up"] = None
    etag = officer.get(path(land))["ETag"]
    assert officer.send("put", path(land), feature, If_Match=etag).status_code == 204
    assert changes() == []


def test_an_address_is_changed_by_its_columns(land: Land, officer: Program) -> None:
    where = f"{COLLECTIONS}/testowo.adresy.staged/items/{land.address.fid}"
    etag = officer.get(where)["ETag"]
    patch = {"properties": {"number": "14", "street": "not kept"}}
    assert officer.send("patch", where, patch, If_Match=etag).status_code == 204
    told = officer.get(where).json()["properties"]
    assert (told["number"], told["street_fid"]) == ("14", land.glowna.fid)
    asked = officer.get(where.rsplit("/", 1)[0], filter="number = '14'")
    assert ids(asked) == [land.address.fid]


def test_what_was_prepared_can_be_published_and_is_open_then(
    land: Land, officer: Program, client: Client
) -> None:
    etag = officer.get(path(land))["ETag"]
    officer.send("patch", path(land), {"properties": {"name": "Nowy"}}, If_Match=etag)
    (layer,) = Layer.objects.filter(slug="hydranty")
    publish(current_changeset(layer), None)
    found = client.get(f"{PUBLISHED}/items/{land.hydrants[0].fid}").json()
    assert found["properties"]["name"] == "Nowy"
    assert ids(officer.get(f"{COPY}/items")) == ids(client.get(f"{PUBLISHED}/items"))


class TestWho:
    BODY = hydrant

    def post(self, client: Client, name: str):
        items = f"{COLLECTIONS}/{name}/items"
        return client.post(items, json.dumps(hydrant()), content_type="application/geo+json")

    def test_published_layers_say_where_changes_go(self, land: Land, officer: Program) -> None:
        answer = self.post(officer.client, "testowo.hydranty")
        assert (answer.status_code, answer.json()["code"]) == (405, "not_writable")
        assert answer.json()["details"]["collection"] == "testowo.hydranty.staged"

    def test_who_only_reads_writes_nothing(self, land: Land, gis, client: Client) -> None:
        anna = make_user("anna@a.example", "editor", gmina=land.gmina)
        for one in (Program(anna).client, Program(gis, may_write=False).client):
            assert self.post(one, "testowo.hydranty").status_code == 403
            assert self.post(one, "testowo.hydranty.staged").status_code == 404
        assert self.post(client, "testowo.hydranty.staged").status_code == 404
        assert self.post(client, "testowo.hydranty").status_code == 403
        assert changes() == []

    def test_a_session_needs_the_forms_token(self, land: Land, gis) -> None:
        client = sign_in(Client(enforce_csrf_checks=True), gis)
        assert self.post(client, "testowo.hydranty.staged").status_code == 403
        assert changes() == []

    def test_options_say_what_may_be_done(self, land: Land, officer: Program) -> None:
        """QGIS asks so whether it may edit."""
        fid = land.hydrants[0].fid
        for where, allowed in (
            (f"{COPY}/items", "GET, HEAD, OPTIONS, POST"),
            (f"{COPY}/items/{fid}", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"),
            (f"{PUBLISHED}/items", "GET, HEAD, OPTIONS"),
        ):
            answer = officer.client.options(where)
            assert (answer.status_code, answer["Allow"]) == (204, allowed)


def spoilt(**changed: object) -> dict:
    return {**hydrant(), **changed}


BAD = [
    ([], 400),
    ("x", 400),
    (spoilt(type="FeatureCollection"), 400),
    (spoilt(geometry=None), 400),
    (spoilt(geometry={"type": "Point"}), 400),
    (spoilt(geometry={"type": "Point", "coordinates": ["a", "b"]}), 400),
    (spoilt(geometry={"type": "Circle", "coordinates": [1, 2]}), 400),
    (spoilt(geometry={"type": "Point", "coordinates": []}), 422),
    (spoilt(geometry={"type": "Point", "coordinates": [50.3, 19.0]}), 400),  # axes swapped
    (spoilt(geometry={"type": "Point", "coordinates": [0, 0]}), 400),
    (spoilt(geometry={"type": "Point", "coordinates": [1e308, 1e308]}), 400),
    (
        spoilt(geometry={"type": "LineString", "coordinates": [[19, 50.3], [19.1, 50.3]]}),
        422,
    ),
    (spoilt(properties=[]), 400),
    (spoilt(properties={"name": 5}), 422),
    (spoilt(properties={"name": "x" * 201}), 422),
    (spoilt(properties={"lanes": {"deep": []}}), 422),
    (spoilt(properties={"simc": "x"}), 422),
]


def test_bad_features_are_refused(land: Land, officer: Program) -> None:
    for body, status in BAD:
        answer = officer.send("post", f"{COPY}/items", body)
        assert answer.status_code == status, (body, answer.content)
    assert changes() == []
    assert not Edition.objects.filter(by_hand=True).exists()


def test_other_forms_and_systems_are_refused(land: Land, officer: Program) -> None:
    body = copy.deepcopy(hydrant())
    wrong = officer.send("post", f"{COPY}/items", body, Content_Crs="<x>")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "crs_not_offered")
    answer = officer.client.post(f"{COPY}/items", "<gml/>", content_type="application/gml+xml")
    assert answer.status_code == 415


def test_shapes_come_back_as_they_were(land: Land, officer: Program) -> None:
    items = f"{COLLECTIONS}/testowo.osiedla/items"
    for feature in officer.get(items, crs=f"{EPSG}3857").json()["features"]:
        stored = Feature.objects.get(fid=feature["id"]).geom.transform(3857, clone=True)
        told = shape(feature["geometry"])
        assert told.hausdorff_distance(shape(json.loads(stored.json))) < 0.001  # m
