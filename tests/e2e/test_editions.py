"""A GIS officer looks at what changes, publishes it, and brings the earlier state back."""

import pytest
from playwright.sync_api import expect

from gis_layers import editions
from gis_layers.models import Feature, FeatureChange
from residents import jobs
from residents.models import Weighing
from tests.builders import line, make_totp, make_user, next_fid, publish
from tests.e2e.drivers import Officer
from tests.e2e.test_access import PHONE, WIDTH
from tests.emulator import wait_until

Op = FeatureChange.Op


@pytest.fixture
def edition(town):
    """Główna goes, another street comes far from where anybody lives."""
    changes = [
        FeatureChange(op=Op.REMOVE, fid=town.glowna.fid),
        FeatureChange(op=Op.ADD, fid=next_fid(), name="Nowa", geom=line((200, 100), (900, 100))),
    ]
    return editions.stage(town.glowna.layer, changes, None, "ulice-2027.gpkg")


@pytest.fixture
def gosia(context, town, watch):
    """The GIS officer, signed in."""
    make_totp(make_user("gosia@a.example", "gis", gmina=town.gmina))
    return Officer(context.new_page(), watch).sign_in("gosia@a.example")


def shown(layer):
    return set(Feature.objects.filter(layer=layer, until=None).values_list("name", flat=True))


def test_changes_are_seen_in_list_map_and_numbers_then_published_and_taken_back(
    gosia, town, edition
):
    layer = town.glowna.layer
    with gosia.page.expect_response(lambda answer: f"/staff/editions/{edition.pk}/" in answer.url):
        page = gosia.open(f"layers/editions/{edition.pk}/")
    rows = page.locator("section[aria-labelledby=differences] li")
    expect(rows).to_have_count(2)
    page.get_by_text("Usunięte 1").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ul. Główna")
    for view in ("Przed", "Po", "Różnice"):
        page.get_by_text(view, exact=True).click()
        expect(page.get_by_role("radio", name=view, exact=True)).to_be_checked()

    wait_until(Weighing.objects.exists, "the page asks for a weighing")
    assert jobs.weigh_editions() == 1
    expect(page.get_by_text("zmieni ulicę")).to_be_visible()
    expect(page.get_by_text("mniej niż 20")).to_have_count(2)  # changed, and lost for good

    publish(edition)
    page = gosia.open("layers/ulice/")
    assert shown(layer) == {"Nowa", "Aleja Główna"}
    page.locator("form:has(input[name=number][value='1']) button").click()
    expect(page.locator(".note-clear")).to_be_visible()
    assert shown(layer) == {"Główna", "Aleja Główna"}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_page_of_layers_has_a_fault_of_access(gosia, town, edition, width):
    if width == "narrow":
        gosia.page.set_viewport_size(PHONE)
    for path in ("layers/", "layers/ulice/", f"layers/editions/{edition.pk}/"):
        page = gosia.open(path)
        page.wait_for_load_state("networkidle")
        assert gosia.faults_of_access() == [], path
        if width == "narrow":
            assert page.evaluate(WIDTH) <= PHONE["width"], path
