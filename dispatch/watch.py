"""Trouble that staff must hear of: found by the clock, told once, shown until it is over.

halted       FCM refused the message as such: nothing more of it goes out (halting tells)
credentials  our key or rights are refused: held, goes on by itself once repaired (halting tells)
stalled      something was due for a minute, and nothing of it came forward
failures     more than FAILURES_PERCENT of a message fail for reasons that are ours

A dead push target is not ours: people change phones, and an old register has more than five in
a hundred of them. What waits for a stated time (quiet hours, a retry, FCM's own wish) or for
a more urgent alert is not stalled. Fewer than settings.MASK_BELOW failures are not told: they would
be few people.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Gmina
from dispatch import notices, queries, states
from dispatch.models import Alert, Incident, Message
from dispatch.notices import Notice

logger = logging.getLogger(__name__)
Kind = Incident.Kind
STALL_S = 60
FAILURES_PERCENT = 5
# A line that trouble is over is shown so long.
OVER_SHOWN = timedelta(hours=24)
TOLD_BY_US = {Kind.STALLED: Notice.ALERT_STALLED, Kind.FAILURES: Notice.FAILURES_HIGH}


def look() -> None:
    """A duty of the clock: open and close incidents of what is being sent."""
    found = queries.rows("watch", stall_s=STALL_S)
    _settle(Kind.CREDENTIALS, {row["message_id"] for row in found if row["credentials"]})
    _settle(Kind.STALLED, {row["message_id"] for row in found if row["stalled"]})
    running = Message.objects.filter(alert__state__in=states.RUNNING)
    _settle(Kind.HALTED, set(running.exclude(halted_reason="").values_list("pk", flat=True)))


def count_failures() -> None:
    """A duty of the clock: open and close incidents of messages that fail too often."""
    limits = {"percent": FAILURES_PERCENT, "least": settings.MASK_BELOW}
    _settle(Kind.FAILURES, {row["message_id"] for row in queries.rows("watch_failures", **limits)})


def of_alert(alert: Alert) -> list[Incident]:
    """What staff are shown of an alert: trouble now, and what was over lately; oldest first."""
    shown = Q(ended_at=None) | Q(ended_at__gte=timezone.now() - OVER_SHOWN)
    return list(Incident.objects.filter(shown, message__alert=alert))


def of_gmina(gmina: Gmina) -> list[Incident]:
    """Trouble that the gmina's alerts have now, with the alerts' words."""
    now = Incident.objects.filter(ended_at=None, message__gmina=gmina)
    found = now.select_related("message__alert__gmina", "message__alert__kind")
    return list(found.prefetch_related("message__alert__texts"))


def _settle(kind: Kind, troubled: set[int]) -> None:
    """Open an incident for each of these messages that has none of the kind, close all others."""
    open_ones = Incident.objects.filter(kind=kind, ended_at=None)
    known = set(open_ones.values_list("message_id", flat=True))
    for message in Message.objects.filter(pk__in=troubled - known).select_related("alert__gmina"):
        _open(kind, message)
    over = open_ones.exclude(message_id__in=troubled)
    for incident in over.select_related("message__alert"):
        _log("trouble is over", incident)
    over.update(ended_at=timezone.now())


def _open(kind: Kind, message: Message) -> None:
    with transaction.atomic():
        incident, is_new = Incident.objects.get_or_create(
            message=message, kind=kind, ended_at=None, defaults={"began_at": timezone.now()}
        )
        if is_new and kind in TOLD_BY_US:
            notices.notify(
                TOLD_BY_US[kind],
                gmina=message.alert.gmina,
                alert=message.alert,
                occasion=incident.pk,
                percent=FAILURES_PERCENT,
            )
    _log("trouble found", incident)


def _log(what: str, incident: Incident) -> None:
    extra = {"alert_ref": incident.message.alert.ref, "message_id": incident.message_id}
    logger.warning(what, extra=extra | {"kind": incident.kind})
