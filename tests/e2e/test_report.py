"""A GIS officer reads an edition's report, looks at a case on the map and accepts it."""

import pytest
from playwright.sync_api import expect

from gis_layers import editions, findings
from gis_layers.cases import Case
from gis_layers.models import FeatureChange, Layer
from tests.builders import at, make_totp, make_user, next_fid, square
from tests.e2e.drivers import Officer
from tests.e2e.test_access import PHONE, WIDTH

NEW = "Nowe Osiedle"


@pytest.fixture
def edition(town):
    """A district that takes 400 m of its neighbour; its geometry was repaired when it was read."""
    change = FeatureChange(
        op="add", fid=next_fid(), name=NEW, search_name="nowe osiedle", geom=square(500, 0, 900)
    )
    layer = Layer.objects.get(gmina=town.gmina, slug="osiedla")
    edition = editions.stage(layer, [change], None, "osiedla-2027.gpkg")
    told = {"reason": "Self-intersection", "lon": 18.9, "lat": 50.2, "changed": 0.5}
    shapes = {"geom": at(950, 450), "before": square(500, 0, 450), "after": change.geom}
    findings.record(edition, [Case("geometry_repaired", NEW, told, row=1, **shapes)])
    findings.check(edition)
    return edition


@pytest.fixture
def gosia(context, town, watch):
    """The GIS officer, signed in."""
    make_totp(make_user("gosia@a.example", "gis", gmina=town.gmina))
    return Officer(context.new_page(), watch).sign_in("gosia@a.example")


def group(page, code):
    """One kind of finding in the report, opened."""
    found = page.locator(f"[data-code={code}]")
    found.locator("summary").click()
    return found


def test_a_case_is_shown_on_the_map_before_and_after_and_accepted(gosia, edition):
    page = gosia.open(f"layers/editions/{edition.pk}/")
    report = page.locator("section:has(#report)")
    expect(report.get_by_text("Przed publikacją obejrzyj ostrzeżenia")).to_be_visible()

    repaired = group(page, "geometry_repaired")
    repaired.get_by_role("button", name="Porównaj na mapie").click()
    expect(report.locator(".maplibregl-canvas")).to_be_visible()
    page.get_by_text("W pliku", exact=True).click()
    expect(page.get_by_role("radio", name="W pliku")).to_be_checked()

    overlap = group(page, "overlap")
    overlap.get_by_role("button", name="Pokaż na mapie").click()
    expect(report.get_by_role("status").filter(has_text=NEW)).to_be_visible()
    expect(page.get_by_role("radio", name="W pliku")).to_have_count(0)

    for found in (repaired, overlap):
        found.get_by_role("button", name="Przyjmij 1 ostrzeżenie").click()
        expect(found.get_by_text("Przyjęte: Gosia")).to_be_visible()
    expect(report.get_by_text("Raport nie stoi na przeszkodzie publikacji.")).to_be_visible()
    assert findings.unacknowledged(edition) == []
    assert gosia.faults_of_access() == []


def test_the_report_fits_a_phone(gosia, edition):
    gosia.page.set_viewport_size(PHONE)
    page = gosia.open(f"layers/editions/{edition.pk}/")
    group(page, "overlap").get_by_role("button", name="Pokaż na mapie").click()
    expect(page.locator(".picture .maplibregl-canvas").first).to_be_visible()
    assert page.evaluate(WIDTH) <= PHONE["width"]
