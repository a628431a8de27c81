"""Only our own processes are ended, and all of them."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest

from ops import processes

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
# Starts a child in a process group of its own, as RQ's workers do, and ignores SIGTERM.
STUBBORN = [
    sys.executable,
    "-c",
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen(['sleep', '60'], preexec_fn=os.setpgrp)\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
]


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    for name in ("RUN", "LOG"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(processes, name, tmp_path / name)
    yield
    processes.stop(processes.names(), grace_s=0)


def start(name: str, argv: list[str]) -> subprocess.Popen[bytes]:
    return processes.start(name, argv, dict(os.environ))


def printed(name: str) -> str:
    """The first line that the process wrote to its log, waited for up to 10 s."""
    log = processes.LOG / f"{name}.log"
    for _ in range(200):
        if log.read_text().endswith("\n"):
            return log.read_text().splitlines()[0]
        time.sleep(0.05)
    raise AssertionError(f"{name} printed nothing")


def test_a_started_process_runs_and_stop_ends_it():
    process = start("web", SLEEPS)
    assert processes.is_running("web")
    processes.stop(["web"])
    assert process.wait(timeout=1) == -signal.SIGTERM
    assert not processes.is_running("web")
    assert processes.names() == []


def test_one_that_ignores_sigterm_is_killed_together_with_its_children():
    process = start("sender", STUBBORN)
    child = int(printed("sender"))
    assert processes.stat(child) is not None
    processes.stop(["sender"], grace_s=0.2)
    assert process.wait(timeout=1) == -signal.SIGKILL
    assert processes.stat(child) is None


def test_one_that_forgets_its_record_while_it_ends_is_given_its_time():
    code = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        f"    pathlib.Path({str(processes.RUN / 'make.json')!r}).unlink()\n"
        "    time.sleep(0.5)\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    process = start("make", [sys.executable, "-c", code])
    assert printed("make") == "ready"
    processes.stop(["make"])
    assert process.wait(timeout=1) == 7


def test_children_of_a_process_that_crashed_are_ended():
    process = start("sender", STUBBORN)
    child = int(printed("sender"))
    process.kill()
    process.wait()
    assert not processes.is_running("sender")
    processes.stop(["sender"])
    assert processes.stat(child) is None


@pytest.mark.parametrize(
    "change",
    [{"started": 1}, {"boot": "another"}, {"checkout": "another"}],
    ids=["the pid was used again", "the machine was restarted", "the folder was copied"],
)
def test_a_record_that_the_kernel_does_not_confirm_ends_nobody(change):
    process = start("web", SLEEPS)
    record = processes.recorded("web")
    assert record is not None
    (processes.RUN / "web.json").write_text(json.dumps(asdict(replace(record, **change))))
    assert not processes.is_running("web")
    processes.stop(["web"], grace_s=0)
    assert process.poll() is None
    process.kill()
    process.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "web"}', '{"surprise": 1}'])
def test_a_broken_record_counts_as_none(text):
    (processes.RUN / "web.json").write_text(text)
    assert processes.recorded("web") is None
    processes.stop(["web"])
    assert processes.names() == []


def test_foreground_gives_the_exit_code_and_leaves_no_record():
    argv = [sys.executable, "-c", "raise SystemExit(3)"]
    assert processes.foreground("job", argv, dict(os.environ)) == 3
    assert processes.names() == []


def test_other_work_goes_on_while_a_foreground_process_runs(monkeypatch):
    monkeypatch.setattr(processes, "POLL_S", 0.05)
    rounds: list[int] = []
    argv = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    processes.foreground("job", argv, dict(os.environ), meanwhile=lambda: rounds.append(1))
    assert len(rounds) >= 3


def test_an_interrupted_foreground_process_may_put_its_house_in_order(tmp_path, monkeypatch):
    tidied = tmp_path / "tidied"
    code = (
        "import pathlib, time\n"
        "try: time.sleep(60)\n"
        f"except KeyboardInterrupt: pathlib.Path({str(tidied)!r}).touch()"
    )
    real = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if timeout == processes.POLL_S:
            time.sleep(0.5)
            raise KeyboardInterrupt
        return real(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        processes.foreground("job", [sys.executable, "-c", code], dict(os.environ))
    assert tidied.exists()
