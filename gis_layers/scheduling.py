"""Publication on a day that was set: at its midnight in Poland, by the clock.

A day and no hour: Polish clocks change between two and three, so every day has one midnight. Such
a publication is the same as any other, refused for the same reasons. A refusal takes it off the
schedule, keeps the changes, is kept with the edition and told to those who can do something.
"""

import logging
from datetime import date

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from accounts import work_queue
from accounts.models import User
from audit.verbs import Verb
from gis_layers import editions
from gis_layers.errors import DayPassed, EditionNotStaged, LayerError, NotScheduled
from gis_layers.models import Edition
from gis_layers.signals import publication_refused

logger = logging.getLogger(__name__)
PUBLISHING_MAX_S = 1800  # a job's time; a million addresses take minutes


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


def catch_up() -> None:
    """A duty of the clock: have what is due published, by ourselves while Redis is away."""
    if _due().exists() and not work_queue.put(publish_due, timeout_s=PUBLISHING_MAX_S):
        publish_due()


def publish_due() -> int:
    """RQ's entry point: publish what is due, earlier days first; how many were.

    Each is a transaction of its own, and none holds up the others. Safe to run twice, at any time.
    """
    ids = list(_due().order_by("publish_on", "pk").values_list("pk", flat=True))
    return sum(_tried(edition_id) for edition_id in ids)


def _due() -> QuerySet[Edition]:
    return Edition.objects.filter(publish_on__lte=timezone.localdate())


def _tried(edition_id: int) -> bool:
    """Whether it was published. What nobody expected is recorded, and tried again at the next tick.

    Raises OperationalError and InterfaceError, as for a lost connection.
    """
    try:
        return _publish_one(edition_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("scheduled edition left", extra={"edition_id": edition_id})
        return False


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
    locked = Edition.objects.select_for_update(of=("self",)).select_related("layer__gmina")
    edition = locked.get(pk=edition_id)
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
