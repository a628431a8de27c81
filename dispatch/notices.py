"""What staff are told: written with what it is about, shown in the panel, sent on by outbox.

`notify` is all that the rest of the package needs. Who is told stands in recipients.py, the words
in notice_words.py, the sending by e-mail and push in notice_sending.py.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Gmina, User
from dispatch import notice_sending, queries, recipients
from dispatch.models import Alert, StaffNotice
from dispatch.standing import ABOUT_ALERT, STANDING

Notice = StaffNotice.Kind
# Trouble that goes on is told again after so long.
REPEAT_S = 6 * 3600
REPEATED = frozenset({Notice.CREDENTIALS_FAILED, Notice.ALERT_STALLED, Notice.FAILURES_HIGH})


def notify(
    what: Notice,
    *,
    gmina: Gmina,
    alert: Alert | None = None,
    to: Iterable[int] | None = None,
    occasion: object = "",
    **data: object,
) -> None:
    """Tell staff, once an occasion, in the caller's transaction: both are kept or neither.

    `to` are ids of users; None: whom the kind is for (recipients.py). `occasion` tells two of the
    same kind about the same alert apart (a second submission, another expected end); without it
    trouble counts as new every six hours, and everything else is told once. `data` is what the
    words need: numbers, instants, codes. May be called every tick: repeats do nothing.
    """
    users = recipients.of(what, gmina, alert) if to is None else set(to)
    [row] = queries.rows(
        "notice_write",
        users=sorted(users),
        gmina=gmina.pk,
        alert=alert.pk if alert else None,
        kind=what.value,
        key=_key(what, gmina, alert, occasion),
        data=json.dumps(data, cls=DjangoJSONEncoder),
        mail=bool(settings.EMAIL_URL),
    )
    if row["written"]:
        transaction.on_commit(notice_sending.knock, robust=True)


def _key(what: Notice, gmina: Gmina, alert: Alert | None, occasion: object) -> str:
    if not occasion and what in REPEATED:
        occasion = int(timezone.now().timestamp() // REPEAT_S)
    if isinstance(occasion, datetime):
        occasion = occasion.isoformat()
    return f"{what}:{gmina.pk}:{alert.pk if alert else ''}:{occasion}"


def was_told(what: Notice, alert: Alert, occasion: object) -> bool:
    """Whether anybody was told of this occasion already."""
    key = _key(what, alert.gmina, alert, occasion)
    return StaffNotice.objects.filter(alert=alert, key=key).exists()


def unread(user: User, gmina: Gmina) -> QuerySet[StaffNotice]:
    """What this person has not read and is not settled, newest first."""
    return of_user(user, gmina).filter(STANDING, read_at=None)


def of_user(user: User, gmina: Gmina) -> QuerySet[StaffNotice]:
    """All that this person was told here, newest first."""
    found = StaffNotice.objects.filter(user=user, gmina=gmina)
    return found.select_related("gmina", "alert").prefetch_related("alert__texts")


def mark_read(user: User, gmina: Gmina, *, pk: int | None = None) -> int:
    """Note that the person has read this notice, or with None all of theirs; how many that were."""
    found = StaffNotice.objects.filter(user=user, gmina=gmina, read_at=None)
    if pk is not None:
        found = found.filter(pk=pk)
    return found.update(read_at=timezone.now())


@dataclass(frozen=True)
class Asked:
    """Who was asked to decide on an alert, when, and whether because nobody had."""

    name: str
    at: datetime
    escalated: bool


def asked(alert: Alert) -> list[Asked]:
    """Whom the alert's last submission was put before, first things first."""
    keys = [_key(kind, alert.gmina, alert, alert.submitted_at) for kind in ABOUT_ALERT]
    told = StaffNotice.objects.filter(alert=alert, key__in=keys).select_related("user")
    return [
        Asked(notice.user.name, notice.created_at, notice.kind == Notice.APPROVAL_ESCALATED)
        for notice in told.order_by("pk")
    ]
