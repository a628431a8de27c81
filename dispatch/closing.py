"""The end of a sending: what may not go any more is final, and then the message is sent."""

from contextlib import suppress

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from dispatch import queries, severally, states
from dispatch.errors import MoveRefused
from dispatch.models import Alert, Batch, Message
from dispatch.outcomes import OPEN, Outcome

# These tell people that an alert is over, so its end doesn't stop them.
TOLD_AFTER_THE_END = frozenset({Message.Kind.ALL_CLEAR, Message.Kind.WITHDRAWAL})


def close_finished(message_id: int | None = None) -> int:
    """Mark messages as sent whose every batch is final, and their alerts as active; how many.

    An alert is active too once nothing is left but what waits for the morning: for its officers
    the sending is over. Called after each final batch, and by the clock for what a crash left.
    """
    unsent = Message.objects.filter(sent_at=None).select_related("alert")
    if message_id is not None:
        unsent = unsent.filter(pk=message_id)
    left = Batch.objects.filter(message_id=OuterRef("pk"), state__lt=Batch.State.DONE)
    to_go = left.exclude(state=Batch.State.WAITING, held_until__gt=Now())
    sending = unsent.filter(alert__state=Alert.State.SENDING)
    severally.each(_activate, sending.filter(Exists(left), ~Exists(to_go)))
    return severally.each(_close, unsent.exclude(Exists(left)))


def _activate(message: Message) -> None:
    move = states.moving(states.FINISH_SENDING, message.alert, by=None, waits=False)
    with suppress(MoveRefused), move as step:
        step.data["message_id"] = message.pk


@transaction.atomic
def _close(message: Message) -> bool:
    """False where another has closed it, or an officer has the alert in hand: the clock returns."""
    if not states.locked(waits=False).filter(pk=message.alert_id):
        return False
    _activate(message)  # unless it is an update, an all-clear, or the alert is active already
    open_message = Message.objects.filter(pk=message.pk, sent_at=None)
    return bool(open_message.update(sent_at=timezone.now()))


def end_waiting() -> int:
    """Make final what is left of messages that may not be sent any more; how many batches.

    A sender does the same for a batch that it claims (sender.ending_of); this is for those whose
    time has not come: retries, and people who are asleep.
    """
    return queries.run(
        "end_waiting",
        running=list(states.RUNNING),
        after_the_end=list(TOLD_AFTER_THE_END),
        open=[int(code) for code in OPEN],
        stopped=int(Outcome.STOPPED),
        gave_up=int(Outcome.GAVE_UP),
    )
