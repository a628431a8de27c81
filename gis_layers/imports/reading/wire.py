"""What the reader and its parent say to each other.

Down: one JSON value a line, first a Request, then the list of columns to read. Up: frames of one
letter, four bytes of length, and the content.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Self

HEAD = struct.Struct(">cI")
FRAME_MAX = 512 * 1024**2
# Letters: what the file is (JSON), features (Arrow), the reading's end, a refusal (JSON).
HEADER, BATCH, END, REFUSAL = b"H", b"B", b"Z", b"E"


class Broken(Exception):
    """The other side ended, or spoke out of turn."""


@dataclass(frozen=True)
class Request:
    """What to read and within which limits; `folder` is for the reader's temporary files.

    Memory in bytes, time in seconds of processor, texts in bytes of one value. `country` is the
    box (xmin, ymin, xmax, ymax in EPSG:2180) where features may lie; None: anywhere.
    """

    path: str
    folder: str
    max_bytes: int
    max_columns: int
    max_text: int
    max_vertices: int
    max_memory: int
    max_seconds: int
    country: Sequence[float] | None = None
    table: str = ""
    srid: int | None = None
    swap_axes: bool = False
    encoding: str = ""
    inspect: bool = False

    def dumps(self) -> bytes:
        return dumped(asdict(self))

    @classmethod
    def loads(cls, line: bytes) -> Self:
        return cls(**json.loads(line))


def dumped(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def send(stream: BinaryIO, letter: bytes, content: bytes) -> None:
    stream.write(HEAD.pack(letter, len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The next frame. Raises Broken where there is none, or one of no sensible size."""
    letter, length = HEAD.unpack(exactly(stream, HEAD.size))
    if length > FRAME_MAX:
        raise Broken("a frame of no sensible size")
    return letter, exactly(stream, length)


def exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise Broken("the reader ended")
    return content


def parsed(content: bytes) -> Any:
    return json.loads(content)
