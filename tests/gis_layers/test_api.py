"""REST about layers: for staff by role and gmina, for phones without a secret."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Gmina
from gis_layers.crs import to_lonlat
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_locality,
    make_street,
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/gminas/testowo/"


@pytest.fixture
def gmina() -> Gmina:
    gmina = make_gmina("testowo")
    make_locality(gmina, "Kowale", "0144259")
    make_locality(gmina, "Kolonia", "0144265", parent_simc="0144259")
    street = make_street(gmina, "Główna", geom=line((0, 100), (200, 100)), simc="0144259")
    make_address(gmina, "12a", at=at(50, 110), street=street, simc="0144259", postcode="46-320")
    make_district(gmina, "Zachód", geom=square(0, 0, 500))
    return gmina


@pytest.fixture
def anna(gmina) -> Client:
    """An editor of the gmina."""
    return sign_in(Client(), make_user("anna@a.example", "editor", gmina=gmina))


def lonlat(x: float, y: float) -> dict[str, float]:
    point = to_lonlat(at(x, y))
    return {"lon": point.x, "lat": point.y}


class TestStaff:
    def test_search_answers_with_words_and_places(self, anna):
        (hit,) = anna.get(API + "search", {"q": "glow", "kinds": "street"}).json()
        assert (hit["label"], hit["locality"], hit["layer_slug"]) == (
            "ul. Główna",
            "Kowale",
            "ulice",
        )
        assert hit["length_m"] == pytest.approx(200, abs=0.001)  # m
        assert hit["bbox_4326"][0] <= hit["lon"] <= hit["bbox_4326"][2]

    def test_the_hotline_finds_addresses_and_no_street(self, gmina):
        iga = sign_in(Client(), make_user("iga@a.example", "hotline", gmina=gmina))
        assert {hit["kind"] for hit in iga.get(API + "search", {"q": "glow"}).json()} == {"address"}
        assert iga.get(API + "search", {"q": "glow", "kinds": "street"}).status_code == 403
        assert iga.get(API + "layers").status_code == 403

    def test_layers_are_listed_with_what_they_show(self, anna):
        layers = {row["slug"]: row for row in anna.get(API + "layers").json()}
        assert {slug: row["feature_count"] for slug, row in layers.items()} == {
            "granica": 1,
            "ulice": 1,
            "adresy": 1,
            "osiedla": 1,
        }
        assert (layers["ulice"]["kind"], layers["ulice"]["edition"]) == ("street", 1)

    def test_features_are_listed_in_words(self, anna):
        (row,) = anna.get(API + "layers/ulice/features").json()
        assert (row["name"], row["label"], row["locality"]) == ("Główna", "ul. Główna", "Kowale")
        west, south, east, north = row["bbox"]
        assert west < east
        assert south <= north

    def test_a_feature_is_geojson_in_longitude_and_latitude(self, anna):
        (row,) = anna.get(API + "layers/ulice/features").json()
        feature = anna.get(f"{API}layers/ulice/features/{row['fid']}").json()
        assert (feature["type"], feature["id"]) == ("Feature", row["fid"])
        assert feature["geometry"]["type"] == "MultiLineString"
        lon, lat = feature["geometry"]["coordinates"][0][0]
        assert {"lon": lon, "lat": lat} == pytest.approx(lonlat(0, 100), abs=1e-9)  # degrees
        assert feature["properties"]["label"] == "ul. Główna"

    def test_a_feature_of_another_layer_or_none_is_not_there(self, anna):
        (row,) = anna.get(API + "layers/ulice/features").json()
        assert anna.get(f"{API}layers/osiedla/features/{row['fid']}").status_code == 404
        assert anna.get(API + "layers/nie-ma/features").status_code == 404

    def test_a_feature_is_found_by_its_fid_alone_in_its_own_gmina_only(self, anna):
        (row,) = anna.get(API + "layers/ulice/features").json()
        feature = anna.get(f"{API}features/{row['fid']}").json()
        assert feature == anna.get(f"{API}layers/ulice/features/{row['fid']}").json()
        foreign = make_street(make_gmina("obca"), "Cudza", geom=line((0, 0), (10, 0)))
        assert anna.get(f"{API}features/{foreign.fid}").status_code == 404

    def test_localities_are_listed_with_their_parts_and_where_they_lie(self, anna):
        kolonia, kowale = anna.get(API + "localities").json()
        assert kolonia == {
            "simc": "0144265",
            "name": "Kolonia",
            "parent_simc": "0144259",
            "rm": "01",
            "lon": None,
            "lat": None,
        }
        assert (kowale["name"], kowale["parent_simc"]) == ("Kowale", "0144259")
        place = {"lon": kowale["lon"], "lat": kowale["lat"]}
        assert place == pytest.approx(lonlat(50, 110), abs=1e-9)  # degrees: its only address

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({}, "q"),
            ({"q": ""}, "q"),
            ({"q": "x" * 101}, "q"),
            ({"q": "a", "kinds": "street,moon"}, "kinds"),
            ({"q": "a", "limit": "0"}, "limit"),
            ({"q": "a", "limit": "1000"}, "limit"),
        ],
    )
    def test_bad_queries_name_their_field(self, anna, query, field):
        answer = anna.get(API + "search", query)
        assert (answer.status_code, answer.json()["field"]) == (400, field)

    def test_an_administrator_sees_the_map_but_looks_up_no_address(self, gmina):
        admin = sign_in(Client(), make_user("adam@a.example", "admin", gmina=gmina))
        found = admin.get(API + "search", {"q": "Główna 12a"})
        assert found.status_code == 200
        assert all(hit["kind"] != "address" for hit in found.json())
        refused = admin.get(API + "search", {"q": "Główna 12a", "kinds": "address"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

    @pytest.mark.parametrize(
        "path", ["search?q=a", "layers", "layers/ulice/features", "layers/ulice/features/1"]
    )
    def test_staff_of_another_gmina_and_strangers_get_nothing(self, gmina, path):
        other = make_gmina("obca")
        celina = sign_in(Client(), make_user("celina@b.example", "editor", gmina=other))
        assert celina.get(API + path).status_code == 404
        assert Client().get(API + path).status_code == 401
        assert celina.post(API + path).status_code in {404, 405}


class TestPhones:
    @pytest.fixture(autouse=True)
    def _fresh_limits(self):
        cache.clear()

    def test_locate_says_whose_a_position_is_and_which_address(self, gmina):
        answer = Client().get("/api/v1/locate", lonlat(50, 112) | {"accuracy": 10}).json()
        assert answer["gminas"] == [{"slug": "testowo", "name": "Testowo", "certain": True}]
        assert answer["locality"] == "Kowale"
        assert answer["address"]["label"] == "Główna 12a"
        assert answer["address"]["distance_m"] == pytest.approx(2, abs=0.001)  # m
        assert [near["label"] for near in answer["nearby_addresses"]] == ["Główna 12a"]

    def test_locate_outside_all_gminas_offers_none(self, gmina):
        answer = Client().get("/api/v1/locate", lonlat(50_000, 0)).json()
        assert answer == {"gminas": [], "locality": "", "address": None, "nearby_addresses": []}

    def test_swapped_coordinates_are_named(self, gmina):
        here = lonlat(50, 112)
        answer = Client().get("/api/v1/locate", {"lat": here["lon"], "lon": here["lat"]})
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["field"]) == ("swapped_axes", "lat")

    @pytest.mark.parametrize(
        ("query", "code", "field"),
        [
            ({"lat": 50.3}, "invalid", "lon"),
            ({"lat": "abc", "lon": 19}, "invalid", "lat"),
            ({"lat": 50.3, "lon": 19, "accuracy": -1}, "invalid", "accuracy"),
            ({"lat": "nan", "lon": 19}, "invalid", "lat"),
            ({"lat": 50.3, "lon": "inf"}, "invalid", "lon"),
            ({"lat": 0, "lon": 0}, "outside_country", "lat"),
            ({"lat": 52.5, "lon": 13.4}, "outside_country", "lon"),
            ({"lat": 270_000, "lon": 500_000}, "outside_country", "lat"),
        ],
    )
    def test_coordinates_that_are_no_place_in_poland_are_refused(self, gmina, query, code, field):
        answer = Client().get("/api/v1/locate", query)
        assert answer.status_code == 400
        assert (answer.json()["code"], answer.json()["field"]) == (code, field)

    def test_addresses_are_found_without_a_secret(self, gmina):
        (found,) = Client().get("/api/v1/addresses", {"q": "glowna 12A"}).json()["results"]
        place = lonlat(50, 110)
        assert found.pop("fid") > 0
        assert found.pop("lon") == pytest.approx(place["lon"], abs=1e-9)  # degrees
        assert found.pop("lat") == pytest.approx(place["lat"], abs=1e-9)  # degrees
        assert found == {
            "label": "Główna 12a",
            "locality": "Kowale",
            "postcode": "46-320",
            "gmina": "testowo",
        }

    def test_addresses_of_one_gmina_only_when_asked(self, gmina):
        make_gmina("obca")
        assert Client().get("/api/v1/addresses", {"q": "Główna 12a", "gmina": "obca"}).json() == {
            "results": []
        }
        missing = Client().get("/api/v1/addresses", {"q": "a", "gmina": "nie-ma"})
        assert missing.status_code == 404

    def test_a_query_without_an_end_is_refused(self, gmina):
        answer = Client().get("/api/v1/addresses", {"q": "x" * 5000})
        assert (answer.status_code, answer.json()["field"]) == (400, "q")

    def test_whoever_asks_without_pause_is_slowed_down(self, gmina, monkeypatch):
        monkeypatch.setattr("accounts.throttles.OpenThrottle.get_rate", lambda self: "3/hour")
        statuses = [Client().get("/api/v1/addresses", {"q": "a"}).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
