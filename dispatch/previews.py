"""Previews that officers ask for: each is audited, those of free shapes are limited by the hour."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch import areas, audiences
from dispatch.areas import Area
from dispatch.audiences import Preview
from dispatch.errors import PreviewLimit
from dispatch.models import FreePreview, Kind
from dispatch.parts import PartSpec

WINDOW = timedelta(hours=1)


@transaction.atomic
def ask(
    gmina: Gmina, chosen: Sequence[PartSpec], kind: Kind | None, severity: str, *, by: User
) -> Preview:
    """Count an audience for an officer. Raises AreaRefused, or PreviewLimit for free shapes."""
    if any(part.is_free for part in chosen):
        _count_free_preview(by)
    area = areas.resolve(gmina, chosen)
    counted = audiences.preview(gmina, area, kind, severity)
    record(
        Verb.AUDIENCE_PREVIEWED,
        by=by,
        gmina=gmina,
        target_kind="audience",
        target_id=counted.hash,
        residents=counted.residents,
        kind=kind.code if kind else None,
        severity=severity,
        **described(area),
    )
    return counted


def described(area: Area) -> dict[str, object]:
    """The area for the audit log: what it aims at, never where it is."""
    return {
        "fids": [part.fid for part in area.parts if part.fid is not None],
        "simcs": [part.simc for part in area.parts if part.simc],
        "free": sum(part.is_free for part in area.parts),
        "whole": area.is_whole,
        "area": area.hash,
    }


def _count_free_preview(user: User) -> None:
    """One more of this person's; those out of the window are forgotten on the way."""
    now = timezone.now()
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one at a time counts
    FreePreview.objects.filter(user_id=user.pk, at__lte=now - WINDOW).delete()
    if FreePreview.objects.filter(user_id=user.pk).count() >= settings.FREE_PREVIEWS_PER_HOUR:
        raise PreviewLimit(details={"limit": settings.FREE_PREVIEWS_PER_HOUR})
    FreePreview.objects.create(user_id=user.pk, at=now)
