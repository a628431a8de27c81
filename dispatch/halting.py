"""Our own faults, found in FCM's answers: what is stopped or held for them, and who is told."""

import logging
from collections.abc import Iterable

from audit.record import record
from audit.verbs import Verb
from dispatch import lease, notices
from dispatch.models import Message
from dispatch.notices import Notice
from dispatch.outcomes import HOLD_S, Outcome, Result

logger = logging.getLogger(__name__)
PAYLOAD_REFUSED = "payload_refused"  # Message.halted_reason
_OURS = frozenset({Outcome.PAYLOAD_REFUSED, Outcome.CREDENTIALS})


def concerns(results: Iterable[Result]) -> bool:
    """Whether `heed` has anything to do."""
    return any(result.outcome in _OURS for result in results)


def heed(message: Message, results: Iterable[Result]) -> None:
    """Act on a batch's results, in the transaction that writes them."""
    faults = [result for result in results if result.outcome in _OURS]
    if any(result.outcome == Outcome.PAYLOAD_REFUSED for result in faults):
        halt(message)
    codes = {result.code for result in faults if result.outcome == Outcome.CREDENTIALS}
    if codes:
        _tell_of_credentials(message, codes, shut_out=any(result.shut_out for result in faults))


def halt(message: Message) -> None:
    """Stop a message that FCM refuses as such, and say so to staff. Tokens stay."""
    if not Message.objects.filter(pk=message.pk, halted_reason="").update(
        halted_reason=PAYLOAD_REFUSED
    ):
        return
    record(
        Verb.MESSAGE_HALTED,
        by=None,
        gmina=message.gmina,
        target_kind="alert",
        target_id=message.alert.ref,
        message_id=message.pk,
    )
    notices.notify(
        Notice.MESSAGE_HALTED, gmina=message.gmina, alert=message.alert, occasion=message.pk
    )
    logger.error("message halted", extra=ids(message) | {"why": PAYLOAD_REFUSED})


def ids(message: Message) -> dict[str, object]:
    """What every line about a message says of it."""
    return {"alert_ref": message.alert.ref, "message_id": message.pk}


def _tell_of_credentials(message: Message, codes: set[str], *, shut_out: bool) -> None:
    """Nobody's fault but ours: the keys or rights that are wrong. Shut out, everything waits."""
    notices.notify(Notice.CREDENTIALS_FAILED, gmina=message.gmina, alert=message.alert)
    if shut_out:
        held = lease.hold(HOLD_S)
        extra = ids(message) | {"held": held, "hold_s": HOLD_S}
        logger.error("FCM refuses our credentials", extra=extra)
    else:
        logger.error("keys are missing or refused", extra=ids(message) | {"codes": sorted(codes)})
