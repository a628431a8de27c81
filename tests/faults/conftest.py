"""One machine and one town for all tests of faults; each test finds them whole."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
from django.db import connections

from audit import anchors
from audit.verify import verify
from dispatch.models import Alert, Message
from tests.faults.account import Account, account, unfinished
from tests.faults.machine import Machine
from tests.faults.town import Town, settle

REPORTS = pytest.StashKey[list[str]]()


@pytest.fixture(scope="package")
def whole_machine() -> Iterator[Machine]:
    machine = Machine()
    machine.boot()
    try:
        yield machine
    finally:
        machine.halt()


@pytest.fixture
def machine(whole_machine: Machine, settings: Any, django_db_blocker: Any) -> Iterator[Machine]:
    """The machine, everything running; this process's ORM works on its database."""
    whole_machine.start(*whole_machine.roles)
    settings.REDIS_URL = whole_machine.env["REDIS_URL"]
    settings.FCM_CREDENTIALS = ""
    settings.FCM_EMULATOR_URL = whole_machine.env["FCM_EMULATOR_URL"]
    settings.RQ_QUEUES = {
        name: queue | {"URL": settings.REDIS_URL} for name, queue in settings.RQ_QUEUES.items()
    }
    with django_db_blocker.unblock(), database_of(whole_machine):
        yield whole_machine


@contextmanager
def database_of(machine: Machine) -> Iterator[None]:
    """Let this thread's ORM work on the machine's database instead of pytest's."""
    before = connections["default"]
    settings = before.settings_dict | dj_database_url.parse(
        machine.env["DATABASE_URL"], engine="django.contrib.gis.db.backends.postgis"
    )
    connections["default"] = type(before)(settings | {"OPTIONS": before.settings_dict["OPTIONS"]})
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


@pytest.fixture(scope="package")
def _towns() -> list[Town]:
    return []


@pytest.fixture
def town(machine: Machine, _towns: list[Town]) -> Town:
    if not _towns:
        _towns.append(settle())
    return _towns[0]


@pytest.fixture
def ends_well(machine: Machine) -> Callable[[Message], Account]:
    """`ends_well(message)` once a fault is over: everything comes to its end by itself, everybody
    has got the message, the books agree; returns the account, for what was repeated."""

    def ends(message: Message) -> Account:
        alert = Alert.objects.filter(pk=message.alert_id, state=Alert.State.ACTIVE)
        machine.until(alert.exists, "the alert is active")
        machine.until(lambda: not unfinished(message), "every batch is final, or waits till a time")
        found = account(message, machine.received)
        assert (found.lost, found.strangers) == (frozenset(), frozenset())
        # What was written last is linked by the clock's next rounds.
        machine.until(lambda: audit_is_whole(machine), "the audit log is whole", within_s=60)
        return found

    return ends


def audit_is_whole(machine: Machine) -> bool:
    heads = anchors.read(Path(machine.env["AUDIT_HEADS_FILE"]))
    return verify(heads) == []


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`report(fault, account)` puts a fault's figures under the tests' results."""
    begun = time.monotonic()
    lines = request.config.stash.setdefault(REPORTS, [])

    def note(fault: str, found: Account, more: str = "") -> None:
        seconds = time.monotonic() - begun
        figures = f"{found.planned:6,} planned, {len(found.lost)} lost, {found.repeats:4} repeated"
        lines.append(f"{fault:40} {figures}, {seconds:5.1f} s  {more}".rstrip())

    return note


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if lines := config.stash.get(REPORTS, []):
        terminalreporter.section("faults")
        terminalreporter.write_line("\n".join(lines))
