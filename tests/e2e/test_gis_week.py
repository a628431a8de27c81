"""A GIS officer's week, on real districts: bring them in, mend what the report names, publish, move
a shared border on the map, publish, take it back. Tiles, OGC and the map follow each time at once.

With PICTURES=1 the pictures of docs/gis.md are made anew.
"""

import gzip
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import requests
from django.contrib.gis.geos import GEOSGeometry
from playwright.sync_api import expect

from accounts.models import Gmina
from gis_layers.crs import to_2180
from gis_layers.models import Edition, Feature, Layer
from gis_layers.revisions import raise_revision
from tests.builders import make_gmina, make_totp, make_user, square
from tests.e2e.drivers import Officer
from tests.processes import manage

ROOT = Path(__file__).resolve().parents[2]
WARSZAWA = ROOT / "fixtures" / "warszawa" / "dzielnice.geojson.gz"
WROCLAW = ROOT / "fixtures" / "wroclaw" / "osiedla.geojson.gz"
PICTURES = ROOT / "docs" / "pictures"
CITY = "Warszawa"  # the 19th feature of the file: the city itself, over all its districts
DISTRICTS = 18
IMPORT_MS = 120_000
CHECKED = re.compile("Przed publikacją obejrzyj|nie stoi na przeszkodzie|nie ma nic do")


def collection(path: Path) -> dict[str, Any]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return dict(json.load(file))


def outline_of(features: list[dict[str, Any]], name: str) -> GEOSGeometry:
    [shape] = [one["geometry"] for one in features if one["properties"]["name"] == name]
    return to_2180(GEOSGeometry(json.dumps(shape), srid=4326))


@pytest.fixture
def maintenance(transactional_db: None, queue_server: Any) -> Iterator[None]:
    """The worker that imports, as in production: a process of its own."""
    process = manage("worker", "maintenance")
    try:
        yield
        process.terminate()
        process.wait(timeout=30)
    finally:
        process.kill()


def officer_of(gmina: Gmina, context: Any, watch: Any) -> Officer:
    """Signed in to a gmina whose map was published with its outline."""
    raise_revision([gmina])
    # A page that is left while it waits for figures may still ask for those of a deleted change.
    watch.expect_refusal(404)
    make_totp(make_user("gosia@a.example", "gis", gmina=gmina))
    return Officer(context.new_page(), watch, gmina.slug).sign_in("gosia@a.example")


class Week:
    """What the officer does, and what others see of it."""

    def __init__(self, officer: Officer) -> None:
        self.officer, self.page = officer, officer.page

    def picture(self, name: str) -> None:
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            self.page.wait_for_load_state("networkidle")
            self.page.screenshot(path=PICTURES / f"{name}.png")

    def bring(self, path: Path) -> Edition:
        """Bring a file in as districts; the staged edition, its page open."""
        page = self.officer.open("layers/import/")
        page.get_by_label("Plik", exact=True).set_input_files(path)
        self.officer.button("Zajrzyj do pliku").click()
        page.get_by_label("Rodzaj obiektów").select_option("district")
        self.officer.button("Dalej: kolumny").click()
        self.picture("columns")
        self.officer.button("Wczytaj i sprawdź plik").click()
        seen = page.get_by_role("link", name="Zobacz raport i zmiany")
        expect(seen).to_be_visible(timeout=IMPORT_MS)
        seen.click()
        expect(page.get_by_role("heading", name="Raport")).to_be_visible()
        return Edition.objects.filter(state="staged").latest("pk")

    def accept_all(self) -> None:
        """Accept every warning by name."""
        expect(self.page.get_by_text(CHECKED)).to_be_visible()
        accept = self.officer.button(re.compile("^Przyjmij"))
        for left in range(accept.count() - 1, -1, -1):
            accept.first.click()
            expect(accept).to_have_count(left)

    def publish(self, reason: str) -> None:
        self.page.get_by_label("Dlaczego").first.fill(reason)
        self.officer.button("Opublikuj teraz").click()
        expect(self.page.locator(".note-clear").first).to_be_visible()


class Map:
    """What the public map, the tiles and OGC API Features say of the districts."""

    def __init__(self, gmina: Gmina, origin: str) -> None:
        self.gmina, self.origin = gmina, origin

    def tile(self) -> dict[int, Any]:
        """The tile of zoom 8 in which the gmina lies, as fid -> geometry."""
        described = self.get(f"/tiles/{self.gmina.slug}.json").json()
        west, south, east, north = described["bounds"]
        x, y = tile_of((west + east) / 2, (south + north) / 2, 8)
        address = described["tiles"][0].format(z=8, x=x, y=y)
        answer = requests.get(address, timeout=10)
        layers = mapbox_vector_tile.decode(answer.content)
        return {one["id"]: one["geometry"] for one in layers["osiedla"]["features"]}

    def ogc(self) -> dict[int, str]:
        """fid -> geometry of the layer's items."""
        collection = f"/ogc/collections/{self.gmina.slug}.osiedla"
        items = self.get(f"{collection}/items?f=json&limit=100").json()
        return {one["id"]: json.dumps(one["geometry"]) for one in items["features"]}

    def get(self, path: str) -> requests.Response:
        answer = requests.get(self.origin + path, timeout=10)
        answer.raise_for_status()
        return answer


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row of the web mercator grid."""
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


def make_public(layer: Layer) -> None:
    """As the settings of the layer do."""
    layer.public = True
    layer.save(update_fields=["public"])
    raise_revision([layer.gmina])


def hectares(layer: Layer) -> dict[str, int]:
    shown = Feature.objects.filter(layer=layer, until=None)
    return {row.name: round(row.geom.area / 10_000) for row in shown}


def test_a_week_with_the_districts_of_warszawa(
    context, watch, live_server, maintenance, tmp_path, emulator
):
    features = collection(WARSZAWA)["features"]
    gmina = make_gmina("warszawa", name="Warszawa", outline=outline_of(features, CITY))
    week = Week(officer_of(gmina, context, watch))
    seen = Map(gmina, live_server.url)

    # Monday: the file as it came. The report names the city among its districts.
    edition = week.bring(WARSZAWA)
    expect(week.page.get_by_text("Warszawa").first).to_be_visible()
    assert edition.findings.filter(code="overlap").count() == DISTRICTS
    week.picture("report")
    week.page.get_by_text("Odrzuć te zmiany").click()
    week.officer.button("Usuń te zmiany").click()

    # Tuesday: without it. Nothing overlaps; what is left is accepted by name and published.
    mended = tmp_path / "dzielnice.geojson"
    rest = [one for one in features if one["properties"]["name"] != CITY]
    mended.write_text(json.dumps(collection(WARSZAWA) | {"features": rest}), encoding="utf-8")
    edition = week.bring(mended)
    assert not edition.findings.filter(code="overlap").exists()
    week.picture("differences")
    week.accept_all()
    week.publish("Dzielnice z uchwały")
    layer = Layer.objects.get(gmina=gmina, slug="osiedla")
    make_public(layer)
    first, items = hectares(layer), seen.ogc()
    assert len(first) == len(items) == DISTRICTS
    assert set(seen.tile()) <= set(items)

    # Wednesday: a point of a border moves on the map, and with it all who share it.
    page = week.officer.open("layers/osiedla/edit/")
    page.get_by_role("checkbox", name="Śródmieście").check()
    page.locator("summary", has_text="Punkty").click()
    page.get_by_label("Na północ, m").fill("300")
    week.officer.button("Przesuń punkt").click()
    expect(page.locator("section.panel footer")).to_contain_text("na publikację")
    week.picture("editor")
    assert hectares(layer) == first, "nobody sees it yet"
    assert seen.ogc() == items
    page.get_by_role("link", name="Sprawdź i opublikuj").click()
    expect(page.get_by_role("heading", name="Raport")).to_be_visible()
    week.accept_all()
    tiles = seen.tile()
    week.publish("Granica po nowej ulicy")
    moved = hectares(layer)
    changed = {name for name in first if moved[name] != first[name]}
    assert "Śródmieście" in changed
    assert len(changed) > 1, "the neighbours' borders moved with it"
    assert sum(moved.values()) == pytest.approx(sum(first.values()), abs=DISTRICTS)
    assert seen.ogc() != items
    assert seen.tile() != tiles

    # Friday: it was a mistake. One click brings Tuesday's state back.
    page = week.officer.open("layers/osiedla/")
    week.picture("history")
    week.officer.button("Przywróć ten stan").first.click()
    expect(page.locator(".note-clear").first).to_be_visible()
    assert hectares(layer) == first
    assert seen.ogc() == items
    assert seen.tile() == tiles
    published = Edition.objects.filter(layer=layer, state="published").order_by("number")
    assert [one.number for one in published] == [1, 2, 3]


def test_osiedla_of_wroclaw_are_repaired_in_sight_of_the_officer(
    context, watch, live_server, maintenance, emulator
):
    outline = square(-500_000, -500_000, 1_000_000)
    gmina = make_gmina("wroclaw", name="Wrocław", outline=outline)
    week = Week(officer_of(gmina, context, watch))
    edition = week.bring(WROCLAW)
    repaired = list(edition.findings.filter(code="geometry_repaired"))
    assert repaired
    assert all(not one.before.valid and one.after.valid for one in repaired)
    week.picture("repaired")
    week.accept_all()
    week.publish("Osiedla Wrocławia")
    shown = Feature.objects.filter(layer__gmina=gmina, layer__slug="osiedla", until=None)
    assert shown.count() == 48
