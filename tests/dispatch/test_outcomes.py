import pytest

from dispatch.outcomes import (
    FINAL,
    NOT_SENT,
    OPEN,
    Outcome,
    Result,
    of_error,
    retry_delay_s,
    without_mass_mismatch,
)

NO_FIELDS = frozenset()
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
    assert of_error(code, NO_FIELDS).outcome == outcome


@pytest.mark.parametrize("field", ["message.token", "message.fid"])
def test_an_invalid_argument_kills_a_token_only_where_it_names_the_token(field):
    assert of_error("INVALID_ARGUMENT", frozenset({field})).outcome == Outcome.TOKEN_DEAD
    refused = of_error("INVALID_ARGUMENT", frozenset({"message.data"}))
    assert refused.outcome == Outcome.PAYLOAD_REFUSED


@pytest.mark.parametrize(
    ("code", "shut_out"),
    [("UNAUTHENTICATED", True), ("PERMISSION_DENIED", True), ("THIRD_PARTY_AUTH_ERROR", False)],
)
def test_only_our_own_credentials_shut_everybody_out(code, shut_out):
    assert of_error(code, NO_FIELDS).shut_out is shut_out


def test_every_outcome_is_either_open_or_final():
    assert frozenset(Outcome) == OPEN | FINAL
    assert not OPEN & FINAL


def test_many_foreign_tokens_at_once_are_held_and_not_retired():
    foreign = of_error("SENDER_ID_MISMATCH", NO_FIELDS)
    held = without_mass_mismatch([foreign] * 12 + [ACCEPTED] * 3)
    assert [result.outcome for result in held] == [Outcome.CREDENTIALS] * 12 + [
        Outcome.ACCEPTED
    ] * 3


@pytest.mark.parametrize(("foreign", "accepted"), [(9, 0), (12, 13)])
def test_few_foreign_tokens_are_dead(foreign, accepted):
    results = [of_error("SENDER_ID_MISMATCH", NO_FIELDS)] * foreign + [ACCEPTED] * accepted
    assert without_mass_mismatch(results) == results


@pytest.mark.parametrize(
    ("results", "attempt", "jitter", "seconds"),
    [
        ([ACCEPTED, of_error("UNAVAILABLE", NO_FIELDS)], 1, 0, 10),
        ([of_error("UNAVAILABLE", NO_FIELDS)], 3, 0, 40),
        ([of_error("UNAVAILABLE", NO_FIELDS)], 30, 0, 300),
        ([of_error("UNAVAILABLE", NO_FIELDS)], 1, 1, 15),
        ([of_error("UNAVAILABLE", NO_FIELDS, 25)], 1, 0, 25),
        ([of_error("QUOTA_EXCEEDED", NO_FIELDS)], 1, 0, 60),
        ([of_error("QUOTA_EXCEEDED", NO_FIELDS, 20)], 1, 0, 20),
        ([of_error("THIRD_PARTY_AUTH_ERROR", NO_FIELDS)], 1, 0, 60),
        ([ACCEPTED, NOT_SENT], 1, 1, 0),
    ],
)
def test_delay_grows_and_never_undercuts_what_fcm_asks(results, attempt, jitter, seconds):
    assert retry_delay_s(results, attempt=attempt, jitter=jitter) == seconds
