"""How the reader says that a file is no use as a whole."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FULL = (errno.ENOSPC, errno.EDQUOT)  # how a disk, or one's share of it, says that it is full


class Refused(Exception):
    """A refusal by its stable code; imports/file_errors.py has the words."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@contextmanager
def disk_watched() -> Iterator[None]:
    """Turn a full disk, or a file that outgrows the process's limit, into a refusal."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Refused("disk_full") from error
        if error.errno == errno.EFBIG:
            raise Refused("file_too_large") from error
        raise
