"""Finding things by what people type: a table that a Polish speaker can check line by line."""

import pytest

from accounts.models import Gmina
from gis_layers.search import Hit, search
from teryt.models import Locality
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_locality,
    make_street,
    square,
)

pytestmark = pytest.mark.django_db

TOWN, KOWALE, SZYSZKOW = "0932353", "0144259", "0144265"
STREETS = [
    ("Główna", TOWN),
    ("Główna", KOWALE),
    ("Aleja Główna", TOWN),
    ("GŁÓWNA", SZYSZKOW),
    ("Glowna", SZYSZKOW),
    ("3 Maja", TOWN),
    ("11 Listopada", TOWN),
    ("Plac Mistrzów", TOWN),
    ("Rondo Klimzowiec", TOWN),
    ("Rynek", TOWN),
    ("Księdza Konrada Szwedy", TOWN),
    ("gen. Józefa Bema", TOWN),
    ("Doktora Andrzeja Mielęckiego", TOWN),
    ("Świętego Józefa", TOWN),
    ("Źródlana", TOWN),
    ("Kowalska", TOWN),
]
ADDRESSES = [
    ("Główna", TOWN, ["1", "12", "12a", "112"]),
    ("Główna", KOWALE, ["12a"]),
    ("Aleja Główna", TOWN, ["12a", "3"]),
    ("3 Maja", TOWN, ["3", "12"]),
    ("11 Listopada", TOWN, ["11"]),
    ("Rynek", TOWN, ["2"]),
]


@pytest.fixture
def gmina() -> Gmina:
    """A town and two villages; Kowale also has houses without a street, Szyszków a part."""
    gmina = make_gmina("praszka", name="Praszka", kind="town_and_country", rodz="3")
    make_locality(gmina, "Praszka", TOWN, rm="96")
    make_locality(gmina, "Kowale", KOWALE)
    make_locality(gmina, "Szyszków", SZYSZKOW)
    make_locality(gmina, "Kowale Małe", "0144271", parent_simc=SZYSZKOW)
    streets = {
        (name, simc): make_street(gmina, name, simc=simc, geom=line((0, 50 * n), (100, 50 * n)))
        for n, (name, simc) in enumerate(STREETS)
    }
    for name, simc, numbers in ADDRESSES:
        for n, number in enumerate(numbers):
            make_address(gmina, number, at=at(10 * n, 5), street=streets[name, simc], simc=simc)
    for number in ("7", "7a", "70"):
        make_address(gmina, number, at=at(900, 900), simc=KOWALE)
    make_address(gmina, "5", at=at(700, 700), simc=TOWN, street_name="os. Młodych")
    make_district(gmina, "Osiedle Zachód", geom=square(0, 0, 500))
    return gmina


def told(hit: Hit) -> str:
    return f"{hit.label}, {hit.locality}" if hit.locality else hit.label


# What is typed -> what comes first (and second, where that matters), as the list shows it.
FIRST = [
    # a street, whatever the spelling
    ("Główna", ["ul. Główna, Kowale", "ul. Główna, Praszka"]),
    ("glowna", ["ul. Glowna, Szyszków"]),
    ("Glowna", ["ul. Glowna, Szyszków"]),
    ("GŁÓWNA", ["ul. GŁÓWNA, Szyszków"]),
    ("główna", ["ul. Główna, Kowale"]),
    ("ul. Główna", ["ul. Główna, Kowale", "ul. Główna, Praszka"]),
    ("ulica Główna", ["ul. Główna, Kowale"]),
    ("zrod", ["ul. Źródlana, Praszka"]),
    ("ŹRÓDLANA", ["ul. Źródlana, Praszka"]),
    # a word for the type tells streets apart
    ("Aleja Główna", ["al. Główna, Praszka"]),
    ("al. Główna", ["al. Główna, Praszka"]),
    ("aleja glowna", ["al. Główna, Praszka"]),
    ("pl mistrzow", ["pl. Mistrzów, Praszka"]),
    ("plac Mistrzów", ["pl. Mistrzów, Praszka"]),
    ("mistrz", ["pl. Mistrzów, Praszka"]),
    ("rondo", ["Rondo Klimzowiec, Praszka"]),
    ("klimz", ["Rondo Klimzowiec, Praszka"]),
    ("rynek", ["Rynek, Praszka"]),
    # a locality beside it
    ("Główna, Kowale", ["ul. Główna, Kowale"]),
    ("glowna praszka", ["ul. Główna, Praszka"]),
    ("Kowale Główna", ["ul. Główna, Kowale"]),
    # words in any order, titles long or short
    ("szwedy", ["ul. Księdza Konrada Szwedy, Praszka"]),
    ("ks. Szwedy", ["ul. Księdza Konrada Szwedy, Praszka"]),
    ("szwedy konrada", ["ul. Księdza Konrada Szwedy, Praszka"]),
    ("generała Bema", ["ul. gen. Józefa Bema, Praszka"]),
    ("dr Mielęckiego", ["ul. Doktora Andrzeja Mielęckiego, Praszka"]),
    ("św. Józefa", ["ul. Świętego Józefa, Praszka"]),
    # numbers that are names
    ("3 maja", ["ul. 3 Maja, Praszka"]),
    ("11 listopada", ["ul. 11 Listopada, Praszka"]),
    # places that are no streets
    ("Praszka", ["Praszka", "Praszka"]),
    ("kowale", ["Kowale", "Kowale Małe, Szyszków"]),
    ("kowal", ["Kowale", "Kowale Małe, Szyszków", "ul. Kowalska, Praszka"]),
    ("zachód", ["Osiedle Zachód"]),
    # addresses: the number exactly, spaces and capitals apart
    ("Główna 12", ["Główna 12, Praszka"]),
    ("Główna 12a, Kowale", ["Główna 12a, Kowale"]),
    ("glowna 12a praszka", ["Główna 12a, Praszka"]),
    ("Główna 12 A", ["Główna 12a, Kowale", "Główna 12a, Praszka"]),
    ("12 Główna", ["Główna 12, Praszka"]),
    ("12 a Główna", ["Główna 12a, Kowale"]),
    ("ul. Główna 12 m. 5", ["Główna 12, Praszka"]),
    ("Główna 1 46-320 Praszka", ["Główna 1, Praszka"]),
    ("al. Główna 12a", ["al. Główna 12a, Praszka"]),
    ("aleja główna 3", ["al. Główna 3, Praszka"]),
    ("3 Maja 12", ["3 Maja 12, Praszka"]),
    ("11 Listopada 11", ["11 Listopada 11, Praszka"]),
    ("Rynek 2", ["Rynek 2, Praszka"]),
    ("Kowale 7", ["Kowale 7, Kowale"]),
    ("kowale 7A", ["Kowale 7a, Kowale"]),
    ("os. Młodych 5", ["os. Młodych 5, Praszka"]),
    ("mlodych 5", ["os. Młodych 5, Praszka"]),
    # typing mistakes
    ("żródlana", ["ul. Źródlana, Praszka"]),
    ("zrodalna", ["ul. Źródlana, Praszka"]),
    ("mileckiego", ["ul. Doktora Andrzeja Mielęckiego, Praszka"]),
    ("Główan 12", ["Główna 12, Praszka"]),
]


@pytest.mark.parametrize(("typed", "first"), FIRST, ids=[typed for typed, _first in FIRST])
def test_what_is_meant_comes_first(gmina, typed, first):
    assert [told(hit) for hit in search(gmina, typed)][: len(first)] == first


NOTHING = ["", "   ", "xyzzy", "12", ".,;", "%", "(.*)[", "\\", "'; DROP"]


@pytest.mark.parametrize("typed", NOTHING)
def test_what_is_not_there_is_not_found(gmina, typed):
    assert [told(hit) for hit in search(gmina, typed)] == []


def test_a_number_is_never_taken_for_a_longer_one(gmina):
    assert {hit.number for hit in search(gmina, "Główna 12") if hit.kind == "address"} == {"12"}


def test_only_the_kinds_asked_for_are_found(gmina):
    assert {hit.kind for hit in search(gmina, "kowal")} == {"locality", "street"}
    assert {hit.kind for hit in search(gmina, "kowal", kinds=("street",))} == {"street"}


def test_a_number_that_is_not_there_finds_the_street_but_no_address(gmina):
    assert {hit.kind for hit in search(gmina, "Główna 13")} == {"street"}
    assert search(gmina, "Główna 13", kinds=("address",)) == []
    assert search(gmina, "Kowale 777", kinds=("address",)) == []


def test_addresses_alone_are_listed_by_number_when_none_is_typed(gmina):
    found = search(gmina, "Główna Praszka", kinds=("address",))
    assert [told(hit) for hit in found] == [
        "Główna 1, Praszka",
        "Główna 12, Praszka",
        "Główna 12a, Praszka",
        "Główna 112, Praszka",
    ]


def test_another_gminas_streets_are_not_found_unless_all_tenants_are_searched(gmina):
    other = make_gmina("obca", outline=square(20_000, 0, 10_000))
    make_street(other, "Obcych Wojsk", geom=line((20_000, 0), (20_100, 0)))
    assert search(gmina, "Obcych") == []
    assert [hit.gmina_id for hit in search(None, "Obcych")] == [other.pk]


def test_streets_and_localities_taken_out_are_not_found(gmina):
    gmina.layers.get(slug="ulice").features.filter(name="Źródlana").update(until=2)
    Locality.objects.filter(name="Szyszków").update(closed_on="2026-01-01")
    assert search(gmina, "Źródlana") == []
    assert search(gmina, "Szyszków") == []


def test_a_street_says_where_it_lies_and_how_long_it_is(gmina):
    (hit,) = search(gmina, "Rynek", kinds=("street",))
    west, south, east, north = hit.bbox_4326
    assert west <= hit.lon <= east
    assert south <= hit.lat <= north
    assert hit.length_m == pytest.approx(100, abs=0.001)  # m


def test_a_locality_lies_where_its_addresses_are(gmina):
    hit = next(h for h in search(gmina, "Kowale") if h.kind == "locality")
    west, south, east, north = hit.bbox_4326
    assert west <= hit.lon <= east
    assert south <= hit.lat <= north
    assert (hit.fid, hit.simc) == (None, KOWALE)


def test_the_limit_is_kept(gmina):
    assert len(search(gmina, "k", limit=3)) == 3


TWINS = ["Lipowa", "LIPOWA", "lipowa", "Lípowa", "Aleja Lipowa", "Plac Lipowa", "Rondo Lipowa"]


@pytest.mark.parametrize("name", TWINS)
def test_streets_that_differ_in_case_diacritics_or_type_are_told_apart_by_spelling(name):
    gmina = make_gmina()
    streets = {
        twin: make_street(gmina, twin, geom=line((0, 10 * n), (90, 10 * n)))
        for n, twin in enumerate(TWINS)
    }
    wanted = {
        twin: make_address(gmina, "7", at=at(5, 10 * n), street=street)
        for n, (twin, street) in enumerate(streets.items())
    }
    assert search(gmina, name)[0].fid == streets[name].fid
    assert search(gmina, f"{name} 7", kinds=("address",))[0].fid == wanted[name].fid
