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
from config.demo.verdict import Verdict, judge

TYPED = "glowna"  # as somebody in a hurry types it
STREET_LABEL = "ul. Główna"
SEVERITY = "important"
TEXT = {
    "title": "Brak wody na ul. Głównej",
    "body": (
        "Awaria wodociągu. Wody nie będzie dziś do około 18:00. "
        "Woda do picia: beczkowóz przy skrzyżowaniu z ul. Ptasią."
    ),
    "instruction": "Zakręć krany i wyłącz pralkę, zanim woda wróci.",
}
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
        before = accepted_so_far(settings.FCM_EMULATOR_URL)
        sent_at = timezone.now()
        approver.post(f"alerts/{ref}/approve")
        progress = awaited_progress(editor, ref, due)
    verdict = judge(
        due,
        accepted_of(settings.FCM_EMULATOR_URL, ref, after=before),
        residents=seen["residents"]["count"],
        devices=seen["devices"],
        received=progress["devices"]["received"],
        sent_at=sent_at,
    )
    return Done(ref, due, verdict)


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
    alert = editor.post(
        "alerts",
        {
            "kind": MAIN_KIND,
            "severity": SEVERITY,
            "texts": {"pl": TEXT},
            "parts": parts,
            "event_ends_at": iso(now + EVENT_LASTS),
            "expires_at": iso(now + MESSAGE_LASTS),
        },
    )
    ref = str(alert["ref"])
    editor.post(f"alerts/{ref}/submit", {"seen_hash": seen["hash"]})
    return ref


def awaited_progress(officer: Officer, ref: str, due: Expected) -> dict[str, Any]:
    """The funnel once every delivery is final and every simulated phone has reported."""
    path = f"alerts/{ref}/progress"
    final = poll(officer, path, FINAL_WITHIN_S, lambda progress: bool(progress["final"]))
    if not final["final"]:
        raise Refused(f"{path}: not final after {FINAL_WITHIN_S:g} s")
    return poll(
        officer,
        path,
        RECEIPTS_WITHIN_S,
        lambda progress: progress["devices"]["received"] >= due.answering,
    )


def poll(
    officer: Officer, path: str, within_s: float, enough: Callable[[Any], bool]
) -> dict[str, Any]:
    """The last answer: the first that is enough, or the one at the end of the time."""
    deadline = time.monotonic() + within_s
    while True:
        progress: dict[str, Any] = officer.get(path)
        if enough(progress) or time.monotonic() > deadline:
            return progress
        time.sleep(POLL_S)


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
