"""Previews that officers ask for: each is audited, those of free shapes are limited by the hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch import areas, audiences, masking
from dispatch.areas import Area
from dispatch.audiences import Preview
from dispatch.errors import PreviewLimit
from dispatch.masking import NOT_TOLD, Shown, Told
from dispatch.models import FreePreview, Kind
from dispatch.parts import PartSpec

WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Answer:
    """What an officer is told of an audience; `residents` is the true count, told to nobody."""

    shown: Shown
    residents: int
    hash: str
    warnings: Sequence[Mapping[str, Any]]


@transaction.atomic
def ask(
    gmina: Gmina, chosen: Sequence[PartSpec], kind: Kind | None, severity: str, *, by: User
) -> Answer:
    """Count an audience for an officer. Raises AreaRefused, or PreviewLimit for free shapes."""
    if not _may_ask(chosen, by):
        raise PreviewLimit(details={"limit": settings.FREE_PREVIEWS_PER_HOUR})
    area = areas.resolve(gmina, chosen)
    counted = audiences.preview(gmina, area, kind, severity)
    shown = masking.masked(counted, chosen)
    record(
        Verb.AUDIENCE_PREVIEWED,
        by=by,
        gmina=gmina,
        target_kind="audience",
        target_id=counted.hash,
        kind=kind.code if kind else None,
        severity=severity,
        **logged(shown),
        **described(area),
    )
    return Answer(shown, counted.residents, counted.hash, counted.warnings)


@transaction.atomic
def told_at_submission(counted: Preview, chosen: Sequence[PartSpec], *, by: User) -> Told:
    """The figures of a submitted alert. They count as a preview does.

    Past the limit nothing is told, and the alert can be submitted all the same: a warning must not
    wait for the next hour.
    """
    if _may_ask(chosen, by):
        return masking.masked(counted, chosen).told
    return Told(NOT_TOLD, NOT_TOLD, NOT_TOLD, NOT_TOLD)


def logged(told: Told) -> dict[str, int | None]:
    """The figures for the audit log, as they were told: who reads it learns no more."""
    figures = {"residents": told.residents, "devices": told.devices}
    counts = {name: figure.count for name, figure in figures.items()}
    bounds = {f"{name}_below": figure.below for name, figure in figures.items() if figure.below}
    return counts | bounds


def described(area: Area) -> dict[str, object]:
    """The area for the audit log: what it aims at, never where it is."""
    return {
        "fids": [part.fid for part in area.parts if part.fid is not None],
        "simcs": [part.simc for part in area.parts if part.simc],
        "free": sum(part.is_free for part in area.parts),
        "whole": area.is_whole,
        "area": area.hash,
    }


def _may_ask(chosen: Sequence[PartSpec], user: User) -> bool:
    """Counts one more of this person's free shapes, unless the hour's are used up.

    Those out of the window are forgotten on the way.
    """
    if not any(part.is_free for part in chosen):
        return True
    now = timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time counts
    FreePreview.objects.filter(user_id=user.pk, at__lte=now - WINDOW).delete()
    if FreePreview.objects.filter(user_id=user.pk).count() >= settings.FREE_PREVIEWS_PER_HOUR:
        return False
    FreePreview.objects.create(user_id=user.pk, at=now)
    return True
