"""OGC API Features 3: CQL2 in both notations, and properties as parameters."""

import functools
import json
import subprocess
import sys

import pytest
from django.test import Client, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_layers.changesets import current_changeset
from gis_layers.crs import to_lonlat
from gis_layers.ogc import cql
from gis_layers.ogc.cql import DEPTH_MAX, FILTER_MAX, SIGNS_MAX
from tests.builders import publish
from tests.gis_layers.ogc.conftest import COLLECTIONS, EPSG, Land, Program, ids

ITEMS = f"{COLLECTIONS}/testowo.hydranty/items"
REDIS_AWAY = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}
pytestmark = pytest.mark.usefixtures("land")


def found(client: Client, land: Land, text: str, **params: str) -> list[int]:
    """Which hydrants (1 … 5) the filter finds."""
    fids = [hydrant.fid for hydrant in land.hydrants]
    answer = client.get(ITEMS, {"filter": text, **params})
    return [fids.index(fid) + 1 for fid in ids(answer)]


FOUND = [
    ("lanes = 3", [3]),
    ("lanes <> 3", [1, 2, 4, 5]),
    ("lanes < 2", [1]),
    ("lanes <= 2", [1, 2]),
    ("lanes > 4.5", [5]),
    ("3 < lanes", [4, 5]),
    ("lanes BETWEEN 2 AND 3", [2, 3]),
    ("lanes NOT BETWEEN 2 AND 3", [1, 4, 5]),
    ("lanes IN (1, 5, 9)", [1, 5]),
    ("lanes NOT IN (1, 5)", [2, 3, 4]),
    ("works = TRUE", [1, 3, 5]),
    ("NOT works = TRUE", [2, 4]),
    ("name = 'H2'", [2]),
    ("name > 'H3'", [4, 5]),
    ("note LIKE '%2'", [2]),
    ("note LIKE 'nr _'", [1, 2, 3, 4, 5]),
    ("note LIKE 'nr \\_'", []),
    ("note NOT LIKE '%2'", [1, 3, 4, 5]),
    ("CASEI(name) = CASEI('h4')", [4]),
    ("CASEI(note) LIKE CASEI('NR 1')", [1]),
    ("name = note", []),
    ("name = name", [1, 2, 3, 4, 5]),
    ("extra IS NULL", [1, 2, 3, 4]),
    ("lanes IS NOT NULL", [1, 2, 3, 4, 5]),
    ("TRUE", [1, 2, 3, 4, 5]),
    ("FALSE", []),
    # AND binds closer than OR: read from left to right this would find none.
    ("lanes = 1 OR lanes = 2 AND works = FALSE", [1, 2]),
    ("(lanes = 1 OR lanes = 2) AND works = FALSE", [2]),
    ("NOT (lanes = 1 OR lanes = 2)", [3, 4, 5]),
    ("name = 'O''Brien'", []),
    ("name = '''; DROP TABLE gis_layers_feature; --'", []),
]


def test_text(client: Client, land: Land) -> None:
    land.hydrants[0].attrs["extra"] = None
    land.hydrants[0].save()
    land.hydrants[4].attrs["extra"] = "x"
    land.hydrants[4].save()
    for text, numbers in FOUND:
        assert found(client, land, text) == numbers, text


def test_json(client: Client, land: Land) -> None:
    tree = {
        "op": "and",
        "args": [
            {"op": ">=", "args": [{"property": "lanes"}, 2]},
            {"op": "=", "args": [{"property": "works"}, True]},
        ],
    }
    assert found(client, land, json.dumps(tree), **{"filter-lang": "cql2-json"}) == [3, 5]


class TestSpatial:
    def wkt(self, land: Land, *numbers: int) -> str:
        points = [to_lonlat(land.hydrants[n - 1].geom) for n in numbers]
        west, east = min(p.x for p in points) - 1e-4, max(p.x for p in points) + 1e-4
        south, north = points[0].y - 1e-4, points[0].y + 1e-4
        ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return "POLYGON((" + ", ".join(f"{x} {y}" for x, y in ring) + "))"

    FUNCTIONS = [
        ("S_INTERSECTS(geometry, {})", [2, 3]),
        ("S_INTERSECTS({}, geometry)", [2, 3]),
        ("S_WITHIN(geometry, {})", [2, 3]),
        ("S_CONTAINS({}, geometry)", [2, 3]),
        ("S_CONTAINS(geometry, {})", []),
        ("S_DISJOINT(geometry, {})", [1, 4, 5]),
        ("S_TOUCHES(geometry, {})", []),
        ("S_CROSSES(geometry, {})", []),
        ("S_OVERLAPS(geometry, {})", []),
        ("S_EQUALS(geometry, {})", []),
        ("NOT S_INTERSECTS(geometry, {}) AND lanes > 1", [4, 5]),
    ]

    def test_functions(self, client: Client, land: Land) -> None:
        box = self.wkt(land, 2, 3)
        for text, numbers in self.FUNCTIONS:
            assert found(client, land, text.format(box)) == numbers, text

    def test_boxes_and_other_crs(self, client: Client, land: Land) -> None:
        a, b = land.hydrants[1].geom, land.hydrants[2].geom
        box = f"BBOX({a.y - 1}, {a.x - 1}, {b.y + 1}, {b.x + 1})"
        text = f"S_INTERSECTS(geometry, {box})"
        assert found(client, land, text, **{"filter-crs": f"{EPSG}2180"}) == [2, 3]

    def test_collections_of_shapes(self, client: Client, land: Land) -> None:
        several = f"GEOMETRYCOLLECTION(POINT(19 50), {self.wkt(land, 2, 3)})"
        assert found(client, land, f"S_INTERSECTS(geometry, {several})") == [2, 3]
        assert found(client, land, f"S_DISJOINT(geometry, {several})") == [1, 4, 5]
        for op in set(cql.SPATIAL) - cql.OF_COLLECTIONS:
            answer = client.get(ITEMS, {"filter": f"{op}(geometry, {several})"})
            assert answer.json()["code"] == "filter_invalid", op

    def test_shapes_without_coordinates(self, client: Client, land: Land) -> None:
        for kind in ("Polygon", "LineString", "MultiPoint", "Point"):
            empty = {"type": kind, "coordinates": []}
            for op in cql.SPATIAL:
                tree = json.dumps({"op": op, "args": [{"property": "geometry"}, empty]})
                answer = client.get(ITEMS, {"filter": tree, "filter-lang": "cql2-json"})
                assert answer.status_code in {200, 400}, (op, kind)

    def test_shapes_of_the_whole_world(self, client: Client, land: Land) -> None:
        world = "POLYGON((-180 -90, 180 -90, 180 90, -180 90, -180 -90))"
        assert found(client, land, f"S_WITHIN(geometry, {world})") == [1, 2, 3, 4, 5]
        assert found(client, land, "S_INTERSECTS(geometry, POINT(-100 -40))") == []
        assert len(found(client, land, "S_DISJOINT(geometry, POINT(-100 -40))")) == 5


def test_properties_are_parameters_too(client: Client, land: Land) -> None:
    for params, numbers in (
        ({"name": "H2"}, [2]),
        ({"lanes": "4"}, [4]),
        ({"works": "true", "lanes": "3"}, [3]),
        ({"works": "true", "lanes": "4"}, []),
    ):
        fids = [land.hydrants[n - 1].fid for n in numbers]
        assert ids(client.get(ITEMS, params)) == fids
    assert client.get(ITEMS, {"lanes": "x"}).json()["code"] == "filter_invalid"


def test_queryables_say_what_can_be_asked(client: Client, land: Land) -> None:
    """/conf/queryables"""
    answer = client.get(f"{COLLECTIONS}/testowo.hydranty/queryables")
    assert answer["Content-Type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$id"].endswith("/queryables")
    assert schema["additionalProperties"] is False
    geometry = schema["properties"].pop("geometry")
    assert geometry["x-ogc-role"] == "primary-geometry"
    assert geometry["format"] == "geometry-point-or-multipoint"
    assert {name: one["type"] for name, one in schema["properties"].items()} == {
        "name": "string",
        "code": "string",
        "simc": "string",
        "lanes": "number",
        "note": "string",
        "works": "boolean",
    }


def test_attributes_follow_the_edition_and_the_working_copy(
    client: Client, land: Land, officer: Program
) -> None:
    """They are kept by edition in Redis, and worked out where that is away."""
    queryables = f"{COLLECTIONS}/testowo.hydranty{{}}/queryables"
    assert "depth" not in client.get(queryables.format("")).json()["properties"]
    where = f"{COLLECTIONS}/testowo.hydranty.staged/items/{land.hydrants[0].fid}"
    etag = officer.get(where)["ETag"]
    officer.send("patch", where, {"properties": {"depth": 2.5}}, If_Match=etag)
    staged = officer.get(queryables.format(".staged")).json()["properties"]
    assert staged["depth"]["type"] == "number"
    assert "depth" not in client.get(queryables.format("")).json()["properties"]
    publish(current_changeset(land.hydrants[0].layer))
    assert "depth" in client.get(queryables.format("")).json()["properties"]
    with override_settings(CACHES=REDIS_AWAY):
        assert "depth" in client.get(queryables.format("")).json()["properties"]
        assert client.get(COLLECTIONS).status_code == 200


def test_addresses_by_their_streets(land: Land, officer: Program) -> None:
    items = f"{COLLECTIONS}/testowo.adresy/items"
    for text, count in (("street = 'Główna' AND number LIKE '12%'", 1), ("street = 'Inna'", 0)):
        assert len(ids(officer.get(items, filter=text))) == count


def test_an_attribute_of_mixed_types_is_text(client: Client, land: Land) -> None:
    first = land.hydrants[0]
    first.attrs["lanes"] = "many"
    first.save()
    assert found(client, land, "lanes = '3'") == [3]
    assert found(client, land, "lanes = 'many'") == [1]


NO_FILTERS = [
    "",
    "lanes",
    "lanes =",
    "lanes = 'x'",
    "lanes > TRUE",
    "name > 1",
    "lanes LIKE '1%'",
    "note LIKE '1\\'",
    "note LIKE name",
    "absent = 1",
    "password = 'x'",
    "lanes + 1 = 2",
    "lanes = 1; SELECT 1",
    "ACCENTI(name) = 'x'",
    "pg_sleep(10) = 1",
    "CASEI(lanes) = 'x'",
    "geometry = 'x'",
    "name = DATE('2026-01-01')",
    "T_AFTER(name, DATE('2026-01-01'))",
    "S_INTERSECTS(name, POINT(19 50))",
    "S_INTERSECTS(geometry, geometry)",
    "S_INTERSECTS(geometry, 'POINT(19 50)')",
    "S_INTERSECTS(geometry, POLYGON((19 50, 20 51, 20 50, 19 51, 19 50)))",
    "S_INTERSECTS(geometry, BBOX(20, 51, 19, 50))",
    "S_DWITHIN(geometry, POINT(19 50), 10, meters)",
    "name = '" + "x" * FILTER_MAX + "'",
    " AND ".join(["lanes = 1"] * 600),
    "(" * 3000 + "lanes = 1" + ")" * 3000,
    "NOT " * 1900 + "lanes = 1",
    "CASEI(" * 1200 + "name" + ")" * 1200 + " = 'x'",
]


def test_what_is_no_filter_is_refused(client: Client) -> None:
    for text in NO_FILTERS:
        answer = client.get(ITEMS, {"filter": text})
        assert (answer.status_code, answer.json()["code"]) == (400, "filter_invalid"), text


DEEPEST = (
    "(" * DEPTH_MAX + "lanes = 1" + ")" * DEPTH_MAX,
    "NOT " * DEPTH_MAX + "lanes = 1",
    "lanes = 1" + "+1" * SIGNS_MAX,
    " OR ".join(["lanes=1"] * (FILTER_MAX // 11)),
    json.dumps(functools.reduce(lambda tree, _n: {"op": "not", "args": [tree]}, range(60), True)),
)
PARSE_IN_A_SMALL_THREAD = """
import sys, threading, cql2
threading.stack_size(1024 * 1024)
for text in sys.argv[1:]:
    parse = cql2.parse_json if text[0] == "{" else cql2.parse_text
    threading.Thread(target=parse, args=[text]).start()
"""


def test_the_library_survives_the_deepest_filter_that_it_is_given() -> None:
    """It recurses, and a web server's thread that overflows its stack takes the process along."""
    for text in DEEPEST[:4]:
        cql.refuse_deep(text)
    subprocess.run([sys.executable, "-c", PARSE_IN_A_SMALL_THREAD, *DEEPEST], check=True)


NO_TREES = [
    [],
    5,
    {"op": 1, "args": []},
    {"op": "and", "args": []},
    {"op": "not", "args": [True, True]},
    {"op": "=", "args": [{"property": ["name"]}, "x"]},
    {"op": "=", "args": [{"property": "lanes"}]},
    {"op": "in", "args": [{"property": "lanes"}, []]},
    {"op": "in", "args": [{"property": "lanes"}, "x"]},
    {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": ["a", 1, 2, 3]}]},
    {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]},
    {
        "op": "s_intersects",
        "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1e400, 2]}],
    },
    {"op": "like", "args": [{"property": "name"}, {"op": "casei", "args": [["x"]]}]},
]


def test_what_is_no_json_filter_is_refused(client: Client) -> None:
    for tree in NO_TREES:
        answer = client.get(ITEMS, {"filter": json.dumps(tree), "filter-lang": "cql2-json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "filter_invalid"), tree


WORDS = ["lanes", "name", "=", "<>", "'x'", "1", "AND", "OR", "NOT", "(", ")", "LIKE", "IN", ","]
WORDS += ["IS NULL", "BETWEEN", "CASEI(", "S_INTERSECTS(", "geometry", "POINT(19 50)", "TRUE"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=40))
def test_no_filter_is_a_fault_of_ours(client: Client, text: str) -> None:
    assert client.get(ITEMS, {"filter": text}).status_code in {200, 400}
