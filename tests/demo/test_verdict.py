"""Every way a run can be wrong is noticed; a right one is not accused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.demo.expected import Expected
from config.demo.inboxes import Accepted
from config.demo.verdict import Verdict, faults, judge, reports_due

SENT_AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TOKENS = frozenset({"demo-a-1-1", "demo-a-1-2", "demo-a-1-3"})
DUE = Expected(residents=frozenset({7, 8}), tokens=TOKENS, guests=frozenset())


def accepted(*tokens: str) -> list[Accepted]:
    return [
        Accepted(token, SENT_AT + timedelta(seconds=n), {}) for n, token in enumerate(tokens, 1)
    ]


def judged(*tokens: str, **figures: Any) -> Verdict:
    said = {"residents": 2, "devices": 3, "received": 3, "sent_at": SENT_AT} | figures
    return judge(DUE, accepted(*tokens), **said)


def test_each_token_once_is_right() -> None:
    verdict = judged(*sorted(TOKENS))
    assert verdict == Verdict(2, 3, 3, 3, wrong=0, missed=0, duplicates=0, seconds=3.0)
    assert faults(verdict, DUE, told=2, reports=3) == []


def test_wrong_missed_and_repeated_tokens_are_counted() -> None:
    verdict = judged("demo-a-1-1", "demo-a-1-1", "demo-a-1-1", "demo-a-1-2", "stranger")
    assert (verdict.wrong, verdict.missed, verdict.duplicates) == (1, 1, 2)


def test_nothing_accepted_is_all_missed() -> None:
    verdict = judged()
    assert (verdict.accepted, verdict.missed, verdict.seconds) == (0, 3, 0.0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"wrong": 1}, "wrong_recipients"),
        ({"missed": 1}, "missed_recipients"),
        ({"duplicates": 1}, "duplicates"),
        ({"accepted": 2}, "accepted_not_devices"),
        ({"devices": 4, "accepted": 4}, "devices_not_expected"),
        ({"residents": 3}, "residents_not_expected"),
        ({"received": 2}, "receipts_missing"),
    ],
)
def test_fault_is_named(change: dict[str, int], code: str) -> None:
    right = judged(*sorted(TOKENS))
    assert faults(replace(right, **change), DUE, told=2, reports=3) == [code]


def test_demo_with_other_people_than_made_is_no_proof() -> None:
    assert faults(judged(*sorted(TOKENS)), DUE, told=340, reports=3) == ["residents_not_as_made"]


def test_guest_is_told_but_need_not_answer() -> None:
    due = Expected(DUE.residents | {9}, TOKENS | {"web-of-a-guest"}, guests=frozenset({9}))
    verdict = judge(
        due,
        accepted(*sorted(due.tokens)),
        residents=3,
        devices=4,
        received=3,
        sent_at=SENT_AT,
    )
    assert faults(verdict, due, told=2, reports=3) == []


def test_reports_are_due_from_simulated_phones_that_are_on() -> None:
    told = [
        Accepted("demo-a-1-1", SENT_AT, {"delivery_id": f"5.1.{number}"}) for number in range(200)
    ]
    guest = Accepted("web-of-a-guest", SENT_AT, {"delivery_id": "5.1.1"})
    assert reports_due([*told, guest]) == reports_due(told)
    assert 150 < reports_due(told) < 200
