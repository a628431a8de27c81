"""Layers as pages for people: from the list to one feature, on the map and in words."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import Town
from tests.e2e.drivers import Watch

PATIENCE_MS = 30_000


def test_from_the_layers_to_one_street(
    context: BrowserContext, live_server: Any, town: Town, watch: Watch
) -> None:
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{live_server.url}/ogc/")
    page.get_by_role("link", name="Ulice").click()
    expect(page.locator(".ogc-map canvas")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("a.button-primary").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    with page.expect_response(re.compile(rf"/items/{town.glowna.fid}$")) as drawn:
        page.get_by_role("link", name=str(town.glowna.fid)).click()
    assert drawn.value.json()["properties"]["name"] == "Główna"
    expect(page.get_by_role("heading", name="Główna")).to_be_visible()
    expect(page.locator(".ogc-map canvas")).to_be_visible(timeout=PATIENCE_MS)
