"""Every answer of FCM (docs/fcm.md) and its action, each from the emulator to the database."""

from dataclasses import dataclass

import pytest
from django.utils import timezone

from dispatch import answers, sender
from dispatch.models import Batch, Message
from dispatch.outcomes import ACTIONS, Outcome
from dispatch.push_http import Answer, Failure
from residents.tokens import decrypt_push
from tests.builders import make_alert, make_device, make_gmina, make_message

O = Outcome  # noqa: E741


@dataclass(frozen=True)
class Expected:
    """The code that is stored; seconds until it goes again (None: never); what else happens."""

    code: Outcome
    waits_s: tuple[float, float] | None = None
    retires: bool = False
    halts: bool = False
    holds_all: bool = False


AGAIN = Expected(O.RETRY, waits_s=(9, 15))
QUOTA = Expected(O.RETRY, waits_s=(55, 90))
AS_ASKED = Expected(O.RETRY, waits_s=(38, 60))
DEAD = Expected(O.TOKEN_DEAD, retires=True)
CASES = {
    "400 token": ({"error": "INVALID_TOKEN"}, DEAD),
    "400 payload": ({"error": "INVALID_ARGUMENT"}, Expected(O.PAYLOAD_REFUSED, halts=True)),
    "401 ours": (
        {"error": "UNAUTHENTICATED"},
        Expected(O.CREDENTIALS, waits_s=(55, 90), holds_all=True),
    ),
    "401 third party": (
        {"error": "THIRD_PARTY_AUTH_ERROR"},
        Expected(O.CREDENTIALS, waits_s=(55, 90)),
    ),
    "403 mismatch": ({"error": "SENDER_ID_MISMATCH"}, DEAD),
    "403 permission": (
        {"error": "PERMISSION_DENIED"},
        Expected(O.CREDENTIALS, waits_s=(55, 90), holds_all=True),
    ),
    "404": ({"error": "UNREGISTERED"}, DEAD),
    "429": ({"error": "QUOTA_EXCEEDED"}, QUOTA),
    "429 seconds": ({"error": "QUOTA_EXCEEDED", "retry_after_s": 40}, AS_ASKED),
    "429 date": (
        {"error": "QUOTA_EXCEEDED", "retry_after_s": 40, "retry_after_as_date": True},
        AS_ASKED,
    ),
    "500": ({"error": "INTERNAL"}, AGAIN),
    "502 html": ({"error": "BAD_GATEWAY"}, AGAIN),
    "503": ({"error": "UNAVAILABLE"}, AGAIN),
    "503 seconds": ({"error": "UNAVAILABLE", "retry_after_s": 40}, AS_ASKED),
    "503 date": (
        {"error": "UNAVAILABLE", "retry_after_s": 40, "retry_after_as_date": True},
        AS_ASKED,
    ),
    "timeout": ({"error": "HANG"}, AGAIN),
    "reset": ({"error": "RESET"}, AGAIN),
    "200 no json": ({"error": "NOT_JSON"}, AGAIN),
    "200 no name": ({"error": "NO_NAME"}, AGAIN),
    "slow body": ({"error": "SLOW_BODY"}, AGAIN),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fault", "expected"), CASES.values(), ids=CASES.keys())
def test_each_answer_has_its_action(emulator, settings, fault, expected):
    settings.FCM_TIMEOUT_S = 2
    phone = make_device()
    emulator.inject(**fault, token=decrypt_push(phone.push_value_encrypted))
    alert = make_alert(make_gmina())
    message = make_message(alert, [phone], batch=1)
    now = timezone.now()
    sender.drain(lambda: False)
    batch = Batch.objects.get()
    assert batch.codes == [expected.code]
    if expected.waits_s is None:
        assert batch.state == Batch.State.DONE
    else:
        least, most = expected.waits_s
        assert least <= (batch.not_before - now).total_seconds() <= most + 10
    phone.refresh_from_db()
    assert (phone.push_hash is None) == expected.retires
    message.refresh_from_db()
    assert bool(message.halted_reason) == expected.halts


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fault", "expected"), CASES.values(), ids=CASES.keys())
def test_only_our_own_shut_door_holds_what_others_wait_for(emulator, settings, fault, expected):
    settings.FCM_TIMEOUT_S = 2
    met, other = make_device(), make_device()
    emulator.inject(**fault, token=decrypt_push(met.push_value_encrypted))
    gmina = make_gmina()
    make_message(make_alert(gmina, severity="emergency"), [met])
    stop = iter([False])
    other_message = make_message(make_alert(gmina, severity="info"), [other])
    sender.drain(lambda: next(stop, True))
    waiting = Batch.objects.get(message_id=other_message.pk)
    is_held = waiting.not_before is not None and waiting.not_before > timezone.now()
    assert is_held == expected.holds_all
    assert Message.objects.get(pk=other_message.pk).halted_reason == ""


# ── Reading alone ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"error": []}', b'{"error": "x"}', b"\xff"]
)
@pytest.mark.parametrize("status", [200, 204, 301, 400, 404, 418, 429, 500, 502, 599])
def test_no_body_is_too_strange_to_read(status, body):
    result = answers.read(Answer(status, body))
    assert result.outcome != O.ACCEPTED
    assert result.outcome == ACTIONS[result.code].outcome


def test_a_gateways_400_stops_no_alert():
    assert answers.read(Answer(400, b"<html>Bad request</html>")).outcome == O.RETRY


@pytest.mark.parametrize(
    "details",
    ["[1, null]", '[{"fieldViolations": 7}]', '[{"fieldViolations": [3]}]', '{"a": 1}'],
)
def test_details_that_make_no_sense_are_passed_over(details):
    body = f'{{"error": {{"status": "UNAVAILABLE", "details": {details}}}}}'.encode()
    assert answers.read(Answer(503, body)).code == "UNAVAILABLE"


def test_a_code_that_nobody_knows_is_tried_again_and_logged(caplog):
    body = b'{"error": {"status": "ABORTED"}}'
    result = answers.read(Answer(409, body))
    assert (result.outcome, result.code) == (O.RETRY, "ABORTED")
    [line] = caplog.records
    assert (line.levelname, line.code, line.http) == ("ERROR", "ABORTED", 409)


@pytest.mark.parametrize("failure", Failure)
def test_no_answer_is_tried_again(failure):
    assert answers.read(Answer(0, failure=failure)).outcome == O.RETRY
