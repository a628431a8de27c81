"""`make demo`: the whole system on this machine, the main job run on it once.

The main job itself, its checks and .local/demo.json are `manage.py demo_run`; here stand the
processes around it.
"""

import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from ops import environment, processes, services
from ops.local import LOCAL, LOG, PYTHON, ROOT, VENV, Failure, say
from ops.supervisor import Supervisor

SENDERS = ("sender-1", "sender-2")
ROLES = ("emulator", "web", *SENDERS, "maintenance", "clock", "phones")
WEB_WORKERS = 2
READY_WITHIN_S = 90


def demo(*, once: bool) -> int:
    """The exit code of the main job; without `once` it returns when somebody ends it."""
    with services.borrowed("demo", alone=True), supervised() as supervisor:
        prepare(supervisor.env)
        start(supervisor)
        code = main_job(supervisor)
        if not once:
            manage(supervisor.env, "demo_logins")
            stay(supervisor)
    return code


@contextmanager
def supervised() -> Iterator[Supervisor]:
    """The demo's processes, all of them ended with the block."""
    processes.stop(ROLES)  # what a killed demo may have left, before its ports are looked at
    for port in ("WEB_PORT", "EMULATOR_PORT"):
        environment.usable_port(port)
    supervisor = Supervisor(environment.for_process(PYTHONUNBUFFERED="1"))
    try:
        yield supervisor
    finally:
        # A second Ctrl-C must not leave half of them running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say("ending the demo's processes")
        supervisor.stop()


def prepare(env: dict[str, str]) -> None:
    """Schema, static files, the two demo gminas with their people; quick when already there."""
    manage(env, "migrate", "--verbosity=0")
    manage(env, "collectstatic", "--noinput", "--clear", "--verbosity=0")
    manage(env, "load_demo")


def manage(env: dict[str, str], *args: str) -> None:
    code = processes.foreground("manage", manage_argv(*args, "--skip-checks"), quiet(env))
    if code:
        raise Failure(f"manage.py {args[0]} ended with {code}")


def quiet(env: dict[str, str]) -> dict[str, str]:
    """For commands whose words people read: no log lines between them unless something is wrong."""
    return env | {"LOG_LEVEL": "WARNING"}


def manage_argv(*args: str) -> list[str]:
    return [str(PYTHON), str(ROOT / "manage.py"), *args]


def web_argv(port: str) -> list[str]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
    scale = ["--workers", str(WEB_WORKERS), "--blocking-threads", "4", "--backpressure", "64"]
    return [str(VENV / "bin" / "granian"), *options, *scale, "--no-ws", "config.wsgi:application"]


def start(supervisor: Supervisor) -> None:
    """The emulator first, so that nothing is sent into the void; phones last."""
    values = environment.load()
    inbox = str(LOCAL / "emulator.ndjson")
    port = values["EMULATOR_PORT"]
    supervisor.add("emulator", manage_argv("fcm_emulator", "--port", port, "--log", inbox))
    supervisor.add("web", web_argv(values["WEB_PORT"]))
    for name in SENDERS:
        supervisor.add(name, manage_argv("worker", "emergency", "normal"))
    supervisor.add("maintenance", manage_argv("worker", "maintenance"))
    supervisor.add("clock", manage_argv("clock"))
    await_ready(supervisor, f"{values['BASE_URL']}/readyz")
    supervisor.add("phones", manage_argv("simulate_phones"))


def await_ready(supervisor: Supervisor, url: str) -> None:
    """Until /readyz answers 200; Failure with its last words after READY_WITHIN_S."""
    deadline = time.monotonic() + READY_WITHIN_S
    answer = "no answer yet"
    while time.monotonic() < deadline:
        supervisor.look()
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as refusal:
            answer = refusal.read().decode()
        except OSError as error:
            answer = str(error)
        time.sleep(0.3)
    raise Failure(f"{url} is not ready after {READY_WITHIN_S} s: {answer}\nLogs are in {LOG}")


def main_job(supervisor: Supervisor) -> int:
    argv, env = manage_argv("demo_run", "--skip-checks"), quiet(supervisor.env)
    return processes.foreground("main-job", argv, env, meanwhile=supervisor.look)


def stay(supervisor: Supervisor) -> None:
    """Keeps everything running until Ctrl-C or `make down`."""
    say("the demo stays up; Ctrl-C, or `make down` from another terminal, ends it")
    while True:
        supervisor.look()
        time.sleep(processes.POLL_S)
