"""Debian packages: installs what is missing, and lets none of it start or enable a service.

Run as a script by root (`python3 -m ops.packages NAME…`) it installs; `ensure` calls it so,
through sudo where needed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops.local import ROOT, Failure, say

POSTGRES_MAJOR = 15
NEEDED = (
    f"postgresql-{POSTGRES_MAJOR}",
    f"postgresql-{POSTGRES_MAJOR}-postgis-3",
    "redis-server",
    "gdal-bin",  # brings the GDAL and GEOS libraries of GeoDjango
    "libgeos-c1v5",
    "proj-data",  # without it EPSG:2180 is transformed without its grids
    "gettext",
    "python3-venv",
    "chromium",
    "nginx-light",
    "wrk",
    "libfaketime",  # tests/faults lets the time jump
)
IMAGE = ("buildah", "debootstrap")
QGIS = ("python3-qgis",)
# What these packages would enable at boot; our own copies run under .local/.
SERVICES = ("redis-server", "nginx", "postgresql")
POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTERS = Path("/etc/postgresql-common/createcluster.d")


def missing(names: Sequence[str]) -> list[str]:
    """Those of `names` that dpkg does not list as installed, whole."""
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,  # it fails when it knows one of them not at all
    )
    whole = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith("ok installed")}
    return [name for name in names if name not in whole]


def ensure(names: Sequence[str] = NEEDED) -> None:
    """Installs the missing ones of `names`; where it may not, Failure says what to run."""
    if not shutil.which("dpkg-query"):
        raise Failure("this needs Debian 12 or a system with its packages: " + " ".join(names))
    absent = missing(names)
    if not absent:
        return
    say("installing Debian packages: " + " ".join(absent))
    done = subprocess.run(
        [*as_root(absent), sys.executable, "-m", "ops.packages", *absent], cwd=ROOT, check=False
    )
    if done.returncode:
        raise Failure("apt could not install " + " ".join(absent) + "; its messages stand above")


def as_root(absent: Sequence[str]) -> list[str]:
    """The prefix that makes root of us: nothing, or sudo (asking for a password on a terminal)."""
    if os.geteuid() == 0:
        return []
    quiet = [] if sys.stdin.isatty() else ["-n"]
    if shutil.which("sudo") and not subprocess.run(["sudo", *quiet, "-v"], check=False).returncode:
        return ["sudo", *quiet]
    raise Failure(
        "these Debian packages are missing, and installing them needs root or sudo:\n"
        f"    apt-get install --no-install-recommends {' '.join(absent)}\n"
        "Install them, then run make again."
    )


@contextmanager
def file_in_place(path: Path, text: str, mode: int) -> Iterator[None]:
    """A file of ours at `path` for a while; what stood there comes back, after a crash too."""
    saved = path.with_name(path.name + ".before-system-alert-online")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not saved.exists():
        path.rename(saved)
    try:
        path.write_text(text)
        path.chmod(mode)
        yield
    finally:
        path.unlink(missing_ok=True)
        if saved.exists():
            saved.rename(path)


def apt(*args: str) -> None:
    wait = ["-o", "DPkg::Lock::Timeout=300"]  # unattended upgrades may hold the lock
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-q", *wait, *args], env=env, check=True)


def starts_at_boot(service: str) -> bool:
    return any(Path("/etc/rc2.d").glob(f"S??{service}"))


def install(names: Sequence[str]) -> None:
    """As root. Services that the machine already had are left as they are."""
    new = [service for service in SERVICES if not starts_at_boot(service)]
    with ExitStack() as stack:
        stack.enter_context(file_in_place(POLICY, "#!/bin/sh\nexit 101\n", 0o755))
        cluster = CLUSTERS / "system-alert-online.conf"
        stack.enter_context(file_in_place(cluster, "create_main_cluster = false\n", 0o644))
        apt("update")
        apt("install", "-y", "--no-install-recommends", *names)
    for service in new:
        if starts_at_boot(service):
            subprocess.run(["update-rc.d", service, "disable"], check=True)


if __name__ == "__main__":
    try:
        install(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
