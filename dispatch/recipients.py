"""Which members of staff a notice is for, where the caller names nobody."""

from collections.abc import Callable, Iterable, Mapping

from django.utils import timezone

from accounts.access import holders
from accounts.models import Gmina
from dispatch import approval
from dispatch.models import Alert, AlertUpdate, Duty, StaffNotice

Notice = StaffNotice.Kind
ADMINISTER = "gmina.settings"
Found = Iterable[int | None]


def of(what: Notice, gmina: Gmina, alert: Alert | None) -> set[int]:
    """Ids of those who are told, of people at work only."""
    return {pk for pk in CHOICES[what](gmina, alert) if pk is not None}


def on_duty(gmina: Gmina) -> list[int]:
    """Who has the duty now, by the roster; those without any role here are left out."""
    now = timezone.now()
    turns = Duty.objects.filter(gmina=gmina, since__lte=now, until__gt=now)
    at_work = holders(gmina, approval.READ).filter(pk__in=turns.values("user_id"))
    return list(at_work.order_by("pk").values_list("pk", flat=True))


def deciding(gmina: Gmina, alert: Alert | None) -> Found:
    """Whoever could approve what waits, deputies too; where nobody can, who could change that."""
    able = _deciders(_known(alert))
    return able or holders(gmina, ADMINISTER).values_list("pk", flat=True)


def first_asked(gmina: Gmina, alert: Alert | None) -> Found:
    """Whoever has the duty, if they may approve it; else all who may."""
    return _deciders(_known(alert)) & set(on_duty(gmina)) or deciding(gmina, alert)


def _deciders(alert: Alert) -> set[int]:
    """An update that waits is the work of whoever proposed it, not of the alert's author."""
    update = alert.updates.filter(state=AlertUpdate.State.AWAITING).first()
    return set(approval.deciders(alert, own=[update.proposed_by_id] if update else ()))


def involved(gmina: Gmina, alert: Alert | None) -> Found:
    """Whose alert it is, and who has the duty."""
    alert = _known(alert)
    return [alert.author_id, alert.submitted_by_id, alert.approved_by_id, *on_duty(gmina)]


def authors(_gmina: Gmina, alert: Alert | None) -> Found:
    alert = _known(alert)
    return [alert.author_id, alert.submitted_by_id]


def passed_over(gmina: Gmina, _alert: Alert | None) -> Found:
    """Who would have been asked."""
    return holders(gmina, approval.APPROVE).values_list("pk", flat=True)


def responsible(gmina: Gmina, _alert: Alert | None) -> Found:
    """Who can do something about trouble: duty, approvers, administrators."""
    able = holders(gmina, approval.APPROVE) | holders(gmina, ADMINISTER)
    return [*on_duty(gmina), *able.values_list("pk", flat=True)]


def gis_officers(gmina: Gmina, _alert: Alert | None) -> Found:
    """Who keeps the gmina's layers."""
    return holders(gmina, "layer.write").values_list("pk", flat=True)


CHOICES: Mapping[Notice, Callable[[Gmina, Alert | None], Found]] = {
    Notice.APPROVAL_WANTED: first_asked,
    Notice.APPROVAL_ESCALATED: deciding,
    Notice.UPDATE_WANTED: first_asked,
    Notice.EVENT_ENDING: involved,
    Notice.START_MISSED: involved,
    Notice.STARTED_LATE: involved,
    Notice.SENT_BACK: authors,
    Notice.BYPASSED: passed_over,
    Notice.MESSAGE_HALTED: responsible,
    Notice.CREDENTIALS_FAILED: responsible,
    Notice.ALERT_STALLED: responsible,
    Notice.FAILURES_HIGH: responsible,
    Notice.EDITION_REFUSED: gis_officers,
}


def _known(alert: Alert | None) -> Alert:
    if alert is None:
        raise ValueError("a notice of this kind is about an alert")
    return alert
