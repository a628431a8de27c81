"""Tile copies: borders stay shared, short streets go, old revisions keep their bytes."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from accounts.models import Gmina
from gis_layers import editions
from gis_layers import generalise as generalise_module
from gis_layers.bands import BANDS, LABELS, all_bands, band_of
from gis_layers.generalise import generalise, simplified, snapped
from gis_layers.grid import pixel_m
from gis_layers.models import Feature, FeatureChange, Layer, MapRevision, TileCopy
from gis_layers.revisions import raise_revision
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, tile
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_feature,
    make_gmina,
    make_street,
    next_fid,
    square,
)
from tests.gis_layers.test_tiles import decoded, tile_of

SIDE_M = 1000.0
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def wiggle(start, end, steps: int, swing_m: float, seed: int) -> np.ndarray:
    """A border from start to end that swings to both sides and never crosses itself."""
    along = np.linspace(0, 1, steps + 1)[:, None]
    straight = np.array(start) + (np.array(end) - np.array(start)) * along
    dx, dy = np.subtract(end, start)
    across = np.array([-dy, dx]) / np.hypot(dx, dy)
    from_end_m = np.hypot(dx, dy) * np.minimum(along, 1 - along)[:, 0]
    # Near a corner less than half a right angle, or it would cross the next border.
    swings = np.random.default_rng(seed).uniform(-1, 1, steps + 1)
    swings *= np.minimum(swing_m, 0.4 * from_end_m)
    return straight + across * swings[:, None]


def coverage(columns: int, rows: int, steps: int, swing_m: float, seed: int = 0) -> np.ndarray:
    """Districts in a grid, each border drawn once and used by both neighbours."""

    def node(i: int, j: int) -> tuple[float, float]:
        return 500_000 + i * SIDE_M, 270_000 + j * SIDE_M

    def border(a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        return wiggle(node(*a), node(*b), steps, swing_m, seed + hash((a, b)) % 10_000)

    return np.array(
        [
            shapely.Polygon(
                np.vstack(
                    [
                        border((i, j), (i + 1, j)),
                        border((i + 1, j), (i + 1, j + 1)),
                        border((i, j + 1), (i + 1, j + 1))[::-1],
                        border((i, j), (i, j + 1))[::-1],
                    ]
                )
            )
            for i in range(columns)
            for j in range(rows)
        ]
    )


def geos(polygon: shapely.Geometry) -> GEOSGeometry:
    return GEOSGeometry(memoryview(polygon.wkb), srid=2180)


@pytest.fixture
def gmina(db) -> Gmina:
    return make_gmina("testowo")


@pytest.fixture
def districts(gmina) -> Layer:
    """Nine districts with borders of forty steps, copied."""
    for n, polygon in enumerate(coverage(3, 3, 40, 30)):
        make_district(gmina, f"Osiedle {n}", geom=geos(polygon))
    layer = gmina.layers.get(slug="osiedla")
    generalise(layer)
    return layer


def change(feature: Feature, number: int, **fields) -> Feature:
    """The feature's next state, shown since edition `number`, which is published by that."""
    Feature.objects.filter(pk=feature.pk).update(until=number)
    feature.pk, feature.since = None, number
    for name, value in fields.items():
        setattr(feature, name, value)
    feature.save()
    feature.layer.edition_number = number
    feature.layer.save()
    return feature


def shown_copies(layer: Layer) -> dict[tuple[int, int], tuple[str, str]]:
    rows = layer.copies.filter(until=None)
    return {(row.fid, row.band): (row.name, row.geom_3857.wkt) for row in rows}


@settings(max_examples=25, deadline=None)
@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    steps=st.integers(1, 60),
    swing_m=st.floats(0, 80),
    seed=st.integers(0, 10_000),
    tolerance_m=st.sampled_from([pixel_m(z) for z in BANDS]),
)
def test_simplified_districts_leave_no_gap_and_no_overlap(size, steps, swing_m, seed, tolerance_m):
    whole = coverage(*size, steps, swing_m, seed)
    simple = simplified(whole, tolerance_m)
    assert shapely.is_valid(simple).all()
    assert shapely.coverage_is_valid(simple)
    assert shapely.get_num_interior_rings(shapely.union_all(simple)) == 0
    assert shapely.get_num_coordinates(simple).sum() <= shapely.get_num_coordinates(whole).sum()


@pytest.mark.parametrize("z", range(MIN_ZOOM, MAX_ZOOM + 1))
def test_neighbours_in_a_tile_have_no_sliver_between_them(gmina, districts, z):
    raise_revision([gmina])
    features = decoded(gmina, *tile_of(at(1500, 1500), z))["osiedla"]["features"]
    drawn = [shape(feature["geometry"]) for feature in features]
    together = shapely.union_all(drawn)
    # Half a unit by ST_AsMVTGeom's own rounding of each: a sixteenth of a pixel.
    overlap = sum(one.area for one in drawn) - together.area
    holes = sum(shapely.Polygon(ring).area for ring in getattr(together, "interiors", ()))
    border = sum(one.length for one in drawn)
    assert abs(overlap) + holes <= 0.02 * border
    assert together.buffer(1).geom_type == "Polygon"


@pytest.mark.parametrize(
    ("file", "count"),
    [("warszawa/dzielnice.geojson.gz", 18), ("wroclaw/osiedla.geojson.gz", 48)],
)
def test_real_districts_stay_neighbours_in_every_band(file, count):
    with gzip.open(FIXTURES / file) as packed:
        features = json.load(packed)["features"]
    shapes = [GEOSGeometry(json.dumps(one["geometry"]), srid=4326) for one in features]
    in_3857 = [bytes(one.transform(3857, clone=True).wkb) for one in shapes]
    drawn = snapped(in_3857)
    # The file of Warszawa has the whole city too.
    drawn = drawn[[one.area < 0.9 * shapely.union_all(drawn).area for one in drawn]]
    assert len(drawn) == count
    for band in all_bands():
        drawn = simplified(drawn, band.border_tolerance_m)
        assert shapely.coverage_is_valid(drawn)


def test_overlapping_districts_are_copied_valid_nonetheless(gmina):
    make_district(gmina, "A", geom=square(0, 0, 1000))
    make_district(gmina, "B", geom=square(500, 0, 1000))
    layer = gmina.layers.get(slug="osiedla")
    generalise(layer)
    assert all(copy.geom_3857.valid for copy in layer.copies.all())
    assert layer.copies.count() == 2 * (len(BANDS) + 1)


def test_a_hole_of_less_than_a_millimetre_stands_in_nobodys_way(gmina):
    hole = [(500, 500), (500.0002, 500), (500.0002, 500.0002)]
    shell = shapely.box(0, 0, 1000, 1000).exterior.coords
    whole = shapely.transform(
        shapely.Polygon(shell, [hole]), lambda xy: xy + np.array([500_000, 270_000])
    )
    make_district(gmina, "Z dziurką", geom=geos(whole))
    make_district(gmina, "Obok", geom=square(1000, 0, 1000))
    layer = gmina.layers.get(slug="osiedla")
    generalise(layer)
    copies = layer.copies.filter(band__in=BANDS)
    assert copies.count() == 2 * len(BANDS)
    assert all(copy.geom_3857.valid and copy.geom_3857.num_interior_rings == 0 for copy in copies)


def test_a_name_stands_once_inside_its_district(gmina, districts):
    for feature in districts.features.all():
        (label,) = districts.copies.filter(fid=feature.fid, band=LABELS)
        assert feature.geom_3857.contains(label.geom_3857)
        assert label.name == feature.name


def test_labels_are_a_layer_of_their_own_at_every_zoom(gmina, districts):
    raise_revision([gmina])
    for z in range(MIN_ZOOM, MAX_ZOOM + 1):
        labels = decoded(gmina, *tile_of(at(1500, 1500), z))["osiedla:label"]["features"]
        middle = next(one for one in labels if one["properties"]["name"] == "Osiedle 4")
        assert middle["geometry"]["type"] == "Point"


def test_a_label_is_of_the_largest_part(gmina):
    small, large = square(0, 0, 100), square(3000, 3000, 1000)
    whole = GEOSGeometry(f"MULTIPOLYGON({small.wkt[8:]},{large.wkt[8:]})", srid=2180)
    make_district(gmina, "W dwóch częściach", geom=whole)
    layer = gmina.layers.get(slug="osiedla")
    generalise(layer)
    (label,) = layer.copies.filter(band=LABELS)
    assert large.contains(label.geom_3857.transform(2180, clone=True))


def test_one_changed_border_gives_the_same_copies_as_making_all_anew(gmina, districts):
    second = coverage(3, 3, 40, 30)
    middle, beside = (
        districts.features.get(name="Osiedle 4"),
        districts.features.get(name="Osiedle 5"),
    )
    moved = shapely.union(second[4], second[5].intersection(second[5].buffer(-200)).envelope)
    change(middle, 2, geom=geos(shapely.make_valid(moved)))
    change(beside, 2, geom=geos(shapely.difference(second[5], moved)), name="Mniejsze")
    layer = Layer.objects.get(pk=districts.pk)
    generalise(layer)
    step_by_step = shown_copies(layer)
    layer.copies.all().delete()
    layer.copied_edition = 0
    generalise(layer)
    assert shown_copies(layer) == step_by_step
    assert {name for name, _geom in step_by_step.values()} >= {"Mniejsze"}


def test_a_layer_too_large_for_one_statement_is_copied_all_the_same(gmina, monkeypatch):
    monkeypatch.setattr(generalise_module, "STATEMENT_MOST", 2)
    monkeypatch.setattr(generalise_module, "MANY", 3)
    for n, polygon in enumerate(coverage(3, 3, 4, 30)):
        make_district(gmina, f"Osiedle {n}", geom=geos(polygon))
    layer = gmina.layers.get(slug="osiedla")
    generalise(layer)
    for number, name in ((2, "Nowe"), (3, "Nowsze")):
        for feature in layer.features.filter(until=None):
            change(feature, number, name=f"{name} {feature.fid}")
        layer = Layer.objects.get(pk=layer.pk)
        generalise(layer)
    shown = shown_copies(layer)
    assert len(shown) == 9 * (len(BANDS) + 1)
    assert {name for name, _geom in shown.values()} == {
        f"Nowsze {fid}" for fid, _band in shown
    }  # fmt: skip


def test_only_copies_that_look_different_are_made_anew(gmina, districts):
    before = set(districts.copies.filter(until=None).values_list("pk", flat=True))
    corner = districts.features.get(name="Osiedle 0")
    change(corner, 2, name="Przemianowane")
    layer = Layer.objects.get(pk=districts.pk)
    generalise(layer)
    fresh = layer.copies.filter(until=None).exclude(pk__in=before)
    assert set(fresh.values_list("fid", flat=True)) == {corner.fid}


def test_an_old_revision_keeps_its_bytes_and_a_new_one_shows_the_change(gmina, districts):
    raise_revision([gmina])
    gmina.refresh_from_db()
    z, x, y = tile_of(at(1500, 1500), 11)
    before = tile("testowo", Tileset.PUBLIC, gmina.revision, z, x, y)
    gone = districts.features.get(name="Osiedle 4")
    Feature.objects.filter(pk=gone.pk).update(until=2)
    Layer.objects.filter(pk=districts.pk).update(edition_number=2)
    generalise(Layer.objects.get(pk=districts.pk))
    raise_revision([gmina])
    assert tile("testowo", Tileset.PUBLIC, gmina.revision, z, x, y) == before
    names = [one["properties"]["name"] for one in decoded(gmina, z, x, y)["osiedla"]["features"]]
    assert sorted(names) == [f"Osiedle {n}" for n in range(9) if n != 4]


def test_copies_that_no_revision_in_use_shows_are_deleted(gmina, districts, settings):
    raise_revision([gmina])
    for number in (2, 3):
        change(districts.features.get(name__startswith="Osiedle 0", until=None), number)
        feature = districts.features.get(name__startswith="Osiedle 0", until=None)
        Feature.objects.filter(pk=feature.pk).update(name=f"Osiedle 0 po raz {number}")
        generalise(Layer.objects.get(pk=districts.pk))
        raise_revision([gmina])
    assert districts.copies.filter(until=2).exists()
    long_ago = timezone.now() - timedelta(seconds=settings.TILE_GRACE_S + 1)
    MapRevision.objects.exclude(superseded_at=None).update(superseded_at=long_ago)
    change(districts.features.get(name="Osiedle 8"), 4, name="Osiem")
    generalise(Layer.objects.get(pk=districts.pk))
    assert set(districts.copies.values_list("until", flat=True)) == {None, 4}


# ── Streets ─────────────────────────────────────────────────────────────────────────────────────


def names_at(gmina: Gmina, z: int) -> set[str]:
    layer = decoded(gmina, *tile_of(at(4000, 4000), z)).get("ulice", {"features": []})
    return {feature["properties"]["name"] for feature in layer["features"]}


@pytest.fixture
def streets(gmina) -> Layer:
    make_street(gmina, "Zaułek", geom=line((4000, 4000), (4010, 4000)))
    make_street(gmina, "Krótka", geom=line((4000, 4000), (4200, 4000)))
    make_street(gmina, "Krótka Główna", geom=line((4000, 4000), (4000, 4200)), **{"class": "main"})
    make_street(gmina, "Długa", geom=line((100, 4000), (9000, 4000)))
    layer = gmina.layers.get(slug="ulice")
    generalise(layer)
    raise_revision([gmina])
    return layer


def test_short_streets_are_left_out_from_afar_but_main_ones_are_not(gmina, streets):
    assert names_at(gmina, 9) == {"Krótka Główna", "Długa"}
    assert names_at(gmina, 12) == {"Krótka Główna", "Długa", "Krótka"}
    assert names_at(gmina, 14) == {"Krótka Główna", "Długa", "Krótka", "Zaułek"}


def test_lines_of_another_kind_are_never_left_out(gmina):
    layer = Layer.objects.create(
        gmina=gmina, slug="sieć", kind="custom", geometry_type="line", edition_number=1
    )
    make_feature(layer, geom=line((4000, 4000), (4002, 4000)), name="Rura")
    generalise(layer)
    assert set(layer.copies.values_list("band", flat=True)) == set(BANDS)


def test_parts_that_meet_become_one_line(gmina):
    first, second = line((0, 0), (500, 0)), line((500, 0), (900, 9))
    parts = MultiLineString(*first, *second, srid=2180)
    make_street(gmina, "Składana", geom=parts)
    layer = gmina.layers.get(slug="ulice")
    generalise(layer)
    assert {copy.geom_3857.geom_type for copy in layer.copies.all()} == {"LineString"}


def test_a_changed_street_is_copied_and_the_others_are_not(gmina, streets):
    before = set(streets.copies.values_list("pk", flat=True))
    change(streets.features.get(name="Długa"), 2, name="Bardzo Długa")
    generalise(Layer.objects.get(pk=streets.pk))
    fresh = streets.copies.exclude(pk__in=before)
    assert {(copy.name, copy.since) for copy in fresh} == {("Bardzo Długa", 2)}
    assert not streets.copies.filter(name="Długa", until=None).exists()


# ── Which layers ────────────────────────────────────────────────────────────────────────────────


def test_points_addresses_and_national_layers_have_no_copies(gmina):
    make_address(gmina, "1", at=at(10, 10))
    national = Layer.objects.create(
        gmina=None, slug="gminy", kind="teryt_unit", geometry_type="polygon", edition_number=1
    )
    make_feature(national, geom=square(0, 0, 100))
    for layer in (gmina.layers.get(slug="adresy"), national):
        generalise(layer)
        assert (layer.copied_edition, layer.copies.count()) == (0, 0)


def test_publishing_makes_the_copies_in_the_same_transaction(gmina):
    make_district(gmina, "Pierwsze", geom=square(0, 0, 1000))
    layer = gmina.layers.get(slug="osiedla")
    added = FeatureChange(op="add", fid=next_fid(), name="Drugie", geom=square(1000, 0, 1000))
    edition = editions.stage(layer, [added], None, "plik.gpkg")
    editions.publish(edition, None)
    names = TileCopy.objects.filter(layer=layer, band=BANDS[0]).values_list("name", flat=True)
    assert set(names) == {"Pierwsze", "Drugie"}
    shown = MapRevision.objects.get(gmina=gmina, superseded_at=None).layers
    entry = next(entry for entry in shown if entry["slug"] == "osiedla")
    assert (entry["copied"], entry["labelled"]) == (True, True)


@pytest.mark.parametrize(
    ("z", "band"), [(8, 9), (9, 9), (10, 10), (13, 13), (14, 15), (15, 15), (16, 0)]
)
def test_each_zoom_has_its_band(z, band):
    assert band_of(z) == band
