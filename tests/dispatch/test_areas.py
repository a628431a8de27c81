"""From what an officer chose to pieces, and every way in which a choice is refused."""

import json
import math

import pytest
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, Point

from dispatch import areas
from dispatch.errors import (
    AreaOutsideGmina,
    CoordinatesNotDegrees,
    DrawnOutside,
    DrawnTooSmall,
    EmptySelection,
    InvalidGeometry,
    InvalidPart,
    OutlineMissing,
    ReachNotPossible,
    ReachOutOfRange,
    SelfCrossing,
    TooManyParts,
    TooManyVertices,
    UnknownFeature,
    UnknownLocality,
)
from gis_layers.crs import to_lonlat
from gis_layers.errors import SwappedAxes
from gis_layers.models import Feature
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_feature,
    make_gmina,
    make_layer,
    make_locality,
    make_street,
    square,
)

pytestmark = pytest.mark.django_db


def geojson(geom: GEOSGeometry):
    """In 4326, to nine decimals: a tenth of a millimetre."""
    return json.loads(to_lonlat(geom).geojson)


def drawn(geom: GEOSGeometry, reach_m: float = 0):
    return {"kind": "drawn", "geometry": geojson(geom), "reach_m": reach_m}


def feature(row, **more):
    return {"kind": "feature", "fid": row.fid, **more}


def polygon(*corners):
    """GeoJSON of a ring through these corners, in lon and lat, closed."""
    return {"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}


def resolve(gmina, *parts):
    return areas.resolve(gmina, areas.parse_parts(gmina, list(parts)))


# ── What parts become ──────────────────────────────────────────────────────────────────────────


def test_a_street_aims_at_its_addresses_and_is_drawn_line_by_line():
    gmina = make_gmina()
    street = make_street(
        gmina, "Główna", geom=line((0, 100), (50, 100)) | line((90, 100), (99, 100))
    )
    area = resolve(gmina, feature(street, reach="addresses"))
    assert area.streets == ((0, street.fid),)
    assert [GEOSGeometry(memoryview(p.wkb)).geom_type for p in area.pieces] == ["LineString"] * 2
    assert {piece.reach_m for piece in area.pieces} == {None}


def test_metres_around_a_street_go_by_its_lines():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((100, 100), (200, 100)))
    area = resolve(gmina, feature(street, reach="metres", reach_m=50))
    assert area.streets == ()
    assert [piece.reach_m for piece in area.pieces] == [50]


@pytest.mark.parametrize("reach", [{}, {"reach": "addresses"}, {"reach": "metres", "reach_m": 0}])
def test_a_district_holds_people_by_its_border_however_its_reach_is_written(reach):
    gmina = make_gmina()
    district = make_district(gmina, "Klimzowiec", geom=square(100, 100, 500))
    area = resolve(gmina, feature(district, **reach))
    assert [piece.reach_m for piece in area.pieces] == [0]
    assert area.parts[0].label == "Klimzowiec"


def test_a_large_polygon_is_cut_into_pieces_of_at_most_128_vertices():
    gmina = make_gmina()
    round_shape = at(5000, 5000).buffer(2000, quadsegs=200)
    district = make_district(gmina, "Koło", geom=round_shape)
    pieces = [GEOSGeometry(memoryview(p.wkb)) for p in resolve(gmina, feature(district)).pieces]
    assert len(pieces) > 1
    assert max(piece.num_coords for piece in pieces) <= 128
    assert {piece.geom_type for piece in pieces} == {"Polygon"}
    assert sum(piece.area for piece in pieces) == pytest.approx(round_shape.area, abs=1)  # m²


def test_the_whole_gmina_is_everybody_and_its_outline_is_drawn():
    gmina = make_gmina()
    area = resolve(gmina, {"kind": "gmina"})
    assert area.is_whole
    assert [piece.reach_m for piece in area.pieces] == [None]
    assert area.pieces[0].part == 0


def test_a_locality_goes_by_its_simc_and_its_parts_unless_told_otherwise():
    gmina = make_gmina()
    make_locality(gmina, "Kowale", "0000100")
    make_locality(gmina, "Kowale Dolne", "0000101", parent_simc="0000100")
    make_locality(gmina, "Strojec", "0000200")
    with_parts = resolve(gmina, {"kind": "locality", "simc": "0000100"})
    alone = resolve(gmina, {"kind": "locality", "simc": "0000100", "include_parts": False})
    assert with_parts.localities == ((0, "0000100"), (0, "0000101"))
    assert alone.localities == ((0, "0000100"),)
    assert with_parts.pieces == ()


def test_an_address_can_be_the_middle_of_a_circle():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((100, 100), (200, 100)))
    address = make_address(gmina, "12a", at=at(150, 110), street=street)
    area = resolve(gmina, feature(address, reach="metres", reach_m=30))
    assert [piece.reach_m for piece in area.pieces] == [30]
    assert area.parts[0].label == "ul. Główna 12a"


def test_a_street_of_a_gmina_of_villages_is_named_with_its_locality():
    gmina = make_gmina()
    make_locality(gmina, "Kowale", "0000100")
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)), simc="0000100")
    [part] = areas.parse_parts(gmina, [feature(street)])
    assert part.label == "ul. Główna, Kowale"


def test_a_street_of_a_town_is_named_alone():
    gmina = make_gmina(kind="town")
    make_locality(gmina, "Chorzów", "0000100")
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)), simc="0000100")
    [part] = areas.parse_parts(gmina, [feature(street)])
    assert part.label == "ul. Główna"


def test_editions_of_the_layers_are_kept():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)))
    type(street.layer).objects.filter(pk=street.layer_id).update(edition_number=7)
    assert resolve(gmina, feature(street)).editions == {street.layer_id: 7}


def test_the_hash_follows_the_area_and_not_the_order_of_its_parts():
    gmina = make_gmina()
    north = make_district(gmina, "Północ", geom=square(0, 500, 400))
    south = make_district(gmina, "Południe", geom=square(0, 0, 400))
    both, other_way = [feature(north), feature(south)], [feature(south), feature(north)]
    assert resolve(gmina, *both).hash == resolve(gmina, *other_way).hash
    before = resolve(gmina, feature(north)).hash
    Feature.objects.filter(fid=north.fid).update(geom=square(0, 500, 401))
    assert resolve(gmina, feature(north)).hash != before


def test_parts_cost_the_same_number_of_queries_however_many_they_are(django_assert_max_num_queries):
    gmina = make_gmina()
    make_locality(gmina, "Kowale", "0000001")
    streets = [
        make_street(gmina, f"Ulica {n}", geom=line((n * 10, 5), (n * 10, 50))) for n in range(40)
    ]
    addresses = [make_address(gmina, str(n), at=at(n, 9), street=streets[n]) for n in range(40)]
    chosen = [feature(street) for street in streets]
    chosen += [feature(address, reach="metres", reach_m=20) for address in addresses]
    chosen += [{"kind": "locality", "simc": "0000001"}]
    with django_assert_max_num_queries(8):
        resolve(gmina, *chosen)


# ── Features that are not there ────────────────────────────────────────────────────────────────


def test_an_unknown_fid_names_the_part():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)))
    with pytest.raises(UnknownFeature) as refusal:
        resolve(gmina, feature(street), {"kind": "feature", "fid": 999_999_999})
    assert (refusal.value.code, refusal.value.field) == ("unknown_feature", "parts.1.fid")


def test_a_feature_of_another_gmina_or_of_the_national_layer_is_unknown_here():
    gmina, other = make_gmina("a"), make_gmina("b")
    national = make_layer(None, "gminy", kind="teryt_unit", geometry_type="polygon")
    foreign = [
        make_street(other, "Główna", geom=line((1, 1), (9, 9))),
        make_address(other, "1", at=at(5, 5)),
        make_feature(national, geom=square(0, 0, 900), name="A"),
    ]
    for row in foreign:
        with pytest.raises(UnknownFeature):
            resolve(gmina, feature(row, reach="metres", reach_m=50))


def test_a_feature_that_an_edition_took_away_is_unknown():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)))
    Feature.objects.filter(pk=street.pk).update(until=2)
    with pytest.raises(UnknownFeature):
        resolve(gmina, feature(street))


def test_a_locality_of_another_gmina_is_unknown_here():
    gmina, other = make_gmina("a"), make_gmina("b")
    make_locality(other, "Kowale", "0000100")
    with pytest.raises(UnknownLocality) as refusal:
        resolve(gmina, {"kind": "locality", "simc": "0000100"})
    assert refusal.value.field == "parts.0.simc"


# ── Broken requests ────────────────────────────────────────────────────────────────────────────


def test_nothing_chosen_is_refused():
    with pytest.raises(EmptySelection):
        areas.parse_parts(make_gmina(), [])


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (None, "parts.0"),
        ("gmina", "parts.0"),
        ({}, "parts.0"),
        ({"kind": "powiat"}, "parts.0"),
        ({"kind": ["gmina"]}, "parts.0"),
        ({"kind": "feature"}, "parts.0.fid"),
        ({"kind": "feature", "fid": "12"}, "parts.0.fid"),
        ({"kind": "feature", "fid": True}, "parts.0.fid"),
        ({"kind": "feature", "fid": -1}, "parts.0.fid"),
        ({"kind": "feature", "fid": 2**63}, "parts.0.fid"),
        ({"kind": "feature", "fid": 1, "reach": "miles"}, "parts.0.reach"),
        ({"kind": "feature", "fid": 1, "reach": ["metres"]}, "parts.0.reach"),
        ({"kind": "locality"}, "parts.0.simc"),
        ({"kind": "locality", "simc": 938887}, "parts.0.simc"),
        ({"kind": "locality", "simc": "93888"}, "parts.0.simc"),
        ({"kind": "locality", "simc": "٠٠٠٠٠٠١"}, "parts.0.simc"),
        ({"kind": "locality", "simc": "0938887", "include_parts": "no"}, "parts.0.include_parts"),
    ],
)
def test_a_part_of_another_form_is_refused_by_name(part, field):
    with pytest.raises(InvalidPart) as refusal:
        areas.parse_parts(make_gmina(), [part])
    assert refusal.value.field == field


@pytest.mark.parametrize("parts", [None, {}, "gmina", 5])
def test_parts_that_are_no_list_are_refused(parts):
    with pytest.raises(InvalidPart):
        areas.parse_parts(make_gmina(), parts)


def test_ten_thousand_places_in_one_request_are_too_many():
    with pytest.raises(TooManyParts) as refusal:
        areas.parse_parts(make_gmina(), [{"kind": "feature", "fid": n + 1} for n in range(10_000)])
    assert refusal.value.details == {"count": 10_000, "limit": settings.AREA_MAX_PARTS}


@pytest.mark.parametrize(
    "reach_m", [-1, settings.AREA_MAX_REACH_M + 1, math.nan, math.inf, "50", None, True]
)
def test_a_reach_out_of_range_is_refused(reach_m):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((1, 1), (9, 9)))
    with pytest.raises(ReachOutOfRange) as refusal:
        resolve(gmina, feature(street, reach="metres", reach_m=reach_m))
    assert refusal.value.field == "parts.0.reach_m"


def test_a_line_or_point_needs_metres_where_nobody_is_attached_to_it():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((1, 1), (90, 9)))
    pipes = make_layer(gmina, "rury", kind="custom", geometry_type="line")
    wanting = [
        feature(street, reach="metres"),
        feature(make_feature(pipes, geom=line((1, 1), (90, 9)))),
        feature(make_address(gmina, "7", at=at(5, 5))),
    ]
    for part in wanting:
        with pytest.raises(ReachNotPossible):
            resolve(gmina, part)


def test_a_circle_around_one_house_is_too_small():
    gmina = make_gmina()
    address = make_address(gmina, "7", at=at(500, 500))
    with pytest.raises(DrawnTooSmall):
        resolve(gmina, feature(address, reach="metres", reach_m=12.6))  # 498.8 m²
    resolve(gmina, feature(address, reach="metres", reach_m=12.7))  # 506.7 m²


# ── Drawn shapes ───────────────────────────────────────────────────────────────────────────────


def test_a_drawn_polygon_keeps_its_place_to_a_centimetre():
    gmina = make_gmina()
    [part] = areas.parse_parts(gmina, [drawn(square(100, 100, 50))])
    assert part.geom.srid == 2180
    assert part.geom.equals_exact(square(100, 100, 50), tolerance=0.01)  # m


def test_a_drawn_line_and_point_reach_metres():
    gmina = make_gmina()
    area = resolve(
        gmina, drawn(line((100, 100), (200, 100))[0], reach_m=40), drawn(at(500, 500), reach_m=40)
    )
    assert [piece.reach_m for piece in area.pieces] == [40, 40]


def test_a_self_crossing_polygon_is_refused_with_the_crossing():
    gmina = make_gmina()
    corners = [at(100, 100), at(200, 200), at(200, 100), at(100, 200)]  # a bow tie
    bow_tie = polygon(*(to_lonlat(corner).coords for corner in corners))
    with pytest.raises(SelfCrossing) as refusal:
        areas.parse_parts(gmina, [{"kind": "drawn", "geometry": bow_tie}])
    assert (refusal.value.code, refusal.value.field) == ("self_crossing", "parts.0.geometry")
    crossing = Point(*refusal.value.details["point"], srid=4326).transform(2180, clone=True)
    assert crossing.distance(at(150, 150)) < 0.1  # m


def test_swapped_coordinates_are_called_so():
    gmina = make_gmina()
    corners = [to_lonlat(at(*c)).coords for c in [(100, 100), (300, 100), (300, 300)]]
    swapped = polygon(*((lat, lon) for lon, lat in corners))
    with pytest.raises(SwappedAxes) as refusal:
        areas.parse_parts(gmina, [{"kind": "drawn", "geometry": swapped}])
    assert (refusal.value.code, refusal.value.field) == ("swapped_axes", "parts.0.geometry")


def test_metres_instead_of_degrees_are_called_so():
    corners = [at(*c).coords for c in [(100, 100), (300, 100), (300, 300)]]
    with pytest.raises(CoordinatesNotDegrees):
        areas.parse_parts(make_gmina(), [{"kind": "drawn", "geometry": polygon(*corners)}])


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "POLYGON((0 0,1 1,1 0,0 0))",
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [[[19.0, 50.0], [19.1, 50.0], [19.1, 50.1]]]},  # open
        {"type": "Polygon", "coordinates": [19.0, 50.0]},
        {"type": "LineString", "coordinates": [[19.0, 50.0]]},
        {"type": "LineString", "coordinates": [[19.0, 50.0], [19.0, 50.0]]},
        {"type": "LineString", "coordinates": [[19.0, 50.0], [19.1, "50.0"]]},
        {"type": "LineString", "coordinates": [[19.0, 50.0], [19.1, math.nan]]},
        {"type": "Point", "coordinates": [19.0]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": [[19.0, 50.0]]},
        {"type": ["Point"], "coordinates": [19.0, 50.0]},
    ],
)
def test_a_broken_geometry_is_refused(geometry):
    part = {"kind": "drawn", "geometry": geometry, "reach_m": 50}
    with pytest.raises(InvalidGeometry) as refusal:
        areas.parse_parts(make_gmina(), [part])
    assert refusal.value.field == "parts.0.geometry"


def test_more_vertices_than_the_limit_are_refused_before_anything_is_built():
    ring = [[19 + n / 1e5, 50.0] for n in range(settings.AREA_MAX_VERTICES + 1)]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    with pytest.raises(TooManyVertices):
        areas.parse_parts(make_gmina(), [{"kind": "drawn", "geometry": geometry}])


def test_a_deeply_nested_geometry_is_refused_and_breaks_nothing():
    nested: list = []
    for _depth in range(900):
        nested = [nested]
    geometry = {"type": "Polygon", "coordinates": nested}
    with pytest.raises(InvalidGeometry):
        areas.parse_parts(make_gmina(), [{"kind": "drawn", "geometry": geometry}])


def test_a_shape_under_500_square_metres_is_refused():
    gmina = make_gmina()
    with pytest.raises(DrawnTooSmall) as refusal:
        resolve(gmina, drawn(square(100, 100, 22)))  # 484 m²
    assert refusal.value.details == {"area_m2": 484, "least_m2": 500}
    resolve(gmina, drawn(square(100, 100, 23)))  # 529 m²


# ── The gmina's edge ───────────────────────────────────────────────────────────────────────────


def test_an_area_wholly_outside_is_refused():
    gmina = make_gmina()
    beyond = make_district(gmina, "Za granicą", geom=square(10_500, 0, 300))
    street = make_street(gmina, "Daleka", geom=line((10_500, 10), (10_900, 10)))
    outside = [
        drawn(square(10_100, 100, 100)),
        drawn(square(10_100, 100, 100), reach_m=200),  # its reach is inside, the shape is not
        feature(beyond),
        feature(street),
        {"kind": "drawn", "geometry": polygon((0.0, 0.0), (0.1, 0.0), (0.1, 0.1))},  # Atlantic
    ]
    for part in outside:
        with pytest.raises(AreaOutsideGmina) as refusal:
            resolve(gmina, {"kind": "gmina"}, part)
        assert refusal.value.code == "area_outside_gmina"
        assert refusal.value.field.startswith("parts.1")


def test_a_drawn_shape_may_be_outside_by_one_twentieth():
    gmina = make_gmina()
    area = resolve(gmina, drawn(square(9_904, 100, 100)))  # 4 m of 100 outside
    [warning] = area.warnings
    assert (warning["code"], warning["part"]) == ("crosses_edge", 0)
    assert warning["outside_m2"] == pytest.approx(400, abs=5)


def test_a_drawn_shape_more_outside_is_refused_with_what_is_left_of_it():
    gmina = make_gmina()
    with pytest.raises(DrawnOutside) as refusal:
        resolve(gmina, drawn(square(9_940, 100, 100)))  # 40 m of 100 outside
    details = refusal.value.details
    assert details["outside_share"] == pytest.approx(0.4, abs=0.001)
    beyond = GEOSGeometry(json.dumps(details["outside"]), srid=4326).transform(2180, clone=True)
    assert beyond.area == pytest.approx(4_000, abs=10)  # m²
    clipped = resolve(gmina, *({"kind": "drawn", "geometry": g} for g in details["clip"]))
    assert clipped.warnings == () or clipped.warnings[0]["outside_m2"] < 5


def test_a_shape_that_the_edge_cuts_in_two_is_offered_as_two():
    bay = square(0, 0, 10_000).difference(square(4_000, 9_000, 1_000))
    gmina = make_gmina(outline=bay)
    wide = square(3_800, 9_200, 1).union(square(5_200, 9_200, 1)).envelope.buffer(20)
    with pytest.raises(DrawnOutside) as refusal:
        resolve(gmina, drawn(wide))
    assert [shape["type"] for shape in refusal.value.details["clip"]] == ["Polygon", "Polygon"]


def test_a_street_across_the_edge_is_allowed_and_the_metres_outside_are_told():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((9_000, 100), (10_046, 100)))
    [warning] = resolve(gmina, feature(street)).warnings
    assert (warning["code"], warning["outside_m"]) == ("crosses_edge", 46)
    assert warning["label"] == "ul. Główna"


def test_a_reach_across_the_edge_is_allowed_and_told():
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((9_000, 100), (9_970, 100)))
    near, far = (resolve(gmina, feature(street, reach="metres", reach_m=m)) for m in (29, 31))
    assert near.warnings == ()
    assert [warning["code"] for warning in far.warnings] == ["reach_crosses_edge"]


def test_a_rough_outline_refuses_no_shape_that_may_be_inside():
    gmina = make_gmina()
    type(gmina.layers.get(slug="granica")).objects.filter(gmina=gmina).update(accuracy_m=800)
    resolve(gmina, drawn(square(10_100, 100, 100)))
    with pytest.raises(AreaOutsideGmina):
        resolve(gmina, drawn(square(10_900, 100, 100)))


def test_without_an_outline_nothing_can_be_aimed():
    gmina = make_gmina()
    Feature.objects.filter(layer__gmina=gmina).update(until=1)
    with pytest.raises(OutlineMissing):
        resolve(gmina, {"kind": "gmina"})
