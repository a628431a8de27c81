"""How fast all senders together hand messages to FCM: settings.FCM_RATE a second.

A bucket by the generic cell rate algorithm (GCRA): one instant, the time at which everything that
was let through would have gone at an even rate. It may lie `tolerance` ahead of now; so much may
come at once. Emergencies have a larger tolerance than the rest: as long as they use it, the others
find the bucket empty, so no bulk ever starves an emergency, and nothing is left unused without one.

The bucket lives in Redis (rate.lua does the same arithmetic in one step, by Redis's clock). While
Redis is away each sender keeps one of its own, at the rate divided by the senders at work.
A 429 halves the rate for everybody, for as long as FCM asks; then it recovers.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from dispatch.models import Message, Severity

AT_ONCE = 20  # messages a visit to Redis is for: 0.07 ms a visit
BURST_S = 0.1  # how far the bucket may run ahead, in seconds of the rate
EMERGENCY_BURST_S = 0.6  # and for emergencies: half a second of the rate is theirs alone
# `info` and `important` to more devices than RAMP_ABOVE begin slowly: from RAMP_FROM_S / RAMP_S.
RAMP_ABOVE = 10_000
RAMP_S = 60
RAMP_FROM_S = 3
# After a 429: half, halved again at most so often, never below; then so long until it is whole.
CUT_EVERY_S = 5
SLOWEST = 1 / 16
RECOVERY_S = 60
# Redis: how long it may keep a sender waiting, and how long we go without it after that.
REDIS_TIMEOUT_S = 0.5
ALONE_S = 5
BUCKET = "sao:fcm:rate"


@dataclass
class Bucket:
    """The arithmetic. Instants are seconds of any one clock that never goes back."""

    tat: float = 0.0
    factor: float = 1.0
    slow_until: float = 0.0
    cut_at: float = 0.0
    # Of messages that begin slowly: when they began, and their own instant.
    ramps: dict[int, tuple[float, float]] = field(default_factory=dict)

    def take(
        self, now: float, n: int, rate: float, tolerance: float, ramp: int | None = None
    ) -> float:
        """0: `n` messages may go. Else the seconds until they may."""
        begun, ramp_tat = self.ramps.get(ramp, (now, 0.0)) if ramp is not None else (now, 0.0)
        wait = max(self.tat, ramp_tat) - now - tolerance
        if wait > 0:
            return wait
        rate *= self.speed(now)
        self.tat = max(self.tat, now) + n / rate
        if ramp is not None:
            share = min(1.0, max(now - begun, RAMP_FROM_S) / RAMP_S)
            self.ramps[ramp] = begun, max(ramp_tat, now) + n / (rate * share)
        return 0.0

    def slow(self, now: float, for_s: float) -> None:
        """A 429 came: half as fast for `for_s` seconds. Many that come together count as one."""
        if now - self.cut_at >= CUT_EVERY_S:
            self.factor, self.cut_at = max(self.speed(now) / 2, SLOWEST), now
        self.slow_until = max(self.slow_until, now + for_s)

    def speed(self, now: float) -> float:
        """The share of the rate that may be used now."""
        if now < self.slow_until:
            return self.factor
        return min(1.0, self.factor + (now - self.slow_until) / RECOVERY_S)


class Cap:
    """One sender's view of the bucket. `senders` counts those at work, ourselves among them."""

    def __init__(self, senders: Callable[[], int]) -> None:
        self._senders = senders
        self._server = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            socket_timeout=REDIS_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._server.register_script(script())
        self._own = Bucket()
        self._alone_until = 0.0
        self._share = 1.0
        self._slowed_at = 0.0
        # What may still go without asking, and when to ask again, by (is emergency, ramp).
        self._have: dict[tuple[bool, int | None], int] = {}
        self._ask_at: dict[tuple[bool, int | None], float] = {}

    def take(self, message: Message) -> bool:
        """Whether one delivery of this message may go now."""
        if settings.FCM_RATE == 0:
            return True
        kind = _kind(message)
        if self._have.get(kind, 0) == 0 and not self._fetch(kind):
            return False
        self._have[kind] -= 1
        return True

    def slow(self, for_s: float) -> None:
        """FCM answered 429: let everybody slow down for so long."""
        now = time.monotonic()
        if settings.FCM_RATE == 0 or now - self._slowed_at < 1:  # a batch's 429s come together
            return
        self._slowed_at = now
        self._have.clear()
        self._own.slow(now, for_s)
        self._ask(["slow", for_s, ""], "")

    def close(self) -> None:
        self._server.close()

    def _fetch(self, kind: tuple[bool, int | None]) -> bool:
        """Get the next AT_ONCE from the bucket; False: not yet."""
        now = time.monotonic()
        if now < self._ask_at.get(kind, 0):
            return False
        wait = self._wait_s(now, *kind)
        if wait > 0:
            self._ask_at[kind] = now + wait
            return False
        self._have[kind] = AT_ONCE
        return True

    def _wait_s(self, now: float, is_emergency: bool, ramp: int | None) -> float:
        tolerance = EMERGENCY_BURST_S if is_emergency else BURST_S
        ramp_s = 0 if ramp is None else RAMP_S
        order: list[str | float] = ["take", AT_ONCE, settings.FCM_RATE, tolerance, ramp_s, ""]
        wait = self._ask(order, f"{BUCKET}:{ramp or ''}")
        if wait is not None:
            return wait
        return self._own.take(now, AT_ONCE, settings.FCM_RATE * self._share, tolerance, ramp)

    def _ask(self, order: list[str | float], ramp_key: str) -> float | None:
        """What Redis says; None while it is away."""
        now = time.monotonic()
        if now < self._alone_until:
            return None
        try:
            return float(self._script(keys=[BUCKET, ramp_key], args=order))
        except redis.RedisError:
            self._alone_until = now + ALONE_S
            self._share = 1 / max(self._senders(), 1)
            return None


def _kind(message: Message) -> tuple[bool, int | None]:
    """Whether it is an emergency; which message's slow beginning it has, None without one."""
    if message.severity == Severity.EMERGENCY:
        return True, None
    return False, message.pk if message.devices > RAMP_ABOVE else None


def script() -> str:
    """The text of rate.lua."""
    return (files("dispatch") / "rate.lua").read_text(encoding="utf-8")
