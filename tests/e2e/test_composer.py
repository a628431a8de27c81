"""The composer without a mouse, with a lost connection, with what cannot be sent."""

import re

from playwright.sync_api import expect

from accounts.models import User
from dispatch import message_templates
from dispatch.approval import follows_template
from dispatch.message_templates import Wording
from dispatch.models import Alert
from gis_layers.outlines import gmina_outline
from tests.e2e.conftest import PEOPLE_ON_GLOWNA
from tests.emulator import wait_until


def test_the_keyboard_alone_finds_chooses_writes_and_submits(anna):
    composer = anna.compose().wait_for_map()
    page, keys = composer.page, composer.page.keyboard
    page.get_by_role("combobox").focus()
    keys.type("glowna")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.get_by_role("option").first).to_contain_text("ul. Główna")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("option", selected=True)).to_contain_text("ul. Główna")
    composer.expect_people(PEOPLE_ON_GLOWNA)
    press_until_focused(page, "Dalej: co się dzieje?")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Co się dzieje?")).to_be_visible()

    page.get_by_role("radio", name="Awaria").focus()
    keys.press("Space")
    page.get_by_role("radio", name="Woda").focus()
    keys.press("Space")
    page.get_by_label("Tytuł", exact=True).focus()
    keys.type("Brak wody")
    keys.press("Tab")
    keys.type("Do 18:00.")
    press_until_focused(page, "Dalej: kiedy i jak?")
    keys.press("Enter")
    press_until_focused(page, f"Przekaż do zatwierdzenia: {PEOPLE_ON_GLOWNA} osób")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Brak wody")).to_be_visible()
    assert Alert.objects.get().state == Alert.State.AWAITING_APPROVAL


def press_until_focused(page, name: str) -> None:
    """Tab on, as somebody does who sees only where the focus is."""
    button = page.get_by_role("button", name=name)
    expect(button).to_be_enabled()
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no way by Tab to {name!r}")


def test_a_street_of_other_type_is_told_apart_and_counts_its_own_people(anna):
    composer = anna.compose().wait_for_map()
    composer.page.get_by_role("combobox").fill("aleja glowna")
    expect(composer.page.get_by_role("option").first).to_contain_text("al. Główna")
    expect(composer.page.get_by_role("option").first).to_contain_text("6")


def test_the_whole_town_stands_alone_and_reaches_everybody(anna):
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    anna.button("Całe miasto").click()
    expect(composer.chosen()).to_have_count(1)
    composer.expect_people(18)


def test_a_district_is_chosen_from_the_list_as_from_the_map(anna):
    composer = anna.compose().wait_for_map()
    anna.button("osiedla").click()
    composer.page.get_by_text("osiedla: lista").click()
    district = composer.page.get_by_role("checkbox", name="Zachód")
    district.check()
    expect(composer.page.locator(".name-tag")).to_have_text("Zachód ✓")
    expect(composer.chosen()).to_have_count(2)  # in the list and among what is chosen


def test_a_drawn_shape_is_counted_and_one_that_crosses_itself_is_not_taken(anna):
    composer = anna.compose().wait_for_map()
    anna.button("Rysuj").click()
    composer.click_corners((-250, -60), (250, 60), (250, -60), (-250, 60))
    expect(composer.page.get_by_text("Bok przeciąłby inny bok")).to_be_visible()
    composer.page.keyboard.press("Escape")
    composer.click_corners((-250, -60), (250, -60), (250, 60), (-250, 60), (-250, -60))
    expect(composer.chosen()).to_have_count(1)
    expect(composer.page.get_by_text("Narysowany obszar 1").first).to_be_visible()
    # Shapes set freely are told from 20 people on.
    expect(composer.foot.locator(".figure")).to_have_text("mniej niż 20")


def test_a_shape_that_leaves_the_gmina_is_shown_and_clipped_to_the_border(anna, town):
    composer = anna.compose().wait_for_map()
    anna.watch.expect_refusal(422)
    anna.button("Rysuj").click()
    composer.click_corners((-250, -60), (480, -60), (480, 60), (-250, 60), (-250, -60))
    expect(composer.page.get_by_role("alert")).to_contain_text("wychodzi poza gminę")
    expect(composer.page.locator(".outside-tag")).to_have_text("poza gminą")
    expect(anna.button("Dalej: co się dzieje?")).to_be_disabled()
    assert anna.faults_of_access() == []

    anna.button("Przytnij do granicy gminy").click()
    expect(composer.foot.locator(".figure")).to_have_text("mniej niż 20")
    expect(composer.page.locator(".outside-tag")).to_have_count(0)
    expect(composer.page.get_by_text("Narysowany obszar 1").first).to_be_visible()
    composer.go_on("Dalej: co się dzieje?")
    composer.write("Brak wody", "Do 18:00.")
    wait_until(Alert.objects.exists, "the server has taken the clipped shape for a draft")
    [part] = Alert.objects.get().parts.all()
    assert part.geom.difference(gmina_outline(town.gmina).geom.buffer(1)).empty


def test_a_draft_survives_a_closed_tab_before_the_server_has_it(anna):
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.expect_people(PEOPLE_ON_GLOWNA)
    assert not Alert.objects.exists(), "no kind is chosen yet: only this browser has the draft"
    anna.open("")
    again = anna.compose().wait_for_map()
    expect(again.page.get_by_text(re.compile("Przywrócono szkic"))).to_be_visible()
    expect(again.chosen()).to_have_count(1)
    anna.button("Zacznij od nowa").click()
    expect(again.chosen()).to_have_count(0)


def test_what_is_missing_is_pointed_at_and_nothing_is_submitted(anna):
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.expect_people(PEOPLE_ON_GLOWNA)
    anna.button("3 Kiedy i jak?").click()
    composer.go_on(f"Przekaż do zatwierdzenia: {PEOPLE_ON_GLOWNA} osób")
    expect(composer.page.get_by_role("heading", name="Co się dzieje?")).to_be_visible()
    expect(composer.page.get_by_text("Napisz tytuł.")).to_be_visible()
    expect(composer.page.get_by_label("Tytuł", exact=True)).to_be_focused()
    assert not Alert.objects.exists()


def test_a_draft_opened_again_is_as_a_colleague_left_it(anna):
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.go_on("Dalej: co się dzieje?")
    composer.write("Brak wody", "Do 18:00.")
    expect(anna.page.get_by_text(re.compile("Szkic zapisany o"))).to_be_visible()

    draft = Alert.objects.get()
    draft.texts.update(body="Do 20:00.")  # Bartek corrects it at his own computer
    anna.open(f"alerts/{draft.ref}/edit/")
    expect(anna.page.get_by_role("checkbox", name=re.compile("ul. Główna"))).to_be_checked()
    anna.button("Dalej: co się dzieje?").click()
    expect(anna.page.get_by_label("Treść", exact=True)).to_have_value("Do 20:00.")
    anna.page.wait_for_timeout(1500)  # longer than a change waits before it is saved
    assert draft.texts.get().body == "Do 20:00."


def test_a_template_asks_for_its_blanks_and_stays_what_was_approved(anna, town):
    template = approved_template(town.gmina)
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.go_on("Dalej: co się dzieje?")
    anna.page.get_by_label("Zacznij od szablonu").select_option(template.title)
    anna.page.get_by_label("Ulica", exact=True).fill("Główna $1")
    composer.go_on("Dalej: kiedy i jak?")
    expect(anna.page.get_by_text("Uzupełnij: godzina.")).to_be_visible()
    expect(anna.page.get_by_label("Godzina", exact=True)).to_be_focused()
    assert anna.faults_of_access() == []

    anna.page.get_by_label("Godzina", exact=True).fill("18:00")
    expect(anna.page.get_by_label("Treść", exact=True)).to_have_value("Do 18:00 nie ma wody.")
    composer.go_on("Dalej: kiedy i jak?")
    composer.go_on(f"Przekaż do zatwierdzenia: {PEOPLE_ON_GLOWNA} osób")
    anna.page.wait_for_url("**/alerts/miasteczko-*/")
    alert = Alert.objects.get()
    assert alert.texts.get().title == "Brak wody: Główna $1"
    assert follows_template(alert)


def approved_template(gmina):
    texts = {
        "title": "Brak wody: {{ulica}}",
        "body": "Do {{godzina}} nie ma wody.",
        "instruction": "",
    }
    kind = gmina.kinds.get(code="woda")
    wording = Wording("Awaria wody", kind, "important", {"pl": texts})
    author, other = User.objects.order_by("pk")[:2]
    template = message_templates.create(gmina, wording, by=author)
    changed_at = template.changed_at.isoformat()
    return message_templates.approve(template, by=other, changed_at=changed_at)
