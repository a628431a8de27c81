"""A sender's run: in one of the places for senders, for a while, until nothing is due."""

import time

from django.conf import settings

from dispatch import jobs, lease, sender, senders


def drain() -> int:
    """RQ's entry point: send what is due for at most settings.SENDER_RUN_S; how many batches.

    Leaves at once where as many senders as allowed are at it. Safe to run twice, at any time.
    """
    call_for_more()  # another process may help; it leaves again where none is needed
    sent = drain_for(settings.SENDER_RUN_S)
    call_for_more()
    return sent


def call_for_more() -> None:
    """Wake a sender if a batch is due."""
    if (priority := lease.most_urgent_due()) is not None:
        jobs.wake(priority)


def drain_for(seconds: float) -> int:
    """Send what is due, in one of the places for senders, for so long; how many batches."""
    until = time.monotonic() + seconds
    with senders.slot() as place:
        if place is None:
            return 0
        stopping = jobs.stopping.is_set
        return sender.drain(lambda: stopping() or time.monotonic() > until, hurry=stopping)
