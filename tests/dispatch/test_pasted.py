"""Aiming by TERYT: pasted codes and names, house numbers, streets without a line, the tree."""

from datetime import date

import pytest
from django.utils import translation

from dispatch import areas, audiences, pasted
from dispatch.errors import (
    InvalidPart,
    NoAddresses,
    NumbersNotFound,
    NumbersRefused,
    UnknownLocality,
    UnknownStreet,
)
from dispatch.teryt_tree import tree
from teryt.models import Locality, Release, StreetName
from tests.builders import (
    at,
    line,
    make_address,
    make_device,
    make_gmina,
    make_locality,
    make_place,
    make_resident,
    make_street,
)

pytestmark = pytest.mark.django_db
GLOWNA, POLNA = "0938887/06012", "0938901/06012"
TOWN, VILLAGE, PART = "0938887", "0938901", "0938953"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


class Gmina:
    """A town with ul. Główna (houses 1 to 6) and a ul. Nowa without a line; a village's Główna."""

    def __init__(self):
        self.gmina = make_gmina("dwojka", terc6="246301", rodz="3", kind="town_and_country")
        make_locality(self.gmina, "Miasto", TOWN)
        make_locality(self.gmina, "Kowale", VILLAGE)
        make_locality(self.gmina, "Stare Miasto", PART, parent_simc=TOWN)
        self.street = make_street(
            self.gmina, "Główna", geom=line((0, 0), (100, 0)), simc=TOWN, code=GLOWNA
        )
        self.other = make_street(
            self.gmina, "Główna", geom=line((0, 900), (100, 900)), simc=VILLAGE, code=POLNA
        )
        self.houses = [
            make_address(self.gmina, str(n), at=at(n * 10, 5), street=self.street, simc=TOWN)
            for n in range(1, 7)
        ]
        self.new_houses = [
            make_address(self.gmina, str(n), at=at(n * 10, 300), simc=TOWN, ulic="00001")
            for n in (1, 2)
        ]
        self.village_house = make_address(self.gmina, "7", at=at(50, 1900), simc=VILLAGE)
        for simc, ulic, name in (
            (TOWN, "06012", "Główna"),
            (VILLAGE, "06012", "Główna"),
            (TOWN, "00001", "Nowa"),
            (TOWN, "00002", "Pusta"),
        ):
            StreetName.objects.create(
                simc=simc, ulic=ulic, cecha="ul.", name_1=name, state_on=date(2026, 1, 1)
            )
        Release.objects.create(
            register="ULIC",
            kind="whole",
            state_on=date(2026, 1, 1),
            rows=4,
            file_name="u",
            sha256="",
        )
        self.people = [self.live_at(house) for house in (*self.houses, *self.new_houses)]
        self.villager = self.live_at(self.village_house)

    def live_at(self, house):
        resident = make_resident()
        make_place(
            resident,
            self.gmina,
            at=house.geom,
            street=self.street if house.street_fid else None,
            address_point_fid=house.fid,
            simc=house.simc,
        )
        make_device(resident)
        return resident

    def told(self, *parts):
        area = areas.resolve(self.gmina, areas.parse_parts(self.gmina, list(parts)))
        return audiences.preview(self.gmina, area, None, "important").residents

    def line(self, text):
        [found] = pasted.resolve(self.gmina, text)
        return found


@pytest.fixture
def gmina():
    return Gmina()


class TestParts:
    def test_house_numbers_take_the_people_of_these_houses_only(self, gmina):
        street = {"kind": "feature", "fid": gmina.street.fid}
        assert gmina.told(street) == 6
        assert gmina.told(street | {"numbers": "1–5 nieparzyste"}) == 3
        assert gmina.told(street | {"numbers": "2, 6"}) == 2

    def test_two_parts_of_one_street_count_a_person_once(self, gmina):
        street = {"kind": "feature", "fid": gmina.street.fid}
        assert gmina.told(street | {"numbers": "1–3"}, street | {"numbers": "3–4"}) == 4

    def test_a_street_without_a_line_aims_at_its_addresses(self, gmina):
        part = {"kind": "street", "simc": TOWN, "ulic": "00001"}
        assert gmina.told(part) == 2
        assert gmina.told(part | {"numbers": "2"}) == 1

    def test_a_village_without_streets_is_aimed_at_by_its_numbers(self, gmina):
        village = {"kind": "locality", "simc": VILLAGE}
        assert gmina.told(village) == 1
        assert gmina.told(village | {"numbers": "7–9"}) == 1
        with pytest.raises(NumbersNotFound):
            gmina.told(village | {"numbers": "8"})

    def test_a_part_keeps_code_numbers_addresses_and_the_registers_day(self, gmina):
        part = {"kind": "street", "simc": TOWN, "ulic": "00001", "numbers": "1–2"}
        [spec] = areas.parse_parts(gmina.gmina, [part])
        assert (spec.code, spec.register_on) == (f"{TOWN}/00001", date(2026, 1, 1))
        assert spec.label == "ul. Nowa, Miasto 1–2"
        assert spec.address_fids == tuple(house.fid for house in gmina.new_houses)

    def test_numbers_that_are_not_there_are_a_warning(self, gmina):
        street = {"kind": "feature", "fid": gmina.street.fid, "numbers": "5, 31, 32A–B"}
        area = areas.resolve(gmina.gmina, areas.parse_parts(gmina.gmina, [street]))
        [warning] = [one for one in area.warnings if one["code"] == "numbers_missing"]
        assert warning["message"] == "Not on the map: 31, 32A, 32B."

    def test_numbers_count_as_freely_drawn_since_they_can_single_a_house_out(self, gmina):
        street = {"kind": "feature", "fid": gmina.street.fid}
        [whole] = areas.parse_parts(gmina.gmina, [street])
        [one] = areas.parse_parts(gmina.gmina, [street | {"numbers": "3"}])
        assert (whole.is_free, one.is_free) == (False, True)

    def test_other_numbers_are_another_area(self, gmina):
        def hash_of(numbers):
            street = {"kind": "feature", "fid": gmina.street.fid, "numbers": numbers}
            return areas.resolve(gmina.gmina, areas.parse_parts(gmina.gmina, [street])).hash

        assert hash_of("1–3") != hash_of("1–4")
        assert hash_of("1–3") == hash_of("1, 2, 3")

    @pytest.mark.parametrize(
        ("part", "error"),
        [
            ({"kind": "street", "simc": TOWN, "ulic": "99999"}, UnknownStreet),
            ({"kind": "street", "simc": "0000001", "ulic": "06012"}, UnknownLocality),
            ({"kind": "street", "simc": TOWN, "ulic": "00002"}, NoAddresses),
            ({"kind": "street", "simc": TOWN, "ulic": "00001", "numbers": "40"}, NumbersNotFound),
            ({"kind": "street", "simc": TOWN, "ulic": "00001", "numbers": "x"}, NumbersRefused),
            ({"kind": "street", "simc": TOWN, "ulic": "1"}, InvalidPart),
            ({"kind": "street", "simc": TOWN, "ulic": "00001", "numbers": 5}, InvalidPart),
        ],
    )
    def test_what_reaches_nobody_is_refused_and_never_everyone(self, gmina, part, error):
        with pytest.raises(error) as refused:
            areas.parse_parts(gmina.gmina, [part])
        assert refused.value.field.startswith("parts.0")

    def test_numbers_go_with_a_streets_addresses_only(self, gmina):
        part = {"kind": "feature", "fid": gmina.street.fid, "numbers": "1"}
        with pytest.raises(InvalidPart):
            areas.parse_parts(gmina.gmina, [part | {"reach": "metres", "reach_m": 50}])


class TestLines:
    @pytest.mark.parametrize("text", [TOWN, f"SIMC {TOWN}", f"simc: {TOWN}", "Miasto", "miasto"])
    def test_a_locality_by_code_or_name(self, gmina, text):
        found = gmina.line(text)
        assert (found.status, found.parts[0]["simc"]) == ("found", TOWN)
        assert found.parts[0]["include_parts"] is True

    @pytest.mark.parametrize("text", [GLOWNA, "Główna, Miasto", "ul. glowna, miasto"])
    def test_a_street_by_its_whole_code_or_with_its_locality(self, gmina, text):
        found = gmina.line(text)
        assert (found.status, found.parts[0]["fid"]) == ("found", gmina.street.fid)

    @pytest.mark.parametrize("text", ["06012", "ULIC 06012", "Główna", "ul. Główna 1–3"])
    def test_what_stands_in_several_localities_is_for_a_person_to_choose(self, gmina, text):
        found = gmina.line(text)
        assert found.status == "choice"
        fids = {part.get("fid") for part in found.parts}
        assert fids <= {gmina.street.fid, gmina.other.fid}

    def test_a_choice_tells_its_localities(self, gmina):
        places = {part["locality"] for part in gmina.line("06012").parts}
        assert places == {"Kowale", "Miasto"}

    def test_a_name_with_numbers(self, gmina):
        found = gmina.line("Główna, Miasto 1–3, 40")
        assert found.status == "found"
        assert found.parts[0]["numbers"] == "1–3, 40"
        assert found.missing == ("40",)

    def test_a_street_without_a_line_and_a_village_number(self, gmina):
        nowa = gmina.line("ul. Nowa 2")
        assert nowa.parts[0] | {"label": ""} == {
            "kind": "street",
            "simc": TOWN,
            "ulic": "00001",
            "numbers": "2",
            "label": "",
            "locality": "Miasto",
        }
        assert gmina.line("Kowale 7").parts[0]["numbers"] == "7"

    def test_a_name_that_is_only_alike_is_asked_about(self, gmina):
        found = gmina.line("Głowwna, Miasto")
        assert (found.status, found.message) == ("choice", "Is this the one?")

    @pytest.mark.parametrize("text", ["246301", "2463013", "TERC 2463013"])
    def test_the_gminas_own_code_is_the_whole_gmina(self, gmina, text):
        assert gmina.line(text).parts[0]["kind"] == "gmina"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("0938880", "a digit is wrong"),
            ("0981179", "No locality"),
            ("240101", "not the TERC"),
            ("99999", "No street has the code"),
            (f"{VILLAGE}/00001", "Kowale has no street"),
            ("Nieznana", "Neither a street nor a locality"),
            ("Główna, Miasto 99", "none of the numbers"),
            ("Pusta", "no addresses"),
            ("x" * 300, "too long"),
        ],
    )
    def test_what_cannot_be_told_is_explained(self, gmina, text, reason):
        found = gmina.line(text)
        assert (found.status, found.parts) == ("unknown", ())
        assert reason in found.message

    def test_a_locality_of_another_gmina_is_named(self, gmina):
        Locality.objects.create(
            simc="0981162",
            terc6="247001",
            rodz="1",
            rm="01",
            name="Obca",
            parent_simc="0981162",
            search_name="obca",
            state_on=date(2026, 1, 1),
        )
        assert "Obca (0981162) is in another gmina" in gmina.line("0981162").message

    def test_lines_keep_their_order_and_empty_ones_count_without_being_told(self, gmina):
        found = pasted.resolve(gmina.gmina, f"\n{TOWN}\n\nKowale\n")
        assert [(one.number, one.status) for one in found] == [(2, "found"), (4, "found")]


class TestTree:
    def test_it_has_localities_parts_and_streets_with_and_without_a_line(self, gmina):
        found = {row["simc"]: row for row in tree(gmina.gmina)}
        assert found[PART]["parent_simc"] == TOWN
        streets = {row["ulic"]: row for row in found[TOWN]["streets"]}
        assert streets["06012"]["fid"] == gmina.street.fid
        assert (streets["00001"]["fid"], streets["00001"]["addresses"]) == (None, 2)
        assert streets["00002"]["addresses"] == 0

    def test_its_figures_are_rounded_down_so_that_nobody_is_singled_out(self, gmina):
        found = {row["simc"]: row for row in tree(gmina.gmina)}
        assert found[TOWN]["people"]["count"] == 5  # of 8
        assert found[VILLAGE]["people"] == {"count": None, "masked": True, "below": 5}
        streets = {row["ulic"]: row for row in found[TOWN]["streets"]}
        assert streets["06012"]["people"]["count"] == 5  # of 6
        assert streets["00001"]["people"]["below"] == 5  # 2
        assert streets["00002"]["people"]["count"] == 0
