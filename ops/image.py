"""`make image`: the container image, by docker where an engine answers, else by buildah.

buildah works without any daemon and without a registry: its base image is made here, by
debootstrap, under the name that the Dockerfile starts from.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ops import environment, packages, ports, probe, processes, services
from ops.local import LOCAL, LOG, ROOT, Failure, say

IMAGE = "system-alert-online"
BASE = "docker.io/library/debian:bookworm-slim"
STORE = LOCAL / "containers"
CONTAINER = f"{IMAGE}-check"
MOUNT = "/run/settings"
CHECK_PORT = 9  # in the checkout's block of ten
# What reaches the container, as compose.yaml would set it.
SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "FIELD_KEYS",
    "BASE_URL",
    "FCM_EMULATOR_URL",
)
# The secret's id in the Dockerfile → where this machine keeps it; the first that exists is used.
SECRETS = {
    "ca": (os.environ.get("SSL_CERT_FILE", ""), "/etc/ssl/certs/ca-certificates.crt"),
    "pip": (os.environ.get("PIP_CONFIG_FILE", ""), "~/.config/pip/pip.conf", "/etc/pip.conf"),
    "npm": (os.environ.get("NPM_CONFIG_USERCONFIG", ""), "~/.npmrc"),
}


def run(argv: Sequence[str | Path]) -> None:
    done = subprocess.run([str(part) for part in argv], cwd=ROOT, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(str(part) for part in argv)} ended with {done.returncode}")


def has_docker() -> bool:
    """True when an engine answers, not only where the client is installed."""
    if not shutil.which("docker"):
        return False
    return not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode


def buildah(*args: str | Path) -> list[str]:
    """A buildah command on a store of this checkout's own; vfs works on any file system."""
    store = ["--storage-driver", "vfs", "--root", str(STORE), "--runroot", str(STORE / "run")]
    return ["buildah", *store, *(str(part) for part in args)]


def secrets() -> list[str]:
    """This machine's settings for pip and npm, mounted for single steps and kept in no layer."""
    found = []
    for name, places in SECRETS.items():
        files = [path for place in places if (path := Path(place).expanduser()).is_file()]
        found += [f"--secret=id={name},src={files[0]}"] if files else []
    return found


def build() -> None:
    if has_docker():
        run(["docker", "build", *secrets(), "--tag", IMAGE, "."])
    else:
        build_without_engine()


def build_without_engine() -> None:
    if os.geteuid() != 0:
        raise Failure("no docker engine answers, and building with buildah needs root here")
    say("no docker engine answers; building with buildah")
    packages.ensure(packages.IMAGE)
    make_base()
    # The format of docker keeps HEALTHCHECK; chroot needs no namespaces that a sandbox may refuse.
    how = ["--isolation=chroot", "--format=docker", "--pull=never", "--layers=false"]
    run(buildah("build", *how, *secrets(), "--tag", IMAGE, "."))


def make_base() -> None:
    """Debian 12 without extras, once, as the image that `FROM debian:bookworm-slim` finds."""
    if not subprocess.run(buildah("inspect", BASE), capture_output=True, check=False).returncode:
        return
    STORE.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        say("making the base image with debootstrap")
        run(["debootstrap", "--variant=minbase", "bookworm", folder])
        for rest in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(Path(folder, rest))
            Path(folder, rest).mkdir()
        container = output(buildah("from", "scratch"))
        run(buildah("add", "--quiet", container, folder, "/"))
        run(buildah("config", "--cmd", "bash", container))
        run(buildah("commit", "--quiet", "--rm", container, BASE))


def output(argv: Sequence[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(argv)}: {done.stderr}")
    return done.stdout.strip()


def check() -> None:
    """Starts the image's web process on this checkout's services and asks its two probes."""
    with services.borrowed("image-check"), container() as inside:
        port = str(ports.choose(CHECK_PORT))
        env = environment.shell()
        processes.stop([CONTAINER])
        migrate = [*inside, "python", "manage.py", "migrate", "--verbosity=0"]
        if processes.foreground("manage", migrate, env):
            raise Failure("the image's migrate failed; its messages stand above")
        web = ["granian", "--interface", "wsgi", "--port", port, "config.wsgi:application"]
        processes.start(CONTAINER, [*inside, *web], env)
        try:
            await_probes(f"http://localhost:{port}")
        finally:
            processes.stop([CONTAINER])


@contextmanager
def container() -> Iterator[list[str]]:
    """The command that runs another one in the image, on this machine's network."""
    given = settings()
    if has_docker():
        yield ["docker", "run", "--rm", "--init", "--network=host", *given, IMAGE]
        return
    subprocess.run(buildah("rm", CONTAINER), capture_output=True, check=False)  # of a killed run
    run(buildah("from", "--quiet", "--pull=never", "--name", CONTAINER, IMAGE))
    try:
        yield buildah("run", "--isolation=chroot", *given, CONTAINER, "--")
    finally:
        run(buildah("rm", CONTAINER))


def settings() -> list[str]:
    """SETTINGS as files, like the secrets of compose.yaml: a value would show in the process list.

    The folder's parent is its owner's alone; in the container another user has to read it.
    """
    folder = STORE / "settings"
    STORE.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)
    values = environment.load()
    given = ["--volume", f"{folder}:{MOUNT}:ro"]
    for name in SETTINGS:
        (folder / name).write_text(values[name])
        given += ["--env", f"{name}_FILE={MOUNT}/{name}"]
    return given


def await_probes(base: str, *, wait_s: float = 60) -> None:
    for address in ("/healthz", "/readyz"):
        deadline = time.monotonic() + wait_s
        while not probe.answers(base + address):
            if time.monotonic() > deadline:
                raise Failure(f"{address} did not answer; see {LOG / CONTAINER}.log")
            time.sleep(0.2)
        say(f"{address} of the image answers 200")
