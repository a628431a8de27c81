"""Releases, their differences, GUS's files of changes, and gminas that get another code."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import GminaCode
from teryt.errors import BrokenRow, NotARegister
from teryt.load import load_files
from teryt.models import Difference, Locality, Release, StreetName, Unit
from tests.builders import make_gmina
from tests.teryt.register_files import BYTOM, CHORZOW, PART, SIMC, TERC, TOWN, ULIC, as_csv

pytestmark = pytest.mark.django_db
LATER = "2026-01-01"
STREET = ["24", "63", "01", "1", "0938887", "06012", "ul.", "Główna", "", "2025-01-01"]
UNIT_BEFORE = {
    "WojPrzed": "24",
    "PowPrzed": "63",
    "GmiPrzed": "01",
    "RodzPrzed": "1",
    "NazwaPrzed": "Chorzów",
    "NazwaDodatkowaPrzed": "gmina miejska",
    "StanPrzed": "2025-01-01",
}
TOWN_BEFORE = {
    "Identyfikator": "0938887",
    "WojPrzed": "24",
    "PowPrzed": "63",
    "GmiPrzed": "01",
    "RodzPrzed": "1",
    "NazwaPrzed": "Chorzów",
    "RodzajMiejscowosciPrzed": "96",
    "IdentyfikatorMiejscowosciPodstawowejPrzed": "0938887",
    "StanPrzed": "2025-01-01",
}
STREET_BEFORE = {
    "IdentyfikatorMiejscowosciPrzed": "0938887",
    "IdentyfikatorNazwyUlicyPrzed": "06012",
    "CechaPrzed": "ul.",
    "Nazwa1Przed": "Główna",
    "Nazwa2Przed": "",
    "StanPrzed": "2025-01-01",
}


def changes_xml(*changes: dict[str, str]) -> str:
    told = "".join(
        "<zmiana>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in change.items())
        + "</zmiana>\n"
        for change in changes
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<zmiany>\n{told}</zmiany>'


def differences(release: Release) -> list[tuple[str, str]]:
    return sorted(release.differences.values_list("op", "key"))


class TestReleases:
    def test_the_first_release_has_nothing_to_differ_from(self, file):
        (done,) = load_files([file(as_csv(TERC, CHORZOW))], by=None)
        release = Release.objects.get()
        assert (release.kind, release.rows, release.counts) == ("whole", 1, {})
        assert release.state_on == date(2025, 1, 1)
        assert len(release.sha256) == 64
        assert done.release == release
        assert not Difference.objects.exists()

    def test_a_release_says_what_was_added_removed_renamed_and_moved(self, file):
        gone = [*PART[:6], "Maciejkowice", "0938901", *PART[8:]]
        load_files([file(as_csv(SIMC, TOWN, PART, gone))], by=None)
        moved = ["24", "62", "01", "1", *PART[4:9], LATER]
        renamed = [*TOWN[:6], "Królewska Huta", *TOWN[7:9], LATER]
        new = [*PART[:6], "Nowa", "0938976", *PART[8:9], LATER]
        (done,) = load_files([file(as_csv(SIMC, renamed, moved, new))], by=None, force=True)
        assert differences(done.release) == [
            ("added", "0938976"),
            ("moved", "0938953"),
            ("removed", "0938901"),
            ("renamed", "0938887"),
        ]
        moved = done.release.differences.get(op="moved")
        assert (moved.terc6_before, moved.terc6) == ("246301", "246201")
        renamed = done.release.differences.get(op="renamed")
        assert (renamed.before["name"], renamed.after["name"]) == ("Chorzów", "Królewska Huta")
        assert done.release.differences.get(op="removed").after is None

    def test_a_new_state_date_alone_is_no_difference(self, file):
        load_files([file(as_csv(TERC, CHORZOW))], by=None)
        (done,) = load_files([file(as_csv(TERC, [*CHORZOW[:-1], LATER]))], by=None)
        assert done.release.counts == {}
        assert Unit.objects.get().state_on == date(2026, 1, 1)

    def test_a_street_counts_for_the_gmina_of_its_locality(self, file):
        load_files(
            [
                file(as_csv(SIMC, TOWN)),
            ],
            by=None,
        )
        load_files([file(as_csv(ULIC, STREET))], by=None)
        other = [*STREET[:5], "00001", *STREET[6:7], "Nowa", "", LATER]
        (done,) = load_files([file(as_csv(ULIC, STREET, other))], by=None)
        added = done.release.differences.get()
        assert (added.key, added.terc6) == ("0938887/00001", "246301")


class TestFilesOfChanges:
    def test_localities_are_renamed_added_moved_and_removed(self, file):
        going = [*PART[:6], "Maciejkowice", "0938901", *PART[8:]]
        load_files([file(as_csv(SIMC, TOWN, PART, going))], by=None)
        part = TOWN_BEFORE | {
            "Identyfikator": "0938953",
            "NazwaPrzed": "Stary Chorzów",
            "RodzajMiejscowosciPrzed": "99",
        }
        new = {
            "TypKorekty": "D",
            "Identyfikator": "0938976",
            "WojPo": "24",
            "PowPo": "63",
            "GmiPo": "01",
            "RodzPo": "1",
            "NazwaPo": "Nowa",
            "RodzajMiejscowosciPo": "99",
            "IdentyfikatorMiejscowosciPodstawowejPo": "0938887",
            "StanPo": LATER,
        }
        text = changes_xml(
            {"TypKorekty": "Z", **TOWN_BEFORE, "NazwaPo": "Królewska Huta", "StanPo": LATER},
            new,
            {
                "TypKorekty": "P",
                **part,
                "WojPo": "24",
                "PowPo": "62",
                "GmiPo": "01",
                "RodzPo": "1",
                "StanPo": LATER,
            },
            {"TypKorekty": "U", **part, "Identyfikator": "0938901", "NazwaPrzed": "Maciejkowice"},
        )
        (done,) = load_files([file(text)], by=None)
        assert (done.release.kind, done.release.rows) == ("changes", 4)
        assert differences(done.release) == [
            ("added", "0938976"),
            ("moved", "0938953"),
            ("removed", "0938901"),
            ("renamed", "0938887"),
        ]
        town = Locality.objects.get(simc="0938887")
        assert (town.name, town.terc6, town.rm) == ("Królewska Huta", "246301", "96")
        assert Locality.objects.get(simc="0938953").terc6 == "246201"
        assert Locality.objects.get(simc="0938901").closed_on == date(2026, 1, 1)

    def test_a_street_that_loses_part_of_its_name_and_one_that_gets_another_code(self, file):
        kept = [*STREET[:5], "00002", "ul.", "Bema", "Józefa", STREET[9]]
        load_files([file(as_csv(ULIC, STREET, kept))], by=None)
        shorter = STREET_BEFORE | {
            "IdentyfikatorNazwyUlicyPrzed": "00002",
            "Nazwa1Przed": "Bema",
            "Nazwa2Przed": "Józefa",
        }
        text = changes_xml(
            {
                "TypKorekty": "M",
                **shorter,
                "CechaPo": "ul.",
                "Nazwa1Po": "Bema",
                "Nazwa2Po": "",
                "StanPo": LATER,
            },
            {
                "TypKorekty": "M",
                **STREET_BEFORE,
                "IdentyfikatorNazwyUlicyPo": "00009",
                "CechaPo": "ul.",
                "Nazwa_1Po": "Hutnicza",
                "StanPo": LATER,
            },
        )
        (done,) = load_files([file(text)], by=None)
        assert StreetName.objects.get(ulic="00002").name_2 == ""
        recoded = done.release.differences.get(op="recoded")
        assert (recoded.key_before, recoded.key) == ("0938887/06012", "0938887/00009")
        assert (recoded.before["name_1"], recoded.after["name_1"]) == ("Główna", "Hutnicza")
        assert done.release.counts == {"recoded": 1, "renamed": 1}

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"TypKorekty": "X", **UNIT_BEFORE}, "X is no kind"),
            ({"TypKorekty": "U", **UNIT_BEFORE, "PowPrzed": "61"}, "is not held"),
            ({"TypKorekty": "M", **UNIT_BEFORE, "WojPo": "9x", "StanPo": LATER}, "9x"),
            (
                {
                    "TypKorekty": "D",
                    "WojPo": "24",
                    "PowPo": "63",
                    "GmiPo": "01",
                    "RodzPo": "1",
                    "NazwaPo": "Dwa",
                    "NazwaDodatkowaPo": "gmina",
                    "StanPo": LATER,
                },
                "already",
            ),
        ],
    )
    def test_a_change_that_does_not_fit_names_its_line_and_nothing_changes(
        self, file, change, reason
    ):
        load_files([file(as_csv(TERC, CHORZOW, BYTOM))], by=None)
        good = {"TypKorekty": "M", **UNIT_BEFORE, "NazwaPo": "Huta", "StanPo": LATER}
        with pytest.raises(BrokenRow, match=reason) as refused:
            load_files([file(changes_xml(good, change))], by=None)
        assert refused.value.details["line"] == 4
        assert set(Unit.objects.values_list("name", flat=True)) == {"Chorzów", "Bytom"}
        assert Release.objects.count() == 1

    def test_changes_of_no_register_are_refused(self, file):
        with pytest.raises(NotARegister):
            load_files([file(changes_xml({"TypKorekty": "D", "NutsPo": "PL1"}))], by=None)


class TestCodesOfGminas:
    def test_a_gmina_that_changes_its_kind_keeps_its_pages_and_its_old_code(self, file):
        gmina = make_gmina("chorzow", terc6="246301", rodz="1")
        load_files([file(as_csv(TERC, CHORZOW))], by=None)
        load_files(
            [file(as_csv(TERC, [*CHORZOW[:3], "3", "Chorzów", "gmina", LATER]))],
            by=None,
            force=True,
        )
        gmina.refresh_from_db()
        assert (gmina.slug, gmina.terc, gmina.kind) == ("chorzow", "2463013", "town_and_country")
        assert GminaCode.objects.get().terc == "2463011"

    def test_a_gmina_that_a_file_of_changes_moves_to_another_powiat_is_followed(self, file):
        gmina = make_gmina("chorzow", terc6="246301", rodz="1")
        load_files([file(as_csv(TERC, CHORZOW))], by=None)
        moved = {
            "TypKorekty": "M",
            **UNIT_BEFORE,
            "WojPo": "24",
            "PowPo": "77",
            "GmiPo": "02",
            "RodzPo": "1",
            "StanPo": LATER,
        }
        (done,) = load_files([file(changes_xml(moved))], by=None)
        gmina.refresh_from_db()
        assert gmina.terc == "2477021"
        assert done.warnings == []

    def test_a_whole_file_cannot_say_where_a_gmina_went_and_nobody_guesses(self, file):
        gmina = make_gmina("chorzow", terc6="246301", rodz="1")
        load_files([file(as_csv(TERC, CHORZOW, BYTOM))], by=None)
        elsewhere = ["24", "77", "02", "1", "Chorzów", "gmina miejska", LATER]
        (done,) = load_files([file(as_csv(TERC, BYTOM, elsewhere))], by=None, force=True)
        assert "gmina_recode chorzow CODE" in done.warnings[0]
        out = StringIO()
        call_command("gmina_recode", "chorzow", "2477021", stdout=out)
        gmina.refresh_from_db()
        assert gmina.terc6 == "247702"

    @pytest.mark.parametrize("terc", ["24", "2463019", "9999991", "2462011"])
    def test_a_code_that_is_no_gminas_or_another_gminas_is_refused(self, file, terc):
        make_gmina("chorzow", terc6="246301", rodz="1")
        make_gmina("bytom", terc6="246201", rodz="1")
        load_files([file(as_csv(TERC, CHORZOW, BYTOM))], by=None)
        with pytest.raises(CommandError):
            call_command("gmina_recode", "chorzow", terc)
