"""Bring what is encrypted under the newest of FIELD_KEYS, so that the others can be dropped.

Restartable at any point: what stands under the newest key already is left alone. Devices may
register meanwhile; tokens.py says how a target stays on one device all the while.
"""

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import transaction

from residents import tokens
from residents.models import Device, Place


@dataclass
class Rotation:
    """How many rows were brought under the newest key, and how many no key of the list opens."""

    rotated: int = 0
    unreadable: int = 0


def rotate_all() -> Rotation:
    """Re-encrypt push targets, with their hashes, and addresses; row by row, about 500 a second."""
    done = Rotation()
    for model, rotate_row in ((Device, _rotate_device), (Place, _rotate_place)):
        for pk in model.objects.order_by("pk").values_list("pk", flat=True).iterator():
            try:
                done.rotated += rotate_row(pk)
            except InvalidToken:
                done.unreadable += 1
    return done


@transaction.atomic
def _rotate_device(pk: int) -> bool:
    """False where there is nothing to do. The target's lock comes before the row's, as always."""
    seen = Device.objects.filter(pk=pk).first()
    target = tokens.push_of(seen) if seen else None
    if seen is None or target is None:
        return False
    tokens.lock_push(*target)
    newest = tokens.push_hash(*target)
    device = Device.objects.select_for_update().filter(pk=pk, push_hash=seen.push_hash).first()
    if device is None or device.push_hash == newest:
        return False
    _retire_double(newest)
    device.push_value_encrypted, device.push_hash = tokens.encrypt_push(target[1]), newest
    device.save(update_fields=["push_value_encrypted", "push_hash"])
    return True


def _retire_double(newest: bytes) -> None:
    """Take the target from another row that has it under the newest key.

    There is one only if a server ran without the old key; whose it is now, its app will report.
    """
    double = Device.objects.filter(push_hash=newest).first()
    if double:
        tokens.retire_push(double.pk, newest)


@transaction.atomic
def _rotate_place(pk: int) -> bool:
    place = Place.objects.select_for_update().filter(pk=pk).first()
    encrypted = place.address_encrypted if place else None
    if place is None or encrypted is None or tokens.is_newest(encrypted):
        return False
    place.address_encrypted = tokens.rotate(encrypted)
    place.save(update_fields=["address_encrypted"])
    return True
