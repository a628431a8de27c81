"""A private PostgreSQL cluster with PostGIS, on the loopback interface, ended with the rest."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ops import environment
from ops.local import CHECKOUT, LOCAL, Failure, say
from ops.packages import POSTGRES_MAJOR

BIN = Path(f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin")
OWNER = "postgres"  # PostgreSQL refuses to run as root
DATABASE = "sao"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a deep checkout path would exceed a socket's 107 bytes
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling takes longer than our queries run
}


def as_owner() -> list[str]:
    """The prefix that makes the cluster's owner of us."""
    return ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []


def call(argv: Sequence[str | Path], **extra: str) -> subprocess.CompletedProcess[str]:
    """Runs a PostgreSQL program as the cluster's owner, from a folder that anyone may enter."""
    return subprocess.run(
        [*as_owner(), *(str(part) for part in argv)],
        cwd="/",
        env=os.environ | extra,
        capture_output=True,
        text=True,
        check=False,
    )


def home() -> Path:
    """The cluster's folder: .local/postgres, or under /var/tmp where its owner cannot get in."""
    inside = LOCAL / "postgres"
    if os.geteuid() == 0 and call(["test", "-x", LOCAL]).returncode:
        return Path("/var/tmp") / f"system-alert-online-{CHECKOUT}"  # noqa: S108 - owned, 0700
    return inside


def make_home() -> Path:
    """The folder, the owner's alone; a foreign one under /var/tmp (anyone may write) is refused."""
    folder = home()
    folder.mkdir(mode=0o700, exist_ok=True)
    user = pwd.getpwnam(OWNER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), user.pw_uid}:
        raise Failure(f"{folder} belongs to someone else; remove it and run make again")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def initialise(folder: Path) -> None:
    """Makes the cluster beside its place and renames it: half of one is never taken for whole."""
    part = folder / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    say(f"making a PostgreSQL cluster in {folder}")
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(environment.load()["POSTGRES_PASSWORD"])
    shutil.chown(password, folder.stat().st_uid)
    sign_in = ["--username=sao", "--auth=scram-sha-256", f"--pwfile={password}"]
    text = ["--encoding=UTF8", "--locale=C.UTF-8"]
    made = call([BIN / "initdb", "-D", part, *sign_in, *text, "--no-instructions"])
    password.unlink()
    if made.returncode:
        raise Failure(f"initdb failed:\n{made.stderr}")
    part.rename(folder / "data")


def postmaster(data: Path) -> int | None:
    """The running server's pid. A pid file whose process serves another folder is a stale one."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        serves = Path(f"/proc/{pid}/cwd").resolve()  # a postmaster works in its data folder
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if serves == data.resolve() and Path(f"/proc/{pid}").exists() else None


def is_running() -> bool:
    return postmaster(home() / "data") is not None


def start() -> None:
    """Makes what is missing, starts the server if it is down, returns when it answers."""
    folder = make_home()
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        initialise(folder)
    if postmaster(data) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)
        start_server(folder)
    create_database(DATABASE)


def control(data: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """pg_ctl on the cluster, waiting for the outcome."""
    log = data.with_name("server.log")
    return call([BIN / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-s", *args])


def start_server(folder: Path, *, attempts: int = 3) -> None:
    """Retries: backends of a server that was killed may need a moment to notice and leave."""
    for attempt in range(attempts):
        time.sleep(attempt)
        port = environment.usable_port("POSTGRES_PORT")
        options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        started = control(folder / "data", "start", "-o", f"{options} -c port={port}")
        if started.returncode == 0:
            return
    raise Failure(f"PostgreSQL did not start: {started.stderr}\nSee {folder / 'server.log'}")


def psql(database: str, statement: str) -> str:
    values = environment.load()
    address = ["-h", "127.0.0.1", "-p", values["POSTGRES_PORT"], "-U", "sao", "-d", database]
    done = call(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *address, "-c", statement],
        PGPASSWORD=values["POSTGRES_PASSWORD"],
    )
    if done.returncode:
        raise Failure(f"PostgreSQL refused «{statement}»: {done.stderr}")
    return done.stdout.strip()


def create_database(name: str) -> None:
    if not psql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608
        psql("postgres", f"CREATE DATABASE {name}")


def stop() -> None:
    """Ends the server, its clients' work cut off and rolled back."""
    data = home() / "data"
    if postmaster(data) is None:
        return
    if control(data, "stop", "-m", "fast").returncode:
        control(data, "stop", "-m", "immediate")
