"""Asking for a decision on a submitted alert, and asking everybody where none comes."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access import actions_of
from accounts.models import User
from dispatch import approval, notices, severally, states
from dispatch.models import Alert, AlertUpdate
from dispatch.notices import Notice


def ask(alert: Alert, *, by: User) -> None:
    """Ask those who may approve what was just submitted; nobody where it needs nobody else.

    In the transaction of the submission, whose earlier rounds are forgotten.
    """
    alert.escalated_at = None
    if not approval.may_approve(by, alert, actions_of(by, alert.gmina)):
        notices.notify(
            Notice.APPROVAL_WANTED,
            gmina=alert.gmina,
            alert=alert,
            occasion=alert.submitted_at,
        )


def escalate_due() -> int:
    """A duty of the clock: ask everybody where nobody has decided in time; how many alerts."""
    overdue = timezone.now() - timedelta(seconds=settings.APPROVAL_ESCALATION_S)
    waiting = Alert.objects.filter(
        state=Alert.State.AWAITING_APPROVAL, submitted_at__lte=overdue, escalated_at=None
    )
    alerts = severally.each(_escalate, waiting.values_list("pk", flat=True))
    updates = AlertUpdate.objects.filter(
        state=AlertUpdate.State.AWAITING, proposed_at__lte=overdue
    ).select_related("alert__gmina")
    severally.each(_escalate_update, updates)
    return alerts


@transaction.atomic
def _escalate(pk: int) -> bool:
    """Once for a submission, whoever else looks at the same time; False: decided, or done."""
    waiting = states.locked(waits=False).filter(pk=pk, state=Alert.State.AWAITING_APPROVAL)
    alert = waiting.filter(escalated_at=None).first()
    if alert is None:
        return False
    _ask_all(alert, occasion=alert.submitted_at)
    alert.escalated_at = timezone.now()
    alert.save(update_fields=["escalated_at"])
    return True


def _escalate_update(update: AlertUpdate) -> None:
    _ask_all(update.alert, occasion=f"update-{update.pk}")


def _ask_all(alert: Alert, *, occasion: object) -> None:
    if not notices.was_told(Notice.APPROVAL_ESCALATED, alert, occasion):
        notices.notify(Notice.APPROVAL_ESCALATED, gmina=alert.gmina, alert=alert, occasion=occasion)
