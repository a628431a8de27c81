"""The end of a batch's way: what is written of it, and when the rest of it goes again."""

import logging
import random
import time
from contextlib import nullcontext
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from dispatch import halting, lease, outcomes
from dispatch.flight import Flight
from dispatch.outcomes import OPEN, Outcome, Result

logger = logging.getLogger(__name__)
# Nobody tries longer than this without a human looking; what was never tried still goes.
RETRIES_FOR = timedelta(minutes=60)


def land(flight: Flight) -> None:
    """Record a batch's outcomes in one UPDATE, with its dead endpoints and our own faults."""
    claim, results = flight.claim, _judged(flight)
    codes, fcm_ids = list(claim.codes), list(claim.fcm_ids)
    for index, result in results.items():
        codes[index], fcm_ids[index] = result.outcome, result.fcm_id
    is_open = any(code in OPEN for code in codes)
    dead = [each for each, result in results.items() if result.outcome == Outcome.TOKEN_DEAD]
    # Mostly one statement and no more, which needs no transaction around it.
    with transaction.atomic() if dead or halting.concerns(results.values()) else nullcontext():
        kept = lease.finish(
            claim,
            codes,
            fcm_ids,
            waits_s=_waits_s(flight, codes, results) if is_open else None,
            tried=not is_open or any(result.outcome in OPEN for result in results.values()),
            held_until=max(flight.held.values(), default=None),
        )
        flight.retire(dead)
        halting.heed(flight.message, results.values())
    _log(flight, codes, kept)


def _judged(flight: Flight) -> dict[int, Result]:
    """Every result as it is written: many foreign tokens are our own fault, an hour is enough."""
    judged = outcomes.without_mass_mismatch(list(flight.results.values()))
    since = flight.claim.retry_since
    if since and timezone.now() - max(since, flight.claim.held_until or since) >= RETRIES_FOR:
        judged = [_given_up(result) for result in judged]
    return dict(zip(flight.results, judged, strict=True))


def _given_up(result: Result) -> Result:
    return Result(Outcome.GAVE_UP, result.code) if result.outcome == Outcome.RETRY else result


def _waits_s(flight: Flight, codes: list[int], results: dict[int, Result]) -> list[float | None]:
    """Seconds from now until each open position may go; None where it is final."""
    claim, now = flight.claim, timezone.now()
    jitter = random.random()  # noqa: S311 - spreads load, hides nothing
    lasts_s = (flight.message.expires_at - now).total_seconds()
    passed_s = time.monotonic() - claim.since

    def wait_s(index: int) -> float:
        if index in results:
            return outcomes.delay_s(results[index], attempt=claim.attempt, jitter=jitter)
        if index in flight.held:
            return (flight.held[index] - now).total_seconds()
        left_s = claim.waits_s(index)
        return left_s - passed_s if left_s > 0 else flight.cut_wait_s

    # Nothing waits beyond its expiry: it becomes final then.
    return [
        max(min(wait_s(index), lasts_s), 0.0) if code in OPEN else None
        for index, code in enumerate(codes)
    ]


def _log(flight: Flight, codes: list[int], kept: bool) -> None:
    """One line a batch, with counts by outcome; never a token or a text."""
    counts = {outcome.name.lower(): codes.count(outcome) for outcome in set(map(Outcome, codes))}
    logger.log(
        logging.INFO if kept else logging.WARNING,
        "batch sent" if kept else "lease lost, batch goes again",
        extra=flight.ids()
        | {
            "attempt": flight.claim.attempt,
            "seconds": round(time.monotonic() - flight.claim.since, 3),
            "outcomes": counts,
        },
    )
