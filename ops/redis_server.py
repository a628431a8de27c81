"""A private Redis with an append-only file, on the loopback interface, behind a password."""

import shutil
import socket
import time
from pathlib import Path

from ops import environment, processes
from ops.local import LOCAL, LOG, Failure

NAME = "redis"
FOLDER = LOCAL / "redis"


def configuration(folder: Path, port: str, password: str) -> str:
    return f"""\
bind 127.0.0.1
port {port}
dir {folder}
requirepass {password}
appendonly yes
appendfsync everysec
aof-load-truncated yes
save ""
maxmemory-policy noeviction
daemonize no
"""


def start(*, wait_s: float = 30) -> None:
    """Starts the server if it is down, returns when it answers."""
    if processes.is_running(NAME):
        return
    processes.stop([NAME])  # what a killed one may have left
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    port, password = environment.usable_port("REDIS_PORT"), environment.load()["REDIS_PASSWORD"]
    file = FOLDER / "redis.conf"
    file.touch(mode=0o600)
    file.write_text(configuration(FOLDER, port, password))
    processes.start(NAME, [str(shutil.which("redis-server")), str(file)], environment.for_process())
    await_answer(int(port), password, wait_s)


def await_answer(port: int, password: str, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while not answers(port, password):
        if time.monotonic() > deadline or not processes.is_running(NAME):
            raise Failure(f"Redis did not start; see {LOG / 'redis.log'}")
        time.sleep(0.05)


def answers(port: int, password: str) -> bool:
    """Asks PING in Redis's inline protocol; false while it is still loading its file."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
            return b"+PONG" in link.makefile("rb").read()
    except OSError:
        return False


def is_running() -> bool:
    return processes.is_running(NAME)


def stop() -> None:
    processes.stop([NAME])
