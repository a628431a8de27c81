"""Where this checkout keeps its state, and the words it speaks on the terminal."""

import fcntl
import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
RUN = LOCAL / "run"
LOG = LOCAL / "log"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Tells two checkouts apart wherever they share a place: ports, /var/tmp, process records.
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


class Failure(Exception):
    """Set-up cannot go on; the message says what the reader can do about it."""


def say(text: str) -> None:
    print(f"• {text}", file=sys.stderr, flush=True)


def make_folders() -> None:
    """.local can be passed through (PostgreSQL's own user has a folder in it) but not listed."""
    LOCAL.mkdir(exist_ok=True)
    LOCAL.chmod(0o711)
    for folder in (RUN, LOG):
        folder.mkdir(exist_ok=True, mode=0o700)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One at a time per checkout; the kernel frees the lock of a holder that died."""
    make_folders()
    with (LOCAL / f"{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another make holds {handle.name}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def digest(paths: Iterable[Path], *extra: str) -> str:
    """One hash over names and contents, for deciding whether a build step is due."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(paths):
        total.update(f"{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value
