"""What the emulator of FCM accepted: the phones' side of a sending."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Accepted:
    """One message to one push target, and when the emulator took it."""

    token: str
    at: datetime
    data: dict[str, str]


def accepted_so_far(emulator_url: str) -> int:
    """Number of the last message that the emulator took."""
    answer = httpx.get(f"{emulator_url}/stats", timeout=TIMEOUT_S).raise_for_status()
    return int(answer.json()["accepted"])


def accepted_of(emulator_url: str, alert_ref: str, *, after: int) -> list[Accepted]:
    """Everything taken of one alert since message number `after`."""
    found = _entries(emulator_url, after=after, upto=accepted_so_far(emulator_url))
    return [each for each in found if each.data.get("alert_ref") == alert_ref]


def _entries(emulator_url: str, *, after: int, upto: int) -> Iterator[Accepted]:
    """The emulator's stream from one number to another; it would go on for ever."""
    if after >= upto:
        return
    url = f"{emulator_url}/stream"
    with httpx.stream("GET", url, params={"after": after}, timeout=TIMEOUT_S) as stream:
        for line in stream.iter_lines():
            if not line:
                continue
            entry = json.loads(line)
            at = datetime.fromisoformat(entry["at"])
            yield Accepted(entry["token"], at, entry["message"]["data"])
            if entry["n"] >= upto:
                return
