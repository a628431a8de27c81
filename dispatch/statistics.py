"""Figures of messages, live or kept: folded by a clock duty so that details may go.

A message is folded when it was sent, once a day as long as its alert runs, when the alert ends, and
a last time SETTLED_AFTER later: what phones say after that is not counted any more.
"""

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import work_queue
from dispatch import funnel, severally
from dispatch.funnel import Figures, Speed
from dispatch.models import Message, MessageFigures

SETTLED_AFTER = timedelta(days=3)  # since the alert's end; phones report within hours
AFRESH_AFTER = timedelta(days=1)
AT_ONCE = 50  # messages a run


def figures_of(message: Message) -> Figures | None:
    """The message's figures: kept ones once they can't change, else as they are now.

    None where its details went before they were folded, which partitions.py does not let happen.
    """
    kept = MessageFigures.objects.filter(message=message).first()
    if kept is not None and is_settled(kept):
        return read(kept)
    return funnel.live(message) or (read(kept) if kept else None)


def is_settled(kept: MessageFigures) -> bool:
    ended_at = kept.message.alert.ended_at
    return ended_at is not None and kept.folded_at >= ended_at + SETTLED_AFTER


def read(kept: MessageFigures) -> Figures:
    speed = Speed(kept.seconds_to_50, kept.seconds_to_90, kept.seconds_to_99)
    return Figures.from_json(kept.told, speed)


def fold(message: Message) -> bool:
    """Keep the message's figures of now, in place of earlier ones; safe to repeat at any time.

    False, and what is kept stays, where the details are gone.
    """
    found = funnel.live(message)
    if found is None:
        return False
    MessageFigures.objects.update_or_create(
        message=message,
        defaults={
            "folded_at": timezone.now(),
            "told": found.to_json(),
            "seconds_to_50": found.speed.to_50,
            "seconds_to_90": found.speed.to_90,
            "seconds_to_99": found.speed.to_99,
        },
    )
    return True


def catch_up() -> None:
    """A duty of the clock: have what is due folded by a maintenance worker; it may take seconds."""
    if due().exists():
        work_queue.put(fold_due)


def fold_due() -> int:
    """RQ's entry point: fold what is due, the oldest first; how many messages. May run twice."""
    return severally.each(fold, due()[:AT_ONCE])


def due() -> QuerySet[Message]:
    """Sent messages whose kept figures are missing or old."""
    now = timezone.now()
    ended_at, folded_at = F("alert__ended_at"), F("figures__folded_at")
    is_unsettled = Q(figures__folded_at__lt=ended_at + SETTLED_AFTER)
    stale = (
        Q(figures=None)
        | Q(sent_at__gt=folded_at)
        | Q(alert__ended_at__gt=folded_at)
        | Q(is_unsettled, alert__ended_at__lte=now - SETTLED_AFTER)
        | Q(is_unsettled | Q(alert__ended_at=None), figures__folded_at__lt=now - AFRESH_AFTER)
    )
    found = Message.objects.filter(stale, sent_at__isnull=False).select_related("alert")
    return found.order_by("frozen_at")
