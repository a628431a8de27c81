"""What Prometheus reads: parsed by its own parser, true to the tables, shown to nobody else."""

import re
from datetime import timedelta

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_rq import get_queue
from prometheus_client.parser import text_string_to_metric_families

from dispatch import draining, heartbeats, lease, partitions, rate, statistics
from dispatch.models import Batch, Heartbeat, Incident, NoticeDelivery
from dispatch.notices import Notice, notify
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message, make_user
from tests.emulator import free_port

pytestmark = pytest.mark.django_db
O = Outcome  # noqa: E741


def scrape(**headers):
    """{(name, labels in order of their names): value} as Prometheus reads it."""
    answer = Client(headers=headers).get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def frozen(severity="important", *, slug="testowo", devices=4, ago_s=30):
    alert = make_alert(make_gmina(slug), severity=severity)
    frozen_at = timezone.now() - timedelta(seconds=ago_s)
    return make_message(alert, [make_device() for _ in range(devices)], frozen_at=frozen_at)


def test_open_batches_by_severity_with_the_age_of_the_oldest(queue_server):
    frozen("emergency", ago_s=40)
    held = frozen("info", slug="obok")
    Batch.objects.filter(message_id=held.pk).update(not_before=timezone.now() + timedelta(hours=1))
    figures = scrape()
    assert figures["sao_batches", "emergency", "due"] == 1
    assert figures["sao_batch_oldest_due_seconds", "emergency"] == pytest.approx(40, abs=5)
    assert figures["sao_batches", "info", "waiting"] == 1
    assert figures["sao_batches", "info", "due"] == 0
    assert figures["sao_batch_oldest_due_seconds", "info"] == 0
    lease.claim()
    assert scrape()["sao_batches", "emergency", "claimed"] == 1


def test_outcomes_retries_and_lost_leases_are_counted_for_ever(queue_server):
    frozen("emergency")
    codes = [O.ACCEPTED, O.TOKEN_DEAD, O.RETRY, O.RETRY]
    lease.finish(lease.claim(), codes, [None] * 4, waits_s=[None, None, 0, 0])
    lease.claim()
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    lease.sweep()
    figures = scrape()
    assert figures["sao_deliveries_total", "accepted", "emergency"] == 1
    assert figures["sao_deliveries_total", "token_dead", "emergency"] == 1
    assert figures["sao_deliveries_total", "retry", "emergency"] == 2
    assert figures["sao_deliveries_total", "accepted", "info"] == 0
    assert figures["sao_lease_expiries_total", "emergency"] == 1


def test_the_time_to_half_and_nearly_all_is_a_histogram(queue_server):
    for number, seconds in enumerate((8, 25)):
        message = frozen(slug=f"g{number}")
        done_at = message.frozen_at + timedelta(seconds=seconds)
        Batch.objects.filter(message_id=message.pk).update(codes=[1] * 4, state=2, done_at=done_at)
        statistics.fold(message)
    drill = frozen(slug="proba")
    drill.is_drill = True
    drill.save()
    Batch.objects.filter(message_id=drill.pk).update(codes=[1] * 4, state=2, done_at=timezone.now())
    statistics.fold(drill)
    figures = scrape()
    within = [figures["sao_sending_seconds_bucket", le, "99"] for le in ("5.0", "10.0", "30.0")]
    assert within == [0, 1, 2]
    assert figures["sao_sending_seconds_count", "50"] == 2
    assert figures["sao_sending_seconds_sum", "99"] == pytest.approx(33, abs=0.1)


def test_queues_and_workers_of_redis(queue_server):
    assert scrape()["sao_queue_jobs", "emergency"] == 0
    get_queue("emergency", commit_mode="auto").enqueue(draining.drain)
    figures = scrape()
    assert figures["sao_queue_jobs", "emergency"] == 1
    assert 0 <= figures["sao_queue_oldest_seconds", "emergency"] < 60
    assert figures["sao_workers",] == 0
    assert figures["sao_redis_up",] == 1


def test_the_rate_and_how_much_of_it_fcm_lets_us_use(queue_server, settings):
    settings.FCM_RATE = 300
    figures = scrape()
    assert (figures["sao_rate_limit",], figures["sao_rate_share",]) == (300, 1)
    cap = rate.Cap(lambda: 1)
    cap.slow(30)
    cap.close()
    assert scrape()["sao_rate_share",] == 0.5


def test_without_redis_it_says_so_and_tells_the_rest(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    frozen()
    figures = scrape()
    assert figures["sao_redis_up",] == 0
    assert ("sao_workers",) not in figures
    assert figures["sao_batches", "important", "due"] == 1


def test_the_acting_clocks_last_round(queue_server):
    assert scrape()["sao_clock_last_tick_timestamp_seconds",] == 0
    heartbeats.beat(acting=True)
    before = timezone.now().timestamp()
    assert scrape()["sao_clock_last_tick_timestamp_seconds",] == pytest.approx(before, abs=10)
    Heartbeat.objects.update(acting=False)
    assert scrape()["sao_clock_last_tick_timestamp_seconds",] == 0


def test_months_ahead_notices_and_trouble(queue_server, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    message = frozen()
    make_user("anna@a.example", "approver", gmina=message.gmina)
    notify(Notice.ALERT_STALLED, gmina=message.gmina, alert=message.alert)
    NoticeDelivery.objects.update(not_before=timezone.now())
    Incident.objects.create(message=message, kind="stalled", began_at=timezone.now())
    partitions.make_ahead()
    figures = scrape()
    assert figures["sao_partitions_ahead_months",] == partitions.MONTHS_AHEAD
    assert figures["sao_notices_waiting", "email"] == 1
    assert figures["sao_incidents", "stalled"] == 1
    assert figures["sao_incidents", "halted"] == 0


# ── Who may read it ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("8.8.8.8", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("172.18.0.5", {"Forwarded": "for=1.2.3.4"}, 404),
        ("8.8.8.8", {"Authorization": "Bearer x"}, 404),
    ],
)
def test_without_a_token_only_the_machines_own_network_reads_it(
    queue_server, address, headers, status
):
    client = Client(REMOTE_ADDR=address, headers=headers)
    assert client.get("/metrics").status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer geheim-żółw", 200), ("Bearer other", 404), ("geheim-żółw", 404), ("", 404)],
)
def test_with_a_token_only_who_shows_it_reads_it(queue_server, settings, given, status):
    settings.METRICS_TOKEN = "geheim-żółw"
    assert Client(headers={"Authorization": given}).get("/metrics").status_code == status


def test_no_gmina_no_alert_and_nobody_is_in_it(queue_server):
    message = frozen(devices=3)
    text = Client().get("/metrics").content.decode()
    assert message.gmina.slug not in text
    assert message.alert.ref not in text


RULES = yaml.safe_load((settings.ROOT / "ops" / "prometheus" / "rules.yml").read_text())["groups"]


def test_the_rules_to_copy_ask_for_metrics_that_are_there(queue_server):
    served = {name for name, *_labels in scrape()} | {"sao_notice_oldest_seconds"}
    asked = re.findall(r"\bsao_\w+", " ".join(r["expr"] for g in RULES for r in g["rules"]))
    assert len(asked) > 10
    assert set(asked) <= served


def test_every_metric_and_rule_is_explained(queue_server):
    page = (settings.ROOT / "docs" / "operations.md").read_text()
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name, *_labels in scrape()}
    assert {name for name in names if f"`{name}`" not in page} == set()
    assert {r["alert"] for g in RULES for r in g["rules"] if f"`{r['alert']}`" not in page} == set()
