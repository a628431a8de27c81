"""record(): the whole public face of the audit log."""

from django.utils import timezone

from accounts.models import Gmina, User
from audit.models import Event
from audit.verbs import Verb

SYSTEM = "system"  # the actor of what no person did: the clock, commands


def record(
    verb: Verb,
    *,
    by: User | None,
    gmina: Gmina | None,
    target_kind: str = "",
    target_id: object = "",
    **data: object,
) -> Event:
    """Insert one act in the caller's transaction: both are kept or neither.

    `gmina` None puts it on the operator's chain. `data` holds JSON values: ids and counts, never
    an address, a point or a text about a person.
    """
    return Event.objects.create(
        verb=Verb(verb),
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor=by.email if by else SYSTEM,
        gmina_id=gmina.pk if gmina else None,
        target_kind=target_kind,
        target_id=str(target_id),
        data=data,
    )
