"""`make up` and `make down`: everything installed and built, PostgreSQL and Redis running."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ops import build, environment, packages, postgres, processes, redis_server
from ops.local import RUN, Failure, locked, make_folders, say

# Records of make's own processes that need the services begin so.
USER = "make-"
# There from `make up` to `make down`: services stay when the last command that used them ends.
KEPT = RUN / "kept"


def up() -> None:
    """May be run again at any time: does only what is not done."""
    with locked("services"):
        environment.load()
        packages.ensure()
        build.everything()
        postgres.start()
        redis_server.start()


def keep() -> None:
    """`make up`: as `up`, until `make down`."""
    up()
    KEPT.touch()
    values = environment.load()
    say(f"PostgreSQL on 127.0.0.1:{values['POSTGRES_PORT']}, Redis on :{values['REDIS_PORT']}")
    say("settings for a shell of your own: set -a; . .local/env; set +a")


def down() -> None:
    """Ends every process of this checkout; those that keep others are asked first."""
    make_folders()
    processes.stop(users(), grace_s=60)
    processes.stop([name for name in processes.names() if name != redis_server.NAME])
    with locked("services"):
        KEPT.unlink(missing_ok=True)
        stop()


def stop() -> None:
    redis_server.stop()
    postgres.stop()


def users(command: str = "") -> list[str]:
    """Records of living make processes that use the services, of one command or all."""
    found = [name for name in processes.names() if name.startswith(USER + command)]
    return [name for name in found if processes.is_running(name)]


@contextmanager
def borrowed(command: str, *, alone: bool = False) -> Iterator[None]:
    """Services for the time of a command; the last one to end stops them unless they are kept.

    Raises Failure when `alone` and the command runs already.
    """
    make_folders()
    if alone and users(command):
        raise Failure(f"`make {command}` runs already; `make down` ends it")
    name = f"{USER}{command}.{os.getpid()}"
    processes.record(name, os.getpid())
    try:
        up()
        yield
    finally:
        with locked("services"):
            processes.forget(name)
            if not users() and not KEPT.exists():
                stop()
