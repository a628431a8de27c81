"""A layer's look: on the map while it is chosen, everybody's once it is saved."""

import base64
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from gis_layers.models import Layer
from tests.builders import make_totp, make_user
from tests.e2e.drivers import Officer

PHONE = {"width": 390, "height": 844}
WAIT_S = 30  # for a picture that never comes
RED = (170, 0, 51)
# The colour in a picture at a place, told as shares of its width and height.
PIXEL = """async ([url, right, down]) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const at = [Math.round(image.width * right), Math.round(image.height * down)];
  return [...canvas.getImageData(...at, 1, 1).data].slice(0, 3);
}"""


@pytest.fixture
def gosia(context, town, watch) -> Officer:
    """The GIS officer."""
    make_totp(make_user("gosia@a.example", "gis", gmina=town.gmina))
    return Officer(context.new_page(), watch).sign_in("gosia@a.example")


def map_of(page: Page) -> Locator:
    return page.locator(".look-map .map")


def colour_in_zachod(page: Page) -> tuple[int, ...]:
    """What the map shows in the middle of the town's south-western quarter."""
    shot = map_of(page).screenshot()
    url = "data:image/png;base64," + base64.b64encode(shot).decode()
    box = map_of(page).bounding_box()
    assert box is not None
    aside = 0.2 * min(box["width"], box["height"])
    place = [0.5 - aside / box["width"], 0.5 + aside / box["height"]]
    found: list[int] = page.evaluate(PIXEL, [url, *place])
    return tuple(found)


def wait_until_red(page: Page, *, is_red: bool) -> None:
    deadline = time.monotonic() + WAIT_S
    while (near(colour_in_zachod(page), RED)) != is_red:
        assert time.monotonic() < deadline, colour_in_zachod(page)
        page.wait_for_timeout(200)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Four fifths of a colour on pale land still is that colour."""
    return all(abs(a - b) < 70 for a, b in zip(one, other, strict=True))


def test_a_look_is_on_the_map_while_it_is_chosen_and_everybodys_once_saved(gosia: Officer):
    page = gosia.open("layers/osiedla/settings/")
    wait_until_red(page, is_red=False)
    page.locator("[name=colour]").fill("#aa0033")
    page.locator("[name=fill]").fill("80")
    wait_until_red(page, is_red=True)
    # Who chooses a colour of the layer's own need not tick the box for it.
    assert page.locator("[name=own_colour]").is_checked()
    assert Layer.objects.get(slug="osiedla").style == {}
    page.locator("#layer-settings button").click()
    page.wait_for_load_state()
    assert Layer.objects.get(slug="osiedla").style == {"colour": "#aa0033", "fill": 0.8}
    wait_until_red(page, is_red=True)


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_page_of_layers_looks_and_lists_has_a_fault_of_access(gosia: Officer, width: str):
    paths = ("new/", "osiedla/settings/", "osiedla/lists/", "osiedla/lists/new/")
    if width == "narrow":
        gosia.page.set_viewport_size(PHONE)
    for path in paths:
        page: Any = gosia.open(f"layers/{path}")
        page.wait_for_load_state("networkidle")
        assert gosia.faults_of_access() == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
