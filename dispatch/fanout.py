"""Freezing: an audience becomes a message with its deliveries, all of it or nothing.

Everything is written in the caller's transaction by set-based SQL; senders are woken once it is
committed (jobs.py), and find their work in PostgreSQL even where the wake is lost.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from dispatch import areas, audiences, fcm, jobs, masking, part_figures, queries, quiet
from dispatch.areas import Area
from dispatch.errors import AreaRefused, AudienceChanged
from dispatch.masking import NOT_TOLD, Told
from dispatch.models import Alert, AreaPiece, Batch, Message, MessageText, Severity
from dispatch.steps import step_of, stepped_around
from dispatch.words import Text, marked
from gis_layers.models import SRID

logger = logging.getLogger(__name__)
# How many residents an audience may differ from what the officer saw: the larger of the two.
TOLERANCE = 20
TOLERANCE_SHARE = 0.1
# These say all that is to be known of the event, so that nobody needs an earlier message.
REPLACING = frozenset({Message.Kind.UPDATE, Message.Kind.EXTENSION})
REPLACED = "replaced"  # Message.halted_reason
# First number of the advisory locks that say in which gmina (the second) somebody freezes.
FREEZING = 0x53414F46
PRIORITY = {Severity.EMERGENCY: 0, Severity.IMPORTANT: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Frozen:
    """A frozen message, and why its audience is not what was seen ("": it is)."""

    message: Message
    changed: str


@transaction.atomic
def freeze(alert: Alert, *, by: User, texts: Sequence[Text]) -> Frozen:
    """Freeze the alert's own message, its audience computed anew from the map of now.

    Raises AudienceChanged where the audience is not what the submitting officer saw: an emergency
    is sent and flagged all the same, unless it would reach nobody. Raises FcmNotConfigured or
    DemoSendsNothing.
    """
    area = _area(alert)
    message = _message(alert, Message.Kind.ALERT, by=by, expires_at=alert.expires_at)
    counted = _write(message, area)
    changed = difference(alert, area, counted)
    if changed == "nobody" or (changed and alert.severity != Severity.EMERGENCY):
        raise AudienceChanged(details=_seen_and_now(alert, area, counted, changed))
    message.area_hash, message.editions = area.hash, by_layer(area)
    message.residents, message.devices = counted.residents, counted.devices
    message.unreachable, message.muted = counted.unreachable, counted.muted
    shown = masking.masked(counted, area.parts)
    message.told = shown.told.to_json()
    limit = masking.limit_of(area.parts)
    message.followed_parts = part_figures.followed(counted.groups, shown, limit)
    message.save()
    _write_pieces(message, area)
    _finish(message, texts)
    return Frozen(message, changed)


def add(message: Message, area: Area, residents: Sequence[int]) -> tuple[int, int]:
    """Write deliveries of a frozen message to those of the residents whom its area reaches now.

    In new batches, to phones that have none. How many residents without any before, and how many
    devices. The caller has locked the alert, so that nobody else adds any.
    """
    alert, now = message.alert, timezone.now()
    kind, severity = alert.kind.code, message.severity
    question = audiences.Question(alert.gmina, area, kind, severity, scope="late_scope")
    key = {"month": message.month, "message": message.pk, "arrived": residents}
    told = [row[0] for row in queries.tuples("late_told", **key)]
    highest = Batch.objects.filter(message_id=message.pk).aggregate(no=Max("no"))["no"] or 0
    files = ("freeze_reached", "freeze_endpoints", "freeze_write", "late_totals")
    parameters = _delivery_parameters(message, now=now, batches=highest) | key | {"told": told}
    [(people, devices)] = question.run(queries.joined(*files), **parameters)
    return people, devices


@transaction.atomic
def freeze_again(
    alert: Alert, kind: str, *, by: User, texts: Sequence[Text], expires_at: datetime
) -> Message:
    """Freeze another message of the alert to the phones that had it.

    An all-clear or a withdrawal goes to exactly those. An extension also goes to those whose turn
    was still to come, an update to newcomers of the area besides: what they replace is not sent
    any more. Batches still waiting stay locked until the caller commits, so that no sender takes
    one between our asking who had the alert and its end. Raises FcmNotConfigured or
    DemoSendsNothing.
    """
    earlier = list(alert.messages.order_by("pk"))
    _hold_waiting(earlier)
    message = _message(alert, kind, by=by, expires_at=expires_at)
    first, last = earlier[0], earlier[-1]
    parameters = _delivery_parameters(message, now=message.frozen_at) | {
        "month_from": first.month,
        "earlier": [message.pk for message in earlier],
        "owed": kind in REPLACING,
    }
    area = _area_of_update(alert) if kind == Message.Kind.UPDATE else None
    message.residents, message.devices = _write_again(alert, area, parameters)
    if kind in REPLACING:
        alert.messages.filter(pk__lt=message.pk, halted_reason="").update(halted_reason=REPLACED)
    message.area_hash, message.editions = last.area_hash, last.editions
    if area:
        message.area_hash, message.editions = area.hash, by_layer(area)
    message.told = _told_again(message, first).to_json()
    message.followed_parts = first.followed_parts
    message.save()
    if area:
        _write_pieces(message, area)
    _finish(message, texts)
    return message


def by_layer(area: Area) -> dict[str, int]:
    """The area's editions as JSON keeps them."""
    return {str(layer): number for layer, number in area.editions.items()}


def difference(alert: Alert, area: Area, now: audiences.Preview) -> str:
    """Why this audience is not what was seen at submission: nobody, count, map; "" where it is."""
    seen = alert.seen_residents or 0
    if now.residents == 0:
        return "nobody"
    if abs(now.residents - seen) > max(TOLERANCE, TOLERANCE_SHARE * seen):
        return "count"
    if alert.seen_editions != by_layer(area) and alert.seen_hash != now.hash:
        return "map"
    return ""


def _area(alert: Alert) -> Area:
    try:
        return areas.resolve(alert.gmina, areas.chosen_parts(alert))
    except AreaRefused as refused:
        # A street is gone from the map, or lies outside a new border.
        details = {"reason": "area", "refused": refused.code, "field": refused.field}
        raise AudienceChanged(details=details) from refused


def _area_of_update(alert: Alert) -> Area | None:
    """Where newcomers are looked for; None where the map has lost it, and nobody is new."""
    try:
        return _area(alert)
    except AudienceChanged as changed:
        extra = {"alert_ref": alert.ref, "refused": changed.details["refused"]}
        logger.warning("no newcomers, the area is gone", extra=extra)
        return None


def _seen_and_now(alert: Alert, area: Area, now: audiences.Preview, reason: str) -> dict[str, Any]:
    return {
        "reason": reason,
        "seen": Told.from_json(alert.seen_told).residents.to_json(),
        "now": masking.masked(now, area.parts).residents.to_json(),
    }


def _told_again(message: Message, first: Message) -> Told:
    """Of those who had the alert: what steps from all of its audience tell."""
    whole = Told.from_json(first.told)
    step = step_of(message.alert, whole.residents)
    return Told(
        residents=stepped_around(message.residents, whole.residents, step),
        devices=stepped_around(message.devices, whole.devices, step),
        unreachable=NOT_TOLD,
        muted=NOT_TOLD,
    )


def _message(alert: Alert, kind: str, *, by: User, expires_at: datetime) -> Message:
    """The message's row; counts and area follow in the same transaction."""
    _announce(alert)
    now = timezone.now()
    return Message.objects.create(
        month=now.date().replace(day=1),
        alert=alert,
        gmina=alert.gmina,
        kind=kind,
        severity=alert.severity,
        transport=fcm.transport_for(alert.gmina),
        is_drill=alert.is_drill,
        frozen_at=now,
        frozen_by_id=by.pk,
        expires_at=expires_at,
        residents=0,
        devices=0,
    )


def _announce(alert: Alert) -> None:
    """Let late.py know until the end of the transaction that residents are being read.

    Who changes a place meanwhile is seen by neither of the two otherwise. Nobody waits for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [FREEZING, alert.gmina_id])


def _delivery_parameters(message: Message, *, now: datetime, batches: int = 0) -> dict[str, Any]:
    held = quiet.held(message.severity, now, message.expires_at)
    return {
        "batches": batches,
        "held": held.names,
        "moments": held.moments,
        "month": message.month,
        "message": message.pk,
        "gmina": message.gmina_id,
        "priority": PRIORITY[Severity(message.severity)],
        "batch": settings.SEND_BATCH,
    }


def _write(message: Message, area: Area) -> audiences.Preview:
    """Write batches and deliveries and count them: one statement, so one view of the residents."""
    alert = message.alert
    question = audiences.Question(alert.gmina, area, alert.kind.code, alert.severity)
    files = ("freeze_reached", "freeze_endpoints", "freeze_write")
    return question.write(*files, **_delivery_parameters(message, now=message.frozen_at))


def _write_again(alert: Alert, area: Area | None, parameters: Mapping[str, Any]) -> tuple[int, int]:
    """Write batches and deliveries to those who had the alert, and to the area's newcomers.

    How many residents and devices.
    """
    write = ("freeze_write", "freeze_again_totals")
    if area is None:
        with connection.cursor() as cursor:
            sql = queries.joined("freeze_had", "freeze_again", *write)
            cursor.execute(f"WITH {sql}", parameters)
            [counts] = cursor.fetchall()
    else:
        question = audiences.Question(alert.gmina, area, alert.kind.code, alert.severity)
        had = queries.joined("freeze_had", "freeze_update", *write)
        [counts] = question.run(f"{queries.text('freeze_reached')}, {had}", **parameters)
    return counts


def _write_pieces(message: Message, area: Area) -> None:
    AreaPiece.objects.bulk_create(
        AreaPiece(
            message=message,
            part_position=piece.part,
            geom=GEOSGeometry(memoryview(piece.wkb), srid=SRID),
            reach_m=piece.reach_m,
        )
        for piece in area.pieces
    )


def _finish(message: Message, texts: Sequence[Text]) -> None:
    MessageText.objects.bulk_create(
        MessageText(
            message=message,
            lang=text.lang,
            title=text.title,
            body=text.body,
            instruction=text.instruction,
        )
        for text in (marked(text, is_drill=message.is_drill) for text in texts)
    )
    _log_once_kept(message)
    jobs.wake(PRIORITY[Severity(message.severity)])


def _log_once_kept(message: Message) -> None:
    extra = {
        "alert_ref": message.alert.ref,
        "message_id": message.pk,
        "kind": message.kind,
        "residents": message.residents,
        "devices": message.devices,
        "transport": message.transport,
    }
    transaction.on_commit(lambda: logger.info("message frozen", extra=extra), robust=True)


def _hold_waiting(messages: Sequence[Message]) -> None:
    """Lock the unclaimed batches: `lease.claim` skips locked rows."""
    ids = [message.pk for message in messages]
    waiting = Batch.objects.filter(message_id__in=ids, state=Batch.State.WAITING)
    list(waiting.select_for_update().order_by("pk").values_list("pk"))
