"""A whole installation for tests to break: PostgreSQL, Redis, emulator, senders, clocks.

Every process is a child of pytest, known by its pid and started again once it has ended, as a
supervisor would. A child dies with pytest, even where pytest is killed.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import requests
from django.db import connection

from ops import postgres, redis_server
from tests.emulator import free_port

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN_S = 300  # after a fault has ended (issue: 5 minutes)
PR_SET_PDEATHSIG = 1  # prctl(2)
# Quick ones, so that a test needs seconds where an installation needs a minute.
HURRIED = {"LEASE_S": "20", "FCM_TIMEOUT_S": "8", "CLOCK_TICK_S": "1"}
SENDERS = ("sender-1", "sender-2")
CLOCKS = ("clock-1", "clock-2")
_libc = ctypes.CDLL(None)


@dataclass
class Role:
    """One process to keep. `wanted` is False while a test has it down."""

    name: str
    argv: Sequence[str]
    log: Path
    user: str | None = None
    wanted: bool = True
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, env: Mapping[str, str]) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.argv,
                cwd=ROOT if self.user is None else "/",
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                preexec_fn=_die_with_parent,
            )

    @property
    def heeds_sigterm(self) -> bool:
        """Whether it has come so far as to handle SIGTERM itself."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def horses(self) -> list[int]:
        """The forks in which an RQ worker runs its jobs."""
        return _children(self.pid)

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, once: a second SIGTERM would mean "now". SIGKILL goes to its forks too."""
        if self.lives:
            forks = _children(self.pid) if number == signal.SIGKILL else []
            for pid in (self.pid, *forks):
                _signal(pid, number)

    def ended(self, *, within_s: float = 30) -> int:
        """The exit code, once it has ended; killed and TimeoutExpired where it doesn't."""
        assert self.process is not None
        try:
            return self.process.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@dataclass
class Machine:
    """Start it with `boot`, end it with `halt`; in between break it, and wait with `until`."""

    folder: Path = field(init=False)
    env: dict[str, str] = field(init=False)
    roles: dict[str, Role] = field(default_factory=dict)
    ports: dict[str, int] = field(init=False)
    _password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def boot(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sao-faults-"))
        self.folder.chmod(0o711)  # PostgreSQL runs as its own user when we are root
        self.ports = {name: free_port() for name in ("postgres", "redis", "emulator")}
        self.env = self._environment()
        self._add_postgres()
        self._add_redis()
        self._add("emulator", "fcm_emulator", *self._emulator_options())
        self.start("postgres", "redis", "emulator")
        self.manage("migrate", "--verbosity=0")
        for name in SENDERS:
            self._add(name, "worker", "emergency", "normal")
        for name in CLOCKS:
            self._add(name, "clock")
        self.start(*SENDERS, *CLOCKS)

    def halt(self) -> None:
        """End every process and remove the folder."""
        self._end_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *names: str) -> None:
        """Start what is down of these, and keep it from now on; returns when services answer."""
        for name in names:
            role = self.roles[name]
            role.wanted = True
            if not role.lives:
                self._launch(role)
        for name in names:
            if (answers := self._probes.get(name)) is not None:
                self.until(answers, f"{name} answers", within_s=60)

    def stop(self, *names: str, by: signal.Signals = signal.SIGTERM) -> list[int]:
        """End these by a signal and leave them down; their exit codes."""
        for name in names:
            self.roles[name].wanted = False
            self.roles[name].tell(by)
        codes = [self.roles[name].ended() for name in names]
        if "postgres" in names:
            connection.close()  # our own session went with the server
        return codes

    def kill(self, name: str) -> None:
        """SIGKILL one and its forks; the supervisor starts it again."""
        self.roles[name].tell(signal.SIGKILL)
        self.roles[name].ended()

    def reboot(self, **env: str) -> None:
        """Everything but Redis ends and starts again, with these in the environment besides."""
        self._end_all(but="redis")
        self.env = self._environment() | env
        self.start(*self.roles)

    def at_work(self) -> str:
        """The name of a sender that has a job under way; waits for one."""

        def busy() -> list[str]:
            return [name for name in SENDERS if self.roles[name].horses()]

        self.until(lambda: bool(busy()), "a sender is at work")
        return busy()[0]

    def supervise(self) -> None:
        """Start again what has ended by itself."""
        for role in self.roles.values():
            if role.wanted and not role.lives:
                self._launch(role)

    def until(
        self, true: Callable[[], bool], what: str, *, within_s: float = ENDS_WITHIN_S
    ) -> None:
        """Wait for a condition, supervising meanwhile; a deadline, no measurement."""
        deadline = time.monotonic() + within_s
        while not true():
            assert time.monotonic() < deadline, f"timed out: {what}\n{self.tail()}"
            self.supervise()
            time.sleep(0.1)

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "manage.py", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True)

    def log(self, name: str) -> str:
        return self.roles[name].log.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines: int = 15) -> str:
        """The end of every log, for a test that failed."""
        ends = {name: self.log(name).splitlines()[-lines:] for name in self.roles}
        return "\n".join(f"── {name}\n" + "\n".join(end) for name, end in ends.items())

    def _launch(self, role: Role) -> None:
        # Redis has nothing to read there, and its allocator can't bear libfaketime.
        role.start(os.environ if role.name == "redis" else self.env)

    def _end_all(self, *, but: str = "") -> None:
        """The services last, so that nobody misses them."""
        for role in reversed(self.roles.values()):
            if role.lives and role.name != but:
                role.tell(signal.SIGINT if role.name == "postgres" else signal.SIGKILL)
                role.ended()
        connection.close()

    @property
    def dsn(self) -> str:
        """The database for psycopg."""
        return self.env["DATABASE_URL"].replace("postgis://", "postgresql://")

    @property
    def received(self) -> Path:
        """The emulator's memory: a JSON line for each message it accepted."""
        return self.folder / "received.ndjson"

    @property
    def _probes(self) -> dict[str, Callable[[], bool]]:
        return {
            "postgres": self._postgres_answers,
            "redis": lambda: redis_server.answers(self.ports["redis"], self._password),
            "emulator": self._emulator_answers,
        }

    def _environment(self) -> dict[str, str]:
        password, ports = self._password, self.ports
        return os.environ | {
            "DATABASE_URL": f"postgis://sao:{password}@127.0.0.1:{ports['postgres']}/postgres",
            "REDIS_URL": f"redis://:{password}@127.0.0.1:{ports['redis']}/0",
            "FCM_CREDENTIALS": "",
            "FCM_EMULATOR_URL": f"http://127.0.0.1:{ports['emulator']}",
            "FCM_RATE": "0",  # no cap
            "AUDIT_HEADS_FILE": str(self.folder / "heads.log"),
            "LOG_LEVEL": "INFO",
            **HURRIED,
        }

    def _add(self, name: str, *arguments: str) -> None:
        argv = [sys.executable, "manage.py", *arguments]
        self.roles[name] = Role(name, argv, self.folder / f"{name}.log")

    def _emulator_options(self) -> list[str]:
        return ["--port", str(self.ports["emulator"]), "--log", str(self.received)]

    def _add_postgres(self) -> None:
        """A cluster as `make up` makes it, but small, and without waiting for the disk: what is
        killed here is never the kernel."""
        owner = postgres.OWNER if os.geteuid() == 0 else None
        home = self.folder / "postgres"
        home.mkdir(mode=0o700)
        password = home / "password"
        password.write_text(self._password)
        if owner:
            for path in (home, password):
                shutil.chown(path, owner, owner)
        sign_in = ["--username=sao", "--auth=scram-sha-256", f"--pwfile={password}"]
        text = ["--encoding=UTF8", "--locale=C.UTF-8"]
        initdb = [postgres.BIN / "initdb", "-D", home / "data", "--no-instructions", "--no-sync"]
        made = postgres.call([*initdb, *sign_in, *text])
        assert made.returncode == 0, made.stderr
        small = {"shared_buffers": "64MB", "fsync": "off", "port": str(self.ports["postgres"])}
        options = [f"-c{name}={value}" for name, value in (postgres.OPTIONS | small).items()]
        argv = [str(postgres.BIN / "postgres"), "-D", str(home / "data"), *options]
        self.roles["postgres"] = Role("postgres", argv, self.folder / "postgres.log", owner)

    def _add_redis(self) -> None:
        home = self.folder / "redis"
        home.mkdir(mode=0o700)
        file = home / "redis.conf"
        port, password = str(self.ports["redis"]), self._password
        file.write_text(redis_server.configuration(home, port, password))
        argv = [str(shutil.which("redis-server")), str(file)]
        self.roles["redis"] = Role("redis", argv, self.folder / "redis.log")

    def _postgres_answers(self) -> bool:
        try:
            psycopg.connect(self.dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _emulator_answers(self) -> bool:
        try:
            return requests.get(f"{self.env['FCM_EMULATOR_URL']}/stats", timeout=2).ok
        except requests.RequestException:
            return False


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed.split()]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
