"""A GIS officer edits districts on the map: borders, names, splitting, two officers at once."""

import re

import pytest
from playwright.sync_api import Locator, expect

from gis_layers import changesets
from gis_layers.models import Feature, Layer
from gis_layers.revisions import raise_revision
from tests.builders import make_district, make_totp, make_user, square
from tests.e2e.conftest import Town
from tests.e2e.drivers import Officer

SAVED = re.compile(r"\d zmian\w? czeka")


@pytest.fixture
def layer(town: Town) -> Layer:
    """Three districts that meet in the middle of the town, and so of its map."""
    Feature.objects.filter(layer__slug="osiedla").delete()
    make_district(town.gmina, "Zachód", geom=square(0, 0, 1000))
    make_district(town.gmina, "Wschód", geom=square(1000, 0, 1000))
    make_district(town.gmina, "Północ", geom=square(0, 1000, 1000).union(square(1000, 1000, 1000)))
    raise_revision([town.gmina])
    for name in ("ewa", "filip"):
        make_totp(make_user(f"{name}@a.example", "gis", gmina=town.gmina))
    return Layer.objects.get(slug="osiedla")


class Editor:
    """The map editor of the districts."""

    def __init__(self, officer: Officer) -> None:
        self.officer, self.page = officer, officer.open("layers/osiedla/edit/")
        self.map = self.page.locator("canvas.maplibregl-canvas")
        self.foot = self.page.locator("section.panel footer")
        expect(self.row("Zachód")).to_be_visible()
        self.page.wait_for_load_state("networkidle")

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("checkbox", name=name)

    def at(self, dx: float, dy: float) -> tuple[float, float]:
        """A place on the page, in pixels from the middle of the map."""
        box = self.map.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy

    def click(self, dx: float, dy: float) -> None:
        self.page.mouse.move(*self.at(dx, dy))
        self.page.mouse.click(*self.at(dx, dy))
        self.page.wait_for_timeout(350)  # two clicks in a row would be a double one

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=8)
        self.page.mouse.up()


def areas(layer: Layer) -> dict[str, int]:
    """Hectares by name as the change set would show the layer."""
    states = changesets.shown_of(layer, changesets.current_changeset(layer))
    return {s.content.name: round(s.content.geom.area / 10_000) for s in states if s.content.geom}


@pytest.fixture
def ewa(context, town, watch, layer) -> Officer:
    return Officer(context.new_page(), watch).sign_in("ewa@a.example")


@pytest.fixture
def filip(browser, browser_context_args, watch, layer) -> Officer:
    context = browser.new_context(**browser_context_args)
    return Officer(context.new_page(), watch).sign_in("filip@a.example")


def test_a_shared_border_moves_once_for_all_neighbours_and_comes_back(ewa, layer):
    editor = Editor(ewa)
    editor.click(-60, 60)
    expect(editor.row("Zachód")).to_be_checked()
    editor.drag((0, 0), (50, -60))
    expect(editor.foot).to_contain_text("3 zmiany czekają na publikację")
    moved = areas(layer)
    assert moved["Zachód"] > 100
    assert sum(moved.values()) == pytest.approx(400, abs=2)  # hectares
    editor.page.keyboard.press("Control+z")
    expect(editor.foot).to_contain_text("Mapa jest taka jak opublikowana")
    assert areas(layer) == {"Zachód": 100, "Wschód": 100, "Północ": 200}
    ewa.button("Ponów").click()
    expect(editor.foot).to_contain_text(SAVED)
    assert areas(layer) == moved
    assert ewa.faults_of_access() == []


def move_by_keyboard(editor: Editor) -> None:
    """The first point of the selected feature goes a hundred metres south."""
    keys = editor.page.keyboard
    editor.page.locator("summary", has_text="Punkty").focus()
    keys.press("Enter")
    editor.page.get_by_label("Na północ, m").fill("-100")
    editor.officer.button("Przesuń punkt").press("Enter")


def test_drawing_naming_splitting_and_merging_wait_in_one_change_set(ewa, layer):
    Feature.objects.filter(name="Wschód").delete()
    editor = Editor(ewa)
    ewa.button("Narysuj nowy").click()
    for corner in [(100, 60), (200, 60), (200, 160), (100, 160), (100, 60)]:
        editor.click(*corner)
    ewa.page.get_by_label("Nazwa", exact=True).fill("Nowe")
    ewa.button("Dodaj na mapę").click()
    expect(editor.row("Nowe")).to_be_checked()
    drawn = areas(layer)["Nowe"]
    move_by_keyboard(editor)
    expect(ewa.button("Przesuń punkt")).to_be_enabled()
    expect(ewa.page.get_by_role("status").filter(has_text="Przesunięto")).to_be_attached()
    assert areas(layer)["Nowe"] != drawn
    editor.row("Nowe").uncheck()
    editor.row("Zachód").check()
    ewa.page.get_by_label("Nazwa", exact=True).fill("Stare Miasto")
    ewa.button("Zapisz opis").click()
    expect(editor.row("Stare Miasto")).to_be_visible()
    ewa.button("Podziel linią").click()
    editor.click(-400, 60)
    editor.click(30, 60)
    editor.click(30, 60)
    expect(editor.row("Stare Miasto")).to_have_count(2)
    for row in editor.row("Stare Miasto").all():
        row.check()
    ewa.button("Połącz").click()
    expect(editor.row("Stare Miasto")).to_have_count(1)
    assert areas(layer)["Stare Miasto"] == 100
    ewa.page.get_by_role("link", name="Sprawdź i opublikuj").click()
    ewa.page.wait_for_url("**/layers/editions/*/")


def test_the_second_officer_is_told_who_was_first_and_sees_what_they_did(ewa, filip, layer, watch):
    watch.expect_refusal(412)
    first, second = Editor(ewa), Editor(filip)
    second.row("Wschód").check()
    first.row("Wschód").check()
    ewa.page.get_by_label("Nazwa", exact=True).fill("Słoneczne")
    ewa.button("Zapisz opis").click()
    expect(first.row("Słoneczne")).to_be_visible()
    filip.page.get_by_label("Nazwa", exact=True).fill("Wschodnie")
    filip.button("Zapisz opis").click()
    expect(filip.page.get_by_role("alert")).to_contain_text("Ewa")
    expect(second.row("Słoneczne")).to_be_visible()
    assert "Słoneczne" in areas(layer)
