"""Register files into their tables, all or nothing; the figures are those of the real files."""

import zipfile
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Concat

from audit.models import Event
from teryt.codes import WHOLE_GMINA
from teryt.errors import (
    BrokenRow,
    FromTheFuture,
    NotARegister,
    OlderThanHeld,
    OrphanRow,
    OtherRegister,
    TooManyVanish,
)
from teryt.load import load_files
from teryt.localities import localities_of, whole_localities_of, with_parts
from teryt.models import Locality, StreetName, Unit
from tests.teryt.register_files import (
    BYTOM,
    CHORZOW,
    PART,
    SIMC,
    SLASKIE,
    TERC,
    TOWN,
    ULIC,
    as_csv,
    as_xml,
)

pytestmark = pytest.mark.django_db

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "teryt"
TERC_FILE = FIXTURES / "TERC_Urzedowy_2025-11-18.zip"
SIMC_FILE = FIXTURES / "SIMC_Urzedowy_2020-09-26.zip"
ON = "2025-01-01"


class TestRealRegisters:
    def test_terc_and_simc_of_the_whole_country(self):
        terc, simc = load_files([TERC_FILE, SIMC_FILE], by=None)
        assert (terc.release.register, terc.release.rows) == ("TERC", 4348)
        assert terc.release.state_on == date(2025, 1, 1)
        assert (simc.release.register, simc.release.rows, simc.added) == (
            "SIMC",
            102_913,
            102_913,
        )
        # The files are five years apart: many gminas have become towns and country meanwhile.
        assert "3650" in simc.warnings[0]

        # Of a gmina of kind 3 SIMC has its town under kind 4 and its villages under 5: a join of
        # whole codes with the gminas loses all of them, one on six digits none.
        gminas = Unit.objects.filter(terc__regex=rf"^\d{{6}}[{WHOLE_GMINA}]$")
        assert gminas.count() == 2479
        parts = Locality.objects.filter(rodz__in="45").annotate(terc=Concat("terc6", "rodz"))
        assert parts.count() == 31_591
        assert parts.filter(terc__in=gminas.values("terc")).count() == 0
        assert parts.filter(terc6__in=gminas.values("terc6")).count() == 31_591
        # Praszka is of kind 3: its town is registered under 4, its villages under 5.
        assert set(localities_of("160804").values_list("rodz", flat=True)) == {"4", "5"}
        assert "Praszka" in set(localities_of("160804").values_list("name", flat=True))

        # Chorzów has one locality of its own and nine named parts of it.
        assert [row.simc for row in whole_localities_of("246301")] == ["0938887"]
        assert len(with_parts(["0938887"])) == 10

        # Again: nothing changes.
        again = load_files([TERC_FILE, SIMC_FILE], by=None)
        assert [(one.added, one.removed, one.counts) for one in again] == [(0, 0, {})] * 2


class TestFiles:
    @pytest.mark.parametrize("write", [as_csv, as_xml], ids=["csv", "xml"])
    def test_csv_and_xml_say_the_same(self, file, write):
        load_files([file(write(TERC, SLASKIE, CHORZOW))], by=None)
        assert list(Unit.objects.values_list("terc", "terc6", "name", "kind_name")) == [
            ("24", "", "ŚLĄSKIE", "województwo"),
            ("2463011", "246301", "Chorzów", "gmina miejska"),
        ]

    def test_street_names_of_ulic_are_the_same_work(self, file):
        row = ["24", "63", "01", "1", "0938887", "06012", "ul.", "Główna", "", ON]
        (done,) = load_files([file(as_csv(ULIC, row))], by=None)
        street = StreetName.objects.get()
        assert (done.release.register, street.simc, street.ulic, street.cecha, street.name_1) == (
            "ULIC",
            "0938887",
            "06012",
            "ul.",
            "Główna",
        )

    def test_of_a_zip_the_csv_is_read(self, tmp_path):
        path = tmp_path / "t.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("t.xml", "<broken")
            archive.writestr("t.csv", as_csv(TERC, CHORZOW))
        assert load_files([path], by=None)[0].release.rows == 1

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "hello",
            "a;b\r\n1;2\r\n",
            as_csv(TERC),
            "<teryt></teryt>",
            as_csv(TERC[:-1], BYTOM[:-1]),
        ],
    )
    def test_what_is_no_register_is_refused(self, file, content):
        with pytest.raises(NotARegister):
            load_files([file(content)], by=None)

    def test_a_file_that_is_not_there_and_a_zip_without_one(self, tmp_path):
        with pytest.raises(NotARegister):
            load_files([tmp_path / "none.zip"], by=None)
        with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
            archive.writestr("readme.txt", "")
        with pytest.raises(NotARegister):
            load_files([tmp_path / "empty.zip"], by=None)

    def test_a_zip_of_several_registers_is_refused(self, tmp_path):
        path = tmp_path / "five.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in "abcde":
                archive.writestr(f"{name}.csv", as_csv(TERC, CHORZOW))
        with pytest.raises(NotARegister, match=r"several: a\.csv"):
            load_files([path], by=None)

    def test_a_zip_that_is_damaged_is_refused(self, tmp_path):
        path = tmp_path / "t.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("t.csv", as_csv(TERC, *[CHORZOW] * 500))
        content = bytearray(path.read_bytes())
        content[45:60] = bytes(15)
        path.write_bytes(content)
        with pytest.raises((NotARegister, BrokenRow)):
            load_files([path], by=None)

    def test_another_register_than_expected_is_refused(self, file):
        with pytest.raises(OtherRegister, match="TERC, SIMC was expected"):
            load_files([file(as_csv(TERC, CHORZOW))], by=None, expected="SIMC")

    def test_semicolons_and_quotes_in_a_name_stay_in_it(self, file):
        odd = [*CHORZOW[:4], 'Chorzów; dawniej "Huta"', *CHORZOW[5:]]
        load_files([file(as_csv(TERC, odd))], by=None)
        assert Unit.objects.get().name == 'Chorzów; dawniej "Huta"'

    def test_a_document_type_is_refused_before_it_can_expand(self, file):
        bomb = '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><teryt><row>&b;</row></teryt>'
        with pytest.raises(BrokenRow, match="document type"):
            load_files([file(bomb)], by=None)


class TestBrokenRows:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (["24", "62", "01", "7", "Bytom", "gmina", ON], "2462017"),
            (["24", "62", "01", "1", "", "gmina", ON], "NAZWA"),
            (["24", "62", "01", "1", "Bytom", "gmina", "01.01.2025"], "01.01.2025"),
            (["24", "62", "01"], "3 "),
            (CHORZOW, "came before"),
        ],
    )
    def test_a_broken_row_names_its_line_and_nothing_is_kept(self, file, row, reason):
        path = file(as_csv(TERC, CHORZOW, row, SLASKIE))
        with pytest.raises(BrokenRow) as refused:
            load_files([path], by=None)
        assert refused.value.details["line"] == 3
        assert reason in refused.value.details["reason"]
        assert not Unit.objects.exists()

    def test_a_broken_file_takes_the_good_one_before_it_along(self, file):
        good = file(as_csv(TERC, CHORZOW), "good.csv")
        bad = file(as_csv(SIMC, TOWN, [*TOWN[:7], "0938888", "0938887", ON]), "bad.csv")
        with pytest.raises(BrokenRow, match="0938888"):
            load_files([good, bad], by=None)
        assert not Unit.objects.exists()
        assert not Event.objects.exists()

    def test_an_xml_that_is_cut_off_is_broken(self, file):
        with pytest.raises(BrokenRow):
            load_files([file(as_xml(TERC, CHORZOW, BYTOM)[:-20])], by=None)

    def test_bytes_that_are_no_utf_8_are_broken(self, tmp_path):
        path = tmp_path / "old.csv"
        path.write_bytes(as_csv(TERC, CHORZOW).replace("\ufeff", "").encode("windows-1250"))
        with pytest.raises(BrokenRow):
            load_files([path], by=None)


class TestStates:
    def test_a_newer_file_adds_changes_and_closes(self, file):
        load_files([file(as_csv(SIMC, TOWN, PART))], by=None)
        newer = "2026-01-01"
        new = ["24", "63", "01", "1", "99", "1", "Węzłowiec", "0938976", "0938887", newer]
        renamed = [*TOWN[:6], "Królewska Huta", *TOWN[7:9], newer]
        (done,) = load_files([file(as_csv(SIMC, renamed, new))], by=None, force=True)
        assert (done.added, done.removed) == (1, 1)
        assert done.counts == {"added": 1, "removed": 1, "renamed": 1}
        assert Locality.objects.get(simc="0938953").closed_on == date(2026, 1, 1)
        assert [row.name for row in localities_of("246301")] == ["Królewska Huta", "Węzłowiec"]
        assert with_parts(["0938887"]) == {"0938887", "0938976"}
        assert Locality.objects.get(simc="0938887").search_name == "krolewska huta"

    def test_a_row_that_comes_back_is_open_again(self, file):
        both, one = as_csv(TERC, CHORZOW, BYTOM), as_csv(TERC, CHORZOW)
        for text in (both, one, both):
            load_files([file(text)], by=None, force=True)
        assert Unit.objects.filter(closed_on=None).count() == 2

    def test_an_older_file_is_refused_unless_forced(self, file):
        load_files([file(as_csv(TERC, CHORZOW))], by=None)
        older = file(as_csv(TERC, [*CHORZOW[:4], "Dawny", "gmina", "2020-01-01"]))
        with pytest.raises(OlderThanHeld):
            load_files([older], by=None)
        assert Unit.objects.get().name == "Chorzów"
        load_files([older], by=None, force=True)
        assert Unit.objects.get().name == "Dawny"

    def test_a_file_that_lacks_much_of_what_is_in_force_is_refused_unless_forced(self, file):
        load_files([file(as_csv(TERC, CHORZOW, BYTOM))], by=None)
        cut = file(as_csv(TERC, CHORZOW))
        with pytest.raises(TooManyVanish):
            load_files([cut], by=None)
        assert Unit.objects.filter(closed_on=None).count() == 2
        assert load_files([cut], by=None, force=True)[0].removed == 1

    def test_a_state_that_has_not_come_is_refused(self, file):
        with pytest.raises(FromTheFuture):
            load_files([file(as_csv(TERC, [*CHORZOW[:-1], "2999-01-01"]))], by=None, force=True)
        assert not Unit.objects.exists()

    def test_a_locality_of_an_unknown_gmina_is_refused(self, file):
        load_files([file(as_csv(TERC, BYTOM))], by=None)
        with pytest.raises(OrphanRow, match="0938887 belongs to 246301"):
            load_files([file(as_csv(SIMC, TOWN))], by=None)
        assert not Locality.objects.exists()

    def test_a_street_of_an_unknown_locality_is_refused(self, file):
        load_files([file(as_csv(SIMC, TOWN))], by=None)
        row = ["24", "63", "01", "1", "0938953", "06012", "ul.", "Główna", "", ON]
        with pytest.raises(OrphanRow, match="0938953/06012 belongs to 0938953"):
            load_files([file(as_csv(ULIC, row))], by=None)

    def test_another_kind_of_gmina_in_the_two_files_is_a_warning(self, file):
        load_files([file(as_csv(TERC, [*CHORZOW[:3], "3", *CHORZOW[4:]]))], by=None)
        (done,) = load_files([file(as_csv(SIMC, TOWN))], by=None)
        assert "1 localities" in done.warnings[0]

    def test_an_import_is_in_the_operators_log(self, file):
        load_files([file(as_csv(TERC, CHORZOW))], by=None)
        event = Event.objects.get()
        assert (event.gmina_id, event.verb, event.target_id) == (None, "teryt_imported", "TERC")
        assert event.data["added"] == 1


class TestCommand:
    def test_it_tells_what_each_file_did(self, file):
        out = StringIO()
        call_command("teryt_import", file(as_csv(TERC, CHORZOW, BYTOM)), stdout=out)
        assert out.getvalue() == "TERC of 2025-01-01: 2 rows, 2 added, 0 removed\n"

    def test_it_shows_the_differences_to_what_was_held(self, file):
        load_files([file(as_csv(SIMC, TOWN, PART))], by=None)
        out = StringIO()
        next_release = as_csv(SIMC, [*TOWN[:6], "Królewska Huta", *TOWN[7:9], "2026-01-01"], PART)
        call_command("teryt_import", file(next_release), stdout=out)
        assert "renamed: 1\n    0938887  Chorzów → Królewska Huta\n" in out.getvalue()

    def test_a_refusal_ends_with_its_code(self, file):
        with pytest.raises(CommandError, match=r"line 2: .*\[broken_row\]"):
            call_command("teryt_import", file(as_csv(TERC, ["x", *CHORZOW[1:]])))
