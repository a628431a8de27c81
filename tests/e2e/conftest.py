"""Chromium against Django's live server, a real worker and the emulator, in one small town."""

import os
import shutil
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, expect
from playwright.sync_api import Error as PlaywrightError

from accounts.models import Gmina
from dispatch.kinds import create_default_kinds
from gis_layers.models import Feature
from gis_layers.revisions import raise_revision
from residents.models import Device
from tests.builders import (
    at,
    line,
    make_address,
    make_device,
    make_district,
    make_gmina,
    make_locality,
    make_place,
    make_resident,
    make_street,
    make_totp,
    make_user,
    square,
)
from tests.dispatch.conftest import phone, queue_server  # noqa: F401 - fixtures
from tests.e2e.drivers import Officer, Watch
from tests.processes import manage

ROOTLESS = ["--no-sandbox"]
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
SIMC = "0144259"
PEOPLE_ON_GLOWNA = 12
CLOSES_WITHIN_S = 20
# Waits are deadlines for what never comes, no measurement: other tests run beside.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def orm_beside_playwright() -> Iterator[None]:
    """Playwright's loop runs in this thread, and Django would take the ORM there for a mistake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def base_url() -> None:
    """Addresses are whole; the plugin's own fixture is of a form that pytest warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return browser_type_launch_args | {
        "executable_path": path,
        "args": [*ROOTLESS, *SOFTWARE_GL, *QUIET],
    }


@pytest.fixture
def browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """A browser for each test: Chromium now and then never answers that a context is closed, and
    is then killed, which must not take the next test's browser with it."""
    mark = f"--test-run={uuid.uuid4()}"
    launch = browser_type_launch_args | {"args": [*browser_type_launch_args["args"], mark]}
    browser = browser_type.launch(**launch)
    yield browser
    with ending(mark):
        browser.close()


@contextmanager
def ending(mark: str) -> Iterator[None]:
    """Kills the browser started with this argument if the block takes longer than it may."""
    timer = threading.Timer(CLOSES_WITHIN_S, kill_started_with, [mark])
    timer.start()
    try:
        with suppress(PlaywrightError):
            yield
    finally:
        timer.cancel()


def leave(context: BrowserContext) -> None:
    """Pages that go on asking would meet the database while the test's rows are taken away."""
    for page in context.pages:
        with suppress(PlaywrightError):
            page.goto("about:blank")


def kill_started_with(mark: str) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


@pytest.fixture
def context(browser: Browser, browser_context_args: dict[str, Any]) -> BrowserContext:
    """Ends with its browser."""
    return browser.new_context(**browser_context_args)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {
        "locale": "pl-PL",
        "timezone_id": "Europe/Warsaw",
        "viewport": {"width": 1440, "height": 900},
    }


@dataclass(frozen=True)
class Town:
    """A square of 2 km. ul. Główna runs through its middle from west to east, al. Główna farther
    north: twelve residents with the app live on the first, six on the second."""

    gmina: Gmina
    glowna: Feature
    told: list[Device]
    others: list[Device]


@pytest.fixture
def town(transactional_db: None, emulator: Any, queue_server: Any) -> Town:  # noqa: F811
    gmina = make_gmina(
        "miasteczko", name="Miasteczko", kind=Gmina.Kind.TOWN, outline=square(0, 0, 2000)
    )
    create_default_kinds(gmina)
    make_locality(gmina, "Miasteczko", SIMC)
    glowna = make_street(gmina, "Główna", geom=line((200, 1000), (1800, 1000)), simc=SIMC)
    aleja = make_street(gmina, "Aleja Główna", geom=line((200, 1700), (1800, 1700)), simc=SIMC)
    make_district(gmina, "Zachód", geom=square(0, 0, 900))
    for number in range(1, 4):
        make_address(gmina, str(number), at=at(200 + 50 * number, 1010), street=glowna, simc=SIMC)
    raise_revision([gmina])
    for email, role in (("anna", "editor"), ("bartek", "approver"), ("iga", "hotline")):
        make_totp(make_user(f"{email}@a.example", role, gmina=gmina))
    told = [_living(gmina, glowna, n, 1010) for n in range(PEOPLE_ON_GLOWNA)]
    others = [_living(gmina, aleja, n, 1710) for n in range(6)]
    return Town(gmina, glowna, told, others)


def _living(gmina: Gmina, street: Feature, number: int, y: float) -> Device:
    resident = make_resident()
    make_place(resident, gmina, at=at(300 + 60 * number, y), street=street, simc=SIMC)
    return make_device(resident)


@pytest.fixture
def worker(town: Town) -> Iterator[None]:
    """A sender as in production: a process of its own."""
    process = manage("worker", "emergency", "normal")
    try:
        yield
        process.terminate()
        process.wait(timeout=20)
    finally:
        process.kill()  # left behind, it would take the next test's jobs


@pytest.fixture
def watch(context: BrowserContext, live_server: Any) -> Iterator[Watch]:
    """Fails the test for what no page may do: errors, refused content, other origins."""
    watched = Watch(context, live_server.url)
    yield watched
    watched.check()
    leave(context)


@pytest.fixture
def anna(context: BrowserContext, town: Town, watch: Watch) -> Officer:
    """The editor, signed in with her second factor."""
    return Officer(context.new_page(), watch).sign_in("anna@a.example")


@pytest.fixture
def bartek(
    browser: Browser,
    browser_context_args: dict[str, Any],
    live_server: Any,
    town: Town,
) -> Iterator[Officer]:
    """The approver, at a computer of his own."""
    context = browser.new_context(**browser_context_args)
    watched = Watch(context, live_server.url)
    yield Officer(context.new_page(), watched).sign_in("bartek@a.example")
    watched.check()
    leave(context)
