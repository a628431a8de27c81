"""Did the alert reach exactly those it should? Counted token by token."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from config.demo.expected import Expected
from config.demo.inboxes import Accepted
from dispatch.emulator.phones import habit_of
from residents.simulated import phone_of


@dataclass(frozen=True)
class Verdict:
    """The figures of .local/demo.json."""

    residents: int
    devices: int
    accepted: int
    received: int
    wrong: int
    missed: int
    duplicates: int
    seconds: float

    def figures(self) -> dict[str, int | float]:
        return asdict(self)


def judge(
    expected: Expected,
    accepted: Sequence[Accepted],
    *,
    residents: int,
    devices: int,
    received: int,
    sent_at: datetime,
) -> Verdict:
    """Compare what was taken with who had to be told; the other figures are what the API says."""
    times = Counter(each.token for each in accepted)
    last = max((each.at for each in accepted), default=sent_at)
    return Verdict(
        residents=residents,
        devices=devices,
        accepted=len(accepted),
        received=received,
        wrong=len(times.keys() - expected.tokens),
        missed=len(expected.tokens - times.keys()),
        duplicates=sum(count - 1 for count in times.values()),
        seconds=round((last - sent_at).total_seconds(), 2),
    )


def reports_due(accepted: Sequence[Accepted]) -> int:
    """How many simulated phones will report receiving: not all are on and have a network."""
    return sum(
        habit_of(each.data["delivery_id"], speed=1).received_s is not None
        for each in accepted
        if phone_of(each.token)
    )


def faults(verdict: Verdict, expected: Expected, *, told: int, reports: int) -> list[str]:
    """Why the run was not right, as codes; [] when it was.

    `told`: simulated residents who had to be told; `reports`: phones that had to report.
    """
    checks = {
        "wrong_recipients": verdict.wrong == 0,
        "missed_recipients": verdict.missed == 0,
        "duplicates": verdict.duplicates == 0,
        "accepted_not_devices": verdict.accepted == verdict.devices,
        "devices_not_expected": verdict.devices == len(expected.tokens),
        "residents_not_expected": verdict.residents == len(expected.residents),
        "residents_not_as_made": expected.simulated == told,
        "receipts_missing": verdict.received >= reports,
    }
    return [code for code, passed in checks.items() if not passed]
