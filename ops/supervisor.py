"""Keeps a set of processes running: starts them in order, starts again what ends by itself."""

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ops import processes
from ops.local import LOG, say

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
STEADY_S = 60.0  # one that ran so long starts again without a growing pause


@dataclass
class Role:
    """One process to keep; `due` is when it may start again (monotonic clock)."""

    name: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due: float = 0.0


@dataclass
class Supervisor:
    env: dict[str, str]
    roles: list[Role] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def add(self, name: str, argv: Sequence[str]) -> None:
        """Starts a process and keeps it from now on; what an earlier run left of it ends first."""
        processes.stop([name])
        role = Role(name, argv)
        self.roles.append(role)
        self.start(role)

    def start(self, role: Role) -> None:
        role.process = processes.start(role.name, role.argv, self.env)
        role.started = self.clock()

    def look(self) -> None:
        """One round: notes what has ended, starts again what is due."""
        for role in self.roles:
            if role.process is None:
                if self.clock() >= role.due:
                    self.start(role)
            elif (code := role.process.poll()) is not None:
                self.note_end(role, code)

    def note_end(self, role: Role, code: int) -> None:
        processes.stop([role.name])  # its children, if it left any
        now = self.clock()
        steady = now - role.started >= STEADY_S
        role.pause_s = FIRST_PAUSE_S if steady else min(role.pause_s * 2, LONGEST_PAUSE_S)
        role.process, role.due = None, now + role.pause_s
        log = LOG / f"{role.name}.log"
        say(f"{role.name} ended with {code}; again in {role.pause_s:g} s (see {log})")

    def stop(self) -> None:
        """Ends all, the last started first asked but all at once; none outlives this call."""
        processes.stop([role.name for role in reversed(self.roles)])
        for role in self.roles:
            if role.process is not None:
                role.process.wait()
