"""Clock duties of time: start what is due, unfold series, ask whether events go on.

Each may run in several processes at once and at any moment: a row lock and the alert's state decide
who starts it, a unique constraint that no date of a series becomes two alerts.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.record import record
from audit.verbs import Verb
from dispatch import compose, drafts, notices, plans, severally, states
from dispatch.errors import DispatchError, MoveRefused
from dispatch.fanout import PRIORITY
from dispatch.models import Alert, AlertText, AreaPart, Severity
from dispatch.notices import Notice
from dispatch.recurrence import Occurrence
from dispatch.schedule import text

logger = logging.getLogger(__name__)
State = Alert.State
# FCM's traffic doubles around the quarter hours (docs/fcm.md §5): large plans keep so far off.
QUARTER = timedelta(minutes=15)
PEAK = timedelta(minutes=2)
SPREAD_S = 60
# What a date of a series has from the series: everything that was agreed to.
COPIED = (
    "gmina",
    "kind",
    "severity",
    "author_id",
    "submitted_by_id",
    "submitted_at",
    "approved_by_id",
    "approved_at",
    "bypass_reason",
    "template_id",
    "is_drill",
    "send_zone",
    "if_missed",
    "seen_residents",
    "seen_hash",
    "seen_told",
    "seen_editions",
)


def start_due() -> int:
    """Start the scheduled alerts whose time has come, the most urgent first; how many.

    Dates of series are among them.
    """
    now = timezone.now()
    due = Alert.objects.filter(state=State.SCHEDULED, send_at__lte=now).select_related("gmina")
    severally.each(lambda series: unfold(series, now), due.exclude(rrule=""))
    alerts = sorted(
        due.filter(rrule=""), key=lambda alert: (PRIORITY[Severity(alert.severity)], alert.pk)
    )
    return severally.each(lambda alert: _start(alert, now), alerts)


def unfold(series: Alert, now: datetime) -> None:
    """Make an alert of each date of a series that has come, and go on to the next date.

    Of several that an outage kept back only the newest may still go: the others are missed. After
    the last date the series is complete.
    """
    with transaction.atomic():
        found = states.locked(waits=False).filter(
            pk=series.pk, state=State.SCHEDULED, send_at__lte=now
        )
        for fresh in found:
            _unfold(fresh, now)


def replan() -> int:
    """Work coming starts out anew from their wall times, should zone or holidays have changed."""
    now = timezone.now()
    waiting = Alert.objects.filter(state=State.SCHEDULED, send_at__gt=now).exclude(send_wall="")
    return severally.each(lambda pk: _replan(pk, now), waiting.values_list("pk", flat=True))


def ask_about_ends() -> int:
    """Ask once, shortly before an event's expected end, whether it goes on; of how many."""
    now = timezone.now()
    soon = now + timedelta(seconds=settings.END_ASKED_BEFORE_S)
    ending = Alert.objects.filter(
        state__in=states.RUNNING, event_ends_at__lte=soon, end_asked_at=None
    )
    return severally.each(lambda alert: _question_at(alert) <= now and _ask(alert.pk, now), ending)


def start_of(alert: Alert) -> datetime:
    """When a planned alert really goes: a large one that can wait keeps off FCM's peaks."""
    if alert.send_at is None:
        raise ValueError("not a planned alert")
    is_small = (alert.seen_residents or 0) < settings.OFF_PEAK_FROM
    if alert.severity == Severity.EMERGENCY or is_small:
        return alert.send_at
    quarter = _nearest_quarter(alert.send_at)
    if abs(alert.send_at - quarter) >= PEAK:
        return alert.send_at
    return quarter + PEAK + timedelta(seconds=alert.pk % SPREAD_S)


def _start(alert: Alert, now: datetime) -> bool:
    if start_of(alert) > now:
        return False
    is_late = now - start_of(alert) > timedelta(seconds=settings.START_GRACE_S)
    is_dropped = is_late and alert.if_missed == Alert.IfMissed.DROP
    try:
        if is_dropped or alert.expires_at <= now:
            compose.miss(alert)
            return False
        compose.start(alert, late=is_late)
    except MoveRefused:  # somebody was quicker
        return False
    except DispatchError as refused:
        # It is a draft again, or waits until sending is set up: others go on.
        extra = {"alert_ref": alert.ref, "code": refused.code}
        logger.warning("planned alert not started", extra=extra)
        return False
    return True


def _unfold(series: Alert, now: datetime) -> None:
    dates = plans.occurrences_of(series)
    come = [one for one in dates if series.send_at and series.send_at <= one.at <= now]
    made = [alert for one in come if (alert := _occurrence(series, one))]
    for missed in made[:-1]:
        compose.miss(missed)
    coming = next((one for one in dates if one.at > now), None)
    if coming is None:
        compose.complete(series)
        return
    plans.move_to(series, coming.at)
    series.save(update_fields=["send_at", "expires_at", "event_ends_at"])


def _occurrence(series: Alert, one: Occurrence) -> Alert | None:
    """The date as an alert of its own, agreed to with its series; None: it was made before."""
    if series.occurrences.filter(occurrence=one.key).exists():
        return None
    alert = Alert(
        **{name: getattr(series, name) for name in COPIED},
        ref=drafts.next_ref(series.gmina),
        state=State.SCHEDULED,
        series=series,
        occurrence=one.key,
        send_wall=text(one.wall),
        send_at=series.send_at,
        expires_at=series.expires_at,
        event_ends_at=series.event_ends_at,
    )
    plans.move_to(alert, one.at)
    alert.save()
    _copy(series.texts.all(), alert)
    _copy(series.parts.all(), alert)
    record(
        Verb.ALERT_OCCURRED,
        by=None,
        gmina=alert.gmina,
        target_kind="alert",
        target_id=alert.ref,
        series=series.ref,
    )
    return alert


def _copy(rows: Iterable[AlertText] | Iterable[AreaPart], alert: Alert) -> None:
    for row in rows:
        row.pk, row.alert, row._state.adding = None, alert, True
        row.save()


def _replan(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        waiting = states.locked(waits=True).filter(pk=pk, state=State.SCHEDULED)
        alert = waiting.filter(send_at__gt=now).first()
        if alert is None or not plans.recompute(alert, now):
            return False
        alert.save(update_fields=["send_at", "expires_at", "event_ends_at"])
    logger.warning("planned start moved", extra={"alert_ref": alert.ref})
    return True


def _question_at(alert: Alert) -> datetime:
    """Half of a short event passes before anybody is asked about its end."""
    if alert.event_ends_at is None:
        raise ValueError("no expected end")
    ahead = timedelta(seconds=settings.END_ASKED_BEFORE_S)
    if alert.started_at is not None:
        ahead = min(ahead, (alert.event_ends_at - alert.started_at) / 2)
    return alert.event_ends_at - ahead


@transaction.atomic
def _ask(pk: int, now: datetime) -> bool:
    running = states.locked(waits=False).filter(pk=pk, state__in=states.RUNNING)
    alert = running.filter(end_asked_at=None).first()
    if alert is None:
        return False
    alert.end_asked_at = now
    alert.save(update_fields=["end_asked_at"])
    ends = alert.event_ends_at
    notices.notify(Notice.EVENT_ENDING, gmina=alert.gmina, alert=alert, occasion=ends, when=ends)
    return True


def _nearest_quarter(moment: datetime) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour + QUARTER * round((moment - hour) / QUARTER)
