"""The end of a sending: once every batch is final, the message is sent and its alert active."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from dispatch import states
from dispatch.errors import MoveRefused
from dispatch.models import Batch, Message


def close_finished(message_id: int | None = None) -> int:
    """Mark messages as sent whose every batch is final, and their alerts as active; how many.

    Called after each final batch, and by the clock for what a crash left between the two.
    """
    waiting = Batch.objects.filter(message_id=OuterRef("pk"), state__lt=Batch.State.DONE)
    finished = Message.objects.filter(sent_at=None).exclude(Exists(waiting)).select_related("alert")
    if message_id is not None:
        finished = finished.filter(pk=message_id)
    return sum(_close(message) for message in finished)


def _close(message: Message) -> bool:
    open_message = Message.objects.filter(pk=message.pk, sent_at=None)
    try:
        with states.moving(states.FINISH_SENDING, message.alert, by=None) as step:
            step.data["message_id"] = message.pk
            return bool(open_message.update(sent_at=timezone.now()))
    except MoveRefused:
        # An update of an active alert, an all-clear, or somebody closed it before us.
        return bool(open_message.update(sent_at=timezone.now()))
