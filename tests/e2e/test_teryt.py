"""An officer without a map: pasted codes, house numbers, the tree of TERYT."""

from datetime import date

import pytest
from playwright.sync_api import expect

from gis_layers.models import Feature
from residents.models import Place
from teryt.models import StreetName
from tests.builders import at, make_address, make_device, make_place, make_resident
from tests.e2e.conftest import SIMC

NOWA = "00001"


@pytest.fixture
def register(town):
    """ULIC has both streets and a third without a line, where eight people live at its addresses.

    Of the twelve on ul. Główna five live at number 1.
    """
    for ulic, name in (("06012", "Główna"), (NOWA, "Nowa")):
        StreetName.objects.create(
            simc=SIMC, ulic=ulic, cecha="ul.", name_1=name, state_on=date(2026, 1, 1)
        )
    Feature.objects.filter(pk=town.glowna.pk).update(code=f"{SIMC}/06012")
    house = make_address(town.gmina, "4", at=at(500, 400), simc=SIMC, ulic=NOWA)
    for _person in range(8):
        resident = make_resident()
        make_place(resident, town.gmina, at=house.geom, address_point_fid=house.fid, simc=SIMC)
        make_device(resident)
    first = town.gmina.layers.get(slug="adresy").addresses.get(number="1")
    people = Place.objects.filter(street_fid=town.glowna.fid).order_by("pk")[:5]
    Place.objects.filter(pk__in=people.values("pk")).update(address_point_fid=first.fid)
    return town


def test_pasted_codes_are_added_asked_about_or_explained(anna, register):
    composer = anna.compose().wait_for_map()
    page = anna.page
    page.get_by_text("Wklej kody TERYT lub nazwy").click()
    page.get_by_label("Kody lub nazwy, każda w osobnym wierszu").fill(
        f"{SIMC}/06012\nul. Nowa\nNieistniejąca\n0938880"
    )
    anna.button("Rozpoznaj").click()
    expect(page.get_by_text("Dodano 2 miejsca.")).to_be_visible()
    composer.expect_people(12 + 8)
    expect(page.get_by_text("Wiersz 3: Nieistniejąca")).to_be_visible()
    expect(page.get_by_text("jedna z cyfr jest błędna")).to_be_visible()
    assert anna.faults_of_access() == []


def test_a_street_is_narrowed_to_house_numbers(anna, register, watch):
    watch.expect_refusal(422)
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.expect_people(12)
    numbers = anna.page.get_by_label("Tylko numery")
    numbers.fill("1–2, 17")
    numbers.press("Tab")
    # Five people, chosen freely: how many is not told.
    expect(composer.foot.locator(".figure")).to_have_text("mniej niż 20")
    expect(anna.page.get_by_text("Poza mapą: 17.")).to_be_visible()
    numbers.fill("całkiem niejasne")
    numbers.press("Tab")
    expect(anna.page.get_by_text("„całkiem niejasne”").first).to_be_visible()


def test_the_tree_has_the_locality_and_its_streets_with_and_without_a_line(anna, register):
    composer = anna.compose().wait_for_map()
    page = anna.page
    page.get_by_text("Wybierz z rejestru TERYT").click()
    tree = page.locator("ul.tree")
    town = tree.get_by_role("checkbox", name="Miasteczko")
    tree.get_by_text("3 ulice").click()
    new = tree.get_by_role("checkbox", name="ul. Nowa")
    new.check()
    composer.expect_people(8)
    assert town.evaluate("box => box.indeterminate")
    town.check()
    composer.expect_people(12 + 6 + 8)
    expect(new).to_be_disabled()
    assert anna.faults_of_access() == []
