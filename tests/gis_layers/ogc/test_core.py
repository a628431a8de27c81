"""OGC API Features 1 and 2, by the abstract tests of their annexes A (their ids stand at each)."""

import json
import re
from datetime import datetime

import pytest
import shapely
from django.contrib.gis.geos import Polygon
from django.test import Client

from gis_layers.crs import to_lonlat
from gis_layers.models import Layer
from gis_layers.ogc.conformance import CLASSES
from gis_layers.ogc.queries import LIMIT_MAX
from tests.builders import make_feature, make_layer
from tests.gis_layers.ogc.conftest import COLLECTIONS, CRS84, EPSG, Land, ids

HYDRANTS = f"{COLLECTIONS}/testowo.hydranty"
ITEMS = f"{HYDRANTS}/items"
GEOJSON = "application/geo+json"


def rels(document: dict) -> dict[str, dict]:
    return {(link["rel"], link["type"]): link for link in document["links"]}


def path_of(href: str) -> str:
    return href.removeprefix("http://testserver")


def test_landing_page(land: Land, client: Client) -> None:
    """/conf/core/root-op, root-success"""
    document = client.get("/ogc/").json()
    assert client.get("/ogc").json() == document  # QGIS follows no redirect
    kinds = {link["rel"] for link in document["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= kinds
    for link in document["links"]:
        answer = client.get(path_of(link["href"]))
        assert answer.status_code == 200, link
        media = link["type"].partition(";")[0]
        assert answer["Content-Type"].startswith(media), link


def test_api_definition_is_openapi_3_0_and_whole(land: Land, client: Client) -> None:
    """/conf/core/api-definition-success, /conf/oas30/oas-definition-1"""
    answer = client.get("/ogc/api")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', answer.content.decode()):
        assert name in document["components"][kind]
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert ("/collections/{collectionId}/items", "get") in described
    operations = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert len(operations) == len(set(operations))


def test_described_parameters_are_the_ones_that_are_taken(land: Land, client: Client) -> None:
    """/conf/core/fc-limit-definition, fc-bbox-definition, fc-time-definition"""
    document = client.get("/ogc/api").json()
    named = document["components"]["parameters"]
    limit = named["limit"]
    assert limit["schema"]["type"] == "integer"
    assert limit["schema"]["minimum"] == 1
    assert limit["schema"]["maximum"] == LIMIT_MAX
    assert named["bbox"]["explode"] is False
    good = {
        "limit": "1",
        "bbox": "14,49,24,55",
        "datetime": "2026-01-01/..",
        "crs": CRS84,
        "bbox-crs": CRS84,
        "filter": "lanes > 1",
        "filter-lang": "cql2-text",
        "filter-crs": CRS84,
        "cursor": "1",
        "f": "json",
    }
    for ref in document["paths"]["/collections/{collectionId}/items"]["get"]["parameters"]:
        parameter = named[ref["$ref"].rsplit("/", 1)[1]]
        if parameter["in"] == "query":
            answer = client.get(ITEMS, {parameter["name"]: good[parameter["name"]]})
            assert answer.status_code == 200, parameter["name"]


def test_conformance_declares_the_classes(land: Land, client: Client) -> None:
    """/conf/core/conformance-op, conformance-success"""
    assert client.get("/ogc/conformance").json() == {"conformsTo": CLASSES}


def test_collections_and_each_by_itself(land: Land, client: Client) -> None:
    """/conf/core/sc-md-op, rc-md-op, fc-md-op, sfc-md-success, /conf/crs/crs-uri"""
    document = client.get(COLLECTIONS).json()
    shown = [one["id"] for one in document["collections"]]
    assert shown == ["testowo.hydranty", "testowo.osiedla", "testowo.ulice"]
    assert document["crs"][0] == CRS84
    for one in document["collections"]:
        links = rels(one)
        assert ("items", GEOJSON) in links
        assert ("self", "application/json") in links
        assert one["crs"] == [CRS84, f"{EPSG}4326", f"{EPSG}2180", f"{EPSG}3857"]
        assert one["storageCrs"] == f"{EPSG}2180"
        assert one == client.get(path_of(links["self", "application/json"]["href"])).json()
        ((west, south, east, north),) = one["extent"]["spatial"]["bbox"]
        assert 14 < west <= east < 24.2
        assert 49 < south <= north < 55


def test_an_extent_holds_every_vertex_of_its_layer(land: Land, client: Client) -> None:
    """/conf/core/rc-extent. The longest edges bow the most: of the whole country."""
    country = make_layer(
        None, "kraj", kind=Layer.Kind.TERYT_UNIT, geometry_type="polygon", public=True
    )
    for x, y in ((180_000, 140_000), (180_000, 770_000), (850_000, 140_000), (500_000, 770_000)):
        corner = Polygon.from_bbox((x, y, x + 10, y + 10))
        corner.srid = 2180
        make_feature(country, geom=corner)
    for one in client.get(COLLECTIONS).json()["collections"]:
        ((west, south, east, north),) = one["extent"]["spatial"]["bbox"]
        for feature in client.get(f"{COLLECTIONS}/{one['id']}/items").json()["features"]:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            assert shapely.covers(shapely.box(west, south, east, north), shape), one["id"]


def test_features(land: Land, client: Client) -> None:
    """/conf/core/fc-op, fc-response, fc-links, fc-timeStamp, fc-numberMatched, fc-numberReturned,
    /conf/geojson/content"""
    answer = client.get(ITEMS)
    assert answer["Content-Type"] == GEOJSON
    assert answer["Content-Crs"] == f"<{CRS84}>"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    assert ids(answer) == [hydrant.fid for hydrant in land.hydrants]
    assert document["numberMatched"] == document["numberReturned"] == 5
    datetime.fromisoformat(document["timeStamp"])
    links = rels(document)
    assert path_of(links["self", GEOJSON]["href"]) == ITEMS
    page = client.get(path_of(links["alternate", "text/html"]["href"]))
    assert page["Content-Type"].startswith("text/html")
    feature = document["features"][0]
    where = to_lonlat(land.hydrants[0].geom)
    assert feature["geometry"]["type"] == "Point"
    assert feature["geometry"]["coordinates"] == pytest.approx([where.x, where.y], abs=1e-9)
    assert feature["properties"] == {
        "name": "H1",
        "code": "",
        "simc": "",
        "lanes": 1,
        "works": True,
        "note": "nr 1",
    }


def test_one_feature(land: Land, client: Client) -> None:
    """/conf/core/f-op, f-success, f-links"""
    fid = land.hydrants[2].fid
    document = client.get(f"{ITEMS}/{fid}").json()
    assert (document["type"], document["id"]) == ("Feature", fid)
    links = rels(document)
    assert path_of(links["self", GEOJSON]["href"]) == f"{ITEMS}/{fid}"
    assert ("alternate", "text/html") in links
    assert path_of(links["collection", "application/json"]["href"]) == HYDRANTS


def test_links_lead_on_whatever_form_was_asked_for(land: Land, client: Client) -> None:
    for path in (ITEMS, f"{ITEMS}/{land.hydrants[2].fid}", HYDRANTS, "/ogc/"):
        for link in client.get(path, {"f": "json"}).json()["links"]:
            assert client.get(path_of(link["href"])).status_code == 200, link


def test_what_is_no_feature_is_not_found(land: Land, client: Client) -> None:
    for fid in ("0", "9" * 18, "9" * 25, "abc", "-1", "١"):
        assert client.get(f"{ITEMS}/{fid}").status_code == 404, fid


def test_a_feature_of_another_layer_is_not_found(land: Land, client: Client) -> None:
    assert client.get(f"{ITEMS}/{land.glowna.fid}").status_code == 404


def test_what_is_no_collection_is_not_found(land: Land, client: Client) -> None:
    for name in ("testowo.brak", "brak.ulice", "ulice", "testowo", "testowo.ulice.x", "a.b.c.d"):
        for tail in ("", "/items", "/queryables", "/items/1"):
            answer = client.get(f"{COLLECTIONS}/{name}{tail}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name


def test_paging_by_keyset_finds_each_feature_once(land: Land, client: Client) -> None:
    """/conf/core/fc-limit-response-1, fc-links"""
    address, found, pages = f"{ITEMS}?limit=2", [], 0
    while address:
        answer = client.get(path_of(address))
        found += ids(answer)
        pages += 1
        assert answer.json()["numberReturned"] <= 2
        following = rels(answer.json()).get(("next", GEOJSON))
        address = following and following["href"]
    assert found == [hydrant.fid for hydrant in land.hydrants]
    assert pages == 3


def test_the_next_page_keeps_what_was_asked(land: Land, client: Client) -> None:
    asked = {"limit": "1", "filter": "lanes >= 4", "crs": f"{EPSG}2180"}
    following = rels(client.get(ITEMS, asked).json())["next", GEOJSON]["href"]
    answer = client.get(path_of(following))
    assert ids(answer) == [land.hydrants[4].fid]
    assert answer["Content-Crs"] == f"<{EPSG}2180>"


def test_a_limit_beyond_the_largest_is_the_largest(land: Land, client: Client) -> None:
    """/conf/core/fc-limit-response-1"""
    assert len(ids(client.get(ITEMS, {"limit": str(LIMIT_MAX + 1)}))) == 5


ODD = [
    ("limit", "0"),
    ("limit", "-1"),
    ("limit", "x"),
    ("limit", "1.5"),
    ("limit", "9" * 30),
    ("cursor", "x"),
    ("bbox", "1,2,3"),
    ("bbox", "a,b,c,d"),
    ("bbox", "nan,1,2,3"),
    ("bbox", "1,9,2,3"),
    ("bbox", "1,2,inf,3"),
    ("datetime", "yesterday"),
    ("datetime", "2026-13-01"),
    ("datetime", "2026-01-01/2026-01-02/2026-01-03"),
    ("datetime", ""),
    ("crs", "EPSG:1"),
    ("bbox-crs", "x"),
    ("filter-crs", "x"),
    ("filter-lang", "sql"),
    ("f", "xml"),
    ("note", "\x00"),
    ("unknown", "1"),
]


def test_odd_parameters_are_refused(land: Land, client: Client) -> None:
    """/conf/core/query-param-unknown, query-param-invalid"""
    for name, value in ODD:
        answer = client.get(ITEMS, {name: value})
        assert (answer.status_code, answer.json()["field"]) == (400, name), value


def test_a_parameter_given_twice_is_refused(land: Land, client: Client) -> None:
    assert client.get(f"{ITEMS}?limit=1&limit=2").json()["code"] == "parameter_invalid"


def test_documents_refuse_unknown_parameters_too(land: Land, client: Client) -> None:
    for path in ("/ogc/", "/ogc/api", "/ogc/conformance", COLLECTIONS, HYDRANTS):
        assert client.get(path, {"unknown": "1"}).json()["code"] == "parameter_unknown", path


def test_any_time_finds_features_that_have_none(land: Land, client: Client) -> None:
    """/conf/core/fc-time-response"""
    for when in ("2026-01-01", "2026-01-01T00:00:00Z", "../..", "2026-01-01/.."):
        assert len(ids(client.get(ITEMS, {"datetime": when}))) == 5, when


class TestCrs:
    """/conf/crs/…: each coordinate system in the axis order of its definition."""

    def first(self, client: Client, crs: str) -> list[float]:
        answer = client.get(ITEMS, {"crs": crs, "limit": "1"})
        assert answer["Content-Crs"] == f"<{crs}>"
        return answer.json()["features"][0]["geometry"]["coordinates"]

    def test_2180_is_northing_first_and_exact(self, land: Land, client: Client) -> None:
        point = land.hydrants[0].geom
        assert self.first(client, f"{EPSG}2180") == [point.y, point.x]

    def test_4326_is_latitude_first(self, land: Land, client: Client) -> None:
        lon, lat = self.first(client, CRS84)
        assert self.first(client, f"{EPSG}4326") == [lat, lon]

    def test_3857_is_easting_first(self, land: Land, client: Client) -> None:
        east, north = self.first(client, f"{EPSG}3857")
        point = land.hydrants[0].geom.transform(3857, clone=True)
        assert (east, north) == pytest.approx((point.x, point.y), abs=1e-3)

    def test_one_feature_too(self, land: Land, client: Client) -> None:
        answer = client.get(f"{ITEMS}/{land.hydrants[0].fid}", {"crs": f"{EPSG}2180"})
        point = land.hydrants[0].geom
        assert answer.json()["geometry"]["coordinates"] == [point.y, point.x]
        assert answer["Content-Crs"] == f"<{EPSG}2180>"


class TestBbox:
    """/conf/core/fc-bbox-response, /conf/crs/bbox-crs-…: the boxes hold the hydrants 2 and 3."""

    def boxed(self, land: Land, srid: int) -> list[float]:
        corners = [land.hydrants[n].geom.transform(srid, clone=True) for n in (1, 2)]
        margin = 1e-4 if srid == 4326 else 10
        xs, ys = [c.x for c in corners], [c.y for c in corners]
        return [min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin]

    def found(self, client: Client, numbers: list[float], crs: str | None) -> list[int]:
        asked = {"bbox": ",".join(map(str, numbers))} | ({"bbox-crs": crs} if crs else {})
        return ids(client.get(ITEMS, asked))

    @pytest.mark.parametrize(
        ("crs", "srid", "flipped"),
        [
            (None, 4326, False),
            (CRS84, 4326, False),
            (f"{EPSG}4326", 4326, True),
            (f"{EPSG}2180", 2180, True),
            (f"{EPSG}3857", 3857, False),
        ],
    )
    def test_in_each_crs(self, land: Land, client: Client, crs, srid, flipped) -> None:
        west, south, east, north = self.boxed(land, srid)
        numbers = [south, west, north, east] if flipped else [west, south, east, north]
        assert self.found(client, numbers, crs) == [h.fid for h in land.hydrants[1:3]]

    def test_with_heights(self, land: Land, client: Client) -> None:
        west, south, east, north = self.boxed(land, 4326)
        assert len(self.found(client, [west, south, 0, east, north, 900], None)) == 2

    def test_the_whole_world_holds_everything(self, land: Land, client: Client) -> None:
        assert len(self.found(client, [-180, -90, 180, 90], None)) == 5

    def test_across_the_antimeridian(self, land: Land, client: Client) -> None:
        assert self.found(client, [170, 40, -170, 60], None) == []
        assert len(self.found(client, [10, 40, -170, 60], None)) == 5

    def test_a_box_without_a_height_or_width(self, land: Land, client: Client) -> None:
        assert self.found(client, [14, 50.3, 24, 50.3], None) == []
        first = land.hydrants[0].geom
        for east in (first.x, first.x + 150):
            numbers = [first.y, first.x, first.y, east]
            assert land.hydrants[0].fid in self.found(client, numbers, f"{EPSG}2180")

    def test_elsewhere_is_nothing(self, land: Land, client: Client) -> None:
        assert self.found(client, [-60, -40, -50, -30], None) == []


def test_each_layer_keeps_its_shapes(land: Land, client: Client) -> None:
    """Lines, polygons with holes and several parts come as they are stored."""
    for layer, kinds in (("ulice", {"MultiLineString"}), ("osiedla", {"Polygon", "MultiPolygon"})):
        document = client.get(f"{COLLECTIONS}/testowo.{layer}/items").json()
        assert {feature["geometry"]["type"] for feature in document["features"]} == kinds


def test_an_unchanged_feature_is_not_sent_again(land: Land, client: Client) -> None:
    path = f"{ITEMS}/{land.hydrants[0].fid}"
    etag = client.get(path)["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_head_says_what_get_would(land: Land, client: Client) -> None:
    answer = client.head(ITEMS)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"] == GEOJSON


def test_pages_of_other_sites_may_read_open_data(land: Land, client: Client) -> None:
    answer = client.get(ITEMS)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "public, no-cache"


def test_titles_are_in_the_readers_language(land: Land, client: Client) -> None:
    land.glowna.layer.title_en = "Streets"
    land.glowna.layer.save()
    path = f"{COLLECTIONS}/testowo.ulice"
    assert client.get(path).json()["title"] == "Testowo: Ulice"
    english = client.get(path, headers={"Accept-Language": "en"})
    assert english.json()["title"] == "Testowo: Streets"
