"""What may still be sent, as a truth table of alert state, message kind, halt and expiry."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import sender
from dispatch.models import Alert, Message
from dispatch.outcomes import Outcome

RUNNING = {"sending", "active"}


@pytest.mark.parametrize("state", Alert.State.values)
@pytest.mark.parametrize("kind", Message.Kind.values)
@pytest.mark.parametrize("halted", ["", "payload_refused"])
@pytest.mark.parametrize("expired", [False, True])
def test_what_runs_and_what_tells_of_an_end_may_be_sent(state, kind, halted, expired):
    now = timezone.now()
    message = Message(
        alert=Alert(state=state),
        kind=kind,
        halted_reason=halted,
        expires_at=now + timedelta(hours=-1 if expired else 1),
    )
    running = state in RUNNING or kind in {"all_clear", "withdrawal"}
    may_go = running and not halted and not expired
    ending = sender.ending_of(message, now=now)
    assert (ending is None) == may_go
    if not may_go:
        assert ending == (Outcome.GAVE_UP if expired and not halted else Outcome.STOPPED)
