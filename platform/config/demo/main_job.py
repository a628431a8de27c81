"""The main job through the web: an editor aims at a street and submits, an approver sends."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from config.demo.expected import Expected, expected
from config.demo.inboxes import accepted_of, accepted_so_far
from config.demo.officer import Officer, Refused
from config.demo.staff import APPROVER, EDITOR
from config.demo.towns import CHORZOW, MAIN_KIND, MAIN_STREET
from config.demo.verdict import Verdict, judge, reports_due
from dispatch.masking import Count
from dispatch.steps import stepped

TYPED = "glowna"  # as somebody in a hurry types it
STREET_LABEL = "ul. Główna"
SEVERITY = "important"
TITLE = "Brak wody na ul. Głównej"
BODY = (
    "Awaria wodociągu. Wody nie będzie do około {hour}. "
    "Woda do picia: beczkowóz przy skrzyżowaniu z ul. Ptasią."
)
INSTRUCTION = "Zakręć krany i wyłącz pralkę, zanim woda wróci."
EVENT_LASTS = timedelta(hours=5)
MESSAGE_LASTS = timedelta(hours=8)
FINAL_WITHIN_S = 180.0
RECEIPTS_WITHIN_S = 90.0
POLL_S = 0.5


@dataclass(frozen=True)
class Done:
    ref: str
    expected: Expected
    verdict: Verdict
    reports_due: int


def main_job() -> Done:
    """Send one alert to the people of ul. Główna and count what came of it.

    Raises Refused where a step was not possible or not finished in time.
    """
    due = expected(gmina=CHORZOW.slug, street=MAIN_STREET, kind=MAIN_KIND)
    with (
        Officer(settings.BASE_URL, EDITOR, CHORZOW.slug) as editor,
        Officer(settings.BASE_URL, APPROVER, CHORZOW.slug) as approver,
    ):
        parts = [found_street(editor)]
        seen = editor.post("audience", {"parts": parts, "kind": MAIN_KIND, "severity": SEVERITY})
        ref = submitted(editor, parts, seen)
        read = approver.get(f"alerts/{ref}")
        before = accepted_so_far(settings.FCM_EMULATOR_URL)
        sent_at = timezone.now()
        approver.post(f"alerts/{ref}/approve", {"submitted_at": read["submitted_at"]})
        await_sent(editor, ref)
        accepted = accepted_of(settings.FCM_EMULATOR_URL, ref, after=before)
        due_reports = reports_told(reports_due(accepted), devices=seen["devices"]["count"])
        received = awaited_receipts(editor, ref, due_reports)
    verdict = judge(
        due,
        accepted,
        residents=seen["residents"]["count"],
        devices=seen["devices"]["count"],
        received=received,
        sent_at=sent_at,
    )
    return Done(ref, due, verdict, due_reports)


def found_street(officer: Officer) -> dict[str, Any]:
    """The area part for the street, found as an officer would: by typing, then by its label."""
    answer = officer.get("search", q=TYPED, kinds="street")
    hits = [hit for hit in answer if hit["label"] == STREET_LABEL]
    if len(hits) != 1:
        raise Refused(f"searching {TYPED!r} found {STREET_LABEL} {len(hits)} times")
    return {"kind": "feature", "fid": hits[0]["fid"], "reach": "addresses"}


def submitted(editor: Officer, parts: list[dict[str, Any]], seen: dict[str, Any]) -> str:
    """The ref of a new alert that waits for approval."""
    now = timezone.now()
    ends_at = (now + EVENT_LASTS).replace(minute=0, second=0, microsecond=0)
    body = BODY.format(hour=f"{timezone.localtime(ends_at):%H:%M}")
    alert = editor.post(
        "alerts",
        {
            "kind": MAIN_KIND,
            "severity": SEVERITY,
            "texts": {"pl": {"title": TITLE, "body": body, "instruction": INSTRUCTION}},
            "parts": parts,
            "event_ends_at": iso(ends_at),
            "expires_at": iso(now + MESSAGE_LASTS),
        },
    )
    ref = str(alert["ref"])
    editor.post(f"alerts/{ref}/submit", {"seen_hash": seen["hash"]})
    return ref


def await_sent(officer: Officer, ref: str) -> None:
    """Until nothing is left to be sent. Raises Refused where that takes too long."""
    progress = poll(officer, ref, FINAL_WITHIN_S, lambda found: bool(found["final"]))
    if not progress["final"]:
        raise Refused(f"{ref} is not sent after {FINAL_WITHIN_S:g} s")


def awaited_receipts(officer: Officer, ref: str, due: int) -> int:
    """Phones that have reported receiving, once as many have as will, or time is up.

    Both `due` and the answer as staff are told them.
    """

    def received(progress: dict[str, Any]) -> int:
        return int(progress["devices"]["received"]["count"] or 0)

    return received(poll(officer, ref, RECEIPTS_WITHIN_S, lambda found: received(found) >= due))


def reports_told(due: int, *, devices: int) -> int:
    """What staff are told once `due` phones of these devices have reported: a few fewer."""
    return stepped(due, Count(devices), settings.MASK_BELOW).count or 0


def poll(
    officer: Officer, ref: str, within_s: float, enough: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The alert's funnel: the first that is enough, or the one at the end of the time."""
    deadline = time.monotonic() + within_s
    while True:
        progress: dict[str, Any] = officer.get(f"alerts/{ref}/progress")
        if enough(progress) or time.monotonic() > deadline:
            return progress
        time.sleep(POLL_S)


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
