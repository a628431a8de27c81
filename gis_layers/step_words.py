"""The acts by which a change set grew, as its page tells them: who, when, what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from accounts.access import StaffRequest
from accounts.models import User
from gis_layers.models import Edition, EditStep

SHOWN = 20


@dataclass(frozen=True)
class Step:
    """One act; `undone` where its officer took it back."""

    at: datetime
    who: str
    what: str
    undone: bool


def section(_request: StaffRequest, edition: Edition) -> dict[str, Any]:
    """The latest steps, newest first, and how many there were before."""
    found = edition.steps.order_by("-pk")
    latest = list(found[:SHOWN])
    ids = {step.by_id for step in latest if step.by_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    steps = [
        Step(step.at, names.get(step.by_id or 0, ""), words(step), step.undone) for step in latest
    ]
    return {"steps": steps, "more_steps": max(found.count() - SHOWN, 0)}


def words(step: EditStep) -> str:
    """ "split (2 features)"."""
    n = len(step.fids)
    features = ngettext("%(n)d feature", "%(n)d features", n) % {"n": n}
    return f"{EditStep.Kind(step.kind).label} ({features})"
