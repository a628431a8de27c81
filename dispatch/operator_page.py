"""The operator's page: how the machinery is, what needs a hand, and which. Of nobody's alerts.

The operator works for no gmina: every figure is of all gminas together, and counts of deliveries go
in steps, so that no few people are seen in them either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import operator_view
from audit import anchors
from audit.models import Event
from dispatch import fcm, machinery, queries, tally
from dispatch.errors import FcmNotConfigured
from dispatch.masking import Count
from dispatch.models import Severity, Tally
from dispatch.outcomes import Outcome
from dispatch.steps import rounded_down

REFRESH_S = 10
CLOCK_SILENT_S = 30  # a clock goes round every settings.CLOCK_TICK_S
BATCH_LATE_S = 60
NOTICE_LATE_S = 300
UNLINKED_AFTER = timedelta(seconds=60)
ANCHOR_OLD = timedelta(hours=26)
LATELY = timedelta(hours=1)
OUTCOME_NAMES = {
    Outcome.ACCEPTED: gettext_lazy("accepted"),
    Outcome.RETRY: gettext_lazy("to be tried again"),
    Outcome.TOKEN_DEAD: gettext_lazy("dead push target"),
    Outcome.PAYLOAD_REFUSED: gettext_lazy("payload refused"),
    Outcome.CREDENTIALS: gettext_lazy("credentials refused"),
    Outcome.GAVE_UP: gettext_lazy("given up"),
    Outcome.UNREACHABLE: gettext_lazy("no push target"),
    Outcome.STOPPED: gettext_lazy("stopped by its end"),
    Outcome.SLEPT_THROUGH: gettext_lazy("slept through"),
}
SEVERITIES = [Severity(value).label for value in Severity.values]  # by priority


@dataclass(frozen=True)
class Task:
    """Something that is not as it should be, and what to do about it."""

    what: str
    do: str


@dataclass(frozen=True)
class OutcomeRow:
    name: str
    counts: list[Count]  # by priority


@operator_view()
def operator(request: HttpRequest) -> HttpResponse:
    """Refreshes itself; ?still=1 does not."""
    refreshes = "still" not in request.GET
    response = render(request, "operator.html", {**state(), "refreshes": refreshes})
    if refreshes:
        response["Refresh"] = str(REFRESH_S)
    return response


def state() -> dict[str, Any]:
    """Everything the page shows."""
    queues, batches = machinery.rq_queues(), machinery.batches()
    clocks, notices = list(machinery.clocks()), machinery.notices_waiting()
    found: dict[str, Any] = {
        "now": timezone.now(),
        "queues": queues,
        "workers": machinery.workers(),
        "batches": [(SEVERITIES[batch.priority], batch) for batch in batches],
        "clocks": clocks,
        "notices": notices,
        "outcomes": _outcomes(),
        "expired": sum(_lately(Tally.LEASE_EXPIRED)),
        "severities": SEVERITIES,
        "rate": settings.FCM_RATE,
        "rate_share": machinery.rate_share(),
        "transport": _transport(),
        "partitioned_until": machinery.partitioned_until(),
        "anchored_at": _anchored_at(),
        "unlinked": Event.objects.filter(seq=None, at__lt=timezone.now() - UNLINKED_AFTER).count(),
        "versions": _versions(),
    }
    return found | {"tasks": list(_tasks(found))}


def _tasks(found: dict[str, Any]) -> Iterator[Task]:
    """What needs a hand, most urgent first."""
    now, last = found["now"], machinery.last_tick()
    incidents = machinery.incidents()
    if not found["transport"]:
        yield Task(
            _("No way to send is set up"),
            _("Set FCM_CREDENTIALS and restart: until then no alert can be approved."),
        )
    if incidents.get("credentials"):
        yield Task(
            _("Firebase refuses our key"),
            _("Check the key file and the rights of its account. Sending goes on by itself then."),
        )
    if last is None or now - last > timedelta(seconds=CLOCK_SILENT_S):
        yield Task(
            _("No clock is working"),
            _("Start `manage.py clock`: without it alerts neither start nor end by themselves."),
        )
    if found["queues"] is None:
        yield Task(
            _("Redis does not answer"),
            _("Start it. Nothing is lost; the clock sends meanwhile, more slowly."),
        )
    elif not found["workers"]:
        yield Task(
            _("No worker is running"),
            _("Start `manage.py worker emergency normal`, two or more."),
        )
    late = [batch for _name, batch in found["batches"] if (batch.oldest_due_s or 0) > BATCH_LATE_S]
    if late or incidents.get("stalled"):
        yield Task(
            _("Messages have been due for more than a minute"),
            _("Look at the senders' log; add senders if all are busy."),
        )
    if incidents.get("halted"):
        yield Task(
            _("Firebase refused the text of an alert"),
            _("The log says “message halted” and why. Its gmina was told."),
        )
    yield from _slow_tasks(found)


def _slow_tasks(found: dict[str, Any]) -> Iterator[Task]:
    """What can wait until the morning."""
    if any(notice.oldest_s > NOTICE_LATE_S for notice in found["notices"]):
        yield Task(
            _("Messages to staff are not going out"), _("Check EMAIL_URL and the mail server.")
        )
    until = found["partitioned_until"]
    if until is None or until <= found["now"].date():
        yield Task(
            _("No months are prepared for deliveries"),
            _("The clock makes them; its log says what keeps it from that."),
        )
    if found["unlinked"]:
        yield Task(
            _("The audit log is not being chained"),
            _("Run `manage.py audit_verify`, then see why."),
        )
    anchored_at = found["anchored_at"]
    if anchored_at is None or found["now"] - anchored_at > ANCHOR_OLD:
        yield Task(
            _("The audit log's heads were not written for a day"),
            _("See that the clock may write AUDIT_HEADS_FILE, and this server read it."),
        )


def _outcomes() -> list[OutcomeRow]:
    rows = [(name, _lately(outcome)) for outcome, name in OUTCOME_NAMES.items()]
    step = settings.MASK_BELOW
    return [
        OutcomeRow(str(name), [rounded_down(count, step) for count in counts])
        for name, counts in rows
        if any(counts)
    ]


def _lately(code: int) -> list[int]:
    """By priority, within the last hour."""
    found = tally.lately(LATELY)
    return [found.get((priority, code), 0) for priority in range(len(SEVERITIES))]


def _transport() -> str:
    try:
        return fcm.transport()
    except FcmNotConfigured:
        return ""


def _anchored_at() -> datetime | None:
    found = anchors.read(Path(settings.AUDIT_HEADS_FILE)).anchors
    return max((anchor.at for anchor in found), default=None)


def _versions() -> dict[str, str]:
    [row] = queries.rows("versions")
    redis_version = machinery.redis_version()
    return {
        "Django": django.get_version(),
        "PostgreSQL": row["postgresql"],
        "PostGIS": row["postgis"],
        "Redis": redis_version or "–",
    }
