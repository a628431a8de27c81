import pytest

from dispatch.outcomes import (
    ACTIONS,
    FINAL,
    OPEN,
    Outcome,
    Result,
    delay_s,
    of_error,
    without_mass_mismatch,
)

ACCEPTED = Result(Outcome.ACCEPTED)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("UNREGISTERED", Outcome.TOKEN_DEAD),
        ("SENDER_ID_MISMATCH", Outcome.TOKEN_DEAD),
        ("INVALID_ARGUMENT", Outcome.PAYLOAD_REFUSED),
        ("THIRD_PARTY_AUTH_ERROR", Outcome.CREDENTIALS),
        ("UNAUTHENTICATED", Outcome.CREDENTIALS),
        ("PERMISSION_DENIED", Outcome.CREDENTIALS),
        ("QUOTA_EXCEEDED", Outcome.RETRY),
        ("UNAVAILABLE", Outcome.RETRY),
        ("INTERNAL", Outcome.RETRY),
        ("DEADLINE_EXCEEDED", Outcome.RETRY),
        ("SOMETHING_NEW", Outcome.RETRY),
    ],
)
def test_each_code_has_its_outcome(code, outcome):
    assert of_error(code).outcome == outcome


@pytest.mark.parametrize(
    ("code", "shut_out"),
    [("UNAUTHENTICATED", True), ("PERMISSION_DENIED", True), ("THIRD_PARTY_AUTH_ERROR", False)],
)
def test_only_our_own_credentials_shut_everybody_out(code, shut_out):
    assert of_error(code).shut_out is shut_out


def test_every_outcome_is_either_open_or_final():
    assert frozenset(Outcome) == OPEN | FINAL
    assert not OPEN & FINAL


def test_many_foreign_tokens_at_once_are_held_and_not_retired():
    foreign = of_error("SENDER_ID_MISMATCH")
    held = without_mass_mismatch([foreign] * 12 + [ACCEPTED] * 3)
    assert [result.outcome for result in held] == [Outcome.CREDENTIALS] * 12 + [
        Outcome.ACCEPTED
    ] * 3


@pytest.mark.parametrize(("foreign", "accepted"), [(9, 0), (12, 13)])
def test_few_foreign_tokens_are_dead(foreign, accepted):
    results = [of_error("SENDER_ID_MISMATCH")] * foreign + [ACCEPTED] * accepted
    assert without_mass_mismatch(results) == results


@pytest.mark.parametrize(
    ("result", "attempt", "jitter", "seconds"),
    [
        (of_error("UNAVAILABLE"), 1, 0, 10),
        (of_error("UNAVAILABLE"), 3, 0, 40),
        (of_error("UNAVAILABLE"), 30, 0, 300),
        (of_error("UNAVAILABLE"), 1, 1, 15),
        (of_error("UNAVAILABLE", 25), 1, 0, 25),
        (of_error("UNAVAILABLE", 999_999), 1, 0, 3600),
        (of_error("UNAVAILABLE", 0), 1, 0, 10),
        (of_error("QUOTA_EXCEEDED"), 1, 0, 60),
        (of_error("QUOTA_EXCEEDED", 20), 1, 0, 20),
        (of_error("THIRD_PARTY_AUTH_ERROR"), 1, 0, 60),
        (Result(Outcome.WAITING), 1, 1, 0),
    ],
)
def test_delay_grows_and_never_undercuts_what_fcm_asks(result, attempt, jitter, seconds):
    assert delay_s(result, attempt=attempt, jitter=jitter) == seconds


@pytest.mark.parametrize("code", ACTIONS)
def test_nothing_goes_again_before_ten_seconds(code):
    result = of_error(code)
    if result.outcome in OPEN:
        assert delay_s(result, attempt=1, jitter=0) >= 10
