"""Reading the emulator's inboxes: only the alert's own messages, only those of this run."""

import firebase_admin.messaging as messaging

from config.demo.inboxes import accepted_of, accepted_so_far
from dispatch import fcm
from tests.emulator import Emulator


def send(*pairs: tuple[str, str]) -> None:
    """One message a (token, alert) pair, in this order."""
    for token, ref in pairs:
        message = messaging.Message(token=token, data={"alert_ref": ref})
        fcm.send([message])


def test_only_the_alerts_own_messages_since_then_are_read(emulator: Emulator) -> None:
    send(("early", "a-2026-1"))
    before = accepted_so_far(emulator.url)
    send(("one", "a-2026-1"), ("other", "b-2026-1"), ("two", "a-2026-1"), ("one", "a-2026-1"))
    found = accepted_of(emulator.url, "a-2026-1", after=before)
    assert [each.token for each in found] == ["one", "two", "one"]
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert found[0].at.tzinfo is not None


def test_nothing_new_is_an_answer_and_no_endless_wait(emulator: Emulator) -> None:
    send(("one", "a-2026-2"))
    assert accepted_of(emulator.url, "a-2026-2", after=accepted_so_far(emulator.url)) == []
