"""The steps of the main job against scripted answers; `make demo` runs them for real."""

from typing import Any

import pytest

from config.demo import main_job
from config.demo.main_job import await_sent, awaited_receipts, found_street
from config.demo.officer import Refused


class Scripted:
    """An officer whose every GET is answered by the next of these; the last one stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, path: str, **query: str) -> Any:
        self.asked.append((path, query))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def hit(label: str, fid: int) -> dict[str, Any]:
    return {"label": label, "fid": fid}


def progress(*, final: bool = True, received: int = 0) -> dict[str, Any]:
    return {"final": final, "devices": {"received": {"count": received}}}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only by waiting."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(main_job.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(main_job.time, "sleep", sleep)
    return now


def test_street_is_found_among_names_that_are_nearly_the_same() -> None:
    officer = Scripted([hit("ul. Główna", 5), hit("al. Główna", 6)])
    assert found_street(officer) == {"kind": "feature", "fid": 5, "reach": "addresses"}
    assert officer.asked == [("search", {"q": "glowna", "kinds": "street"})]


@pytest.mark.parametrize("hits", [[], [hit("al. Główna", 6)], [hit("ul. Główna", 5)] * 2])
def test_street_that_is_not_found_just_once_is_refused(hits: list[dict[str, Any]]) -> None:
    with pytest.raises(Refused, match="Główna"):
        found_street(Scripted(hits))


def test_sending_is_waited_for() -> None:
    officer = Scripted(progress(final=False), progress(final=False), progress(final=True))
    await_sent(officer, "chorzow-2026-1")
    assert [path for path, _ in officer.asked] == ["alerts/chorzow-2026-1/progress"] * 3


def test_sending_that_does_not_end_is_refused(clock: list[float]) -> None:
    with pytest.raises(Refused, match="chorzow-2026-1"):
        await_sent(Scripted(progress(final=False)), "chorzow-2026-1")
    assert clock[0] == pytest.approx(main_job.FINAL_WITHIN_S, abs=2 * main_job.POLL_S)


def test_receipts_are_waited_for_and_counted() -> None:
    officer = Scripted(progress(received=1), progress(received=5), progress(received=9))
    assert awaited_receipts(officer, "r", due=4) == 5


def test_receipts_that_do_not_come_are_counted_as_far_as_they_did(clock: list[float]) -> None:
    assert awaited_receipts(Scripted(progress(received=3)), "r", due=4) == 3
    assert clock[0] >= main_job.RECEIPTS_WITHIN_S
