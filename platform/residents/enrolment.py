"""Join and leave: registration of devices, take-over by push target, join codes, removal.

One push target is one installed app. Whoever registers with a target that is already here is that
installation, come back after a reinstall: the device row stays and gets a new secret, so nothing is
sent twice. docs/privacy.md says why holding the target is proof enough.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from residents.authentication import new_secret, secret_hash
from residents.codes import code_hash, new_code
from residents.errors import JoinCodeInvalid, TooManyDevices
from residents.models import Device, JoinCode, Resident
from residents.privacy import erase_if_unreachable, remove_device
from residents.signals import device_reachable
from residents.tokens import encrypt_push, lock_push, push_hash, push_hashes


@dataclass(frozen=True)
class PushTarget:
    """Where FCM reaches one installation: a registration token or a Firebase installation id."""

    kind: str
    value: str


@dataclass(frozen=True)
class Registration:
    device: Device
    secret: str  # never stored; told to the device in this one answer


@transaction.atomic
def register(
    *, platform: str, lang: str, push: PushTarget | None, join_code: str | None = None
) -> Registration:
    """Register an installation, for a new resident or for the one who gave out `join_code`.

    A known push target takes its device row over: the secret before stops working. The row moves
    to the resident of the join code where there is one. Raises JoinCodeInvalid, TooManyDevices.
    """
    joined = _redeem(join_code) if join_code else None
    known = _claim(push) if push else None
    before = known.resident if known else None
    # Their nights are quiet from the first day; the app says so and lets them change it.
    resident = joined or before or Resident.objects.create(quiet_on=True)
    if joined and joined != before:
        _check_room(joined)
    secret = new_secret()
    device = known or Device()
    device.resident = resident
    device.secret_hash = secret_hash(secret)
    device.platform = platform
    device.lang = lang
    device.last_seen_at = timezone.now()
    _aim(device, push)
    device.save()
    if push:
        _tell_reachable(device)
    if before and before != resident:
        erase_if_unreachable(before)
    return Registration(device, secret)


def report_use(device: Device, *, lang: str) -> None:
    """The app was started: note when, and the language it speaks now."""
    device.lang, device.last_seen_at = lang, timezone.now()
    device.save(update_fields=["lang", "last_seen_at"])


@transaction.atomic
def report_push(device: Device, push: PushTarget | None) -> None:
    """Store the push target a device reports; None: it can't be reached by push any more.

    Another device row with the same target is an older installation on the same phone: it goes.
    """
    if push:
        lock_push(push.kind, push.value)
        holders = Device.objects.filter(push_hash__in=push_hashes(push.kind, push.value))
        for older in holders.exclude(pk=device.pk).select_for_update():
            remove_device(older)
    before = device.push_hash
    _aim(device, push)
    device.save(update_fields=["push_kind", "push_value_encrypted", "push_hash"])
    if push and (before is None or bytes(before) not in push_hashes(push.kind, push.value)):
        _tell_reachable(device)


@transaction.atomic
def offer_join_code(resident: Resident) -> tuple[str, datetime]:
    """A new code for one more device of this resident, and when it ends; the one before is void."""
    code = new_code()
    expires_at = timezone.now() + timedelta(seconds=settings.JOIN_CODE_S)
    JoinCode.objects.update_or_create(
        resident=resident, defaults={"code_hash": code_hash(code), "expires_at": expires_at}
    )
    return code, expires_at


def _tell_reachable(device: Device) -> None:
    device_reachable.send(sender=Device, resident_id=device.resident_id)


def _redeem(join_code: str) -> Resident:
    """Use a code up; it comes back if the transaction does not commit."""
    found = (
        JoinCode.objects.select_for_update()
        .select_related("resident")
        .filter(code_hash=code_hash(join_code), expires_at__gt=timezone.now())
        .first()
    )
    if found is None:
        raise JoinCodeInvalid(field="join_code")
    found.delete()
    return found.resident


def _check_room(resident: Resident) -> None:
    """Raises TooManyDevices; the join code's row lock keeps two devices from joining at once."""
    if resident.devices.count() >= settings.DEVICES_MAX:
        raise TooManyDevices(field="join_code", details={"limit": settings.DEVICES_MAX})


def _claim(push: PushTarget) -> Device | None:
    """The device row that has this target, locked; None: nobody has it, and nobody else will."""
    lock_push(push.kind, push.value)
    return (
        Device.objects.select_for_update(of=("self",))
        .select_related("resident")
        .filter(push_hash__in=push_hashes(push.kind, push.value))
        .first()
    )


def _aim(device: Device, push: PushTarget | None) -> None:
    """Set the three columns of the push target, which are null together."""
    device.push_kind = push.kind if push else None
    device.push_value_encrypted = encrypt_push(push.value) if push else None
    device.push_hash = push_hash(push.kind, push.value) if push else None
