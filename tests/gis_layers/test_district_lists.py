"""Districts by localities and addresses: whose an address is, what is refused, what is drawn."""

import pytest
from django.test import Client

from audit.models import Event
from gis_layers import editions
from gis_layers.changesets import current_changeset
from gis_layers.districts import lists
from gis_layers.districts.book import Book, lines_of
from gis_layers.districts.lists import ListsUnclear
from gis_layers.districts.members import members_of
from gis_layers.errors import NoAddresses, OutlineUnknown
from gis_layers.models import DistrictList, Feature, Layer
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
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
LISTS = "/staff/testowo/layers/osiedla/lists/"
KOWALE, PRASZKA, ZAGORA = "0000023", "0000017", "0000030"


@pytest.fixture
def gmina():
    """Praszka has Główna 1 to 8 (y = 1000) and Polna 1, 2; the village Kowale has 1 and 2."""
    gmina = make_gmina()
    make_locality(gmina, "Praszka", PRASZKA)
    make_locality(gmina, "Kowale", KOWALE)
    glowna = make_street(gmina, "Główna", geom=line((1000, 1000), (1800, 1000)), simc=PRASZKA)
    for number in range(1, 9):
        make_address(
            gmina, str(number), at=at(1000 + 100 * number, 1000), street=glowna, simc=PRASZKA
        )
    polna = make_street(gmina, "Polna", geom=line((1000, 3000), (1800, 3000)), simc=PRASZKA)
    for number in (1, 2):
        make_address(
            gmina, str(number), at=at(1000 + 100 * number, 3000), street=polna, simc=PRASZKA
        )
        make_address(gmina, str(number), at=at(6000 + 100 * number, 6000), simc=KOWALE)
    return gmina


@pytest.fixture
def layer(gmina) -> Layer:
    return make_layer(gmina, "osiedla", kind=Layer.Kind.DISTRICT, geometry_type="polygon")


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def a_list(layer, name, lines="", localities=()):
    return DistrictList(layer=layer, name=name, lines=lines, localities=list(localities))


def owners(gmina, *rows):
    """Label of each address -> name of the list it belongs to, with the problems' codes."""
    book = Book.of(gmina)
    found = members_of(rows, book)
    labels = [book.label(address, numbered=True) for address in book.addresses]
    names = [rows[n].name if n >= 0 else None for n in found.owner]
    return dict(zip(labels, names, strict=True)), found.problems


def codes(gmina, layer, lines, **fields):
    return [problem.code for problem in owners(gmina, a_list(layer, "A", lines, **fields))[1]]


def test_empty_and_repeated_lines_say_nothing():
    assert lines_of(" Główna  1 \r\n\n Polna\nGłówna 1") == ["Główna 1", "Polna"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Główna", "12345678"),
        ("Główna (cała)", ""),
        ("Główna cała", "12345678"),
        ("Główna nr 7", "7"),
        ("ul. Główna 2, 5–6 i 8", "2568"),
        ("Główna 1-6 nieparzyste, od 7", "13578"),
        ("Główna do 2; parzyste", "12468"),
    ],
)
def test_numbers_are_read_as_resolutions_write_them(gmina, layer, text, meant):
    whose, _problems = owners(gmina, a_list(layer, "A", text))
    assert "".join(label[-1] for label, name in whose.items() if name == "A") == meant


def test_the_narrower_word_counts(gmina, layer):
    whose, problems = owners(
        gmina,
        a_list(layer, "Praszka", localities=[PRASZKA]),
        a_list(layer, "Główna", "ul. Główna"),
        a_list(layer, "Początek", "Główna 1-3 nieparzyste"),
    )
    assert problems == []
    assert whose["ul. Główna 1"] == whose["ul. Główna 3"] == "Początek"
    assert whose["ul. Główna 2"] == whose["ul. Główna 8"] == "Główna"
    assert whose["ul. Polna 1"] == "Praszka"
    assert whose["Kowale 1"] is None


def test_a_locality_has_its_parts_and_a_village_its_numbers(gmina, layer):
    make_locality(gmina, "Zagóra", ZAGORA, parent_simc=KOWALE)
    make_address(gmina, "5", at=at(6500, 6500), simc=ZAGORA)
    whose, problems = owners(
        gmina, a_list(layer, "A", localities=[KOWALE]), a_list(layer, "B", "Kowale 2")
    )
    assert problems == []
    assert (whose["Kowale 1"], whose["Kowale 2"], whose["Zagóra 5"]) == ("A", "B", "A")


def test_a_street_of_two_localities_is_asked_for_unless_one_is_named(gmina, layer):
    other = make_street(gmina, "Główna", geom=line((6000, 6100), (6200, 6100)), simc=KOWALE)
    make_address(gmina, "77", at=at(6100, 6100), street=other, simc=KOWALE)
    assert codes(gmina, layer, "Główna 77") == ["line_ambiguous"]
    assert codes(gmina, layer, "Kowale: Główna 77") == []
    assert codes(gmina, layer, "Główna 77", localities=[KOWALE]) == []
    assert codes(gmina, layer, "Kowale: Polna") == ["line_unknown"]


def test_a_street_without_a_line_is_found_by_its_addresses(gmina, layer):
    make_address(gmina, "4", at=at(1500, 4000), simc=PRASZKA, street_name="Osiedle Zielone")
    whose, _problems = owners(gmina, a_list(layer, "A", "os. Zielone 4"))
    assert whose["os. Zielone 4"] == "A"


def test_a_name_with_a_number_is_a_name(gmina, layer):
    maja = make_street(gmina, "3 Maja", geom=line((1000, 5000), (1800, 5000)), simc=PRASZKA)
    make_address(gmina, "3", at=at(1500, 5000), street=maja, simc=PRASZKA)
    whose, _problems = owners(gmina, a_list(layer, "A", "3 Maja 3"))
    assert whose["ul. 3 Maja 3"] == "A"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nieznana 3", "line_unknown"),
        ("Główna 1-3-5", "numbers_unclear"),
        ("Główna 100", "line_empty"),
        ("Nigdzie: Główna", "locality_unknown"),
        ("'; DROP TABLE x; --", "line_unknown"),
        ("<b>Główna</b> 1", "line_unknown"),
    ],
)
def test_a_line_that_is_not_understood_is_a_problem(gmina, layer, text, code):
    assert codes(gmina, layer, text)[0] == code


def test_a_misspelt_street_is_offered_rightly(gmina, layer):
    [problem, *_rest] = owners(gmina, a_list(layer, "A", "Glowan 1"))[1]
    assert (problem.code, problem.hint) == ("line_unknown", "ul. Główna")


def test_what_two_lists_claim_alike_is_a_problem(gmina, layer):
    rows = a_list(layer, "A", "Główna 1-4"), a_list(layer, "B", "Główna 4-8")
    [problem] = owners(gmina, *rows)[1]
    assert (problem.code, problem.district, problem.line, problem.hint) == (
        "claimed_twice",
        "A",
        "ul. Główna 4",
        "B",
    )


def test_addresses_of_two_districts_on_one_point_cannot_be_parted(gmina, layer):
    make_address(gmina, "10", at=at(1100, 1000.02), simc=PRASZKA, street_name="Boczna")
    rows = a_list(layer, "A", "Główna 1"), a_list(layer, "B", "Boczna 10")
    assert [problem.code for problem in owners(gmina, *rows)[1]] == ["same_place"]


def test_saving_draws_the_district_where_nobody_sees_it_yet(gmina, layer, anna):
    row = a_list(layer, "Stare", "Główna")
    lists.save(row, anna)
    change = current_changeset(layer).changes.get()
    assert (change.op, change.name, change.fid) == ("add", "Stare", row.fid)
    assert change.geom.contains(at(1500, 1000))
    assert not change.geom.contains(at(1100, 3000))
    assert not Feature.objects.filter(layer=layer).exists()
    verbs = Event.objects.filter(gmina_id=gmina.pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["district_list_saved", "edition_staged"]


def test_a_second_list_moves_the_border_that_the_first_has_with_it(gmina, layer, anna):
    first, second = a_list(layer, "A", localities=[PRASZKA]), a_list(layer, "B", "Główna 5-8")
    lists.save(first, anna)
    lists.save(second, anna)
    first.refresh_from_db()
    shapes = {change.fid: change.geom for change in current_changeset(layer).changes.all()}
    assert not shapes[first.fid].contains(at(1500, 1000))
    assert shapes[second.fid].contains(at(1500, 1000))
    assert shapes[first.fid].intersection(shapes[second.fid]).area < 0.1  # m²


def test_a_published_district_keeps_its_number_when_its_list_changes(gmina, layer, anna):
    row = a_list(layer, "A", "Główna 1-4")
    lists.save(row, anna)
    editions.publish(current_changeset(layer), anna)
    fid = row.fid
    row.name, row.lines = "A nowe", "Główna 1-5\nPolna"
    lists.save(row, anna)
    change = current_changeset(layer).changes.get()
    assert (change.op, change.fid, change.name) == ("replace", fid, "A nowe")


def test_drawing_anew_takes_in_new_addresses_and_changes_nothing_else(gmina, layer, anna):
    lists.save(a_list(layer, "A", "Główna"), anna)
    editions.publish(current_changeset(layer), anna)
    lists.draw(layer, anna)
    assert current_changeset(layer).changes.count() == 0
    glowna = Feature.objects.get(layer__slug="ulice", name="Główna")
    make_address(gmina, "20", at=at(3000, 1000), street=glowna, simc=PRASZKA)
    lists.draw(layer, anna)
    assert current_changeset(layer).changes.get().geom.contains(at(3000, 1000))


def test_a_district_whose_changes_were_thrown_away_is_drawn_again(gmina, layer, anna):
    row = a_list(layer, "A", "Główna")
    lists.save(row, anna)
    editions.discard(current_changeset(layer), anna)
    lists.draw(layer, anna)
    row.refresh_from_db()
    assert current_changeset(layer).changes.get().fid == row.fid


def test_districts_with_borders_keep_their_ground(gmina, layer, anna):
    make_feature(layer, geom=square(0, 0, 1250), name="Z granicami")
    with pytest.raises(ListsUnclear) as refused:
        lists.save(a_list(layer, "A", "Główna"), anna)
    problems = refused.value.outcome.problems
    assert {(p.code, p.line) for p in problems} == {
        ("inside_border", "ul. Główna 1"),
        ("inside_border", "ul. Główna 2"),
    }
    lists.save(a_list(layer, "A", "Główna 3-8"), anna)
    drawn = current_changeset(layer).changes.get().geom
    assert drawn.intersection(square(0, 0, 1250)).area < 0.1  # m²


def test_a_list_that_is_unclear_is_not_kept(gmina, layer, anna):
    with pytest.raises(ListsUnclear):
        lists.save(a_list(layer, "A", "Nieznana"), anna)
    assert not DistrictList.objects.exists()
    assert current_changeset(layer) is None


def test_a_district_wholly_outside_the_gmina_is_refused(gmina, layer, anna):
    make_address(gmina, "1", at=at(20_000, 20_000), simc=PRASZKA, street_name="Daleka")
    with pytest.raises(ListsUnclear) as refused:
        lists.save(a_list(layer, "A", "Daleka"), anna)
    assert [p.code for p in refused.value.outcome.problems] == ["district_outside"]


def test_without_addresses_or_an_outline_there_is_nothing_to_draw(gmina, layer, anna):
    Layer.objects.filter(gmina=gmina, slug="granica").update(edition_number=0)
    Feature.objects.filter(layer__slug="granica").delete()
    with pytest.raises(OutlineUnknown):
        lists.save(a_list(layer, "A", "Główna"), anna)
    bare = make_gmina("pusta")
    other = make_layer(bare, "osiedla", kind="district", geometry_type="polygon")
    with pytest.raises(NoAddresses):
        lists.save(a_list(other, "A", "Główna"), anna)


def test_a_list_can_go_with_its_district_or_without(gmina, layer, anna):
    first, second = a_list(layer, "A", "Główna 1-4"), a_list(layer, "B", "Główna 5-8")
    lists.save(first, anna)
    lists.save(second, anna)
    editions.publish(current_changeset(layer), anna)
    first.refresh_from_db()
    lists.remove(first, anna, with_feature=False)
    assert current_changeset(layer) is None
    fid = second.fid
    lists.remove(second, anna, with_feature=True)
    assert [(c.op, c.fid) for c in current_changeset(layer).changes.all()] == [("remove", fid)]


@pytest.fixture
def officer(anna) -> Client:
    client = sign_in(Client(), anna)
    client.cookies["lang"] = "en"
    return client


def test_the_page_takes_a_list_and_shows_what_it_holds(gmina, layer, officer):
    given = {"name": "Stare", "lines": "Główna 1-4\n", "localities": [KOWALE]}
    answer = officer.post(LISTS + "new/", given)
    edition = current_changeset(layer)
    assert answer["Location"] == f"/staff/testowo/layers/editions/{edition.pk}/"
    page = officer.get(LISTS).content.decode()
    assert "6 addresses" in page
    assert "ul. Główna (4), ul. Polna (2)" in page


def test_the_page_names_the_lines_that_are_unclear_and_keeps_what_was_written(
    gmina, layer, officer
):
    given = {"name": "<i>Stare</i>", "lines": "Glowan 1"}
    page = officer.post(LISTS + "new/", given).content.decode()
    assert "no street or village is called so (ul. Główna)" in page
    assert "Glowan 1</textarea>" in page
    assert "<i>" not in page
    assert not DistrictList.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "", "lines": "Główna"},
        {"name": "A", "lines": " \n"},
        {"name": "A", "lines": "\n".join(f"Główna {n}" for n in range(2001))},
        {"name": "A", "localities": ["9999999"]},
        {"name": "Stare", "lines": "Polna"},
    ],
)
def test_odd_lists_are_refused_by_the_form(gmina, layer, officer, given):
    DistrictList.objects.create(layer=layer, name="Stare", lines="Główna")
    assert "errorlist" in officer.post(LISTS + "new/", given).content.decode()
    assert DistrictList.objects.count() == 1


def test_the_page_draws_anew_forgets_and_removes(gmina, layer, officer, anna):
    row = a_list(layer, "A", "Główna")
    lists.save(row, anna)
    assert officer.post(LISTS).status_code == 302
    officer.post(f"{LISTS}{row.pk}/", {"act": "forget"})
    assert not DistrictList.objects.exists()
    assert current_changeset(layer).changes.count() == 1


def test_lists_are_of_district_layers_and_for_gis_officers_alone(gmina, layer, officer):
    make_district(gmina, "Stare", geom=square(0, 0, 10))
    assert officer.get(LISTS.replace("osiedla", "ulice")).status_code == 404
    editor = sign_in(Client(), make_user("b@a.example", "editor", gmina=gmina))
    for path in (LISTS, LISTS + "new/"):
        assert editor.post(path).status_code == 403


def test_a_gmina_without_addresses_is_told_to_begin_with_them(gmina, layer, officer):
    gmina.layers.get(slug="adresy").addresses.all().delete()
    assert "Publish the gmina&#x27;s addresses first" in officer.get(LISTS).content.decode()
