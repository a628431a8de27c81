"""What the commands say and leave behind; the main job itself is replaced by its outcome."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.demo.expected import Expected
from config.demo.main_job import Done
from config.demo.officer import Refused
from config.demo.staff import PASSWORD, current_code
from config.demo.verdict import Verdict
from config.management.commands import demo_run

RIGHT = Done(
    ref="chorzow-2026-1",
    expected=Expected(
        residents=frozenset(range(340)),
        tokens=frozenset(f"demo-chorzow-1-{n}" for n in range(402)),
        guests=frozenset(),
    ),
    verdict=Verdict(
        residents=340,
        devices=402,
        accepted=402,
        received=370,
        wrong=0,
        missed=0,
        duplicates=0,
        seconds=2.5,
    ),
    reports_due=370,
)


@pytest.fixture(autouse=True)
def emulator_is_set(settings: Any) -> None:
    settings.FCM_EMULATOR_URL, settings.FCM_CREDENTIALS = "http://127.0.0.1:9", ""


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "demo.json"


def run(monkeypatch: pytest.MonkeyPatch, outcome: Done | Exception, figures: Path) -> str:
    def job() -> Done:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(demo_run, "main_job", job)
    out = StringIO()
    call_command("demo_run", to=figures, stdout=out)
    return out.getvalue()


def test_right_run_leaves_its_figures(monkeypatch: pytest.MonkeyPatch, figures: Path) -> None:
    printed = run(monkeypatch, RIGHT, figures)
    assert json.loads(figures.read_text()) == {
        "residents": 340,
        "devices": 402,
        "accepted": 402,
        "received": 370,
        "wrong": 0,
        "missed": 0,
        "duplicates": 0,
        "seconds": 2.5,
    }
    assert "chorzow-2026-1" in printed
    assert all(number in printed for number in ("340", "402", "370", "2.5"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"wrong": 1}, "wrong_recipients"),
        ({"missed": 2}, "missed_recipients"),
        ({"duplicates": 3}, "duplicates"),
        ({"residents": 339}, "residents_not_expected"),
        ({"accepted": 401}, "accepted_not_devices"),
        ({"received": 369}, "receipts_missing"),
    ],
)
def test_wrong_run_fails_and_leaves_its_figures(
    monkeypatch: pytest.MonkeyPatch, figures: Path, change: dict[str, int], code: str
) -> None:
    wrong = replace(RIGHT, verdict=replace(RIGHT.verdict, **change))
    with pytest.raises(CommandError, match=code):
        run(monkeypatch, wrong, figures)
    assert json.loads(figures.read_text()).items() >= change.items()


def test_run_that_breaks_off_leaves_no_old_figures(
    monkeypatch: pytest.MonkeyPatch, figures: Path
) -> None:
    run(monkeypatch, RIGHT, figures)
    with pytest.raises(CommandError, match="not sent"):
        run(monkeypatch, Refused("chorzow-2026-2 is not sent"), figures)
    assert not figures.exists()


def test_guests_are_told_of(monkeypatch: pytest.MonkeyPatch, figures: Path) -> None:
    due = replace(
        RIGHT.expected,
        residents=RIGHT.expected.residents | {999},
        tokens=RIGHT.expected.tokens | {"web-guest"},
        guests=frozenset({999}),
    )
    verdict = replace(RIGHT.verdict, residents=341, devices=403, accepted=403)
    with_guest = run(monkeypatch, replace(RIGHT, expected=due, verdict=verdict), figures)
    without = run(monkeypatch, RIGHT, figures)
    assert len(with_guest.splitlines()) == len(without.splitlines()) + 1


def test_logins_come_with_a_code_and_a_phone(settings: Any) -> None:
    settings.BASE_URL = "http://localhost:8000"
    out = StringIO()
    before = current_code()
    call_command("demo_logins", stdout=out)
    printed = out.getvalue()
    assert "http://localhost:8000/staff/chorzow/" in printed
    assert "http://localhost:8000/app/" in printed
    assert PASSWORD in printed
    assert before in printed or current_code() in printed
