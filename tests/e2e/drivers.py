"""How tests speak of the staff panel; only here are pages touched."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django_otp.oath import totp
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

PASSWORD = "hasło-testowe-123"  # of tests.builders.make_user
TOTP_KEY = bytes(20)  # of tests.builders.make_totp
FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# What the browser itself says of software drawing, which only tests use.
DRIVER_TALK = re.compile(r"GL Driver Message|GPU stall")
REFUSAL = re.compile(r"responded with a status of (\d+)")


class Watch:
    """Collects what no page may do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self.expected: set[int] = set()
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._request)

    def expect_refusal(self, status: int) -> None:
        """From now on the browser may say that the server has refused something so."""
        self.expected.add(status)

    def check(self) -> None:
        assert self.faults == []

    def _console(self, message: ConsoleMessage) -> None:
        refusal = REFUSAL.search(message.text)
        if DRIVER_TALK.search(message.text) or (refusal and int(refusal[1]) in self.expected):
            return
        # A policy violation is told as an error.
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.faults.append(f"request to {request.url}")


class Officer:
    """A member of staff of one gmina at a browser."""

    def __init__(self, page: Page, watch: Watch, slug: str = "miasteczko") -> None:
        self.page = page
        self.slug = slug
        self.watch = watch
        self.origin = watch.origin

    def sign_in(self, email: str) -> "Officer":
        self.page.goto(f"{self.origin}/staff/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Hasło").fill(PASSWORD)
        self.button("Dalej").click()
        self.give_code("Zaloguj się")
        self.page.wait_for_url(f"**/staff/{self.slug}/**")
        return self

    def give_code(self, button: str) -> None:
        self.page.get_by_role("textbox").fill(f"{totp(TOTP_KEY):06d}")
        self.button(button).click()

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.origin}/staff/{self.slug}/{path}")
        return self.page

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def compose(self) -> "Composer":
        self.open("alerts/new/")
        return Composer(self)

    def faults_of_access(self) -> list[str]:
        return faults_of_access(self.page)


class Composer:
    """The three questions."""

    def __init__(self, officer: Officer) -> None:
        self.officer = officer
        self.page = officer.page
        self.map = self.page.locator("canvas.maplibregl-canvas")
        self.foot = self.page.locator("footer")

    def wait_for_map(self) -> "Composer":
        """Until clicks choose streets and all tiles are drawn."""
        pressed = self.officer.button("Ulice")
        expect(pressed).to_have_attribute("aria-pressed", "true", timeout=20_000)
        self.page.wait_for_load_state("networkidle")
        return self

    def click_middle_of_map(self) -> None:
        box = self.map.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def click_corners(self, *offsets: tuple[int, int]) -> None:
        """Set corners of a shape, in pixels from the middle of the map."""
        box = self.map.bounding_box()
        assert box is not None
        for dx, dy in offsets:
            at = (box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)
            self.page.mouse.move(*at)
            self.page.mouse.click(*at)
            self.page.wait_for_timeout(350)  # two clicks in a row would close the shape

    def chosen(self) -> Locator:
        return self.page.get_by_role("checkbox", checked=True)

    def expect_people(self, count: int) -> None:
        expect(self.foot.locator(".figure")).to_have_text(str(count))

    def write(self, title: str, body: str) -> None:
        self.page.get_by_text("Awaria", exact=True).click()
        self.page.get_by_text("Woda", exact=True).click()
        self.page.get_by_label("Tytuł", exact=True).fill(title)
        self.page.get_by_label("Treść", exact=True).fill(body)

    def go_on(self, name: str) -> None:
        self.officer.button(name).click()


def faults_of_access(page: Page) -> list[str]:
    """What axe finds on the page: rule, and the first element that breaks it."""
    page.evaluate(axe())
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run({runOnly: rules}).then(result => result.violations)", RULES
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@cache
def axe() -> str:
    return (FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
