"""The reading process, from this side: started, asked, listened to, ended."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from gis_layers.imports.file_errors import ReaderFailed, refusal
from gis_layers.imports.reading import drivers, wire
from gis_layers.imports.reading.wire import Request

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
GONE_S = 10  # a process that was told to end and has not is killed


class Reader:
    """A running process; its refusals are raised here as LayerFileErrors about `name`."""

    def __init__(
        self, process: subprocess.Popen[bytes], log: Path, request: Request, name: str
    ) -> None:
        self.name = name
        self._process = process
        self._log = log
        self.limit_mb = request.max_bytes // 1024**2
        self._down, self._up = pipes(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, value: bytes) -> None:
        """Send one line. A process that is dead already is noticed when its answer is missing."""
        with suppress(BrokenPipeError):
            self._down.write(value)
            self._down.flush()

    def answer(self, letter: bytes) -> bytes:
        """The next frame, which has to be of this letter."""
        found, content = self.next()
        if found != letter:
            raise self.failed()
        return content

    def next(self) -> tuple[bytes, bytes]:
        try:
            letter, content = wire.receive(self._up)
        except wire.Broken as error:
            raise self.failed() from error
        if letter == wire.REFUSAL:
            told = wire.parsed(content)
            about = {"file": self.name, "limit_mb": self.limit_mb}
            raise refusal(told["code"], about | told["details"])
        return letter, content

    def frames(self) -> Iterator[bytes]:
        """Batches up to the reading's end."""
        while True:
            letter, content = self.next()
            if letter != wire.BATCH:
                break
            yield content
        self.ending = wire.parsed(content)

    def failed(self) -> ReaderFailed:
        with suppress(subprocess.TimeoutExpired):  # one that speaks nonsense may live on
            self._process.wait(GONE_S)
        lines = self._log.read_text("utf-8", "replace").splitlines()
        logger.warning(
            "layer file broke its reader",
            extra={"status": self._process.returncode, "error": lines[-1] if lines else ""},
        )
        return ReaderFailed(details={"file": self.name})


@contextmanager
def reader(request: Request, name: str) -> Iterator[Reader]:
    log = Path(request.folder) / "errors"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "gis_layers.imports.reading"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=ROOT,
            env=environment(request.folder),
        )
    try:
        found = Reader(process, log, request, name)
        found.ask(request.dumps())
        yield found
    finally:
        end(process)


def environment(folder: str) -> dict[str, str]:
    """Nothing of ours: no secrets, no database, no way to the network."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "TMPDIR": folder,
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        **drivers.ENVIRONMENT,
    }


def pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the process was started without pipes")
    return cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)


def end(process: subprocess.Popen[bytes]) -> None:
    """Close its pipes, which ends it; kill it if that does not."""
    down, up = pipes(process)
    process.kill()
    with suppress(BrokenPipeError):
        down.close()
    up.close()
    process.wait(GONE_S)
