"""Who has the duty when, and who stands in for whom."""

from datetime import datetime

from django.db import transaction

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch.models import Deputy, Duty


@transaction.atomic
def add_duty(gmina: Gmina, user: User, since: datetime, until: datetime, *, by: User) -> Duty:
    """Somebody's turn; two may have it at the same time."""
    duty = Duty.objects.create(gmina=gmina, user_id=user.pk, since=since, until=until)
    _record(Verb.DUTY_ADDED, gmina, user.pk, since, until, by=by)
    return duty


@transaction.atomic
def remove_duty(gmina: Gmina, pk: int, *, by: User) -> None:
    """Take a turn out of the roster; nothing where it is gone already."""
    duty = Duty.objects.select_for_update().filter(gmina=gmina, pk=pk).first()
    if duty:
        duty.delete()
        _record(Verb.DUTY_REMOVED, gmina, duty.user_id, duty.since, duty.until, by=by)


@transaction.atomic
def name_deputy(
    gmina: Gmina, absent: User, deputy: User, since: datetime, until: datetime, *, by: User
) -> Deputy:
    """Let somebody approve in an approver's stead; the pages see to it who may be either."""
    named = Deputy.objects.create(
        gmina=gmina,
        for_user_id=absent.pk,
        user_id=deputy.pk,
        since=since,
        until=until,
        named_by_id=by.pk,
    )
    _record(Verb.DEPUTY_NAMED, gmina, deputy.pk, since, until, by=by, for_user=absent.pk)
    return named


@transaction.atomic
def remove_deputy(gmina: Gmina, pk: int, *, by: User) -> None:
    """End it, whether it has begun or not; nothing where it is gone already."""
    named = Deputy.objects.select_for_update().filter(gmina=gmina, pk=pk).first()
    if named:
        named.delete()
        data = {"for_user": named.for_user_id}
        _record(Verb.DEPUTY_REMOVED, gmina, named.user_id, named.since, named.until, by=by, **data)


def _record(
    verb: Verb,
    gmina: Gmina,
    user_id: int,
    since: datetime,
    until: datetime,
    *,
    by: User,
    **data: int,
) -> None:
    record(
        verb,
        by=by,
        gmina=gmina,
        target_kind="user",
        target_id=user_id,
        since=since.isoformat(),
        until=until.isoformat(),
        **data,
    )
