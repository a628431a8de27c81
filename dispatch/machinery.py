"""The state of the machinery over all gminas: queues, workers, clocks. Counts only, of nobody.

Read by the operator's page and by /metrics. What lives in Redis is None while Redis is away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import redis
from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django_rq import get_queue
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Worker
from rq.worker import BaseWorker

from dispatch import partitions, queries, queues, rate
from dispatch.models import Heartbeat, Incident, NoticeDelivery

REDIS_TIMEOUT_S = 1
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class QueueState:
    """An RQ queue; `oldest_s`: how long its first job has waited."""

    name: str
    jobs: int
    oldest_s: float | None


@dataclass(frozen=True)
class WorkerState:
    name: str
    queues: str
    state: str
    doing: str
    seen_at: datetime | None


@dataclass(frozen=True)
class BatchState:
    """Open batches of one severity: may go now, wait for a stated time, are with a sender."""

    priority: int
    due: int
    waiting: int
    claimed: int
    oldest_due_s: float | None


@dataclass(frozen=True)
class NoticeState:
    channel: str
    waiting: int
    oldest_s: float


def batches() -> list[BatchState]:
    return [BatchState(**row) for row in queries.rows("queue_state")]


def clocks() -> QuerySet[Heartbeat]:
    """Clock processes of the last day, the acting one and those heard of lately first."""
    return Heartbeat.objects.order_by("-at")


def last_tick() -> datetime | None:
    """When an acting clock last went round."""
    acting = clocks().filter(acting=True).first()
    return acting.at if acting else None


def notices_waiting() -> list[NoticeState]:
    """Messages to staff that are due and not sent."""
    now = timezone.now()
    waiting = NoticeDelivery.objects.filter(
        state=NoticeDelivery.State.WAITING, not_before__lte=now
    ).values("channel")
    found = waiting.annotate(n=Count("pk"), oldest=Min("notice__created_at")).order_by("channel")
    return [
        NoticeState(row["channel"], row["n"], (now - row["oldest"]).total_seconds())
        for row in found
    ]


def incidents() -> dict[str, int]:
    """Open incidents by kind, over all gminas."""
    found = Incident.objects.filter(ended_at=None).values_list("kind").annotate(n=Count("pk"))
    return dict(found.order_by("kind"))


def partitioned_until() -> date | None:
    """The last month for which deliveries and receipts have partitions of their own."""
    months = [partitions.partitioned(table) for table in partitions.TABLES]
    return min((found[-1] for found in months), default=None) if all(months) else None


def rq_queues() -> list[QueueState] | None:
    return _from_redis(lambda client: [_queue(name, client) for name in queues.ALL])


def workers() -> list[WorkerState] | None:
    return _from_redis(lambda client: [_worker(worker) for worker in Worker.all(client)])


def count_workers() -> int | None:
    return _from_redis(lambda client: Worker.count(connection=client))


def rate_share() -> float | None:
    """How much of settings.FCM_RATE senders use now: less than 1 after FCM answered 429."""
    return _from_redis(_share)


def redis_version() -> str | None:
    return _from_redis(lambda client: str(client.info("server")["redis_version"]))


def _share(client: redis.Redis) -> float:
    factor, slow_until = client.hmget(rate.BUCKET, "factor", "slow_until")
    seconds, microseconds = client.time()
    bucket = rate.Bucket(factor=float(factor or 1), slow_until=float(slow_until or 0))
    return bucket.speed(seconds + microseconds / 1e6)


def _queue(name: str, client: redis.Redis) -> QueueState:
    queue = get_queue(name, connection=client)
    first = next(iter(queue.get_jobs(0, 1)), None)
    since = first.enqueued_at if first else None
    waited = timezone.now() - since if since else None
    return QueueState(name, queue.count, waited / timedelta(seconds=1) if waited else None)


def _worker(worker: BaseWorker) -> WorkerState:
    job = worker.get_current_job()
    return WorkerState(
        name=worker.name,
        queues=", ".join(worker.queue_names()),
        state=str(worker.get_state()),
        doing=(job.func_name or "") if job else "",
        seen_at=worker.last_heartbeat,
    )


def _from_redis(ask: Callable[[redis.Redis], Answer]) -> Answer | None:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        socket_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        with client:
            return ask(client)
    except redis.RedisError:
        return None
