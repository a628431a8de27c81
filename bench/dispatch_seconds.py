"""How long an alert takes from the click to the last acceptance: 25,000 and 250,000 phones; with
one, two and four workers; and with the cap on sending.
"""

import tempfile
from pathlib import Path
from typing import Any

from bench.harness import Result
from bench.responder import LATENCY_S
from bench.sending import Office, Sent, office, steady_rate, streets_with
from dispatch.rate import RAMP_S

FEW, MANY = 25_000, 250_000
SPARE = 5  # percent: some phones are of both of two streets
WORKERS = 2
RATE = 600  # settings.FCM_RATE's default
CAP_TOLERANCE = 0.02
STEADY_FROM_S = 5  # an emergency may begin with half a second's worth at once


def run(dataset: str) -> list[Result]:
    with tempfile.TemporaryDirectory() as name, office(Path(name)) as desk:
        few, many = (streets_with(phones + SPARE * phones // 100) for phones in (FEW, MANY))
        by_workers = {count: _sent(desk, few, count) for count in (1, WORKERS, 4)}
        bulk = _sent(desk, many, WORKERS)
        capped = _capped(desk, few)
    one, two, four = by_workers.values()
    return [
        _seconds("dispatch_25k_seconds", two, 12),
        _seconds("dispatch_250k_seconds", bulk, 60),
        _rate("dispatch_2_workers", two, "one worker", one, 1.2),
        _rate("dispatch_4_workers", four, "two workers, on two cores", two, 0.9),
        Result(
            name="dispatch_capped_rate",
            value=capped,
            unit="messages/s",
            reference=f"the cap, {WORKERS} workers, an emergency (the rest ramp up in {RAMP_S} s)",
            reference_value=RATE,
            goal=1 - CAP_TOLERANCE,
            better="higher",
        ),
    ]


def _sent(desk: Office, parts: list[dict[str, Any]], workers: int) -> Sent:
    with desk.workers(workers) as pids:
        sent, _message = desk.send(parts, pids)
    if sent.share < 1 or sent.count < FEW:
        raise RuntimeError(f"not all sent in time, or too few: {sent}")
    print(f"{workers} workers: {sent}", flush=True)
    return sent


def _capped(desk: Office, parts: list[dict[str, Any]]) -> float:
    """Raises RuntimeError above the cap: that is no better."""
    with desk.workers(WORKERS, rate=RATE) as pids:
        sent, message = desk.send(parts, pids, severity="emergency")
    rate = steady_rate(message, from_s=STEADY_FROM_S)
    print(f"cap of {RATE}/s: {sent}; steady {rate:.1f}/s", flush=True)
    if rate > RATE * (1 + CAP_TOLERANCE):
        raise RuntimeError(f"{rate:.1f} messages/s are more than the cap of {RATE}")
    return rate


def _seconds(name: str, sent: Sent, limit_s: float) -> Result:
    return Result(
        name=name,
        value=sent.seconds,
        unit="s",
        reference=f"the goal for {sent.count:,} phones, {WORKERS} workers, {LATENCY_S} s",
        reference_value=limit_s,
        goal=1,
        better="lower",
    )


def _rate(name: str, sent: Sent, reference: str, other: Sent, goal: float) -> Result:
    return Result(
        name=name,
        value=sent.per_second,
        unit="messages/s",
        reference=reference,
        reference_value=other.per_second,
        goal=goal,
        better="higher",
    )
