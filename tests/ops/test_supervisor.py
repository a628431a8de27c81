"""What ends by itself starts again, ever more slowly, and nothing outlives the supervisor."""

import os
import sys

import pytest

from ops import processes, supervisor
from ops.supervisor import Supervisor

ENDS = [sys.executable, "-c", "raise SystemExit(1)"]
SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path, monkeypatch, clock):
    for name in ("RUN", "LOG"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(processes, name, tmp_path / name)
    made = Supervisor(dict(os.environ), clock=clock)
    yield made
    made.stop()


def end(kept: Supervisor) -> None:
    process = kept.roles[0].process
    assert process is not None
    process.wait()
    kept.look()


def test_a_running_process_is_left_alone(kept):
    kept.add("web", SLEEPS)
    before = kept.roles[0].process
    kept.look()
    assert kept.roles[0].process is before


def test_one_that_ended_starts_again_after_its_pause_and_not_before(kept, clock):
    kept.add("web", ENDS)
    end(kept)
    assert kept.roles[0].process is None
    kept.look()
    assert kept.roles[0].process is None
    clock.now += kept.roles[0].pause_s
    kept.look()
    assert kept.roles[0].process is not None


def test_the_pause_grows_to_its_limit(kept, clock):
    kept.add("web", ENDS)
    pauses = []
    for _ in range(7):
        end(kept)
        pauses.append(kept.roles[0].pause_s)
        clock.now += kept.roles[0].pause_s
        kept.look()
    assert pauses == [2, 4, 8, 16, 30, 30, 30]


def test_one_that_ran_steadily_starts_again_at_once(kept, clock):
    kept.add("web", ENDS)
    kept.roles[0].pause_s = supervisor.LONGEST_PAUSE_S
    clock.now += supervisor.STEADY_S
    end(kept)
    assert kept.roles[0].pause_s == supervisor.FIRST_PAUSE_S


def test_stop_ends_all_and_forgets_them(kept):
    for name in ("web", "clock"):
        kept.add(name, SLEEPS)
    pids = [role.process.pid for role in kept.roles if role.process]
    kept.stop()
    assert [pid for pid in pids if processes.stat(pid)] == []
    assert processes.names() == []


def test_a_process_left_by_a_killed_supervisor_is_ended_before_its_successor_starts(kept):
    left = processes.start("web", SLEEPS, dict(os.environ))
    kept.add("web", SLEEPS)
    assert left.wait(timeout=1) != 0
    assert processes.is_running("web")
