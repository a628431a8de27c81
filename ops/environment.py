"""The settings of this checkout, in .local/env: secrets made once, ports, the addresses of both.

A file of NAME=value lines that a shell can read (`set -a; . .local/env`), mode 0600.
"""

import base64
import os
import secrets
from pathlib import Path

from ops import ports
from ops.local import LOCAL, ROOT, VENV, make_folders

FILE = LOCAL / "env"
# Name of the port's variable → its offset in the checkout's block of ports.
PORTS = {"POSTGRES_PORT": 0, "REDIS_PORT": 1, "WEB_PORT": 2, "EMULATOR_PORT": 3}
# Redis databases: demo, tests and benches run beside each other.
REDIS_DATABASES = {"demo": 0, "test": 1, "bench": 2, "faults": 3, "browser": 4, "layers": 5}
TEST_LANES = {"test", "faults", "browser", "layers"}
# A transport set in the caller's shell must not reach us: a checkout sends to its emulator only.
TRANSPORT = {"FCM_CREDENTIALS", "FCM_CREDENTIALS_FILE", "FCM_EMULATOR_URL"}


def read(file: Path = FILE) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(values: dict[str, str], file: Path = FILE) -> None:
    """Replaces the file in one step: a reader never meets half of it."""
    make_folders()
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    part.replace(file)


def complete(values: dict[str, str]) -> dict[str, str]:
    """Adds what is missing. A copied checkout keeps its secrets and gets ports of its own."""
    if values.get("CHECKOUT") != str(ROOT):
        values = {name: value for name, value in values.items() if name not in PORTS}
    made = {
        "CHECKOUT": str(ROOT),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
        **{name: str(ports.choose(offset)) for name, offset in PORTS.items() if name not in values},
    }
    return addressed(made | values | {"CHECKOUT": str(ROOT)})


def addressed(values: dict[str, str]) -> dict[str, str]:
    """Derives the addresses from ports and passwords, for the demo's database."""
    return values | {
        "DATABASE_URL": f"postgis://sao:{values['POSTGRES_PASSWORD']}"
        f"@127.0.0.1:{values['POSTGRES_PORT']}/sao",
        "REDIS_URL": f"redis://:{values['REDIS_PASSWORD']}@127.0.0.1:{values['REDIS_PORT']}/0",
        "BASE_URL": f"http://localhost:{values['WEB_PORT']}",
        "FCM_EMULATOR_URL": f"http://127.0.0.1:{values['EMULATOR_PORT']}",
    }


def load() -> dict[str, str]:
    """The checkout's values, completed and saved."""
    values = read()
    completed = complete(values)
    if completed != values:
        write(completed)
    return completed


def usable_port(name: str) -> str:
    """The service's port, to be asked before it starts; another one if a stranger holds it."""
    values = load()
    if not ports.is_free(int(values[name])):
        values = addressed(values | {name: str(ports.choose(PORTS[name]))})
        write(values)
    return values[name]


def shell() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in TRANSPORT}


def for_process(use: str = "demo", **extra: str) -> dict[str, str]:
    """The environment of a process of ours: the shell's, our settings over it.

    `use` picks the Redis number, so that demo, tests and benches do not meet. In PostgreSQL they
    part by name: pytest makes test_sao, its other lanes test_sao_faults and the like (checks.py),
    the benches make sao_bench_* beside the demo's "sao". Tests get no transport: each says which
    one it means.
    """
    values = load()
    if use in TEST_LANES:
        del values["FCM_EMULATOR_URL"]
    if use in TEST_LANES - {"test"}:
        values["DATABASE_URL"] += f"_{use}"
    return shell() | {
        **values,
        "REDIS_URL": values["REDIS_URL"].rsplit("/", 1)[0] + f"/{REDIS_DATABASES[use]}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "PATH": f"{VENV / 'bin'}:{os.environ['PATH']}",
        **extra,
    }
