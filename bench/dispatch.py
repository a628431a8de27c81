"""Messages a second through RQ and PostgreSQL against a bare client and firebase-admin's own.

All send from two processes to the same responder in the same run, one after the other, with the cap
on sending lifted; the processor time of each is counted.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import Gmina, Membership, User
from bench.harness import ROOT, Result, cpu_s, postgres_cpu_s, running
from bench.responder import LATENCY_S, MAX_CORE_SHARE, Responder, responder, write_account
from dispatch import compose, sender
from dispatch.models import Alert, Batch, Message
from dispatch.outcomes import Outcome

PROCESSES = 2
# As much as a sender has on its way.
IN_FLIGHT = sender.IN_FLIGHT * settings.SEND_BATCH
# firebase-admin is slow: fewer messages tell as much.
SEND_EACH = 5_000
WITHIN_S = 300
TEXT = {"pl": {"title": "Próba szybkości", "body": "Ta wiadomość mierzy, jak szybko wysyłamy."}}


@dataclass(frozen=True)
class Speed:
    """Messages a second; processor milliseconds a message of the senders and of PostgreSQL."""

    per_second: float
    cpu_ms: float
    postgres_cpu_ms: float = 0


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with responder(folder) as fcm:
            write_account(folder, fcm.url)
            with override_settings(FCM_EMULATOR_URL=fcm.url):
                ours, count = _through_dispatch(gmina, fcm, folder)
            bare = _clients(fcm, "bench.raw_client", fcm.url, fcm.ca, count // PROCESSES, IN_FLIGHT)
            each = _clients(fcm, "bench.send_each", fcm.url, SEND_EACH)
    print(
        f"{count} messages; CPU-ms a message: sender {ours.cpu_ms:.3f}, PostgreSQL"
        f" {ours.postgres_cpu_ms:.3f}, bare client {bare.cpu_ms:.3f}, send_each {each.cpu_ms:.3f}"
    )
    client = f"libcurl, {PROCESSES} processes of {IN_FLIGHT} in flight, {LATENCY_S} s"
    sdk = f"firebase-admin send_each in {PROCESSES} processes, {LATENCY_S} s"
    return [
        _result("dispatch_vs_raw_client", "messages/s", 0.6, "higher", ours, bare, client),
        _result("dispatch_vs_send_each", "messages/s", 3, "higher", ours, each, sdk),
        _cpu("dispatch_sender_cpu", 5, ours, bare, client),
    ]


def _result(
    name: str, unit: str, goal: float, better: str, ours: Speed, other: Speed, reference: str
) -> Result:
    return Result(
        name=name,
        value=ours.per_second,
        unit=unit,
        reference=reference,
        reference_value=other.per_second,
        goal=goal,
        better=better,
    )


def _cpu(name: str, goal: float, ours: Speed, other: Speed, reference: str) -> Result:
    return Result(
        name=name,
        value=ours.cpu_ms,
        unit="CPU-ms a message",
        reference=reference,
        reference_value=other.cpu_ms,
        goal=goal,
        better="lower",
    )


def _through_dispatch(gmina: Gmina, fcm: Responder, folder: Path) -> tuple[Speed, int]:
    """From approval to the last outcome, through two workers; and how many messages that were."""
    env = {"FCM_EMULATOR_URL": fcm.url, "FCM_CA_BUNDLE": str(fcm.ca), "FCM_RATE": "0"}
    command = [sys.executable, str(ROOT / "manage.py"), "worker", "emergency", "normal"]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(running(*command, env=env, log=folder / "worker.log"))
            for _ in range(PROCESSES)
        ]
        time.sleep(5)  # Django is imported before the clock runs
        alert = _submitted(gmina)
        before = (fcm.cpu_s(), sum(map(cpu_s, workers)), postgres_cpu_s())
        started = time.perf_counter()
        message = compose.approve(alert, by=_officer(gmina, "approver"))
        _wait(message, folder / "worker.log")
        seconds = time.perf_counter() - started
        time.sleep(1)  # the forks that sent have ended: their parents know what they used
        after = (fcm.cpu_s(), sum(map(cpu_s, workers)), postgres_cpu_s())
    responder_s, senders_s, postgres_s = (b - a for a, b in zip(before, after, strict=True))
    _refuse_busy(responder_s, seconds)
    count = message.devices
    return Speed(count / seconds, 1000 * senders_s / count, 1000 * postgres_s / count), count


def _submitted(gmina: Gmina) -> Alert:
    """An alert to the whole gmina, ready to be approved by somebody else."""
    editor = _officer(gmina, "editor")
    draft = {
        "kind": "woda",
        "severity": "important",
        "texts": TEXT,
        "parts": [{"kind": "gmina"}],
        "expires_at": timezone.now() + timedelta(hours=6),
    }
    return compose.submit(compose.create_draft(gmina, draft, by=editor), by=editor)


def _officer(gmina: Gmina, role: str) -> User:
    return Membership.objects.filter(gmina=gmina, role=role).select_related("user")[0].user


def _wait(message: Message, log: Path) -> None:
    """Until every delivery is accepted. Raises RuntimeError on any other outcome or none."""
    deadline = time.monotonic() + WITHIN_S
    batches = Batch.objects.filter(message_id=message.pk)
    while batches.exclude(state=Batch.State.DONE).exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not sent within {WITHIN_S} s:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
    codes = {code for row in batches.values_list("codes", flat=True) for code in row}
    if codes != {Outcome.ACCEPTED}:
        raise RuntimeError(f"outcomes {codes}")


def _refuse_busy(cpu_s: float, seconds: float) -> None:
    if cpu_s > MAX_CORE_SHARE * seconds:
        raise RuntimeError(f"the responder used {cpu_s / seconds:.0%} of a core: not a measurement")


def _clients(fcm: Responder, module: str, *arguments: object) -> Speed:
    """A client in PROCESSES processes at once, each with these arguments."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    before, started = fcm.cpu_s(), time.perf_counter()
    clients = [
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(fcm.ca)},
        )
        for _ in range(PROCESSES)
    ]
    figures = [client.communicate()[0].split() for client in clients]
    _refuse_busy(fcm.cpu_s() - before, time.perf_counter() - started)
    rates, cpu = zip(*((float(rate), float(cpu_ms)) for rate, cpu_ms in figures), strict=True)
    return Speed(sum(rates), sum(cpu) / PROCESSES)
