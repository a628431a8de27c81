"""Claimed batches on their way: look again, hand them over, write down what became of them.

One thread does it all, up to IN_FLIGHT batches at a time: it claims, begins deliveries as fast as
the cap lets it, collects answers, renews leases, and lands each batch whose answers are there.
While answers are awaited no transaction is open, so that a slow FCM holds up nothing but its own
batches. What a batch has not begun after BEGIN_WITHIN_S goes back to the queue: so an emergency
overtakes, and an alert that ends stops, within seconds, however slow the sending is.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from dispatch import halting, lease, outcomes, states
from dispatch.channels import CHANNELS, Channel
from dispatch.closing import TOLD_AFTER_THE_END, close_finished
from dispatch.flight import Flight, board
from dispatch.landing import land
from dispatch.lease import Claim
from dispatch.models import Message
from dispatch.outcomes import OPEN, Outcome, Result

logger = logging.getLogger(__name__)
IN_FLIGHT = 2  # batches a process has on their way at once
BEGIN_WITHIN_S = 3  # what a batch has not begun by then goes back, due at once
STOP_WITHIN_S = 5  # how long a process that was asked to end waits for answers
RENEWALS = 6  # of a lease, in its time
# How long one wait for answers is: short while something waits for the cap to let it go.
WAIT_S, CAPPED_WAIT_S = 0.2, 0.02
NOTHING_DUE_S = 0.25  # after finding no batch, while others are under way
LOOK_AGAIN_S = 1  # so long what was read of a message and its alert counts as true


def drain(stop: Callable[[], bool], hurry: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, until nothing is or `stop()`; how many batches.

    `hurry()`: give back what isn't begun, and wait STOP_WITHIN_S for the rest.
    """
    sender = Sender(stop, hurry)
    try:
        return sender.run()
    finally:
        sender.close()


class Sender:
    """One process's batches under way. The methods up to `_land` are the round of `run`."""

    def __init__(self, stop: Callable[[], bool], hurry: Callable[[], bool]) -> None:
        self._stop, self._hurry = stop, hurry
        self._flights: list[Flight] = []
        self._channels: dict[str, Channel] = {}
        self._landed = 0
        # What was read of messages, and when; those that may be finished by now.
        self._read: dict[int, tuple[float, Message]] = {}
        self._perhaps_finished: set[int] = set()
        self._claim_at = 0.0
        self._renew_at = time.monotonic() + settings.LEASE_S / RENEWALS
        self._abandon_at: float | None = None

    def run(self) -> int:
        while True:
            self._claim()
            if not self._flights:
                self._close_finished()
                return self._landed
            self._begin()
            self._collect()
            self._keep_time()
            for flight in [flight for flight in self._flights if flight.is_over]:
                self._land(flight)

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()

    def _claim(self) -> None:
        while len(self._flights) < IN_FLIGHT and not self._stop():
            if self._flights and time.monotonic() < self._claim_at:
                return
            claim = lease.claim()
            if claim is None:
                self._claim_at = time.monotonic() + NOTHING_DUE_S
                self._close_finished()
                return
            self._take_off(claim)

    def _take_off(self, claim: Claim) -> None:
        """Find out what goes to whom; where none may go, the batch is dealt with.

        A halted message, an alert that ended and an expired message send nothing more.
        """
        message = self._message(claim.message_id)
        if (ending := ending_of(message, now=timezone.now())) is not None:
            _end(claim, ending)
            self._perhaps_finished.add(message.pk)
        elif (channel := self._channel(claim)) is None or not channel.fits(message):
            _hold(claim, message)
        else:
            self._board(Flight(claim, message, channel))

    def _board(self, flight: Flight) -> None:
        """Take it among those under way; one that can't be made ready takes no other down."""
        try:
            board(flight)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # Every minute, and staff hear that it stands still (watch.py).
            logger.exception("batch can't be sent, held", extra=flight.ids())
            _put_off(flight.claim)
            return
        self._flights.append(flight)
        self._flights.sort(key=lambda flight: flight.claim.priority)

    def _message(self, message_id: int) -> Message:
        """The message with its alert, no older than LOOK_AGAIN_S."""
        read_at, message = self._read.get(message_id, (-LOOK_AGAIN_S, None))
        if message is None or time.monotonic() - read_at > LOOK_AGAIN_S:
            found = Message.objects.select_related("alert__kind", "gmina")
            message = found.get(id=message_id)
            self._read = {message_id: (time.monotonic(), message)}
        return message

    def _close_finished(self) -> None:
        """Close what may be finished. What is overlooked here, the clock finds."""
        while self._perhaps_finished:
            close_finished(self._perhaps_finished.pop())

    def _channel(self, claim: Claim) -> Channel | None:
        if claim.channel not in self._channels and claim.channel in CHANNELS:
            self._channels[claim.channel] = CHANNELS[claim.channel](self._hurry)
        return self._channels.get(claim.channel)

    def _begin(self) -> None:
        """Hand over as much as the channels and the cap let through, the most urgent first."""
        for flight in self._flights:
            while flight.waiting and flight.channel.may_begin(flight.message):
                index, letter = flight.waiting.popleft()
                flight.under_way[index] = letter
                flight.channel.begin(letter, (flight, index))

    def _collect(self) -> None:
        capped = any(flight.waiting for flight in self._flights)
        wait_s = CAPPED_WAIT_S if capped else WAIT_S
        for channel in {id(flight.channel): flight.channel for flight in self._flights}.values():
            self._note(channel.collect(wait_s))

    def _note(self, results: Iterable[tuple[Any, Result]]) -> None:
        for (flight, index), result in results:
            flight.letters[index] = flight.under_way.pop(index, None)
            flight.results[index] = result
            if result.shut_out:
                for each in self._flights:
                    each.cut(outcomes.HOLD_S)
            elif result.outcome == Outcome.PAYLOAD_REFUSED:
                for each in self._flights:
                    if each.message.pk == flight.message.pk:
                        each.cut()

    def _keep_time(self) -> None:
        """Cut what takes too long, renew leases, end in time where we were asked to."""
        now = time.monotonic()
        for flight in self._flights:
            if now - flight.boarded > BEGIN_WITHIN_S:
                flight.cut()
        if now >= self._renew_at:
            self._renew_at = now + settings.LEASE_S / RENEWALS
            self._renew()
        if self._hurry():
            self._hurry_up(now)

    def _renew(self) -> None:
        kept = lease.renew([flight.claim for flight in self._flights])
        for flight in self._flights:
            if flight.claim.id not in kept:
                flight.is_lost = True
                flight.cut()

    def _hurry_up(self, now: float) -> None:
        self._abandon_at = self._abandon_at or now + STOP_WITHIN_S
        for flight in self._flights:
            flight.cut()
            if now >= self._abandon_at:
                self._note(flight.channel.abandon())

    def _land(self, flight: Flight) -> None:
        """Record outcomes in one UPDATE, with dead endpoints and our own faults."""
        self._flights.remove(flight)
        if flight.is_lost:
            logger.warning("lease lost, batch goes again", extra=flight.ids())
            return
        self._landed += 1
        self._perhaps_finished.add(flight.message.pk)
        land(flight)
        if halting.concerns(flight.results.values()):
            self._read.clear()


def ending_of(message: Message, *, now: datetime) -> Outcome | None:
    """What its open deliveries become without being sent; None: it may be sent."""
    if message.halted_reason:
        return Outcome.STOPPED
    if now >= message.expires_at:
        return Outcome.GAVE_UP
    running = message.alert.state in states.RUNNING
    return None if running or message.kind in TOLD_AFTER_THE_END else Outcome.STOPPED


def _end(claim: Claim, ending: Outcome) -> None:
    codes = [ending if code in OPEN else code for code in claim.codes]
    lease.finish(claim, codes, claim.fcm_ids)


def _hold(claim: Claim, message: Message) -> None:
    """Keep a batch that this process may not send: another transport, an unknown channel."""
    _put_off(claim)
    extra = halting.ids(message) | {"wanted": message.transport, "channel": claim.channel}
    logger.error("wrong transport, held", extra=extra)


def _put_off(claim: Claim) -> None:
    waits_s = [outcomes.HOLD_S if code in OPEN else None for code in claim.codes]
    lease.finish(claim, claim.codes, claim.fcm_ids, waits_s=waits_s, tried=False)
