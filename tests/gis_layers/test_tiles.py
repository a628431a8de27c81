"""Tiles hold what the layers hold, at the revision of their URL, and nothing of other gminas."""

import gzip
import math
from datetime import timedelta
from pathlib import Path

import mapbox_vector_tile
import pytest
from django.contrib.gis.gdal import DataSource
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db import OperationalError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from shapely import wkb
from shapely.affinity import affine_transform
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from accounts.models import Gmina
from gis_layers.models import Layer, MapRevision
from gis_layers.revisions import raise_revision
from gis_layers.tile_answer import kept_tile
from gis_layers.tile_revisions import find_revision
from gis_layers.tile_wsgi import with_public_tiles
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, in_grid, tile
from tests.builders import at, line, make_address, make_district, make_gmina, make_street, square

WORLD_M = 2 * math.pi * 6_378_137
EXTENT = 4096
TILE_SQUARE = {"type": "LineString", "coordinates": [[0, 0], [EXTENT, EXTENT]]}


def tile_of(geom_2180: GEOSGeometry, z: int) -> tuple[int, int, int]:
    """The tile (z, x, y) that holds the middle of a geometry."""
    x, y = geom_2180.transform(3857, clone=True).centroid.coords
    return z, int((x / WORLD_M + 0.5) * 2**z), int((0.5 - y / WORLD_M) * 2**z)


def decoded(gmina: Gmina, z: int, x: int, y: int, tileset: Tileset = Tileset.PUBLIC) -> dict:
    gmina.refresh_from_db()
    found = tile(gmina.slug, tileset, gmina.revision, z, x, y)
    assert found is not None
    return mapbox_vector_tile.decode(found) if found else {}


def in_3857(geometry: dict, z: int, x: int, y: int) -> BaseGeometry:
    """A decoded geometry (tile units, y up) in EPSG:3857 metres."""
    unit = WORLD_M / 2**z / EXTENT
    west, south = x * EXTENT * unit - WORLD_M / 2, WORLD_M / 2 - (y + 1) * EXTENT * unit
    return affine_transform(shape(geometry), [unit, 0, 0, unit, west, south])


@pytest.fixture
def gmina(db) -> Gmina:
    gmina = make_gmina("testowo")
    make_street(gmina, "Główna", geom=line((4000, 4000), (4100, 4050), (4200, 4000)))
    make_district(gmina, "Stare", geom=square(3900, 3900, 400))
    make_address(gmina, "12", at=at(4050, 4010))
    raise_revision([gmina])
    gmina.refresh_from_db()
    return gmina


def test_tile_holds_each_public_layer_with_fid_and_name(gmina):
    layers = decoded(gmina, *tile_of(at(4100, 4020), 15))
    assert set(layers) == {"ulice", "osiedla"}
    (street,) = layers["ulice"]["features"]
    assert street["id"] == gmina.layers.get(slug="ulice").features.get().fid
    assert street["properties"] == {"name": "Główna", "simc": "0000001"}


def test_outline_and_addresses_are_for_staff_only(gmina):
    z, x, y = tile_of(at(4100, 4020), 16)
    assert "adresy" not in decoded(gmina, z, x, y)
    staff = decoded(gmina, z, x, y, Tileset.STAFF)
    assert {"ulice", "osiedla", "granica", "adresy"} >= set(staff) >= {"ulice", "osiedla", "adresy"}
    assert staff["adresy"]["features"][0]["properties"] == {"number": "12"}


def test_addresses_start_at_zoom_16(gmina):
    z, x, y = tile_of(at(4050, 4010), 15)
    assert "adresy" not in decoded(gmina, z, x, y, Tileset.STAFF)


def test_decoded_geometry_is_the_features_within_a_tile_unit(gmina):
    z, x, y = tile_of(at(4100, 4020), 15)
    (street,) = decoded(gmina, z, x, y)["ulice"]["features"]
    drawn = in_3857(street["geometry"], z, x, y)
    stored = gmina.layers.get(slug="ulice").features.get().geom_3857
    unit_m = WORLD_M / 2**z / EXTENT
    assert drawn.hausdorff_distance(wkb.loads(bytes(stored.wkb))) < unit_m


def test_gdal_reads_the_same_street_at_the_same_place(gmina, tmp_path: Path):
    z, x, y = tile_of(at(4100, 4020), 15)
    path = tmp_path / str(z) / str(x) / f"{y}.pbf"
    path.parent.mkdir(parents=True)
    path.write_bytes(tile(gmina.slug, Tileset.PUBLIC, gmina.revision, z, x, y))
    layer = next(layer for layer in DataSource(str(path)) if layer.name == "ulice")
    (feature,) = layer
    stored = gmina.layers.get(slug="ulice").features.get().geom_3857
    drawn = wkb.loads(bytes(feature.geom.wkb))
    assert feature.get("name") == "Główna"
    assert drawn.hausdorff_distance(wkb.loads(bytes(stored.wkb))) < WORLD_M / 2**z / EXTENT


def test_line_goes_on_past_the_tiles_edge_so_that_no_seam_shows(gmina):
    z = 16
    unit_m = WORLD_M / 2**z / EXTENT
    x = tile_of(at(4000, 4000), z)[1] + 1
    y = tile_of(at(4000, 4000), z)[2]
    west_edge = x * EXTENT * unit_m - WORLD_M / 2
    across = GEOSGeometry(
        f"SRID=3857;MULTILINESTRING(({west_edge - 300} {WORLD_M / 2 - (y + 0.5) * EXTENT * unit_m},"
        f"{west_edge + 100} {WORLD_M / 2 - (y + 0.5) * EXTENT * unit_m}))"
    )
    make_street(gmina, "Graniczna", geom=across.transform(2180, clone=True))
    streets = decoded(gmina, z, x, y)["ulice"]["features"]
    drawn = next(s for s in streets if s["properties"]["name"] == "Graniczna")
    first_x = min(point[0] for point in drawn["geometry"]["coordinates"])
    assert first_x == -64


def test_street_just_outside_the_tile_is_in_its_margin(gmina):
    """A street 30 of 4096 units beyond the edge reaches into the tile with its drawn width."""
    z = 16
    unit_m = WORLD_M / 2**z / EXTENT
    _, x, y = tile_of(at(6000, 6000), z)
    east_edge = (x + 1) * EXTENT * unit_m - WORLD_M / 2
    north, south = (WORLD_M / 2 - (y + f) * EXTENT * unit_m for f in (0.3, 0.6))
    beyond = east_edge + 30 * unit_m
    street = GEOSGeometry(f"SRID=3857;MULTILINESTRING(({beyond} {north},{beyond} {south}))")
    make_street(gmina, "Skrajna", geom=street.transform(2180, clone=True))
    names = {s["properties"]["name"] for s in decoded(gmina, z, x, y)["ulice"]["features"]}
    assert names == {"Skrajna"}


def test_tile_of_another_gmina_shows_nothing_of_this_one(gmina):
    other = make_gmina("obcowo", outline=square(0, 0, 10_000))
    raise_revision([other])
    assert decoded(other, *tile_of(at(4100, 4020), 15)) == {}


def test_bytes_of_a_revision_stay_though_the_street_is_gone(gmina):
    z, x, y = tile_of(at(4100, 4020), 15)
    revision = gmina.revision
    before = tile(gmina.slug, Tileset.PUBLIC, revision, z, x, y)
    layer = gmina.layers.get(slug="ulice")
    layer.features.update(until=2)
    Layer.objects.filter(pk=layer.pk).update(edition_number=2)
    raise_revision([gmina])
    assert tile(gmina.slug, Tileset.PUBLIC, revision, z, x, y) == before
    assert "ulice" not in decoded(gmina, z, x, y)


def test_layer_hidden_from_the_public_leaves_with_the_next_revision(gmina):
    z, x, y = tile_of(at(4100, 4020), 15)
    Layer.objects.filter(gmina=gmina, slug="osiedla").update(public=False)
    assert "osiedla" in decoded(gmina, z, x, y)
    raise_revision([gmina])
    assert "osiedla" not in decoded(gmina, z, x, y)


class GridProperties(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        z=st.integers(9, MAX_ZOOM),
        corner=st.tuples(st.floats(500, 8000), st.floats(500, 8000)),
        size=st.floats(50, 1500),
    )
    def test_district_is_drawn_where_it_lies_and_nowhere_else(self, z, corner, size):
        gmina = make_gmina(f"losowo-{MapRevision.objects.count()}-{z}")
        district: Polygon = square(*corner, size)
        make_district(gmina, "Losowe", geom=district)
        raise_revision([gmina])
        middle = tile_of(district, z)
        (feature,) = decoded(gmina, *middle)["osiedla"]["features"]
        drawn = in_3857(feature["geometry"], *middle)
        stored = wkb.loads(bytes(district.transform(3857, clone=True).wkb))
        # ST_AsMVTGeom moves a line by half a unit (simplification) and up to 0.71 twice (snapping
        # to the grid, and again where it cuts): 1.92 units.
        tolerance_m = 2 * WORLD_M / 2**z / EXTENT
        assert drawn.difference(stored.buffer(tolerance_m)).is_empty
        tile_box = box(*in_3857(TILE_SQUARE, *middle).bounds)
        assert stored.intersection(tile_box).difference(drawn.buffer(tolerance_m)).is_empty


# ── HTTP ────────────────────────────────────────────────────────────────────────────────────────


def url_of(gmina: Gmina, z: int, x: int, y: int, *, staff: bool = False) -> str:
    gmina.refresh_from_db()
    return f"/tiles/{gmina.slug}/{'staff/' if staff else ''}{gmina.revision}/{z}/{x}/{y}.mvt"


def test_tile_may_be_kept_for_a_year(client, gmina):
    response = client.get(url_of(gmina, *tile_of(at(4100, 4020), 15)))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_tile_comes_gzipped_to_who_can_read_it(client, gmina):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.content) == plain.content
    assert "Content-Encoding" not in plain
    refused = client.get(url, headers={"Accept-Encoding": "gzip;q=0, br"})
    assert refused.content == plain.content


def test_who_has_the_tile_is_told_so(client, gmina):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    tags = {client.get(url, headers={"Accept-Encoding": how})["ETag"] for how in ("", "gzip")}
    assert len(tags) == 2  # two forms of other bytes
    for how, tag in zip(("", "gzip"), sorted(tags, key=len), strict=True):
        known = {"Accept-Encoding": how, "If-None-Match": f'"other", W/{tag}'}
        answer = client.get(url, headers=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert "immutable" in answer["Cache-Control"]
        again = client.get(url, headers={"Accept-Encoding": how, "If-None-Match": '"other"'})
        assert again.status_code == 200


def test_a_tile_of_the_cache_needs_no_query_of_the_layers(client, gmina, monkeypatch):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    first = client.get(url).content
    monkeypatch.setattr("gis_layers.tile_answer.encode", lambda *args: pytest.fail("encoded"))
    assert client.get(url).content == first


def test_staff_and_public_tiles_are_kept_apart(gmina):
    known = find_revision(gmina.slug, gmina.revision)
    z, x, y = tile_of(at(4050, 4010), 16)
    layers = [
        set(mapbox_vector_tile.decode(kept_tile(known, tileset, z, x, y).as_plain()))
        for tileset in Tileset
    ]
    assert layers[0] < layers[1]
    assert "adresy" in layers[1] - layers[0]


def test_empty_tile_is_204(client, gmina):
    response = client.get(url_of(gmina, *tile_of(at(9000, 9000), 16)))
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("z", "x", "y"), [(MIN_ZOOM - 1, 0, 0), (MAX_ZOOM + 1, 0, 0), (10, 1024, 0), (10, 0, 1024)]
)
def test_tile_outside_the_grid_is_404(client, gmina, z, x, y):
    assert not in_grid(z, x, y)
    assert client.get(url_of(gmina, z, x, y)).status_code == 404


def test_unknown_revision_is_404(client, gmina):
    assert client.get(f"/tiles/testowo/{gmina.revision + 7}/15/1/1.mvt").status_code == 404


def test_superseded_revision_is_gone_after_the_grace_time(client, gmina, settings):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    raise_revision([gmina])
    assert client.get(url).status_code == 200
    long_ago = timezone.now() - timedelta(seconds=settings.TILE_GRACE_S + 1)
    MapRevision.objects.exclude(superseded_at=None).update(superseded_at=long_ago)
    assert client.get(url).status_code == 410


def test_tile_takes_one_query(client, gmina, django_assert_num_queries):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    # Django's cursor sees none: the one prepared statement goes past it.
    with django_assert_num_queries(0):
        assert client.get(url).status_code == 200


def test_staff_tile_needs_staff(client, gmina):
    response = client.get(url_of(gmina, *tile_of(at(4100, 4020), 15), staff=True))
    assert response.status_code in {302, 401, 403}


def test_tilejson_names_the_current_revision_and_its_layers(client, gmina):
    gmina.refresh_from_db()
    answer = client.get("/tiles/testowo.json")
    body = answer.json()
    assert answer["Cache-Control"] == "no-cache"
    assert body["tilejson"] == "3.0.0"
    assert body["tiles"] == [
        f"http://testserver/tiles/testowo/{gmina.revision}/{{z}}/{{x}}/{{y}}.mvt"
    ]
    assert [layer["id"] for layer in body["vector_layers"]] == [
        "osiedla", "osiedla:label", "ulice"
    ]  # fmt: skip
    west, south, east, north = body["bounds"]
    assert 18 < west < east < 20
    assert 50 < south < north < 51


def test_tilejson_names_layers_and_sources_in_the_language_asked_for(client, gmina):
    Layer.objects.filter(gmina=gmina).update(source="")
    Layer.objects.filter(gmina=gmina, slug="ulice").update(
        title_en="Streets", source="© autorzy", source_en="© contributors"
    )
    Layer.objects.filter(gmina=gmina, slug="osiedla").update(title_en="Districts", source="Urząd")
    english = client.get("/tiles/testowo.json", headers={"Accept-Language": "en-GB,pl;q=0.5"})
    polish = client.get("/tiles/testowo.json")
    assert english.json()["attribution"] == "Urząd · © contributors"
    assert [one["description"] for one in english.json()["vector_layers"]] == [
        "Districts", "Districts", "Streets"
    ]  # fmt: skip
    assert polish.json()["attribution"] == "Urząd · © autorzy"
    assert "Accept-Language" in english["Vary"]


def test_tilejson_of_no_gmina_is_404(client, db):
    assert client.get("/tiles/nigdzie.json").status_code == 404


# ── Before Django (tile_wsgi.py) ────────────────────────────────────────────────────────────────


def ask_before_django(
    path: str, method: str = "GET", **given: str
) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body; anything handed on to Django is "handed on"."""
    said: list = []

    def django(environ, start_response):
        start_response("200 handed on", [])
        return [b""]

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **given}
    body = with_public_tiles(django)(environ, lambda *args: said.extend(args))
    return said[0], dict(said[1]), b"".join(body)


def test_a_public_tile_is_the_same_before_django_and_in_it(client, gmina):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    status, headers, body = ask_before_django(url)
    in_django = client.get(url)
    assert (status, body) == ("200 OK", in_django.content)
    for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options"):
        assert headers[name] == in_django[name]


def test_conditions_and_encodings_are_the_same_before_django_and_in_it(client, gmina):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    _status, headers, body = ask_before_django(url, HTTP_ACCEPT_ENCODING="gzip")
    in_django = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert (headers["ETag"], body) == (in_django["ETag"], in_django.content)
    status, headers, body = ask_before_django(
        url, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=in_django["ETag"]
    )
    assert (status, body) == ("304 Not Modified", b"")
    assert "Content-Length" not in headers


def test_head_before_django_has_the_length_and_no_body(gmina):
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    status, headers, body = ask_before_django(url, "HEAD")
    assert (status, body) == ("200 OK", b"")
    assert int(headers["Content-Length"]) == len(ask_before_django(url)[2])


def test_nothing_and_no_such_tile_before_django(gmina):
    nothing = url_of(gmina, *tile_of(at(9000, 9000), 16))
    assert ask_before_django(nothing)[0] == "204 No Content"
    status, headers, _body = ask_before_django("/tiles/testowo/99999999999999999999/15/1/1.mvt")
    assert status == "200 handed on"  # no number of ours: Django's 404
    status, headers, _body = ask_before_django("/tiles/testowo/9223372036854775808/15/1/1.mvt")
    assert (status, headers["Cache-Control"]) == ("404 Not Found", "no-store")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_other_methods_are_djangos(gmina, method):
    assert ask_before_django(url_of(gmina, 15, 1, 1), method)[0] == "200 handed on"


def test_staff_tiles_are_djangos(gmina):
    assert ask_before_django(url_of(gmina, 15, 1, 1, staff=True))[0] == "200 handed on"


def test_a_database_that_is_away_is_503_before_django(gmina, monkeypatch):
    def away(*args):
        raise OperationalError

    monkeypatch.setattr("gis_layers.tile_answer.encode", away)
    url = url_of(gmina, *tile_of(at(4100, 4020), 15))
    status, headers, _body = ask_before_django(url)
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")


def test_a_revision_too_large_for_the_database_is_404(client, gmina):
    assert client.get("/tiles/testowo/9223372036854775808/15/1/1.mvt").status_code == 404
