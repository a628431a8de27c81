"""Weighing of change sets: asked for by GIS officers, worked by a job, kept for the same state.

An officer draws what is weighed, and so the limit of previews of drawn shapes holds, and each
weighing is audited.
"""

import logging
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers.errors import LayerError
from gis_layers.models import Edition
from residents.effects import effects
from residents.errors import WeighingLimit
from residents.models import Weighing

logger = logging.getLogger(__name__)
WINDOW = timedelta(hours=1)


@transaction.atomic
def ask(edition: Edition, *, by: User) -> Weighing:
    """The weighing of the edition as it is now, begun where nobody has asked for it yet.

    Raises WeighingLimit.
    """
    state = state_of(edition)
    known = Weighing.objects.filter(edition_id=edition.pk, state=state).first()
    if known is not None:
        return known
    User.objects.select_for_update().get(pk=by.pk)  # two requests at once count each other
    recent = Weighing.objects.filter(requested_by_id=by.pk)
    if recent.filter(requested_at__gt=timezone.now() - WINDOW).count() >= limit():
        raise WeighingLimit(details={"limit": limit()})
    found, is_new = Weighing.objects.get_or_create(
        edition_id=edition.pk, state=state, defaults={"requested_by_id": by.pk}
    )
    if is_new:
        _audit(edition, by)
    return found


def limit() -> int:
    return settings.FREE_PREVIEWS_PER_HOUR


def state_of(edition: Edition) -> str:
    """Names what is weighed: changes are never updated, so their ids say which there are."""
    asked = {"n": Count("pk"), "most": Max("pk", default=0), "all": Sum("pk", default=0)}
    changes = edition.changes.aggregate(**asked)
    layer = edition.layer
    revision = Gmina.objects.get(pk=layer.gmina_id).revision if layer.gmina_id else 0
    return f"{revision}:{changes['n']}:{changes['most']}:{changes['all']}"


def waiting() -> QuerySet[Weighing]:
    """What is to be weighed; after an hour nobody looks for it any more."""
    return Weighing.objects.filter(done_at=None, requested_at__gt=timezone.now() - WINDOW)


def run_pending() -> int:
    """Work every weighing that waits; how many. Safe to run twice and at the same time."""
    done = 0
    while _run_one():
        done += 1
    return done


@transaction.atomic
def _run_one() -> bool:
    weighing = waiting().order_by("pk").select_for_update(skip_locked=True).first()
    if weighing is None:
        return False
    edition = Edition.objects.select_related("layer__gmina").filter(pk=weighing.edition_id).first()
    if edition is not None and edition.state == Edition.State.STAGED:
        weighing.effects = _effects(edition)
    weighing.done_at = timezone.now()
    weighing.save(update_fields=["effects", "done_at"])
    return True


def _effects(edition: Edition) -> dict[str, object]:
    """What may be told; nothing of an edition that could not be published."""
    try:
        return {name: asdict(told) for name, told in effects(edition).items()}
    except LayerError as refusal:
        logger.info("edition not weighed", extra={"edition_id": edition.pk, "code": refusal.code})
        return {}


def _audit(edition: Edition, by: User) -> None:
    gmina = edition.layer.gmina
    record(Verb.EDITION_WEIGHED, by=by, gmina=gmina, target_kind="edition", target_id=edition.pk)
