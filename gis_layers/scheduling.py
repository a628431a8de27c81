"""Publication on a day that was set: at its midnight in Poland, by the clock.

A day and no hour: Polish clocks change between two and three, so every day has one midnight. Such
a publication is the same as any other, refused for the same reasons. A refusal takes it off the
schedule, keeps the changes, is kept with the edition and told to those who can do something.
"""

import logging
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from audit.verbs import Verb
from gis_layers import editions
from gis_layers.errors import DayPassed, EditionNotStaged, LayerError, NotScheduled
from gis_layers.models import Edition
from gis_layers.signals import publication_refused

logger = logging.getLogger(__name__)


@transaction.atomic
def schedule(edition: Edition, day: date, *, by: User, reason: str) -> Edition:
    """Have the edition published when `day` begins. Raises DayPassed and what `lock` raises.

    What stands against publishing it now is refused now, and not in the night.
    """
    _layer, edition = editions.lock(edition)
    if day <= timezone.localdate():
        raise DayPassed(field="publish_on")
    editions.refuse_unfit(edition)
    edition.publish_on, edition.scheduled_by_id = day, by.pk
    edition.reason, edition.refusal = reason, {}
    edition.save(update_fields=["publish_on", "scheduled_by_id", "reason", "refusal"])
    editions.audit(Verb.EDITION_SCHEDULED, edition, by, on=day.isoformat())
    return edition


@transaction.atomic
def unschedule(edition: Edition, *, by: User) -> Edition:
    """Leave the edition staged for good. Raises NotScheduled."""
    _layer, edition = editions.lock(edition)
    if edition.publish_on is None:
        raise NotScheduled
    edition.publish_on = None
    edition.save(update_fields=["publish_on"])
    editions.audit(Verb.EDITION_UNSCHEDULED, edition, by)
    return edition


def publish_due() -> int:
    """A duty of the clock: publish what is due; how many were. Earlier days come first.

    Each is a transaction of its own: one that is refused holds up no other.
    """
    due = Edition.objects.filter(publish_on__lte=timezone.localdate())
    ids = list(due.order_by("publish_on", "pk").values_list("pk", flat=True))
    return sum(_publish_one(edition_id) for edition_id in ids)


def _publish_one(edition_id: int) -> bool:
    edition = Edition.objects.select_related("layer").get(pk=edition_id)
    by = User.objects.filter(pk=edition.scheduled_by_id or 0).first()
    try:
        with transaction.atomic():
            _refuse_unscheduled(edition)
            editions.publish(edition, by)
    except (EditionNotStaged, NotScheduled):  # somebody was quicker
        return False
    except LayerError as refusal:
        _keep_refusal(edition_id, refusal)
        return False
    logger.info("scheduled edition published", extra={"edition_id": edition_id})
    return True


def _refuse_unscheduled(edition: Edition) -> None:
    _layer, locked = editions.lock(edition)
    if locked.publish_on is None or locked.publish_on > timezone.localdate():
        raise NotScheduled


@transaction.atomic
def _keep_refusal(edition_id: int, refusal: LayerError) -> None:
    edition = Edition.objects.select_for_update().select_related("layer__gmina").get(pk=edition_id)
    if edition.publish_on is None:
        return
    on = edition.publish_on.isoformat()
    edition.refusal = {"on": on, "code": refusal.code, "text": _in_all_languages(refusal)}
    edition.publish_on = None
    edition.save(update_fields=["publish_on", "refusal"])
    editions.audit(Verb.EDITION_NOT_PUBLISHED, edition, None, on=on, code=refusal.code)
    publication_refused.send(sender=Edition, edition=edition)
    logger.warning("scheduled edition refused", extra={"edition_id": edition_id})


def _in_all_languages(refusal: LayerError) -> dict[str, str]:
    said = {}
    for lang, _name in settings.LANGUAGES:
        with translation.override(lang):
            said[lang] = refusal.text
    return said
