"""The resident's page, at phone width: from one's address to the alert and its receipts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from dispatch import compose, notice_sending, notices, staff_phones, updates
from dispatch.models import Alert, Delivery, Message, Receipt
from dispatch.notices import Notice
from residents.models import Device, Mute, Place, Resident
from tests.builders import make_alert
from tests.e2e.conftest import leave
from tests.e2e.drivers import Watch, faults_of_access
from tests.emulator import wait_until

TITLE = "Brak wody na ul. Głównej"


@pytest.fixture
def app(browser, browser_context_args, live_server, town):
    """The app just opened on a phone that it doesn't know yet."""
    size = {"viewport": {"width": 390, "height": 844}}
    context = browser.new_context(**browser_context_args | size)
    watched = Watch(context, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/app/")
    yield page
    watched.check()
    leave(context)


def live_at(page: Page, address: str) -> None:
    """Enter the home address, by the keyboard, and wait until it stands among the places.

    By somebody without quiet hours: these tests pass at night too.
    """
    page.get_by_role("combobox").fill(address)
    expect(page.get_by_role("option")).not_to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Twoje miejsca")).to_be_visible()
    Resident.objects.update(quiet_on=False)


def go_to(page: Page, tab: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=tab).click()


def send(town, **fields: object) -> Message:
    """An alert to ul. Główna by two officers, as the panel does it."""
    anna, bartek = (User.objects.get(email=f"{name}@a.example") for name in ("anna", "bartek"))
    data = {
        "kind": "woda",
        "severity": "important",
        "texts": {
            "pl": {
                "title": TITLE,
                "body": "Do 18:00 nie będzie wody.",
                "instruction": "Nabierz wody.",
            }
        },
        "parts": [{"kind": "feature", "fid": town.glowna.fid, "reach": "addresses"}],
        "expires_at": timezone.now() + timedelta(hours=6),
    }
    alert = compose.create_draft(town.gmina, data | fields, by=anna)
    alert = compose.submit(alert, by=anna)
    return compose.approve(alert, by=bartek)


def events(message: Message) -> set[str]:
    """What the phone of the page has reported; it is the only one that reports here."""
    return set(Receipt.objects.filter(message_id=message.pk).values_list("event", flat=True))


def message_reached(message: Message, device: Device) -> bool:
    return Delivery.objects.filter(message_id=message.pk, endpoint_id=device.pk).exists()


def test_a_resident_gives_an_address_and_is_told_of_what_happens_there(app, town, worker):
    live_at(app, "glowna 2")
    assert Place.objects.latest("pk").street_fid == town.glowna.fid
    go_to(app, "Alerty")
    expect(app.get_by_text("Żaden alert nie dotyczy teraz Twoich miejsc.")).to_be_visible()

    message = send(town)
    expect(app.get_by_role("alert")).to_contain_text(TITLE, timeout=40_000)
    wait_until(lambda: events(message) == {"received", "shown"}, "the phone has reported")

    app.get_by_role("alert").get_by_role("link").click()
    expect(app.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(app.get_by_text("Dotyczy Twojego miejsca Dom, Główna 2")).to_be_visible()
    expect(app.get_by_text("Nabierz wody.")).to_be_visible()
    wait_until(lambda: "opened" in events(message), "the opening is reported")
    assert faults_of_access(app) == []


def test_a_phone_shows_the_newest_word_of_an_alert_until_its_end(app, bartek, town, worker):
    live_at(app, "glowna 2")
    alert = send(town, event_ends_at=timezone.now() + timedelta(hours=2), is_drill=True).alert
    wait_until(lambda: Alert.objects.get().state == Alert.State.ACTIVE, "the alert is sent")
    go_to(app, "Alerty")
    app.get_by_role("main").get_by_role("link", name=f"ĆWICZENIE: {TITLE}").click(timeout=40_000)
    expect(app.get_by_text("Ćwiczenie", exact=True)).to_be_visible()

    anna = User.objects.get(email="anna@a.example")
    news = {"pl": {"title": "Pękła druga rura", "body": "Do 20:00.", "instruction": ""}}
    updates.propose(alert, {"texts": news}, by=anna)
    bartek.open(f"alerts/{alert.ref}/")
    expect(bartek.page.get_by_role("row", name=re.compile("Tytuł"))).to_contain_text("zmienione")
    assert bartek.faults_of_access() == []
    bartek.button(re.compile("^Wyślij uzupełnienie do 13 osób")).click()
    expect(app.get_by_role("heading", name="Pękła druga rura")).to_be_visible(timeout=40_000)

    bartek.button("Przedłuż…").click()
    bartek.page.get_by_text("4 godziny", exact=True).click()
    bartek.button(re.compile("^Przedłuż do .* i powiadom: 13 osób")).click()
    longer = app.get_by_role("heading", name=re.compile("Dłużej, do .*: Pękła druga rura"))
    expect(longer).to_be_visible(timeout=40_000)
    expect(app.get_by_text("Do 20:00.")).to_be_visible()

    bartek.button("Zakończ…").click()
    bartek.button(re.compile("^Zakończ i powiadom")).click()
    expect(app.get_by_text("Zakończony", exact=True)).to_be_visible(timeout=40_000)
    kinds = list(alert.messages.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["alert", "update", "extension", "all_clear"]


def test_a_resident_of_another_street_hears_nothing(app, town, worker):
    live_at(app, "glowna 2")
    wait_until(lambda: Place.objects.filter(resident__devices__platform="web").exists(), "added")
    app.get_by_role("button", name="Usuń Dom").click()
    expect(app.get_by_role("heading", name="Powiadomimy Cię tylko")).to_be_visible()
    message = send(town)
    wait_until(lambda: Message.objects.get(pk=message.pk).sent_at is not None, "all is sent")
    own = Device.objects.get(platform="web")
    assert not message_reached(message, own)


def test_a_muted_topic_stays_silent_until_life_is_at_risk(app, town, worker):
    live_at(app, "glowna 3")
    go_to(app, "Tematy")
    expect(app.get_by_text("Alerty o zagrożeniu życia dotrą zawsze")).to_be_visible()
    app.get_by_label("Woda").uncheck()
    expect(app.get_by_text("Zapisano.")).to_be_visible()
    assert list(Mute.objects.values_list("kind", flat=True)) == ["woda"]
    own = Device.objects.get(platform="web")
    assert not message_reached(send(town), own)

    emergency = send(town, severity="emergency")
    assert message_reached(emergency, own)
    go_to(app, "Alerty")
    app.get_by_role("main").get_by_role("link", name=TITLE).first.click(timeout=40_000)
    app.get_by_role("button", name="Rozumiem").click()
    expect(app.get_by_text("Gmina wie, że to czytasz.")).to_be_visible()
    wait_until(lambda: "confirmed" in events(emergency), "the confirmation is reported")


def test_a_resident_erases_everything_on_the_spot(app, town):
    live_at(app, "glowna 1")
    go_to(app, "Twoje dane")
    app.get_by_role("button", name="Usuń wszystko").click()
    app.get_by_role("button", name=re.compile("^Usuń 1 miejsce")).click()
    expect(app.get_by_role("heading", name="Powiadomimy Cię tylko")).to_be_visible()
    assert not Device.objects.filter(platform="web").exists()
    assert Resident.objects.count() == len(town.told) + len(town.others)


def test_no_page_of_the_app_has_a_fault_of_access(app):
    assert faults_of_access(app) == []
    live_at(app, "glowna 2")
    for tab in ("Miejsca", "Tematy", "Twoje dane", "Alerty"):
        go_to(app, tab)
        expect(app.get_by_role("heading", level=1)).to_be_attached()
        assert faults_of_access(app) == [], tab
        width = app.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, tab


def test_an_approvers_phone_shows_what_waits_for_them(app, town):
    app.context.grant_permissions(["notifications"])
    live_at(app, "glowna 1")
    go_to(app, "Twoje dane")
    app.get_by_text("Pracujesz w urzędzie?").click()
    code = app.get_by_label("Kod od urzędu")
    bartek = User.objects.get(email="bartek@a.example")
    code.fill(staff_phones.offer_code(bartek)[0].lower())
    app.get_by_role("button", name="Połącz ten telefon").click()
    expect(app.get_by_text("Połączono. Powiadomienia dostaje: Bartek.")).to_be_visible()
    assert faults_of_access(app) == []

    alert = make_alert(town.gmina, state="awaiting_approval", author_id=1)
    alert.texts.create(lang="pl", title=TITLE, body="x")
    notices.notify(Notice.APPROVAL_WANTED, gmina=town.gmina, alert=alert)
    assert notice_sending.deliver() == 1
    wait_until(lambda: told_on(app), "the phone shows the notice")
    [notice] = told_on(app)
    assert TITLE in notice["body"]
    assert notice["link"].endswith(f"/staff/miasteczko/alerts/{alert.ref}/")

    app.get_by_role("button", name="Odłącz").click()
    expect(app.get_by_text(re.compile("^Odłączono"))).to_be_visible()
    assert not bartek.phones.exists()


def told_on(page: Page) -> list[dict[str, str]]:
    """What the system's own list of notices has from the app."""
    found: list[dict[str, str]] = page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const shown = await registration.getNotifications();
          return shown.map(({ title, body, data }) => ({ title, body, ...data }));
        }"""
    )
    return found
