"""Folders for temporary files, gone when their user is done, or dead."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "sao-layer-"
LOCK = ".lock"


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder of one's own. Those of processes that were killed are removed on the way.

    A folder lives as long as its lock is held, which ends with the process however it dies.
    """
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = os.open(folder / "locking", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "locking").rename(folder / LOCK)  # never there unlocked, for others to remove
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            remove_if_abandoned(folder)


def remove_if_abandoned(folder: Path) -> None:
    """Remove a folder whose lock is free. Raises OSError where it is held."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    finally:
        os.close(lock)
