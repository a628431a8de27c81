"""What the checks of an edition find, on shapes a reader can draw and on real districts."""

import gzip
import json
from pathlib import Path

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Point, Polygon
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers import editions, findings
from gis_layers.checks import coverage
from gis_layers.checks.register import agree
from gis_layers.crs import to_2180
from gis_layers.imports.load import Options, import_file
from gis_layers.models import Edition, Feature, FeatureChange, Layer, LayerKind
from teryt.models import StreetName
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_layer,
    make_street,
    next_fid,
    square,
)

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
WARSZAWA = FIXTURES / "warszawa" / "dzielnice.geojson.gz"
WROCLAW = FIXTURES / "wroclaw" / "osiedla.geojson.gz"
SIMC = "0144259"
Op = FeatureChange.Op
# West, south, width, height in metres: no part of it is as thin as rounding.
BOX = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(6, 30), st.integers(6, 30))


@pytest.fixture
def gmina():
    return make_gmina()


def added(name: str, geom: GEOSGeometry | None, **fields) -> FeatureChange:
    fields = {"search_name": name.lower(), "simc": SIMC} | fields
    return FeatureChange(op=Op.ADD, fid=next_fid(), name=name, geom=geom, **fields)


def checked(layer: Layer, *changes: FeatureChange) -> Edition:
    edition = editions.stage(layer, changes, None, "test")
    findings.check(edition)
    return edition


def told(edition: Edition, *but: str) -> list[tuple[str, str]]:
    """Code and subject of what was found, those of `but` left out."""
    rows = edition.findings.exclude(code__in=("no_outline", "code_missing", *but))
    return list(rows.order_by("code", "where").values_list("code", "where"))


def districts(gmina) -> Layer:
    return make_layer(gmina, "osiedla", kind=LayerKind.DISTRICT, geometry_type="polygon")


def streets(gmina) -> Layer:
    return make_layer(gmina, "ulice", kind=LayerKind.STREET, geometry_type="line")


def box(x: float, y: float, width: float, height: float) -> Polygon:
    return Polygon.from_bbox((*at(x, y).coords, *at(x + width, y + height).coords))


class TestSharedGround:
    """Districts are drawn in a gmina of 10 km square; `uncovered` is what is left of it."""

    def test_districts_that_share_their_borders_are_in_order(self, gmina):
        layer = districts(gmina)
        edition = checked(
            layer,
            added("Zachód", box(0, 0, 5_000, 10_000)),
            added("Wschód", box(5_000, 0, 5_000, 10_000)),
        )
        assert told(edition) == []

    def test_an_overlap_is_told_once_with_its_area_and_its_place(self, gmina):
        edition = checked(
            districts(gmina),
            added("Zachód", box(0, 0, 5_100, 10_000)),
            added("Wschód", box(5_000, 0, 5_000, 10_000)),
        )
        assert told(edition) == [("overlap", "Zachód")]
        found = edition.findings.get()
        assert found.details["other"] == "Wschód"
        assert found.details["m2"] == pytest.approx(1_000_000)
        assert found.geom.extent == box(5_000, 0, 100, 10_000).extent

    def test_a_strip_narrower_than_five_metres_is_a_sliver(self, gmina):
        edition = checked(
            districts(gmina),
            added("Zachód", box(0, 0, 5_000.5, 10_000)),
            added("Wschód", box(5_000, 0, 5_000, 10_000)),
        )
        assert told(edition) == [("sliver", "Zachód")]
        assert edition.findings.get().details["width_m"] == pytest.approx(0.5, rel=0.01)  # m

    def test_a_difference_of_rounding_is_none(self, gmina):
        edition = checked(
            districts(gmina),
            added("Zachód", box(0, 0, 5_000.005, 10_000)),
            added("Wschód", box(5_000, 0, 5_000, 10_000)),
        )
        assert told(edition) == []

    def test_a_hole_between_districts_is_a_gap_named_by_its_neighbours(self, gmina):
        around = box(0, 0, 10_000, 10_000) - box(4_000, 4_000, 500, 500)
        edition = checked(
            districts(gmina), added("Dookoła", around), added("Wyspa", box(4_000, 4_000, 400, 500))
        )
        assert told(edition) == [("gap", "Dookoła / Wyspa")]
        assert edition.findings.get().details["m2"] == pytest.approx(50_000)

    def test_ground_at_the_gminas_edge_without_a_district_is_a_note(self, gmina):
        edition = checked(districts(gmina), added("Zachód", box(0, 0, 6_000, 10_000)))
        assert told(edition) == [("uncovered", "Zachód")]
        assert edition.findings.get().level == "note"

    def test_a_border_moved_by_hand_is_checked_against_the_published_neighbour(self, gmina):
        west = make_district(gmina, "Zachód", geom=box(0, 0, 5_000, 10_000))
        make_district(gmina, "Wschód", geom=box(5_000, 0, 5_000, 10_000))
        moved = added("Zachód", box(0, 0, 4_900, 10_000))
        moved.op, moved.fid = Op.REPLACE, west.fid
        assert told(checked(west.layer, moved)) == [("uncovered", "Wschód / Zachód")]

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                *[st.integers(0, 40), st.integers(0, 40), st.integers(6, 30), st.integers(6, 30)]
            ),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    def test_overlaps_and_gaps_account_for_all_ground(self, boxes):
        """Areas of all pairs' overlaps as shapely has them; gaps are the holes of the union."""
        shapes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes]
        rows = [(n, str(n), shapely.to_wkb(shape)) for n, shape in enumerate(shapes)]
        found = list(coverage.cases(coverage.Cover.of(rows), None))
        of_pairs = [case for case in found if "other" in case.details]
        pairs = [(a, b) for n, a in enumerate(shapes) for b in shapes[:n] if not a.equals(b)]
        shared = sum(a.intersection(b).area for a, b in pairs)
        assert sum(case.details["m2"] for case in of_pairs) == pytest.approx(shared, abs=1e-6)
        together = shapely.union_all(shapes)
        holes = sum(
            shapely.Polygon(ring).area for p in shapely.get_parts(together) for ring in p.interiors
        )
        left = sum(case.details["m2"] for case in found if case not in of_pairs)
        assert left == pytest.approx(holes, abs=1e-6)


class TestOneByOne:
    def test_an_invalid_shape_blocks_and_says_where(self, gmina):
        corners = [(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)]
        bow_tie = Polygon([at(*corner).coords for corner in corners], srid=2180)
        edition = checked(districts(gmina), added("Klepsydra", bow_tie))
        found = edition.findings.get(code="geometry_invalid")
        assert (found.level, found.geom.coords) == ("blocking", at(50, 50).coords)

    @pytest.mark.parametrize(
        "geom",
        [
            None,
            Polygon(srid=2180),
            Point(0, 0, srid=2180),
        ],
        ids=["none", "empty", "a point"],
    )
    def test_what_the_layer_cannot_hold_blocks(self, gmina, geom):
        edition = checked(districts(gmina), added("Inny", geom))
        assert findings.codes(edition, findings.BLOCKING) == ["geometry_unfit"]

    def test_one_shape_of_two_features_is_told_whichever_vertex_it_begins_with(self, gmina):
        corners = [at(*c).coords for c in [(0, 0), (0, 10), (10, 10), (10, 0)]]
        turned = [*corners[2:], *corners[:2]]
        edition = checked(
            districts(gmina),
            added("A", Polygon([*corners, corners[0]], srid=2180)),
            added("B", Polygon([*turned, turned[0]], srid=2180)),
        )
        assert told(edition, "uncovered") == [("same_shape", "A")]

    def test_names_and_codes_that_are_missing_or_double(self, gmina):
        edition = checked(
            districts(gmina),
            added("", square(0, 0, 10)),
            added("Rynek", square(50, 0, 10), code="7"),
            added("Rynek", square(90, 0, 10), code="7"),
            added("RYNEK", square(130, 0, 10), code="8"),
        )
        assert [code for code, _where in told(edition, "uncovered")] == [
            "code_twice",
            "name_twice",
            "names_alike",
            "unnamed",
        ]

    def test_a_street_in_pieces_blocks_unless_two_codes_tell_two_streets(self, gmina):
        one, two = line((0, 0), (9, 0)), line((0, 50), (9, 50))
        pieces = checked(streets(gmina), added("Główna", one), added("Główna", two))
        assert findings.codes(pieces, findings.BLOCKING) == ["street_in_pieces"]
        editions.discard(pieces, None)
        coded = [
            added("Główna", one, code=f"{SIMC}/00001"),
            added("Główna", two, code=f"{SIMC}/00002"),
        ]
        assert findings.codes(checked(pieces.layer, *coded), findings.BLOCKING) == []

    def test_parts_of_a_street_far_apart_are_told_with_the_jump(self, gmina):
        apart = MultiLineString(*line((0, 0), (9, 0)), *line((709, 0), (720, 0)), srid=2180)
        edition = checked(streets(gmina), added("Polna", apart))
        assert told(edition) == [("parts_far_apart", "Polna")]
        assert edition.findings.get(code="parts_far_apart").details["gap_m"] == pytest.approx(700)

    def test_a_street_without_a_locality_is_told(self, gmina):
        edition = checked(streets(gmina), added("Polna", line((0, 0), (9, 0)), simc=""))
        assert told(edition) == [("locality_missing", "Polna")]

    def test_an_address_with_two_points_and_one_without_a_number(self, gmina):
        street = make_street(gmina, "Główna", geom=line((0, 0), (90, 0)))
        door = make_address(gmina, "7", at=at(5, 5), street=street, simc=SIMC)
        attrs = {"street_fid": street.fid, "number": "7", "ulic": "", "street_name": ""}
        second = added("", at(8, 5), attrs=attrs)
        nameless = added("", at(9, 5), attrs={**attrs, "number": ""})
        edition = checked(door.layer, second, nameless)
        assert told(edition) == [("address_twice", "Główna 7"), ("unnamed", "Główna")]


class TestAgainstTheOutline:
    def test_crossing_is_a_note_with_what_lies_beyond(self, gmina):
        edition = checked(streets(gmina), added("Polna", line((9_990, 5), (10_046, 5))))
        assert told(edition) == [("crosses_edge", "Polna")]
        found = edition.findings.get(code="crosses_edge")
        assert found.details == {"outside": pytest.approx(46), "unit": "m"}
        assert found.geom.extent == line((10_000, 5), (10_046, 5)).extent

    def test_outside_is_a_warning_and_most_of_the_layer_outside_blocks(self, gmina):
        inside = added("Polna", line((0, 5), (9, 5)))
        beyond = [added(f"Obca {n}", line((10_200, n), (10_209, n))) for n in (0, 10)]
        edition = checked(streets(gmina), inside, beyond[0])
        assert told(edition) == [("outside_gmina", "Obca 0")]
        assert edition.findings.get(code="outside_gmina").details["away_m"] == pytest.approx(200)
        editions.discard(edition, None)
        edition = checked(edition.layer, inside, *beyond)
        assert findings.codes(edition, findings.BLOCKING) == ["mostly_elsewhere"]

    def test_an_outline_that_moves_away_by_more_than_half_blocks(self, gmina):
        outline = Feature.objects.get(layer__gmina=gmina)
        moved = FeatureChange(
            op=Op.REPLACE, fid=outline.fid, name="Testowo", geom=square(5_001, 0, 10_000)
        )
        edition = checked(outline.layer, moved)
        assert findings.codes(edition, findings.BLOCKING) == ["mostly_elsewhere"]


class TestRegister:
    @pytest.fixture
    def ulic(self):
        return StreetName.objects.create(
            simc=SIMC,
            ulic="06012",
            cecha="ul.",
            name_1="Bema",
            name_2="gen. Józefa",
            state_on="2026-01-01",
        )

    def street(self, name, code="06012"):
        return added(name, line((0, 0), (9, 0)), code=f"{SIMC}/{code}")

    def test_a_code_that_ulic_does_not_have_is_told(self, gmina, ulic):
        edition = checked(streets(gmina), self.street("Bema", "99999"))
        assert told(edition) == [("ulic_unknown", "Bema")]

    def test_a_street_that_the_register_has_closed_is_unknown(self, gmina, ulic):
        StreetName.objects.create(
            simc=SIMC, ulic="00001", name_1="Stara", state_on="2020-01-01", closed_on="2025-01-01"
        )
        edition = checked(streets(gmina), self.street("Stara", "00001"))
        assert told(edition) == [("ulic_unknown", "Stara")]

    def test_a_name_that_contradicts_the_register_is_told_with_the_registers(self, gmina, ulic):
        edition = checked(streets(gmina), self.street("Józefa Piłsudskiego"))
        assert told(edition) == [("ulic_name_differs", "Józefa Piłsudskiego")]
        assert edition.findings.get(code="ulic_name_differs").details["register"] == (
            "ul. gen. Józefa Bema"
        )

    def test_another_spelling_of_the_same_street_is_not(self, gmina, ulic):
        assert told(checked(streets(gmina), self.street("Generała Bema"))) == []

    def test_without_the_register_the_report_says_that_nothing_was_compared(self, gmina):
        assert told(checked(streets(gmina), self.street("Bema"))) == [("no_ulic", "ULIC")]

    @pytest.mark.parametrize(
        ("ours", "register"),
        [
            ("Władysława Broniewskiego", "ul. Broniewskiego"),
            ("Świętej Jadwigi", "św. Jadwigi"),
            ("Księdza Biskupa Ignacego Krasickiego", "ks. bpa I. Krasickiego"),
            ("Aleja Powstańców Wielkopolskich", "al. Powstańców Wlkp."),
            ("Podporucznika Jana Folgi", "ppor. Jana Folgi"),
            ("Plac Wojciecha Korfantego", "plac Wojciecha Korfantego"),
        ],
    )
    def test_spellings_that_agree(self, ours, register):
        assert agree(ours, register)

    @pytest.mark.parametrize(
        ("ours", "register"),
        [
            ("Juliusza Słowackiego", "Jana Sobieskiego"),
            ("Wojciecha Bogusławskiego", "W. Broniewskiego"),
            ("Jana Pawła II", "Jana Kochanowskiego"),
            ("Księdza Piotra", "Księdza Pawła"),
        ],
    )
    def test_names_that_contradict(self, ours, register):
        assert not agree(ours, register)

    def test_of_12221_real_differences_in_spelling_few_are_taken_for_other_streets(self):
        path = FIXTURES / "teryt" / "street_names.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [row.rstrip("\n").split(",") for row in list(file)[1:]]
        pairs = [(row[3], row[2]) for row in rows if len(row) == 4]
        apart = [pair for pair in pairs if not agree(*pair)]
        assert len(pairs) > 12_000
        assert len(apart) < 0.005 * len(pairs)
        strangers = zip((ours for ours, _r in pairs), (r for _o, r in pairs[1:]), strict=False)
        taken = [pair for pair in strangers if agree(*pair)]
        assert len(taken) < 0.03 * len(pairs)


def real(path: Path, gmina, name: str) -> Edition:
    edition, _report = import_file(
        path, gmina=gmina, kind=LayerKind.DISTRICT, by=None, options=Options(fields={"name": name})
    )
    return edition


def outline_of(path: Path, name: str) -> GEOSGeometry:
    with gzip.open(path) as file:
        shapes = {f["properties"]["name"]: f["geometry"] for f in json.load(file)["features"]}
    return to_2180(GEOSGeometry(json.dumps(shapes[name]), srid=4326))


class TestRealFiles:
    def test_warszawa_among_its_districts_overlaps_each_of_the_eighteen(self):
        warszawa = make_gmina("warszawa", outline=outline_of(WARSZAWA, "Warszawa"))
        edition = real(WARSZAWA, warszawa, "name")
        overlaps = edition.findings.filter(code="overlap")
        assert overlaps.count() == 18
        pairs = [{row.where, row.details["other"]} for row in overlaps]
        assert all("Warszawa" in pair for pair in pairs)
        # The districts together are the city: 517 km².
        assert sum(row.details["m2"] for row in overlaps) == pytest.approx(517e6, rel=0.01)
        city = edition.changes.get(name="Warszawa")
        city.delete()
        findings.check(edition)
        assert told(edition) == []

    def test_wroclaws_invalid_osiedla_are_repaired_and_then_fit_one_another(self):
        edition = real(WROCLAW, make_gmina("wroclaw", outline=square(-5e5, -5e5, 1e6)), "osiedle")
        assert edition.changes.count() == 48
        repaired = edition.findings.filter(code="geometry_repaired")
        assert repaired.count() == 13
        assert all(row.before and row.after.valid and row.geom for row in repaired)
        # What the repair of a border cut off lies between it and its neighbour.
        assert told(edition, "geometry_repaired", "uncovered") == [("sliver", "Wojszyce")]
