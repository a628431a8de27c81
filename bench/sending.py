"""Alerts sent at full size: officers click, workers send, nginx answers as FCM would.

Seconds run from the approver's click (the POST) to the last acceptance as PostgreSQL has it. The
alerts go to streets, as many as it takes for so many phones, or to the whole gmina.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Max, Min, Sum
from django.test.utils import override_settings
from django.utils import timezone

from bench.harness import ROOT, children, cpu_s, postgres_cpu_s, running, web_server
from bench.responder import MAX_CORE_SHARE, Responder, responder, write_account
from config.demo.officer import Officer
from config.demo.staff import APPROVER, EDITOR
from dispatch.models import Alert, Batch, Delivery, Message
from dispatch.outcomes import Outcome

SLUG = "chorzow"
TEXT = {"pl": {"title": "Próba szybkości", "body": "Ta wiadomość mierzy, jak szybko wysyłamy."}}
WITHIN_S = 360
STARTS_WITHIN_S = 6  # a worker imports Django before it listens
# How many phones would have an alert to one street: fid, count; the largest first.
STREETS = """
SELECT place.street_fid, count(DISTINCT device.id)
FROM residents_place AS place
JOIN accounts_gmina AS gmina ON gmina.id = place.gmina_id AND gmina.slug = %s
JOIN residents_device AS device ON device.resident_id = place.resident_id
JOIN gis_layers_feature AS street ON street.fid = place.street_fid AND street.until IS NULL
WHERE device.push_hash IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC, 1
"""
WHOLE_GMINA = [{"kind": "gmina"}]


@dataclass(frozen=True)
class Sent:
    """One alert's figures. `seconds` are those from the click to the last acceptance, `first_s`
    to the first batch of them; `share`: of its messages that were sent before it was cut off.
    """

    count: int
    seconds: float
    first_s: float
    share: float
    sender_cpu_ms: float
    postgres_cpu_ms: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    def __str__(self) -> str:
        cut = "" if self.share == 1 else f" (cut off after {self.share:.0%})"
        return (
            f"{self.count:,} messages{cut} in {self.seconds:.1f} s, {self.per_second:,.0f}/s,"
            f" the first batch after {self.first_s:.1f} s;"
            f" CPU-ms a message: senders {self.sender_cpu_ms:.3f},"
            f" PostgreSQL {self.postgres_cpu_ms:.3f}"
        )


@dataclass
class Office:
    """Two officers at their browsers, and the responder in FCM's place."""

    fcm: Responder
    folder: Path
    editor: Officer
    approver: Officer

    def send(
        self,
        parts: Sequence[dict[str, Any]],
        workers: Sequence[int],
        *,
        severity: str = "important",
        within_s: float = WITHIN_S,
    ) -> tuple[Sent, Message]:
        """Send one alert and wait until all of it is accepted, or for `within_s` seconds."""
        ref = self._submitted(parts, severity)
        read = self.approver.get(f"alerts/{ref}")
        before = (self.fcm.cpu_s(), _cpu_s(workers), postgres_cpu_s())
        clicked = datetime.now(UTC)
        self.approver.post(f"alerts/{ref}/approve", {"submitted_at": read["submitted_at"]})
        message = Alert.objects.get(ref=ref).messages.get()
        _wait(message, within_s)
        after = (self.fcm.cpu_s(), _cpu_s(workers), postgres_cpu_s())
        responder_s, senders_s, postgres_s = (b - a for a, b in zip(before, after, strict=True))
        count, first, last = _accepted(message)
        seconds = (last - clicked).total_seconds()
        if responder_s > MAX_CORE_SHARE * seconds:
            raise RuntimeError(f"the responder used {responder_s / seconds:.0%} of a core")
        figures = Sent(
            count=count,
            seconds=seconds,
            first_s=(first - clicked).total_seconds(),
            share=count / message.devices,
            sender_cpu_ms=1000 * senders_s / count,
            postgres_cpu_ms=1000 * postgres_s / count,
        )
        return figures, message

    @contextmanager
    def workers(self, count: int, *, rate: int = 0) -> Iterator[list[int]]:
        """So many senders, ended with the block; `rate` is the cap on all together, 0: none."""
        env = self.env | {"FCM_RATE": str(rate)}
        command = [sys.executable, str(ROOT / "manage.py"), "worker", "emergency", "normal"]
        with ExitStack() as stack:
            log = self.folder / "worker.log"
            pids = [stack.enter_context(running(*command, env=env, log=log)) for _ in range(count)]
            time.sleep(STARTS_WITHIN_S)
            yield pids

    @property
    def env(self) -> dict[str, str]:
        return {"FCM_EMULATOR_URL": self.fcm.url, "FCM_CA_BUNDLE": str(self.fcm.ca)}

    def _submitted(self, parts: Sequence[dict[str, Any]], severity: str) -> str:
        alert = {
            "kind": "woda",
            "severity": severity,
            "texts": TEXT,
            "parts": list(parts),
            "expires_at": (timezone.now() + timedelta(hours=6)).isoformat(),
        }
        ref = str(self.editor.post("alerts", alert)["ref"])
        self.editor.post(f"alerts/{ref}/submit")
        return ref


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """A web server, two officers signed in, the responder; what they sent is deleted after."""
    folder.chmod(0o755)
    first = Message.objects.aggregate(last=Max("pk"))["last"] or 0
    with responder(folder) as fcm, override_settings(FCM_EMULATOR_URL=fcm.url):
        write_account(folder, fcm.url)
        with (
            web_server(log=folder / "web.log", FCM_EMULATOR_URL=fcm.url) as base,
            Officer(base, EDITOR, SLUG, timeout_s=WITHIN_S) as editor,
            Officer(base, APPROVER, SLUG, timeout_s=WITHIN_S) as approver,
        ):
            try:
                yield Office(fcm, folder, editor, approver)
            finally:
                _clear_away(first)


def streets_with(phones: int) -> list[dict[str, Any]]:
    """Area parts: streets that together have at least so many phones, and few more."""
    with connection.cursor() as cursor:
        cursor.execute(STREETS, [SLUG])
        rows = cursor.fetchall()
    chosen, total = [], 0
    for fid, count in rows:
        if total + count <= phones or (fid, count) == rows[-1]:
            chosen.append({"kind": "feature", "fid": fid, "reach": "addresses"})
            total += count
    return chosen


def steady_rate(message: Message, *, from_s: float) -> float:
    """Acceptances a second from `from_s` after the first batch to the last but one."""
    batches = Batch.objects.filter(message_id=message.pk).order_by("done_at")
    done = list(batches.values_list("done_at", "n"))
    begin = done[0][0] + timedelta(seconds=from_s)
    window = [(at, n) for at, n in done if at >= begin]
    seconds = (window[-1][0] - window[0][0]).total_seconds()
    return sum(n for _at, n in window[1:]) / seconds


def _wait(message: Message, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    waiting = Batch.objects.filter(message_id=message.pk, state__lt=Batch.State.DONE)
    while waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.2)


def _accepted(message: Message) -> tuple[int, datetime, datetime]:
    """How many have been, when the first and the last were. Raises RuntimeError on any other
    outcome.
    """
    done = Batch.objects.filter(message_id=message.pk, state=Batch.State.DONE)
    for codes in done.values_list("codes", flat=True).iterator():
        if set(codes) != {Outcome.ACCEPTED}:
            raise RuntimeError(f"outcomes {set(codes)}")
    found = done.aggregate(count=Sum("n"), first=Min("done_at"), last=Max("done_at"))
    if found["count"] is None:
        raise RuntimeError("nothing was sent")
    return found["count"], found["first"], found["last"]


def _cpu_s(workers: Sequence[int]) -> float:
    """Of the workers and the forks that send for them, ended or not."""
    return sum(cpu_s(pid) for worker in workers for pid in (worker, *children(worker)))


def _clear_away(first: int) -> None:
    """Take what waits out of the senders' way, and the rows of messages above `first`."""
    for model in (Batch, Delivery):
        model.objects.filter(message_id__gt=first).delete()
