"""`make up` and `make down`: everything installed and built, PostgreSQL and Redis running."""

from collections.abc import Iterator
from contextlib import contextmanager

from ops import build, environment, packages, postgres, processes, redis_server
from ops.local import locked, say

SUPERVISOR = "supervisor"


def install() -> None:
    packages.ensure()
    build.everything()


def up() -> None:
    """May be run again at any time: does only what is not done."""
    with locked("services"):
        environment.load()
        install()
        start()


def start() -> None:
    postgres.start()
    redis_server.start()


def down() -> None:
    """Ends every process of this checkout: the demo's by their records, then the services."""
    with locked("services"):
        processes.stop([SUPERVISOR], grace_s=60)  # it ends its own processes first
        processes.stop(others())
        redis_server.stop()
        postgres.stop()


def others() -> list[str]:
    """Names of recorded processes that are neither services nor the demo's supervisor."""
    return [name for name in processes.names() if name not in {SUPERVISOR, redis_server.NAME}]


def are_running() -> bool:
    return postgres.is_running() and redis_server.is_running()


@contextmanager
def borrowed() -> Iterator[None]:
    """Services for the time of a command; left running only if they ran before it."""
    ran_before = are_running()
    try:
        up()
        yield
    finally:
        if not ran_before:
            redis_server.stop()
            postgres.stop()


def report() -> None:
    values = environment.load()
    say(f"PostgreSQL on 127.0.0.1:{values['POSTGRES_PORT']}, Redis on :{values['REDIS_PORT']}")
    say("settings for a shell of your own: set -a; . .local/env; set +a")
