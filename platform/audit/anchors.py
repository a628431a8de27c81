"""The file of head hashes outside the database: one JSON object a line, only ever added to.

{"at": "2026-11-24T06:00:00+00:00", "chain": "gmina:3", "seq": 118, "hash": "…64 hex digits…"}
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

CHAIN = re.compile(r"operator|gmina:\d{1,18}")


@dataclass(frozen=True)
class Anchor:
    """What the row at place `seq` of a chain hashed to when it was the last one."""

    at: datetime
    chain: str
    seq: int
    hash: str

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass
class HeadsFile:
    anchors: list[Anchor] = field(default_factory=list)
    bad_lines: list[int] = field(default_factory=list)


def read(path: Path) -> HeadsFile:
    """Every anchor of the file, and the numbers of lines that are none; empty if it is absent."""
    found = HeadsFile()
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found.anchors.append(parse(line))
        except (ValueError, KeyError, TypeError):
            found.bad_lines.append(number)
    return found


def parse(line: str) -> Anchor:
    data = json.loads(line)
    if not CHAIN.fullmatch(data["chain"]):
        raise ValueError(data["chain"])
    return Anchor(
        at=datetime.fromisoformat(data["at"]),
        chain=data["chain"],
        seq=int(data["seq"]),
        hash=bytes.fromhex(data["hash"]).hex(),
    )


def append(path: Path, anchors: Iterable[Anchor]) -> None:
    """Add the anchors and wait until they are on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not ends_whole(path):
            file.write(b"\n")  # a crash cut the last line: it stays visible as a bad one
        for anchor in anchors:
            file.write(json.dumps(anchor.as_json()).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def ends_whole(path: Path) -> bool:
    content = path.read_bytes()
    return not content or content.endswith(b"\n")
