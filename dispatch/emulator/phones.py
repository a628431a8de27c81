"""Simulated phones: for each message that the emulator accepted, they report as an app would.

They see what a phone sees, its token and its message, and talk to the same REST API with the same
credentials. Whether and when a phone reports follows from its delivery id, so a run repeats.
"""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from residents.simulated import SimulatedPhone, phone_of

logger = logging.getLogger(__name__)
RECEIVED = 0.91  # the share of phones that are on and have a network
OPENED = 0.68  # the share of all phones whose owner looks
RECEIVE_WITHIN_S = 2.0
# People look after three minutes (median), some after an hour: lognormal.
OPEN_MEDIAN_S = 180.0
OPEN_SIGMA = 1.2
PARALLEL = 16  # requests at once
ATTEMPTS = 5
OLDEST = timedelta(minutes=10)  # what a restart still reports of


@dataclass(frozen=True)
class Habit:
    """When one phone reports one message, in seconds after it came; None: never."""

    received_s: float | None
    opened_s: float | None


def habit_of(delivery_id: str, *, speed: float) -> Habit:
    """The same for the same delivery; opening is `speed` times faster than in life."""
    dice = random.Random(delivery_id)  # noqa: S311 - repeatable, not secret
    luck = dice.random()
    received_s = dice.uniform(0, RECEIVE_WITHIN_S)
    waits_s = dice.lognormvariate(0, OPEN_SIGMA) * OPEN_MEDIAN_S / speed
    return Habit(
        received_s=received_s if luck < RECEIVED else None,
        opened_s=received_s + waits_s if luck < OPENED else None,
    )


@dataclass
class Phones:
    """All simulated phones behind one emulator. `run` goes on until it is cancelled."""

    emulator_url: str
    base_url: str
    speed: float
    _seen: set[str] = field(default_factory=set)
    _last: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        self._gate = asyncio.Semaphore(PARALLEL)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=30)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                try:
                    async for entry in self._stream(session):
                        self._take(session, entry)
                except (aiohttp.ClientError, TimeoutError) as error:
                    logger.warning("emulator is away", extra={"error": type(error).__name__})
                    await asyncio.sleep(1)

    async def _stream(self, session: aiohttp.ClientSession) -> AsyncIterator[dict[str, Any]]:
        """What the emulator accepts, from where we left off."""
        url = f"{self.emulator_url}/stream?after={self._last}"
        async with session.get(url) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.strip():
                    entry = json.loads(line)
                    self._last = entry["n"]
                    yield entry

    def _take(self, session: aiohttp.ClientSession, entry: dict[str, Any]) -> None:
        """Start a phone's reports; a repeated delivery is dropped, as the app drops it."""
        phone = phone_of(entry["token"])
        delivery_id = entry["message"].get("data", {}).get("delivery_id")
        old = datetime.fromisoformat(entry["at"]) < datetime.now(UTC) - OLDEST
        if phone is None or delivery_id is None or delivery_id in self._seen or old:
            return
        self._seen.add(delivery_id)
        task = asyncio.create_task(self._report(session, phone, delivery_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _report(
        self, session: aiohttp.ClientSession, phone: SimulatedPhone, delivery_id: str
    ) -> None:
        habit = habit_of(delivery_id, speed=self.speed)
        if habit.received_s is None:
            return
        await asyncio.sleep(habit.received_s)
        await self._post(session, phone, delivery_id, "received", "shown")
        if habit.opened_s is not None:
            await asyncio.sleep(habit.opened_s - habit.received_s)
            await self._post(session, phone, delivery_id, "opened")

    async def _post(
        self,
        session: aiohttp.ClientSession,
        phone: SimulatedPhone,
        delivery_id: str,
        *events: str,
    ) -> None:
        """Post receipts of one moment; again after a moment where the server was busy or away."""
        at = datetime.now(UTC).isoformat()
        receipts = [{"delivery_id": delivery_id, "event": event, "at": at} for event in events]
        for attempt in range(ATTEMPTS):
            if await self._posted(session, phone, receipts):
                return
            await asyncio.sleep(2**attempt)
        logger.warning("receipts given up", extra={"delivery_id": delivery_id})

    async def _posted(
        self, session: aiohttp.ClientSession, phone: SimulatedPhone, receipts: list[dict[str, str]]
    ) -> bool:
        headers = {"Authorization": f"Device {phone.public_id}:{phone.secret}"}
        url = f"{self.base_url}/api/v1/receipts"
        try:
            async with (
                self._gate,
                session.post(url, json={"receipts": receipts}, headers=headers) as answer,
            ):
                return answer.status < 500 and answer.status != 429
        except (aiohttp.ClientError, TimeoutError):
            return False
