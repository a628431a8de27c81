"""/metrics for Prometheus: read from PostgreSQL and Redis at each scrape, so one answer speaks for
all processes on all hosts. Scrape one web process, not each.

No figure is a gmina's or a resident's: counts are of deliveries, batches and jobs over all gminas.
Names and what to do about them: docs/operations.md.
"""

from collections.abc import Iterator
from hmac import compare_digest
from ipaddress import ip_address
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from dispatch import machinery, queries, tally
from dispatch.models import Incident, Severity, Tally
from dispatch.outcomes import Outcome

SEVERITIES = [str(severity) for severity in Severity.values]  # by Batch.priority
# Seconds from the freezing of an alert until so many in 100 of its deliveries were accepted.
SPEED_BOUNDS_S = (5, 10, 20, 30, 60, 120, 300, 900, 3600)
SPEED_SHARES = (50, 99)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Whoever may not read it gets the same answer as where nothing is."""
    if not may_scrape(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Machinery())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_scrape(request: HttpRequest) -> bool:
    """By the token where one is set; else from the machine's own network, and not by a proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not is_forwarded and _is_private(request.META.get("REMOTE_ADDR", ""))


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


class Machinery(Collector):
    """All figures, each read when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        yield from _rq()
        yield from _rate()
        yield from _batches()
        yield from _outcomes()
        yield _speed()
        yield from _clock()
        yield from _notices()
        yield _incidents()


def _rq() -> Iterator[Metric]:
    queues, workers = machinery.rq_queues(), machinery.count_workers()
    yield GaugeMetricFamily("sao_redis_up", "Redis answers.", value=int(queues is not None))
    jobs = GaugeMetricFamily("sao_queue_jobs", "Jobs that wait in an RQ queue.", labels=["queue"])
    oldest = GaugeMetricFamily(
        "sao_queue_oldest_seconds", "How long the first job of a queue waits.", labels=["queue"]
    )
    for queue in queues or []:
        jobs.add_metric([queue.name], queue.jobs)
        oldest.add_metric([queue.name], queue.oldest_s or 0)
    yield jobs
    yield oldest
    if workers is not None:
        yield GaugeMetricFamily("sao_workers", "RQ workers that are registered.", value=workers)


def _rate() -> Iterator[Metric]:
    limit = GaugeMetricFamily(
        "sao_rate_limit", "Messages a second that all senders may hand over; 0: no limit."
    )
    limit.add_metric([], settings.FCM_RATE)
    yield limit
    if (share := machinery.rate_share()) is not None:
        yield GaugeMetricFamily("sao_rate_share", "How much of it is used now.", value=share)


def _batches() -> Iterator[Metric]:
    found = {state.priority: state for state in machinery.batches()}
    count = GaugeMetricFamily(
        "sao_batches",
        "Open batches: due now, waiting for a stated time, claimed by a sender.",
        labels=["severity", "state"],
    )
    oldest = GaugeMetricFamily(
        "sao_batch_oldest_due_seconds", "How long the oldest batch is due.", labels=["severity"]
    )
    for priority, severity in enumerate(SEVERITIES):
        state = found.get(priority, machinery.BatchState(priority, 0, 0, 0, None))
        for name in ("due", "waiting", "claimed"):
            count.add_metric([severity, name], getattr(state, name))
        oldest.add_metric([severity], state.oldest_due_s or 0)
    yield count
    yield oldest


def _outcomes() -> Iterator[Metric]:
    totals = tally.totals()
    outcomes = CounterMetricFamily(
        "sao_deliveries", "Deliveries by what became of a try.", labels=["severity", "outcome"]
    )
    expired = CounterMetricFamily(
        "sao_lease_expiries", "Batches whose sender did not finish in time.", labels=["severity"]
    )
    for priority, severity in enumerate(SEVERITIES):
        for outcome in Outcome:
            if outcome != Outcome.WAITING:
                n = totals.get((priority, int(outcome)), 0)
                outcomes.add_metric([severity, outcome.name.lower()], n)
        expired.add_metric([severity], totals.get((priority, Tally.LEASE_EXPIRED), 0))
    yield outcomes
    yield expired


def _speed() -> Metric:
    speed = HistogramMetricFamily(
        "sao_sending_seconds",
        "From the freezing of an alert until this share (%) of its deliveries was accepted.",
        labels=["share"],
    )
    rows = queries.rows("speed_buckets", bounds=list(SPEED_BOUNDS_S))
    found = {share: list(of_share) for share, of_share in groupby(rows, lambda r: r["share"])}
    for share in SPEED_SHARES:
        counts = {row["bound"]: row["n"] for row in found.get(share, [])}
        total_s = found[share][0]["total_s"] if share in found else 0.0
        buckets = [(str(float(bound)), counts.get(bound, 0)) for bound in SPEED_BOUNDS_S]
        speed.add_metric([str(share)], [*buckets, ("+Inf", counts.get(None, 0))], total_s)
    return speed


def _clock() -> Iterator[Metric]:
    last = machinery.last_tick()
    yield GaugeMetricFamily(
        "sao_clock_last_tick_timestamp_seconds",
        "When an acting clock last went round; 0: never.",
        value=last.timestamp() if last else 0,
    )
    today = timezone.now().date()
    until = machinery.partitioned_until() or today
    yield GaugeMetricFamily(
        "sao_partitions_ahead_months",
        "Months to come that have partitions.",
        value=max((until.year - today.year) * 12 + until.month - today.month, 0),
    )


def _notices() -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "sao_notices_waiting", "Messages to staff that are due.", labels=["channel"]
    )
    oldest = GaugeMetricFamily(
        "sao_notice_oldest_seconds", "How long the oldest of them waits.", labels=["channel"]
    )
    for state in machinery.notices_waiting():
        count.add_metric([state.channel], state.waiting)
        oldest.add_metric([state.channel], state.oldest_s)
    yield count
    yield oldest


def _incidents() -> Metric:
    found = machinery.incidents()
    family = GaugeMetricFamily("sao_incidents", "Alerts in trouble now.", labels=["kind"])
    for kind in Incident.Kind.values:
        family.add_metric([kind], found.get(kind, 0))
    return family
