"""The page of TERYT: what changed in the gmina, and the work that its layers owe the register."""

import pytest
from django.test import Client

from gis_layers import changesets
from gis_layers.models import Layer
from gis_layers.register.accept import accept
from gis_layers.register.localities import without_district
from gis_layers.register.streets import street_work
from teryt.models import Difference, Release, StreetName
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
KOWALE, WOLA = "0938887", "0938953"
ROAD = line((0, 0), (10, 0))


@pytest.fixture
def gmina():
    gmina = make_gmina()
    make_locality(gmina, "Kowale", KOWALE)
    make_locality(gmina, "Wola", WOLA)
    return gmina


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def in_ulic(name, ulic, *, simc=KOWALE, first="", cecha="ul."):
    StreetName.objects.create(
        simc=simc, ulic=ulic, cecha=cecha, name_1=name, name_2=first, state_on="2026-01-01"
    )


def differ(gmina, op, key, *, register="ULIC", on="2026-02-01", **fields):
    release = Release.objects.create(
        register=register, kind="changes", state_on=on, file_name="x", sha256="", rows=1
    )
    fields = {"terc6": gmina.terc6, "terc6_before": gmina.terc6} | fields
    return Difference.objects.create(release=release, op=op, key=key, **fields)


def street_row(name):
    return {"simc": KOWALE, "ulic": "00001", "cecha": "ul.", "name_1": name, "name_2": ""}


def offered(work):
    return [
        (one.street.name, [option.code for option in one.options], one.method, one.is_sure)
        for one in work.proposals
    ]


@pytest.mark.parametrize(
    ("on_map", "in_register", "first", "method"),
    [
        ("Główna", "Główna", "", "exact"),
        ("3-go Maja", "Trzeciego Maja", "", "normalised"),
        ("A. Mickiewicza", "Mickiewicza", "Adama", "part"),
    ],
)
def test_code_of_street_with_one_counterpart_is_certain(gmina, on_map, in_register, first, method):
    make_street(gmina, on_map, geom=ROAD, simc=KOWALE)
    in_ulic(in_register, "00001", first=first)
    work = street_work(gmina)
    assert offered(work) == [(on_map, [f"{KOWALE}/00001"], method, True)]
    assert not work.undrawn
    assert not work.unknown


def test_names_that_are_only_alike_are_asked_about(gmina):
    make_street(gmina, "Wallenroda", geom=ROAD, simc=KOWALE)
    in_ulic("Walenroda", "00001")
    [proposal] = street_work(gmina).asked
    assert proposal.method == "fuzzy"
    assert 0.85 <= proposal.score < 1


def test_two_entries_for_one_street_of_the_map_are_asked_about(gmina):
    make_street(gmina, "3-go Maja", geom=ROAD, simc=KOWALE)
    in_ulic("3 Maja", "00001")
    in_ulic("Trzeciego Maja", "00002")
    codes = [f"{KOWALE}/00001", f"{KOWALE}/00002"]
    assert offered(street_work(gmina)) == [("3-go Maja", codes, "normalised", False)]


def test_two_streets_of_the_map_for_one_entry_are_asked_about(gmina):
    for _line in range(2):
        make_street(gmina, "Główna", geom=ROAD, simc=KOWALE)
    in_ulic("Główna", "00001")
    asked = ("Główna", [f"{KOWALE}/00001"], "exact", False)
    assert offered(street_work(gmina)) == [asked, asked]


def test_street_of_unknown_locality_is_asked_about_with_every_locality(gmina):
    make_street(gmina, "Główna", geom=ROAD)
    in_ulic("Główna", "00001")
    in_ulic("Główna", "00001", simc=WOLA)
    codes = [f"{KOWALE}/00001", f"{WOLA}/00001"]
    assert offered(street_work(gmina)) == [("Główna", codes, "exact", False)]


def test_code_that_gus_changed_goes_on_to_the_new_one_whatever_the_name(gmina):
    make_street(gmina, "Stara", geom=ROAD, simc=KOWALE, code=f"{KOWALE}/00001")
    in_ulic("Nowa", "00002")
    differ(
        gmina,
        "recoded",
        f"{KOWALE}/00002",
        key_before=f"{KOWALE}/00001",
        before=street_row("Stara"),
        after=street_row("Nowa"),
    )
    assert offered(street_work(gmina)) == [("Stara", [f"{KOWALE}/00002"], "recoded", True)]


def test_what_has_no_counterpart_is_listed_on_its_side(gmina):
    make_street(gmina, "Polna", geom=ROAD, simc=KOWALE, code=f"{KOWALE}/00009")
    in_ulic("Leśna", "00001")
    work = street_work(gmina)
    assert [street.name for street in work.undrawn] == ["Leśna"]
    assert [street.name for street in work.unknown] == ["Polna"]


def test_without_ulic_there_is_no_work(gmina):
    make_street(gmina, "Polna", geom=ROAD, simc=KOWALE)
    assert street_work(gmina) is None


def test_accepting_grows_the_change_set_and_leaves_the_map_alone(gmina, anna):
    polna = make_street(gmina, "Polna", geom=ROAD, simc=KOWALE)
    old = make_street(gmina, "Lenina", geom=ROAD, simc=KOWALE, code=f"{KOWALE}/00002")
    in_ulic("Polna", "00001")
    in_ulic("Wojska Polskiego", "00002", cecha="al.")
    codes = {polna.fid: f"{KOWALE}/00001"}
    [edition] = accept(gmina, codes=codes, names={old.fid}, by=anna)
    shown = {one.fid: (one.content.name, one.content.code) for one in changesets.shown(edition)}
    assert shown == {
        polna.fid: ("Polna", f"{KOWALE}/00001"),
        old.fid: ("al. Wojska Polskiego", f"{KOWALE}/00002"),
    }
    polna.refresh_from_db()
    assert polna.code == ""
    work = street_work(gmina)
    assert (work.proposals, work.renamed, work.undrawn, work.unknown) == ([], [], [], [])
    assert sorted(changesets.undo(edition, anna)) == sorted(shown)


def test_code_that_was_not_offered_is_not_taken(gmina, anna):
    polna = make_street(gmina, "Polna", geom=ROAD, simc=KOWALE)
    in_ulic("Polna", "00001")
    in_ulic("Leśna", "00002")
    assert accept(gmina, codes={polna.fid: f"{KOWALE}/00002"}, names=(), by=anna) == []
    assert changesets.current_changeset(Layer.objects.get(slug="ulice")) is None


def test_locality_is_in_a_district_by_code_name_part_or_address(gmina):
    make_locality(gmina, "Stare Kowale", "0939012", parent_simc=KOWALE)
    make_locality(gmina, "Brzeg", "0939029")
    make_district(gmina, "Wola", geom=square(0, 0, 10))
    make_address(gmina, "1", at=at(5, 5), simc="0939012")
    make_address(gmina, "1", at=at(50, 50), simc="0939029")
    assert [one.name for one in without_district(gmina)] == ["Brzeg"]


def at_page(user, method="get", **data):
    client = sign_in(Client(), user)
    client.cookies["lang"] = "en"
    return getattr(client, method)("/staff/testowo/teryt/", data)


def test_page_tells_changes_of_this_gmina_since_the_day(gmina, anna):
    differ(
        gmina,
        "renamed",
        f"{KOWALE}/00001",
        before=street_row("Lenina"),
        after=street_row("Główna"),
    )
    differ(gmina, "removed", WOLA, register="SIMC", on="2025-02-01", before={"name": "Za Wolą"})
    differ(
        gmina,
        "added",
        "1",
        register="SIMC",
        terc6="999999",
        terc6_before="",
        after={"name": "Obca"},
    )
    moved = {"before": {"name": "Zagórze"}, "after": {"name": "Zagórze"}}
    differ(gmina, "moved", "0939035", register="SIMC", terc6_before="246201", **moved)
    text = at_page(anna, since="2026-01-01").content.decode()
    assert "ul. Lenina → ul. Główna</strong>, Kowale" in text
    assert "came from 246201" in text
    assert "Za Wolą" not in text
    assert "Obca" not in text


def test_one_click_takes_certain_codes_and_leads_to_the_change_set(gmina, anna):
    polna = make_street(gmina, "Polna", geom=ROAD, simc=KOWALE)
    in_ulic("Polna", "00001")
    code = f"{KOWALE}/00001"
    assert f'name="code-{polna.fid}" value="{code}" checked' in at_page(anna).content.decode()
    answer = at_page(anna, "post", **{f"code-{polna.fid}": code, "code-x": "y", "name": "9" * 50})
    edition = changesets.current_changeset(Layer.objects.get(slug="ulice"))
    assert answer["Location"] == f"/staff/testowo/layers/editions/{edition.pk}/"
    again = at_page(anna, "post", **{f"code-{polna.fid}": code})
    assert again["Location"] == "/staff/testowo/teryt/"


def test_page_is_for_gis_officers_alone(gmina):
    assert at_page(make_user("bartek@a.example", "editor", gmina=gmina)).status_code == 403
