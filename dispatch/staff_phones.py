"""Which phone shows a member of staff what they are told: linked by a code, gone with either side.

The code goes from the account's page to the app, so that the phone proves itself with its own
secret and nobody types a phone's name. Only the person themselves ever sees the link.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.actions import announce
from accounts.models import User
from accounts.signals import account_changed
from dispatch.errors import StaffCodeInvalid, TooManyPhones
from dispatch.models import StaffPhone, StaffPhoneCode
from residents.codes import code_hash, new_code
from residents.models import Device, Resident
from residents.signals import resident_exported

# After these the person, or whoever held their lost phone, hears nothing more on it.
ENDING = frozenset({"person_deactivated", "sign_in_reset"})


@transaction.atomic
def offer_code(user: User) -> tuple[str, datetime]:
    """A new code for linking one phone, and when it ends; the one before is void."""
    code = new_code()
    expires_at = timezone.now() + timedelta(seconds=settings.STAFF_CODE_S)
    StaffPhoneCode.objects.update_or_create(
        user=user, defaults={"code_hash": code_hash(code), "expires_at": expires_at}
    )
    return code, expires_at


@transaction.atomic
def link(device: Device, code: str) -> StaffPhone:
    """Use a code up: the device is its owner's phone now, whoever's it was before.

    Raises StaffCodeInvalid, TooManyPhones.
    """
    offered = (
        StaffPhoneCode.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(code_hash=code_hash(code), expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
    if offered is None:
        raise StaffCodeInvalid(field="code")
    user = offered.user
    offered.delete()
    unlink(device)
    if user.phones.count() >= settings.DEVICES_MAX:
        raise TooManyPhones(field="code", details={"limit": settings.DEVICES_MAX})
    announce("staff_phone_linked", user, by=user, gmina=None)
    return StaffPhone.objects.create(user=user, device=device)


@transaction.atomic
def unlink(device: Device) -> None:
    """No more notices on this device; nothing where it was nobody's."""
    linked = StaffPhone.objects.filter(device=device).select_related("user").first()
    if linked:
        _remove(linked)


@transaction.atomic
def unlink_own(user: User, pk: int) -> None:
    """The same from the person's side; another's link is not there."""
    linked = StaffPhone.objects.filter(user=user, pk=pk).select_related("user").first()
    if linked:
        _remove(linked)


def _remove(linked: StaffPhone) -> None:
    linked.delete()
    announce("staff_phone_unlinked", linked.user, by=linked.user, gmina=None)


@receiver(account_changed, sender=User)
def forget(user: User, verb: str, **_signal: object) -> None:
    """In the transaction in which the person's account ends or is reset."""
    if verb in ENDING:
        StaffPhone.objects.filter(user=user).delete()
        StaffPhoneCode.objects.filter(user=user).delete()


@receiver(resident_exported, sender=Resident)
def export(resident_id: int, **_signal: object) -> dict[str, list[dict[str, Any]]]:
    """As whose phone the resident's devices are linked: the name that they see in the app."""
    linked = StaffPhone.objects.filter(device__resident=resident_id).select_related(
        "user", "device"
    )
    return {
        "staff_phones": [
            {
                "device_id": str(phone.device.public_id),
                "name": phone.user.name,
                "linked_at": phone.linked_at.isoformat(),
            }
            for phone in linked.order_by("pk")
        ]
    }
