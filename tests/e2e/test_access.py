"""Every staff page by axe, in both widths; what the hotline may see and no more."""

from datetime import date

import pytest
from playwright.sync_api import expect

from accounts.models import User
from dispatch import notices
from dispatch.approval import create_default_rules
from dispatch.notices import Notice
from gis_layers.models import Feature
from teryt.models import StreetName
from tests.builders import aim, make_alert, make_totp, make_user
from tests.e2e.conftest import SIMC
from tests.e2e.drivers import Officer

PHONE = {"width": 390, "height": 844}
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def running(town):
    alert = make_alert(town.gmina, state="active", seen_residents=12)
    alert.texts.create(lang="pl", title="Brak wody", body="Do 18:00.")
    layer = town.glowna.layer
    part = {"kind": "feature", "fid": town.glowna.fid, "layer_id": layer.pk, "edition_number": 1}
    return aim(alert, part | {"reach": "addresses"})


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_staff_page_has_a_fault_of_access(anna, running, width):
    if width == "narrow":
        anna.page.set_viewport_size(PHONE)
    for path in ("", "alerts/", f"alerts/{running.ref}/", "lookup/?q=glowna+2"):
        anna.open(path)
        anna.page.wait_for_load_state("networkidle")
        assert anna.faults_of_access() == [], path


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_no_page_of_settings_has_a_fault_of_access(context, town, running, watch, width):
    make_totp(ola := make_user("ola@a.example", "admin", "approver", gmina=town.gmina))
    create_default_rules(town.gmina)
    notices.notify(Notice.ALERT_STALLED, gmina=town.gmina, alert=running, to=[ola.pk])
    officer = Officer(context.new_page(), watch).sign_in(ola.email)
    if width == "narrow":
        officer.page.set_viewport_size(PHONE)
    for path in ("rules/", "roster/", "templates/", "templates/new/", "notices/"):
        officer.open(path)
        expect(officer.page.get_by_role("heading", level=1)).to_be_visible()
        assert officer.faults_of_access() == [], path
        if width == "narrow":
            assert officer.page.evaluate(WIDTH) <= PHONE["width"], path


def test_no_page_of_teryt_has_a_fault_of_access(context, town, watch):
    codes = {"name_2": "", "cecha": "ul.", "simc": SIMC, "state_on": date(2026, 1, 1)}
    for number, name in enumerate(("Główna", "Walenroda", "Leśna")):
        StreetName.objects.create(ulic=f"0000{number + 1}", name_1=name, **codes)
    Feature.objects.filter(name="Aleja Główna").update(name="Wallenroda")
    make_totp(gosia := make_user("gosia@a.example", "gis", gmina=town.gmina))
    officer = Officer(context.new_page(), watch).sign_in(gosia.email)
    User.objects.filter(pk=gosia.pk).update(is_operator=True)  # after: they begin elsewhere
    officer.page.set_viewport_size(PHONE)
    for path in ("/staff/miasteczko/teryt/", "/operator/registers/"):
        officer.page.goto(watch.origin + path)
        expect(officer.page.get_by_role("heading", level=1)).to_be_visible()
        assert officer.faults_of_access() == [], path
        assert officer.page.evaluate(WIDTH) <= PHONE["width"], path
    officer.page.goto(f"{watch.origin}/staff/miasteczko/teryt/")
    expect(officer.page.get_by_role("combobox")).to_have_count(1)
    officer.page.get_by_role("checkbox", name="Główna").check()
    officer.page.locator("section[aria-labelledby=sure]").get_by_role("button").click()
    officer.page.wait_for_url("**/layers/editions/*/")


def test_no_step_of_the_composer_has_a_fault_of_access(anna):
    composer = anna.compose().wait_for_map()
    assert anna.faults_of_access() == []
    composer.page.get_by_role("combobox").fill("glowna")
    expect(composer.page.get_by_role("option")).to_have_count(2)
    composer.page.get_by_role("option").first.click()
    composer.expect_people(12)
    assert anna.faults_of_access() == []
    composer.go_on("Dalej: co się dzieje?")
    composer.write("Brak wody", "Do 18:00.")
    assert anna.faults_of_access() == []
    composer.go_on("Dalej: kiedy i jak?")
    expect(composer.page.get_by_role("heading", name="Kiedy i jak?")).to_be_visible()
    assert anna.faults_of_access() == []


def test_nothing_on_a_narrow_page_is_wider_than_the_page(anna, running):
    anna.page.set_viewport_size(PHONE)
    for path in ("", "alerts/", f"alerts/{running.ref}/", "alerts/new/", "lookup/"):
        anna.open(path)
        anna.page.wait_for_load_state("networkidle")
        assert anna.page.evaluate(WIDTH) <= PHONE["width"], path


def test_the_hotline_learns_whether_an_alert_concerns_an_address_and_nothing_else(
    context, town, running, watch
):
    iga = Officer(context.new_page(), watch).sign_in("iga@a.example")
    assert iga.page.url.endswith("/lookup/")
    links = iga.page.get_by_role("navigation", name="Główne").get_by_role("link")
    expect(links).to_have_text(["Adresy"])
    iga.page.get_by_label("Adres").fill("glowna 2")
    iga.button("Sprawdź").click()
    found = iga.page.get_by_role("listitem").filter(has_text="Główna 2")
    expect(found.get_by_text("Brak wody")).to_be_visible()


def test_every_page_says_that_this_is_a_show(anna):
    expect(anna.page.get_by_text("TRYB POKAZOWY")).to_be_visible()
