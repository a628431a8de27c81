"""One alert from a click on the map to the phones, and its figures back, as two officers see it."""

import re

from django.conf import settings
from django.contrib.auth import SESSION_KEY as SESSION_KEY_OF_USER
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from accounts.confirm import SESSION_KEY as CONFIRMED_AT
from accounts.models import User
from dispatch.models import Alert
from residents.tokens import decrypt_push
from tests.e2e.conftest import PEOPLE_ON_GLOWNA
from tests.emulator import wait_until

EVERYBODY = 18
TITLE = "Brak wody na ul. Głównej"


def inbox(emulator, device):
    return emulator.inbox(decrypt_push(device.push_value_encrypted))


def submit_for_glowna(officer) -> None:
    """The editor's way with the mouse."""
    composer = officer.compose().wait_for_map()
    composer.click_middle_of_map()
    composer.expect_people(PEOPLE_ON_GLOWNA)
    composer.go_on("Dalej: co się dzieje?")
    composer.write(TITLE, "Do 18:00 nie będzie wody.")
    composer.go_on("Dalej: kiedy i jak?")
    composer.go_on(f"Przekaż do zatwierdzenia: {PEOPLE_ON_GLOWNA} osób")
    expect(officer.page.get_by_role("heading", name=TITLE)).to_be_visible()


def test_a_street_clicked_on_the_map_is_chosen_and_clicked_again_is_not(anna):
    composer = anna.compose().wait_for_map()
    composer.click_middle_of_map()
    expect(composer.chosen()).to_have_count(1)
    expect(composer.page.locator(".name-tag")).to_have_text("ul. Główna ✓")
    composer.expect_people(PEOPLE_ON_GLOWNA)
    composer.click_middle_of_map()
    expect(composer.chosen()).to_have_count(0)
    composer.expect_people(0)


def test_an_alert_goes_from_the_map_to_exactly_the_streets_phones(
    anna, bartek, town, emulator, worker, phone
):
    submit_for_glowna(anna)
    expect(anna.button(re.compile("Wyślij"))).to_have_count(0)

    bartek.open("")
    bartek.page.get_by_role("link", name=TITLE).click()
    bartek.button(f"Wyślij do {PEOPLE_ON_GLOWNA} osób").click()
    assert inbox(emulator, town.told[0]) == [], "nothing goes out before the confirmation"
    bartek.button(f"Wyślij do {PEOPLE_ON_GLOWNA} osób").click()

    accepted = bartek.page.get_by_text("Przekazane do wysyłki").locator("..").locator(".figure")
    expect(accepted).to_have_text(str(PEOPLE_ON_GLOWNA), timeout=30_000)
    wait_until(lambda: Alert.objects.get().state == Alert.State.ACTIVE, "sending is finished")
    assert {len(inbox(emulator, device)) for device in town.told} == {1}
    assert {len(inbox(emulator, device)) for device in town.others} == {0}

    for device in town.told[:7]:
        [push] = inbox(emulator, device)
        phone(device).report(push["data"]["delivery_id"], "opened")
    opened = bartek.page.get_by_text("Otwarte", exact=True).locator("..").locator(".figure")
    expect(opened).to_have_text("7", timeout=40_000)


def test_the_whole_town_is_told_only_after_a_fresh_code(anna, bartek, town, emulator, worker):
    composer = anna.compose().wait_for_map()
    anna.button("Całe miasto").click()
    composer.expect_people(EVERYBODY)
    composer.go_on("Dalej: co się dzieje?")
    composer.write(TITLE, "Do 18:00 nie będzie wody.")
    composer.go_on("Dalej: kiedy i jak?")
    composer.go_on(f"Przekaż do zatwierdzenia: {EVERYBODY} osób")
    expect(anna.page.get_by_role("heading", name=TITLE)).to_be_visible()

    let_code_grow_old("bartek@a.example")
    bartek.watch.expect_refusal(403)
    bartek.open("")
    bartek.page.get_by_role("link", name=TITLE).click()
    bartek.button(f"Wyślij do {EVERYBODY} osób").click()
    bartek.button(f"Wyślij do {EVERYBODY} osób").click()
    expect(bartek.page.get_by_role("heading", name="Potwierdź, że to Ty")).to_be_visible()
    bartek.give_code("Potwierdź")
    expect(bartek.page.get_by_text("Kod przyjęty. Jeszcze nic nie wyszło")).to_be_visible()
    assert inbox(emulator, town.told[0]) == [], "the code alone sends nothing"

    bartek.button(f"Wyślij do {EVERYBODY} osób").click()
    accepted = bartek.page.get_by_text("Przekazane do wysyłki").locator("..").locator(".figure")
    expect(accepted).to_have_text(str(EVERYBODY), timeout=30_000)
    assert {len(inbox(emulator, device)) for device in town.told + town.others} == {1}


def let_code_grow_old(email: str) -> None:
    """As after an hour's work: the sign-in's code is fresh no more, and a next one may be given."""
    user = User.objects.get(email=email)
    for session in Session.objects.all():
        store = SessionStore(session.session_key)
        if store.get(SESSION_KEY_OF_USER) == str(user.pk):
            store[CONFIRMED_AT] -= settings.CONFIRM_FOR_S + 1
            store.save()
    TOTPDevice.objects.filter(user=user).update(last_t=-1)


def test_an_alert_is_ended_by_telling_those_who_had_it(anna, bartek, town, emulator, worker):
    submit_for_glowna(anna)
    bartek.open("")
    bartek.page.get_by_role("link", name=TITLE).click()
    bartek.button(re.compile("^Wyślij do")).click()
    bartek.button(re.compile("^Wyślij do")).click()
    # The page follows by itself.
    expect(bartek.page.get_by_text("Przekazano do wszystkich telefonów")).to_be_visible(
        timeout=30_000
    )
    bartek.button("Zakończ…").click()
    bartek.page.get_by_label("Co napisać?").fill("Woda wróciła.")
    bartek.button(f"Zakończ i powiadom: {PEOPLE_ON_GLOWNA} osób").click()
    expect(bartek.page.get_by_text("Zakończony", exact=True)).to_be_visible()
    wait_until(lambda: len(inbox(emulator, town.told[0])) == 2, "the all-clear has arrived")
    assert inbox(emulator, town.told[0])[1]["data"]["body"] == "Woda wróciła."
    assert {len(inbox(emulator, device)) for device in town.others} == {0}


def test_a_returned_alert_is_a_draft_again_and_opens_with_everything_in_it(anna, bartek):
    submit_for_glowna(anna)
    bartek.open("")
    bartek.page.get_by_role("link", name=TITLE).click()
    bartek.button("Zwróć do poprawy").click()
    bartek.page.get_by_label("Co poprawić?").fill("Do której godziny?")
    bartek.button("Zwróć do poprawy").click()
    expect(bartek.page.get_by_text("Szkic", exact=True)).to_be_visible()

    anna.page.evaluate("localStorage.clear()")  # as at another computer
    anna.open("")
    anna.page.get_by_role("link", name=TITLE).click()
    expect(anna.page.get_by_role("checkbox", name=re.compile("ul. Główna"))).to_be_checked()
    anna.button("Dalej: co się dzieje?").click()
    expect(anna.page.get_by_label("Tytuł", exact=True)).to_have_value(TITLE)
