"""What a message costs in processor time, whether it is one of 25,000, 250,000 or 1.8 million.

The largest alert is cut off after CUT_AFTER_S: what one message costs is known by then.
"""

import tempfile
from pathlib import Path

from bench.harness import Result
from bench.sending import WHOLE_GMINA, Sent, office, streets_with

WORKERS = 2
CUT_AFTER_S = 240
FLAT = 1.2


def run(dataset: str) -> list[Result]:
    with tempfile.TemporaryDirectory() as name, office(Path(name)) as desk:
        sizes = {
            "25k": streets_with(25_000),
            "250k": streets_with(250_000),
            "1m8": WHOLE_GMINA,
        }
        sent: dict[str, Sent] = {}
        for size, parts in sizes.items():
            with desk.workers(WORKERS) as pids:
                sent[size], _message = desk.send(parts, pids, within_s=CUT_AFTER_S)
            print(f"{size}: {sent[size]}", flush=True)
    return [
        result
        for size in ("250k", "1m8")
        for result in (
            _result(f"dispatch_sender_cost_{size}", sent, size, "sender_cpu_ms"),
            _result(f"dispatch_postgres_cost_{size}", sent, size, "postgres_cpu_ms"),
        )
    ]


def _result(name: str, sent: dict[str, Sent], size: str, figure: str) -> Result:
    return Result(
        name=name,
        value=getattr(sent[size], figure),
        unit="CPU-ms a message",
        reference=f"the same for {sent['25k'].count:,} messages",
        reference_value=getattr(sent["25k"], figure),
        goal=FLAT,
        better="lower",
    )
