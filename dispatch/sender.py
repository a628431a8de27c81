"""One claimed batch on its way: look again, hand it to FCM, write down what became of it.

Between `take_off` and `land` no transaction is open and the database is not used, so that a slow
FCM holds up nothing but its own batch.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from firebase_admin.messaging import Message as Push

from audit.record import record
from audit.verbs import Verb
from dispatch import fcm, lease, outcomes, payload, states
from dispatch.errors import FcmNotConfigured, MoveRefused
from dispatch.lease import Claim
from dispatch.models import Batch, Delivery, Message, MessageText
from dispatch.outcomes import NOT_SENT, OPEN, Outcome, Result
from residents.models import Device
from residents.tokens import decrypt_push, retire_push

logger = logging.getLogger(__name__)
IN_FLIGHT = 2  # batches a process has on their way at once
# Nobody tries longer than this without a human looking; what was never tried still goes.
RETRIES_FOR = timedelta(minutes=60)
PAYLOAD_REFUSED = "payload_refused"  # Message.halted_reason
FALLBACK_LANG = "pl"
# These tell people that an alert is over, so its end doesn't stop them.
TOLD_AFTER_THE_END = frozenset({Message.Kind.ALL_CLEAR, Message.Kind.WITHDRAWAL})


@dataclass(frozen=True)
class Call:
    """One delivery handed to FCM: its position (from 0), the target it went to, the answer."""

    index: int
    device_id: int
    push_hash: bytes
    answer: Future[Result]


@dataclass
class Flight:
    """A batch on its way. `settled` are positions that needed no call."""

    claim: Claim
    message: Message
    settled: dict[int, Result] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)


def drain(stop: Callable[[], bool]) -> int:
    """Send what is due, two batches at a time, until nothing is or `stop()`; how many batches."""
    flights: deque[Flight] = deque()
    landed = 0
    while True:
        while len(flights) < IN_FLIGHT and not stop() and (claim := lease.claim()):
            if (flight := take_off(claim)) is not None:
                flights.append(flight)
        if not flights:
            return landed
        land(flights.popleft())
        landed += 1


def send_batch(claim: Claim) -> None:
    """The whole way of one claimed batch."""
    if (flight := take_off(claim)) is not None:
        land(flight)


def take_off(claim: Claim) -> Flight | None:
    """Hand the batch's open deliveries to FCM; None where none may go, and the batch is dealt with.

    A halted message, an alert that ended and an expired message send nothing more.
    """
    message = Message.objects.select_related("alert__kind", "gmina").get(id=claim.message_id)
    if (ending := ending_of(message, now=timezone.now())) is not None:
        codes = [ending if code in OPEN else code for code in claim.codes]
        lease.finish(claim, codes, claim.fcm_ids)
        close_finished(message.pk)
        return None
    if not _transport_fits(message):
        lease.finish(claim, claim.codes, claim.fcm_ids, retry_s=outcomes.HOLD_S)
        return None
    return _depart(Flight(claim, message))


def ending_of(message: Message, *, now: datetime) -> Outcome | None:
    """What its open deliveries become without being sent; None: it may be sent."""
    if message.halted_reason:
        return Outcome.STOPPED
    if now >= message.expires_at:
        return Outcome.GAVE_UP
    running = message.alert.state in states.RUNNING
    return None if running or message.kind in TOLD_AFTER_THE_END else Outcome.STOPPED


def land(flight: Flight) -> None:
    """Wait for FCM's answers; record outcomes in one UPDATE, dead targets, and our own faults."""
    results = _results(flight)
    if all(result is NOT_SENT for result in results.values()):
        lease.release(flight.claim)  # its time was up before the first call: no attempt
        return
    codes, fcm_ids = list(flight.claim.codes), list(flight.claim.fcm_ids)
    for index, result in results.items():
        if result is not NOT_SENT:
            codes[index], fcm_ids[index] = result.outcome, result.fcm_id
    retry_s = None
    if _open(codes):
        jitter = random.random()  # noqa: S311 - spreads load, hides nothing
        retry_s = outcomes.retry_delay_s(
            list(results.values()), attempt=flight.claim.attempt, jitter=jitter
        )
    with transaction.atomic():
        kept = lease.finish(flight.claim, codes, fcm_ids, retry_s=retry_s)
        _retire(flight, results)
        if any(result.outcome == Outcome.PAYLOAD_REFUSED for result in results.values()):
            halt(flight.message)
    _log(flight, codes, kept)
    if any(result.shut_out for result in results.values()):
        _shut_out(flight.message)
    if kept and retry_s is None:
        close_finished(flight.message.pk)


def halt(message: Message) -> None:
    """Stop a message that FCM refuses as such, and say so to staff. Tokens stay."""
    if Message.objects.filter(pk=message.pk, halted_reason="").update(
        halted_reason=PAYLOAD_REFUSED
    ):
        record(
            Verb.MESSAGE_HALTED,
            by=None,
            gmina=message.gmina,
            target_kind="alert",
            target_id=message.alert.ref,
            message_id=message.pk,
        )
        logger.error("message halted", extra=_ids(message) | {"why": PAYLOAD_REFUSED})


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


def _depart(flight: Flight) -> Flight:
    """Build a push for each open delivery that has a target, and submit them together."""
    devices, contents = _devices(flight.claim), _contents(flight.message)
    pushes: dict[int, Push] = {}
    now = timezone.now()
    for index in _open(flight.claim.codes):
        target = _target(devices.get(index + 1))
        if isinstance(target, Result):
            flight.settled[index] = target
            continue
        content = contents.get(devices[index + 1].lang, contents[FALLBACK_LANG])
        delivery = payload.delivery_id(flight.message.pk, flight.claim.no, index + 1)
        pushes[index] = payload.build(content, target, delivery, now=now)
    answers = fcm.submit(list(pushes.values()), deadline=_deadline(flight.claim))
    for index, answer in zip(pushes, answers, strict=True):
        device = devices[index + 1]
        flight.calls.append(Call(index, device.pk, bytes(device.push_hash or b""), answer))
    return flight


def _open(codes: Sequence[int]) -> list[int]:
    return [index for index, code in enumerate(codes) if code in OPEN]


def _deadline(claim: Claim) -> float:
    """The last moment to begin a call that surely ends (connecting, then reading) in the lease."""
    return claim.since + settings.LEASE_S - 2 * settings.FCM_TIMEOUT_S


def _devices(claim: Claim) -> dict[int, Device]:
    """The devices of a batch by position (from 1); erased ones are missing."""
    deliveries = Delivery.objects.filter(
        month=claim.month, message_id=claim.message_id, batch_no=claim.no
    )
    # In the primary key's order, which makes that index the one to use before any statistics.
    endpoints = dict(deliveries.order_by("pos").values_list("pos", "endpoint_id"))
    found = Device.objects.in_bulk(list(endpoints.values()))
    return {pos: found[endpoint] for pos, endpoint in endpoints.items() if endpoint in found}


def _contents(message: Message) -> dict[str, payload.Content]:
    """What phones get, by language."""
    return {
        text.lang: payload.Content(
            alert_ref=message.alert.ref,
            message_id=message.pk,
            kind=message.alert.kind.code,
            severity=message.severity,
            lang=text.lang,
            title=text.title,
            body=text.body,
            expires_at=message.expires_at,
            is_drill=message.is_drill,
        )
        for text in MessageText.objects.filter(message=message)
    }


def _target(device: Device | None) -> payload.Target | Result:
    """Where to send to, or what becomes of a delivery that has nowhere to go."""
    if device is None or device.push_hash is None:
        return Result(Outcome.UNREACHABLE)
    try:
        value = decrypt_push(device.push_value_encrypted or b"")
    except InvalidToken:
        # FIELD_KEYS lacks a key: our fault, and repaired by giving it back.
        return Result(Outcome.CREDENTIALS, "FIELD_KEYS")
    return payload.Target(device.platform, device.push_kind or "", value)


def _transport_fits(message: Message) -> bool:
    """Whether this process sends where the message was meant to go, never elsewhere by mistake."""
    try:
        here: str | None = fcm.transport()
    except FcmNotConfigured:
        here = None
    fits = here == message.transport
    if not fits:
        extra = _ids(message) | {"wanted": message.transport, "here": here}
        logger.error("wrong transport, held", extra=extra)
    return fits


def _results(flight: Flight) -> dict[int, Result]:
    """Every open position's result; waits for FCM. Too many foreign tokens are our own fault."""
    answers = outcomes.without_mass_mismatch([call.answer.result() for call in flight.calls])
    indices = [call.index for call in flight.calls]
    results = flight.settled | dict(zip(indices, answers, strict=True))
    if timezone.now() - flight.message.frozen_at < RETRIES_FOR:
        return results
    return {index: _given_up(result) for index, result in results.items()}


def _given_up(result: Result) -> Result:
    return Result(Outcome.GAVE_UP, result.code) if result.outcome == Outcome.RETRY else result


def _retire(flight: Flight, results: Mapping[int, Result]) -> None:
    for call in flight.calls:
        if results[call.index].outcome == Outcome.TOKEN_DEAD:
            retire_push(call.device_id, call.push_hash)


def _shut_out(message: Message) -> None:
    """Our credentials are refused: everything waits, and the key file is read anew after that."""
    held = lease.hold(outcomes.HOLD_S)
    fcm.reset()
    extra = _ids(message) | {"held": held, "hold_s": outcomes.HOLD_S}
    logger.error("FCM refuses our credentials", extra=extra)


def _ids(message: Message) -> dict[str, object]:
    """What every line about a message says of it."""
    return {"alert_ref": message.alert.ref, "message_id": message.pk}


def _log(flight: Flight, codes: Sequence[int], kept: bool) -> None:
    """One line a batch, with counts by outcome; never a token or a text."""
    counts = {outcome.name.lower(): codes.count(outcome) for outcome in set(map(Outcome, codes))}
    logger.log(
        logging.INFO if kept else logging.WARNING,
        "batch sent" if kept else "lease lost, batch goes again",
        extra=_ids(flight.message)
        | {
            "batch": flight.claim.no,
            "attempt": flight.claim.attempt,
            "seconds": round(time.monotonic() - flight.claim.since, 3),
            "outcomes": counts,
        },
    )
