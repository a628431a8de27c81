"""A file into a staged edition: what is found, what is left out, which fids survive."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Gmina
from audit.models import Event
from gis_layers import editions
from gis_layers.crs import to_lonlat
from gis_layers.errors import ReportBlocksPublishing
from gis_layers.imports.file_errors import FieldMissing
from gis_layers.imports.load import import_file
from gis_layers.imports.options import Options
from gis_layers.imports.target import LayerDiffers, SlugMissing
from gis_layers.models import AddressPoint, Edition, Feature, Layer
from gis_layers.outlines import gmina_outline, gminas_at
from gis_layers.report import Report
from teryt.models import Unit
from tests.builders import at, line, make_gmina, make_locality, make_street, publish, square
from tests.gis_layers.layer_files import feature, geopackage, write

pytestmark = pytest.mark.django_db

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CHORZOW = FIXTURES / "chorzow" / "source"
NATIONAL = FIXTURES / "poland" / "poland.municipalities.2021.geojson.gz"
STREET, DISTRICT, ADDRESS, UNIT = "street", "district", "address", "teryt_unit"
BOW_TIE = GEOSGeometry(
    "SRID=2180;POLYGON((500000 270000,500010 270010,500010 270000,500000 270010,500000 270000))"
)


@pytest.fixture
def gmina() -> Gmina:
    return make_gmina()


@pytest.fixture
def file(tmp_path):
    """Writes a layer file of the features given."""

    def make(*features, **members) -> Path:
        return write(tmp_path / "layer.geojson", *features, **members)

    return make


def staged(path: Path, gmina: Gmina | None, kind: str, **options) -> tuple[Edition, Report]:
    return import_file(path, gmina=gmina, kind=kind, by=None, options=Options(**options))


def published(path: Path, gmina: Gmina | None, kind: str, **options) -> Report:
    edition, report = staged(path, gmina, kind, **options)
    publish(edition)
    return report


def codes(report: Report) -> dict[str, list[str]]:
    """What was found: code -> the features named."""
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.code, []).append(finding.where)
    return found


def shown(gmina: Gmina | None, slug: str) -> dict[str, Feature]:
    rows = Feature.objects.filter(layer__gmina=gmina, layer__slug=slug, until=None)
    return {row.name: row for row in rows}


class TestWhatAnImportShows:
    def test_an_import_is_staged_and_shows_nothing(self, gmina, file):
        path = file(feature(line((0, 0), (9, 0)), name="Główna"))
        edition, report = staged(path, gmina, STREET, group_by="name")
        assert edition.state == "staged"
        assert shown(gmina, "ulice") == {}
        assert report.counts["added"] == 1

    def test_the_lines_of_a_street_become_one_feature(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Główna"),
            feature(line((15, 0), (20, 0)), name=" Główna "),
            feature(line((0, 50), (9, 50)), name="Aleja Główna"),
        )
        published(path, gmina, STREET, group_by="name")
        streets = shown(gmina, "ulice")
        assert {name: len(row.geom) for name, row in streets.items()} == {
            "Główna": 2,
            "Aleja Główna": 1,
        }
        assert streets["Główna"].search_name == "glowna"

    def test_streets_of_one_name_in_two_localities_stay_two(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Główna", simc="0144259"),
            feature(line((0, 900), (9, 900)), name="Główna", simc="0144265"),
        )
        assert published(path, gmina, STREET, group_by="name").counts["added"] == 2

    def test_streets_with_codes_are_grouped_by_simc_and_ulic(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Główna", simc=144259, ulic=6012),
            feature(line((9, 0), (20, 0)), name="Glówna", simc="0144259", ulic="06012"),
            feature(line((0, 90), (9, 90)), name="Główna", simc="0144265", ulic="06012"),
        )
        report = published(path, gmina, STREET, group_by="name")
        rows = Feature.objects.filter(layer__gmina=gmina, layer__kind=STREET, until=None)
        assert sorted(row.code for row in rows) == ["0144259/06012", "0144265/06012"]
        assert codes(report)["code_names_differ"] == ["0144259/06012"]

    def test_a_town_that_is_one_locality_needs_no_simc(self, gmina, file):
        make_locality(gmina, "Testowo", "0144259")
        make_locality(gmina, "Stare Testowo", "0144265", parent_simc="0144259")
        published(file(feature(line((0, 0), (9, 0)), name="Główna")), gmina, STREET)
        assert shown(gmina, "ulice")["Główna"].simc == "0144259"

    def test_attributes_asked_for_are_kept_and_no_others(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Główna", klasa="main", lanes=2, secret="x"),
            feature(line((9, 0), (12, 0)), name="Główna", klasa="main", lanes=None),
            feature(line((12, 0), (15, 0)), name="Główna", klasa="side", lanes=2),
        )
        published(path, gmina, STREET, group_by="name", attrs=["klasa", "lanes"])
        assert shown(gmina, "ulice")["Główna"].attrs == {"klasa": "main", "lanes": 2}

    def test_a_layer_takes_over_what_is_said_of_it(self, gmina, file):
        path = file(feature(square(0, 0, 9), nazwa="Zachód"))
        published(path, gmina, DISTRICT, title_pl="Dzielnice", attribution="Urząd", public=True)
        layer = Layer.objects.get(gmina=gmina, kind=DISTRICT)
        assert (layer.slug, layer.title_pl, layer.title_en) == ("osiedla", "Dzielnice", "Districts")
        assert (layer.source, layer.public, layer.name_field) == ("Urząd", True, "nazwa")

    def test_making_a_published_layer_public_raises_the_map_revision(self, gmina, file):
        path = file(feature(square(0, 0, 9), name="Zachód"))
        published(path, gmina, DISTRICT)
        gmina.refresh_from_db()
        staged(path, gmina, DISTRICT, public=True)
        assert Gmina.objects.get(pk=gmina.pk).revision == gmina.revision + 1

    @pytest.mark.parametrize("public", [True, False])
    def test_who_sees_a_published_layer_is_in_the_audit_log(self, gmina, file, public):
        path = file(feature(square(0, 0, 9), name="Zachód"))
        published(path, gmina, DISTRICT, public=not public)
        staged(path, gmina, DISTRICT)
        assert not Event.objects.filter(verb="layer_visibility_set").exists()
        staged(path, gmina, DISTRICT, public=public)
        act = Event.objects.get(verb="layer_visibility_set", gmina_id=gmina.pk)
        assert act.data == {"layer": "osiedla", "public": public}

    def test_a_custom_layer_needs_a_name_and_takes_the_files_geometry(self, gmina, file):
        path = file(feature(at(5, 5), name="Hydrant"))
        with pytest.raises(SlugMissing):
            staged(path, gmina, "custom")
        published(path, gmina, "custom", slug="hydranty", title_pl="Hydranty")
        assert Layer.objects.get(slug="hydranty").geometry_type == "point"

    def test_a_layer_is_not_turned_into_one_of_another_kind(self, gmina, file):
        make_street(gmina, "Główna", geom=line((0, 0), (9, 0)))
        with pytest.raises(LayerDiffers):
            staged(file(feature(square(0, 0, 9), name="x")), gmina, DISTRICT, slug="ulice")


class TestFindings:
    def test_bad_features_are_named_and_never_hide_the_good_ones(self, gmina, file):
        path = file(
            feature(square(0, 0, 9), name="Dobra"),
            feature(None, name="Bez geometrii"),
            feature(BOW_TIE, name="Klepsydra"),
            feature(line((0, 0), (9, 0)), name="Linia"),
            feature(square(50, 0, 9), name=""),
            feature(square(70, 0, 9), name="x" * 201),
        )
        report = published(path, gmina, DISTRICT)
        assert set(shown(gmina, "osiedla")) == {"Dobra", "Klepsydra"}
        found = codes(report)
        assert found["geometry_missing"] == ["Bez geometrii"]
        assert found["geometry_repaired"] == ["Klepsydra"]
        assert found["geometry_wrong_type"] == ["Linia"]
        assert found["name_missing"] == ["#5"]
        assert "text_too_long" in found
        assert (report.read, report.counts["left_out"]) == (6, 4)

    def test_a_repair_tells_reason_place_and_change(self, gmina, file):
        _edition, report = staged(file(feature(BOW_TIE, name="Klepsydra")), gmina, DISTRICT)
        (told,) = [f for f in report.findings if f.code == "geometry_repaired"]
        place = to_lonlat(at(5, 5))
        assert told.details["reason"] == "Self-intersection"
        assert (told.details["lon"], told.details["lat"]) == pytest.approx(place.coords, abs=1e-6)
        assert told.details["changed"] == pytest.approx(
            1, abs=1e-6
        )  # the hourglass enclosed 25 − 25 m²
        assert shown(gmina, "osiedla") == {}

    def test_a_feature_that_crosses_the_edge_says_by_how_much(self, gmina, file):
        path = file(
            feature(line((9_000, 5), (10_046, 5)), name="Główna"),
            feature(line((0, 90), (10, 90)), name="Jasna"),
        )
        _edition, report = staged(path, gmina, STREET)
        (told,) = [f for f in report.findings if f.code == "crosses_edge"]
        assert told.where == "Główna"
        assert told.details["outside"] == pytest.approx(46, abs=0.01)  # m

    def test_a_file_of_another_gmina_blocks_publishing(self, gmina, file):
        path = file(feature(line((20_000, 5), (20_100, 5)), name="Obca"))
        edition, report = staged(path, gmina, STREET)
        assert codes(report)["outside_gmina"] == ["Obca"]
        assert report.blocking == ["mostly_elsewhere"]
        with pytest.raises(ReportBlocksPublishing):
            editions.publish(edition, None)

    def test_swapped_longitude_and_latitude_block_publishing(self, gmina, file):
        lonlat = to_lonlat(at(5, 5))
        turned = {"type": "Point", "coordinates": [lonlat.y, lonlat.x]}
        path = file({**feature(None, name="Hydrant"), "geometry": turned})
        _edition, report = staged(path, gmina, "custom", slug="h")
        assert report.blocking == ["axes_swapped", "nothing_left"]
        report = published(path, gmina, "custom", slug="h", swap_axes=True)
        assert report.findings == []

    def test_northing_first_metres_are_noticed_though_they_are_in_poland(self, gmina, file):
        path = file(feature(line((0, 5), (100, 5)), name="Główna"))
        in_metres = geopackage(path, "-t_srs", "EPSG:2180")
        # Northing first as if it were easting: 270 km east, 500 km north is in Poland too.
        turned = file(
            {**feature(None, name="Główna"), "geometry": json.loads(line((0, 5), (100, 5)).json)}
        )
        _edition, report = staged(in_metres, gmina, STREET)
        assert report.blocking == []
        _edition, report = staged(turned, gmina, STREET, srid=2180, swap_axes=True)
        assert "axes_swapped" in report.blocking

    def test_metres_that_are_taken_for_degrees_block_publishing(self, gmina, file):
        path = file({**feature(None, name="x"), "geometry": json.loads(at(5, 5).json)})
        _edition, report = staged(path, gmina, "custom", slug="h")
        assert "not_in_country" in report.blocking

    def test_a_feature_twice_in_the_file_is_kept_once(self, gmina, file):
        one = feature(square(0, 0, 9), name="Zachód")
        report = published(file(one, one), gmina, DISTRICT)
        assert codes(report)["duplicate"] == ["Zachód"]
        assert set(shown(gmina, "osiedla")) == {"Zachód"}

    def test_an_id_of_several_features_blocks_publishing(self, gmina, file):
        path = file(
            feature(square(0, 0, 9), name="Zachód", id="7"),
            feature(square(20, 0, 9), name="Wschód", id="7"),
        )
        _edition, report = staged(path, gmina, DISTRICT, fields={"id": "id"})
        assert (report.blocking, codes(report)["id_twice"]) == (["id_twice"], ["7"])

    def test_a_street_in_pieces_blocks_publishing_until_it_is_grouped(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Główna"),
            feature(line((9, 0), (20, 0)), name="Główna"),
        )
        assert staged(path, gmina, STREET)[1].blocking == ["street_in_pieces"]
        assert staged(path, gmina, STREET, group_by="name")[1].blocking == []

    def test_parts_of_a_street_far_apart_are_worth_a_look(self, gmina, file):
        path = file(
            feature(line((0, 0), (100, 0)), name="Daleka"),
            feature(line((601, 0), (700, 0)), name="Daleka"),
            feature(line((0, 90), (100, 90)), name="Bliska"),
            feature(line((599, 90), (700, 90)), name="Bliska"),
        )
        _edition, report = staged(path, gmina, STREET, group_by="name")
        (told,) = [f for f in report.findings if f.code == "parts_far_apart"]
        assert told.where == "Daleka"
        assert told.details["gap_m"] == pytest.approx(501, abs=0.01)  # m

    def test_a_city_among_its_districts_overlaps_them_all(self, gmina, file):
        path = file(
            feature(square(0, 0, 10), name="Zachód"),
            feature(square(10, 0, 10), name="Wschód"),
            feature(square(0, 0, 20), name="Całe miasto"),
        )
        _edition, report = staged(path, gmina, DISTRICT)
        pairs = [{f.where, f.details["other"]} for f in report.findings if f.code == "overlap"]
        assert pairs == [{"Zachód", "Całe miasto"}, {"Wschód", "Całe miasto"}]

    def test_names_that_a_hurried_reader_mistakes_are_pointed_out(self, gmina, file):
        path = file(
            feature(line((0, 0), (9, 0)), name="Promenada Generała Ziętka"),
            feature(line((0, 50), (9, 50)), name="Promenada generała Ziętka"),
        )
        _edition, report = staged(path, gmina, STREET)
        assert codes(report)["names_alike"] == ["Promenada Generała Ziętka"]

    def test_codes_that_are_none_are_told_and_ignored(self, gmina, file):
        path = file(feature(line((0, 0), (9, 0)), name="Główna", simc="1234567", ulic="abc"))
        report = published(path, gmina, STREET)
        assert codes(report)["code_malformed"] == ["Główna", "Główna"]
        assert shown(gmina, "ulice")["Główna"].code == ""

    def test_a_column_that_is_not_there_is_refused_with_those_that_are(self, gmina, file):
        path = file(feature(line((0, 0), (9, 0)), name="Główna"))
        with pytest.raises(FieldMissing) as refused:
            staged(path, gmina, STREET, group_by="nazwa")
        assert refused.value.details == {"name": "nazwa", "columns": "name"}
        assert not Edition.objects.filter(layer__kind=STREET).exists()

    def test_too_many_vertices_are_left_out(self, gmina, file):
        path = file(feature(square(0, 0, 9), name="Zachód"))
        with override_settings(IMPORT_MAX_VERTICES=4):
            _edition, report = staged(path, gmina, DISTRICT)
        assert codes(report)["too_many_vertices"] == ["Zachód"]


class TestSurvivingFids:
    def fid(self, gmina, name, slug="osiedla") -> int:
        return shown(gmina, slug)[name].fid

    def test_the_same_file_changes_nothing(self, gmina, file):
        path = file(feature(square(0, 0, 9), name="Zachód"), feature(square(9, 0, 9), name="B"))
        published(path, gmina, DISTRICT)
        counts = published(path, gmina, DISTRICT).counts
        assert counts == {
            "added": 0,
            "replaced": 0,
            "removed": 0,
            "unchanged": 2,
            "left_out": 0,
        }

    def test_the_order_of_a_streets_lines_makes_no_difference(self, gmina, file):
        lines = [
            feature(line((0, 0), (9, 0)), name="Główna"),
            feature(line((9, 0), (20, 0)), name="Główna"),
        ]
        published(file(*lines), gmina, STREET, group_by="name")
        counts = published(file(*reversed(lines)), gmina, STREET, group_by="name").counts
        assert (counts["unchanged"], counts["replaced"]) == (1, 0)

    def test_by_id_a_feature_may_change_its_name_and_shape(self, gmina, file):
        options = {"fields": {"id": "id"}}
        published(file(feature(square(0, 0, 9), name="Zachód", id=7)), gmina, DISTRICT, **options)
        before = self.fid(gmina, "Zachód")
        published(file(feature(square(1, 0, 9), name="Nowe", id=7)), gmina, DISTRICT, **options)
        assert self.fid(gmina, "Nowe") == before

    def test_by_code_a_street_may_change_its_name_and_line(self, gmina, file):
        def street(name, x):
            return file(feature(line((x, 0), (9, 0)), name=name, simc="0144259", ulic="06012"))

        published(street("Leśna", 0), gmina, STREET)
        before = self.fid(gmina, "Leśna", "ulice")
        published(street("Jasna", 3), gmina, STREET)
        assert self.fid(gmina, "Jasna", "ulice") == before

    def test_by_shape_a_feature_may_change_its_name(self, gmina, file):
        published(file(feature(square(0, 0, 9), name="Zachód")), gmina, DISTRICT)
        before = self.fid(gmina, "Zachód")
        published(file(feature(square(0, 0, 9), name="Nowe")), gmina, DISTRICT)
        assert self.fid(gmina, "Nowe") == before

    def test_by_exact_name_a_street_may_change_its_line(self, gmina, file):
        def streets(x):
            return file(
                feature(line((x, 0), (9, 0)), name="Główna"),
                feature(line((x, 50), (9, 50)), name="główna"),
            )

        published(streets(0), gmina, STREET)
        before = {name: row.fid for name, row in shown(gmina, "ulice").items()}
        published(streets(3), gmina, STREET)
        assert {name: row.fid for name, row in shown(gmina, "ulice").items()} == before

    def test_two_shapes_that_exchange_their_names_keep_their_places(self, gmina, file):
        published(
            file(feature(square(0, 0, 9), name="A"), feature(square(20, 0, 9), name="B")),
            gmina,
            DISTRICT,
        )
        a, b = self.fid(gmina, "A"), self.fid(gmina, "B")
        published(
            file(feature(square(0, 0, 9), name="B"), feature(square(20, 0, 9), name="A")),
            gmina,
            DISTRICT,
        )
        assert (self.fid(gmina, "B"), self.fid(gmina, "A")) == (a, b)

    def test_what_the_file_no_longer_has_is_removed(self, gmina, file):
        published(file(feature(square(0, 0, 9), name="Zachód")), gmina, DISTRICT)
        published(file(feature(square(20, 0, 9), name="Wschód")), gmina, DISTRICT)
        assert set(shown(gmina, "osiedla")) == {"Wschód"}

    def test_what_was_left_out_for_a_fault_stays_as_it_is(self, gmina, file):
        published(file(feature(square(0, 0, 9), name="Zachód")), gmina, DISTRICT)
        before = self.fid(gmina, "Zachód")
        path = file(feature(None, name="Zachód"), feature(square(20, 0, 9), name="Wschód"))
        counts = published(path, gmina, DISTRICT).counts
        assert (counts["added"], counts["removed"], counts["left_out"]) == (1, 0, 1)
        assert self.fid(gmina, "Zachód") == before


class TestAddresses:
    @pytest.fixture
    def streets(self, gmina) -> dict[str, Feature]:
        lines = {
            ("Główna", "0144259", "0144259/06012"): 0,
            ("Główna", "0144265", "0144265/06012"): 50,
            ("Aleja Główna", "0144259", ""): 100,
        }
        return {
            f"{name} {simc}": make_street(
                gmina, name, simc=simc, code=code, geom=line((0, y), (9, y))
            )
            for (name, simc, code), y in lines.items()
        }

    def row(self, number="1", x=0, **columns):
        return feature(at(x, 5), numer=number, **columns)

    def only(self) -> AddressPoint:
        return AddressPoint.objects.get(until=None)

    def test_columns_are_guessed_and_the_street_found_by_code(self, gmina, file, streets):
        path = file(self.row("12 a", simc="0144265", sym_ul="06012", ulica="Glowna", kod="46-320"))
        report = published(path, gmina, ADDRESS)
        address = self.only()
        assert address.street_fid == streets["Główna 0144265"].fid
        assert (address.number, address.postcode, address.simc, address.ulic) == (
            "12 a",
            "46-320",
            "0144265",
            "06012",
        )
        assert address.street_name == ""
        assert codes(report) == {"no_ulic": ["ULIC"]}

    @pytest.mark.parametrize(
        ("name", "street"),
        [
            ("Główna", "Główna 0144259"),
            ("ul. Główna", "Główna 0144259"),
            ("Aleja Główna", "Aleja Główna 0144259"),
            ("al. Główna", "Aleja Główna 0144259"),
        ],
    )
    def test_without_a_code_the_exact_name_in_the_locality_finds_it(
        self, gmina, file, streets, name, street
    ):
        published(file(self.row(simc="0144259", ulica=name)), gmina, ADDRESS)
        assert self.only().street_fid == streets[street].fid

    def test_a_name_in_other_letters_is_another_street(self, gmina, file, streets):
        report = published(file(self.row(simc="0144259", ulica="GŁÓWNA")), gmina, ADDRESS)
        assert (self.only().street_fid, self.only().street_name) == (None, "GŁÓWNA")
        assert codes(report)["street_unknown"] == ["GŁÓWNA"]

    def test_a_street_that_may_be_one_of_two_is_none(self, gmina, file, streets):
        report = published(file(self.row(ulica="Główna")), gmina, ADDRESS)
        assert self.only().street_fid is None
        assert codes(report)["street_ambiguous"] == ["Główna"]
        assert codes(report)["locality_missing"] == ["Główna 1"]

    def test_a_village_without_streets_has_addresses_without_one(self, gmina, file):
        report = published(file(self.row("7", simc="0144259")), gmina, ADDRESS)
        assert (self.only().street_fid, self.only().street_name) == (None, "")
        assert report.findings == []

    def test_an_address_without_a_number_is_left_out(self, gmina, file):
        path = file(self.row(None, simc="0144259"), self.row("2", x=5, simc="0144259"))
        report = published(path, gmina, ADDRESS)
        assert codes(report)["number_missing"] == ["#1"]
        assert self.only().number == "2"

    def test_several_doors_of_a_house_are_all_kept(self, gmina, file):
        rows = [self.row("7", x=x, simc="0144259") for x in (0, 5)]
        report = published(file(*rows), gmina, ADDRESS)
        assert codes(report)["address_twice"] == ["7"]
        assert AddressPoint.objects.filter(until=None).count() == 2

    def test_an_address_that_moved_keeps_its_fid(self, gmina, file):
        published(file(self.row("7", simc="0144259")), gmina, ADDRESS)
        before = self.only().fid
        counts = published(file(self.row("7", x=4, simc="0144259")), gmina, ADDRESS).counts
        assert (self.only().fid, counts["replaced"], counts["added"]) == (before, 1, 0)

    def test_the_same_addresses_again_change_nothing(self, gmina, file, streets):
        path = file(self.row("7", simc="0144259", ulica="Główna"), self.row("8", x=3))
        published(path, gmina, ADDRESS)
        counts = published(path, gmina, ADDRESS).counts
        assert (counts["unchanged"], counts["replaced"], counts["added"]) == (2, 0, 0)


class TestOutlines:
    def test_a_gminas_outline_gets_its_name_and_code(self, file):
        gmina = Gmina.objects.create(slug="nowa", name="Nowa", office="UG", terc6="246301")
        report = published(file(feature(square(0, 0, 100))), gmina, UNIT)
        outline = shown(gmina, "granica")["Nowa"]
        assert (outline.code, report.blocking) == (gmina.terc, [])
        assert gmina_outline(gmina).accuracy_m == 5

    def test_an_outline_is_one_feature(self, gmina, file):
        path = file(feature(square(5, 5, 9_000)), feature(square(5, 9_500, 100)))
        assert staged(path, gmina, UNIT)[1].blocking == ["outline_not_one"]

    def test_of_a_file_of_many_gminas_the_one_with_its_code_is_taken(self, gmina, file):
        path = file(
            feature(square(0, 0, 9_000), terc=gmina.terc6 + "3", name="x"),
            feature(square(9_000, 0, 100), terc="0201011", name="Bolesławiec"),
        )
        published(path, gmina, UNIT)
        assert gmina_outline(gmina).geom.area == pytest.approx(81e6, rel=1e-6)  # m²

    def test_an_outline_somewhere_else_blocks_publishing(self, gmina, file):
        assert staged(file(feature(square(5_001, 0, 10_000))), gmina, UNIT)[1].blocking == [
            "mostly_elsewhere"
        ]

    def test_changed_codes_are_settled_by_six_digits_then_by_name(self, file):
        for terc, name in [("2463013", "Chorzów"), ("0201022", "Nowa"), ("0201031", "Sama")]:
            Unit.objects.create(
                terc=terc, terc6=terc[:6], name=name, kind_name="gmina", state_on="2025-01-01"
            )
        path = file(
            feature(square(0, 0, 9), terc="2463011", name="Chorzów"),
            feature(square(-200_000, 50_000, 9), terc="0201992", name="Nowa"),
            feature(square(-200_000, 60_000, 9), terc="0201982", name="Stara"),
        )
        report = published(path, None, UNIT)
        assert {name: row.code for name, row in shown(None, "gminy").items()} == {
            "Chorzów": "2463013",
            "Nowa": "0201022",
            "Stara": "0201982",
        }
        assert codes(report) == {
            "code_changed": ["Chorzów", "Nowa"],
            "code_unknown": ["Stara"],
            "unit_without_polygon": ["Sama"],
        }

    def test_a_unit_that_lies_in_its_voivodeship_only_mirrored_is_noticed(self, file):
        right = json.loads(GEOSGeometry("POINT(477038 720937)").buffer(1000).json)
        wrong = json.loads(GEOSGeometry("POINT(720937 477038)").buffer(1000).json)
        path = file(
            {**feature(None, terc="2261011", name="Gdańsk"), "geometry": right},
            {**feature(None, terc="2261021", name="Gdańsk na opak"), "geometry": wrong},
        )
        _edition, report = staged(path, None, UNIT, srid=2180)
        assert codes(report)["axes_swapped"] == ["Gdańsk na opak"]


class TestRealFiles:
    @pytest.fixture
    def chorzow(self) -> Gmina:
        gmina = Gmina.objects.create(
            slug="chorzow", name="Chorzów", office="UM", kind="town", terc6="246301", rodz="1"
        )
        published(CHORZOW / "chorzow-boundary.geojson.gz", gmina, UNIT)
        return gmina

    def test_1764_lines_of_chorzow_make_418_streets_43_of_which_cross_the_edge(self, chorzow):
        path = CHORZOW / "chorzow-streets.geojson.gz"
        report = published(path, chorzow, STREET, group_by="name")
        assert (report.read, report.counts["added"]) == (1764, 418)
        assert len(codes(report)["crosses_edge"]) == 43
        over = {f.where: f.details for f in report.findings if f.code == "crosses_edge"}
        assert over["Główna"]["outside"] == pytest.approx(46, abs=1)  # m
        assert report.blocking == []
        assert {"Główna", "Aleja Główna"} <= shown(chorzow, "ulice").keys()
        assert published(path, chorzow, STREET, group_by="name").counts["unchanged"] == 418

    def test_the_outline_has_the_citys_33_square_kilometres(self, chorzow):
        assert gmina_outline(chorzow).geom.area == pytest.approx(33.3e6, rel=0.01)  # m²

    def test_all_2477_gminas_of_2021_are_taken_in_with_their_accuracy(self, chorzow):
        report = published(NATIONAL, None, UNIT)
        assert (report.counts["added"], report.blocking) == (2477, [])
        layer = Layer.objects.get(gmina=None)
        assert (layer.slug, layer.accuracy_m) == ("gminy", 800)
        rybnik = Gmina.objects.create(slug="r", name="Rybnik", office="UM", terc6="247301")
        (found,) = gminas_at(gmina_outline(rybnik).geom.point_on_surface, 0)
        assert (found.gmina, found.certain) == (rybnik, True)


class TestCommand:
    def run(self, *arguments) -> str:
        out = StringIO()
        with translation.override("en"):
            call_command("layer_import", *map(str, arguments), stdout=out)
        return out.getvalue()

    def test_it_tells_what_it_found_and_stages(self, gmina, file):
        path = file(feature(line((9_990, 5), (10_046, 5)), name="Główna"))
        told = self.run(path, "--gmina", gmina.slug, "--kind", "street", "--group-by", "name")
        assert "layer.geojson (GeoJSON, EPSG:4326): 1 features read" in told
        assert "testowo/ulice: 1 added, 0 replaced, 0 removed, 0 unchanged, 0 left out" in told
        assert "1 feature crosses the gmina's edge [crosses_edge]\n    Główna: 46 m outside" in told
        edition = Edition.objects.get(layer__kind=STREET)
        assert f"layer_publish {edition.pk}" in told
        assert edition.report["found"] == {
            "locality_missing": 1,
            "code_missing": 1,
            "crosses_edge": 1,
        }

    def test_publish_makes_it_the_map_at_once(self, gmina, file):
        path = file(feature(line((0, 5), (46, 5)), nazwa_pl="Główna"))
        told = self.run(
            *(path, "--gmina", gmina.slug, "--kind", STREET, "--name-field", "nazwa_pl"),
            *("--publish", "--acknowledge", "locality_missing"),
        )
        assert "Published as edition 1." in told
        assert set(shown(gmina, "ulice")) == {"Główna"}

    def test_a_staged_edition_is_published_or_discarded_by_its_id(self, gmina, file):
        path = file(feature(line((0, 5), (46, 5)), name="Główna"))
        one, _report = staged(path, gmina, STREET)
        two, _report = staged(path, gmina, STREET)
        with pytest.raises(CommandError, match="warnings_not_acknowledged"):
            call_command("layer_publish", one.pk)
        with pytest.raises(CommandError, match="warning_unknown"):
            call_command("layer_publish", one.pk, "--acknowledge", "overlap")
        accepted = ("--acknowledge", "locality_missing")
        call_command("layer_publish", one.pk, *accepted, stdout=StringIO())
        call_command("layer_publish", two.pk, "--discard", stdout=StringIO())
        assert set(shown(gmina, "ulice")) == {"Główna"}
        with pytest.raises(CommandError, match="edition_not_staged"):
            call_command("layer_publish", two.pk)
        with pytest.raises(CommandError):
            call_command("layer_publish", 999_999)

    @pytest.mark.parametrize("content", ["", "{", '{"type": "FeatureCollection", "features": []}'])
    def test_a_file_that_is_no_layer_ends_with_its_code_and_nothing_staged(
        self, gmina, tmp_path, content
    ):
        path = tmp_path / "bad.geojson"
        path.write_text(content)
        with pytest.raises(CommandError, match=r"bad\.geojson .*\[\w+\]"):
            self.run(path, "--gmina", gmina.slug, "--kind", STREET, "--publish")
        assert not Edition.objects.filter(layer__kind=STREET).exists()

    def test_a_gmina_that_is_not_there_is_named(self, file):
        with pytest.raises(CommandError, match="nie-ma"):
            self.run(file(feature(at(0, 0))), "--gmina", "nie-ma", "--kind", ADDRESS)


coordinates = st.tuples(st.floats(14.5, 24), st.floats(49.2, 54.5))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(coordinates, min_size=2, max_size=6, unique=True), min_size=1, max_size=3))
def test_what_goes_in_comes_out_to_the_millimetre(tmp_path, lines):
    """Import, publish, export in EPSG:4326: the coordinates of the file, fids the second time."""
    features = [
        {**feature(None, nr=n), "geometry": {"type": "LineString", "coordinates": points}}
        for n, points in enumerate(lines)
    ]
    path = write(tmp_path / "l.geojson", *features)
    with transaction.atomic():
        gmina = make_gmina("losowa", outline=square(-400_000, -200_000, 900_000))
        fids = []
        for _time in range(2):
            published(path, gmina, "custom", slug="linie", fields={"id": "nr"})
            rows = Feature.objects.filter(layer__slug="linie", until=None).order_by("fid")
            fids.append([row.fid for row in rows])
        for row, points in zip(rows, lines, strict=True):
            for out, given_ in zip(to_lonlat(row.geom).coords, points, strict=True):
                assert out == pytest.approx(given_, abs=1e-8)  # degrees: a millimetre
        assert fids[0] == fids[1]
        transaction.set_rollback(True)
