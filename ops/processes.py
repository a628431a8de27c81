"""Processes of this checkout: each in a session of its own, recorded, ended by id.

A record outlives whoever started the process, so `make down` also clears up after a crash. A
record is trusted only while the kernel confirms it: same boot, same start time, so that a pid
used again by a stranger, or a record copied along with the folder, ends nobody else's process.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.local import CHECKOUT, LOG, ROOT, RUN

POLL_S = 0.5
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclass(frozen=True)
class Stat:
    """What /proc says of one process; `started` is in clock ticks since boot."""

    state: str
    session: int
    started: int


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: int
    boot: str = BOOT
    checkout: str = CHECKOUT


def stat(pid: int) -> Stat | None:
    """None for a process that is gone or only waits to be reaped."""
    try:
        # The command's name, in parentheses, may itself hold blanks and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = Stat(state=fields[0], session=int(fields[3]), started=int(fields[19]))
    return None if found.state in "ZX" else found


def start(name: str, argv: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts `argv` detached from the terminal, its output appended to .local/log/NAME.log."""
    with (LOG / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    record(name, process.pid)
    return process


def foreground(
    name: str,
    argv: Sequence[str],
    env: dict[str, str],
    *,
    meanwhile: Callable[[], None] = lambda: None,
    grace_s: float = 20,
) -> int:
    """Runs `argv` to its end, its output on ours; gives its exit code and leaves nothing of it.

    `meanwhile` is called every POLL_S seconds. When we are told to stop, the process is interrupted
    first, so that it can put its own house in order.
    """
    name = f"{name}.{os.getpid()}"  # the same command may run in two terminals
    process = subprocess.Popen(argv, cwd=ROOT, env=env, start_new_session=True)
    record(name, process.pid)
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(POLL_S)
            meanwhile()
    except BaseException:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace_s)
        raise
    finally:
        stop([name])


def record(name: str, pid: int) -> None:
    found = stat(pid)
    if found:
        text = json.dumps(asdict(Record(name=name, pid=pid, started=found.started)))
        (RUN / f"{name}.json").write_text(text)


def recorded(name: str) -> Record | None:
    """The record of `name` if it was written by this checkout since the last boot."""
    try:
        known = Record(**json.loads((RUN / f"{name}.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return known if (known.boot, known.checkout) == (BOOT, CHECKOUT) else None


def names() -> list[str]:
    return sorted(path.stem for path in RUN.glob("*.json"))


def is_running(name: str) -> bool:
    known = recorded(name)
    return known is not None and lives(known)


def lives(known: Record) -> bool:
    found = stat(known.pid)
    return found is not None and found.started == known.started


def members(known: Record) -> list[int]:
    """Living processes of the recorded session, its leader included or not.

    The kernel gives a number to no new process while a session bears it, so a session whose
    leader is gone is still the recorded one; a leader with another start time is a stranger.
    """
    leader = stat(known.pid)
    if leader and leader.started != known.started:
        return []
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if (found := stat(pid)) and known.pid in {pid, found.session}]


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def stop(stopping: Sequence[str], *, grace_s: float = 15) -> None:
    """Ends the named processes and all they started: SIGTERM to each leader, then SIGKILL."""
    known = [found for name in stopping if (found := recorded(name))]
    # By the record, not by its file: a process that ends in good order removes that first.
    signal_all([each.pid for each in known if lives(each)], signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(lives(each) for each in known):
        time.sleep(0.05)
    for each in known:
        finish(each)
    for name in stopping:
        forget(name)


def forget(name: str) -> None:
    (RUN / f"{name}.json").unlink(missing_ok=True)


def finish(known: Record, *, attempts: int = 100) -> None:
    """Kills what is left of a session, until the kernel lists none of it."""
    for _ in range(attempts):
        left = members(known)
        if not left:
            return
        signal_all(left, signal.SIGKILL)
        time.sleep(0.02)
