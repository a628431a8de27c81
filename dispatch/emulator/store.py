"""What each push target received: in memory, and line by line in a file that outlives it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Entry = dict[str, Any]  # {"n", "at", "token", "message"}


class Store:
    """Entries numbered from 1 in the order of acceptance.

    A line that a crash cut short is dropped when the file is read again: it was never answered.
    """

    def __init__(self, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._entries: list[Entry] = []
        self._by_token: defaultdict[str, list[Entry]] = defaultdict(list)
        self._file = log.open("a+b")
        self._reread()

    def add(self, token: str, message: dict[str, Any]) -> Entry:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = {"n": self.last + 1, "at": at, "token": token, "message": message}
        self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        self._remember(entry)
        return entry

    @property
    def last(self) -> int:
        return len(self._entries)

    @property
    def tokens(self) -> int:
        return len(self._by_token)

    def after(self, n: int) -> list[Entry]:
        """Every entry with a number above `n`."""
        return self._entries[max(n, 0) :]

    def inbox(self, token: str, after: int) -> list[Entry]:
        """What one push target received with a number above `after`."""
        return [entry for entry in self._by_token.get(token, []) if entry["n"] > after]

    def close(self) -> None:
        self._file.close()

    def _remember(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._by_token[entry["token"]].append(entry)

    def _reread(self) -> None:
        self._file.seek(0)
        whole = 0
        for line in self._whole_lines():
            self._remember(json.loads(line))
            whole += len(line)
        self._file.truncate(whole)

    def _whole_lines(self) -> Iterator[bytes]:
        return (line for line in self._file if line.endswith(b"\n"))
