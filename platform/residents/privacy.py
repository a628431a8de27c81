"""Erasure, export and retention of what we hold of a resident (docs/privacy.md)."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.record import record
from audit.verbs import Verb
from gis_layers.crs import to_lonlat
from residents.models import Device, Place, Resident
from residents.signals import resident_erased, resident_exported
from residents.tokens import decrypt_text, push_of


@transaction.atomic
def erase(resident: Resident) -> None:
    """Erase a resident with devices, places, mutes and codes; all of it or, on an error, nothing.

    Receivers of `resident_erased` let go of what they hold in the same transaction. The audit log
    keeps that it happened, and the public id, which then leads nowhere.
    """
    Resident.objects.select_for_update().get(pk=resident.pk)
    device_ids = list(resident.devices.values_list("pk", flat=True))
    resident_erased.send(sender=Resident, resident_id=resident.pk, device_ids=device_ids)
    record(
        Verb.RESIDENT_ERASED,
        by=None,
        gmina=None,
        target_kind="resident",
        target_id=str(resident.public_id),
    )
    Resident.objects.filter(pk=resident.pk).delete()


@transaction.atomic
def export(resident: Resident) -> dict[str, Any]:
    """All we hold of a resident, decrypted, as JSON values; other packages add their sections.

    Left out: the hash of the device's secret, which says nothing about the person.
    """
    answer: dict[str, Any] = {
        "exported_at": timezone.now().isoformat(),
        "resident_id": str(resident.public_id),
        "created_at": resident.created_at.isoformat(),
        "devices": [_device(device) for device in resident.devices.order_by("pk")],
        "places": [
            _place(place) for place in resident.places.select_related("gmina").order_by("pk")
        ],
        "quiet_hours": _quiet_hours(resident),
        "mutes": sorted(resident.mutes.values_list("kind", flat=True)),
    }
    sections = resident_exported.send(sender=Resident, resident_id=resident.pk)
    for _receiver, section in sections:
        answer |= cast(dict[str, Any], section)
    return answer


@transaction.atomic
def remove_device(device: Device) -> None:
    """Remove a device; with the last one the resident goes too.

    Nobody could sign in for such a resident, reach them, or erase them on request.
    """
    resident = Resident.objects.select_for_update().get(pk=device.resident_id)
    device.delete()
    erase_if_unreachable(resident)


def erase_if_unreachable(resident: Resident) -> None:
    """Erase a resident who has no device any more."""
    if not resident.devices.exists():
        erase(resident)


def erase_silent(now: datetime) -> int:
    """Remove devices unheard of for settings.DEVICE_SILENT_DAYS, residents with their last one.

    Returns how many devices went. Each goes in a transaction of its own: it may stop anywhere.
    """
    before = now - timedelta(days=settings.DEVICE_SILENT_DAYS)
    silent = Device.objects.filter(last_seen_at__lt=before).order_by("pk")
    removed = 0
    for pk in list(silent.values_list("pk", flat=True)):
        removed += _remove_if_silent(pk, before)
    return removed


@transaction.atomic
def _remove_if_silent(pk: int, before: datetime) -> int:
    """1 where the device went; 0 where it was heard of, or removed, in the meantime."""
    device = Device.objects.select_for_update().filter(pk=pk, last_seen_at__lt=before).first()
    if device is None:
        return 0
    remove_device(device)
    return 1


def _quiet_hours(resident: Resident) -> dict[str, Any]:
    return {
        "quiet_on": resident.quiet_on,
        "quiet_from": f"{resident.quiet_from:%H:%M}",
        "quiet_until": f"{resident.quiet_until:%H:%M}",
        "quiet_free_from": f"{resident.quiet_free_from:%H:%M}",
        "quiet_free_until": f"{resident.quiet_free_until:%H:%M}",
    }


def _device(device: Device) -> dict[str, Any]:
    kind, value = push_of(device) or (None, None)
    return {
        "device_id": str(device.public_id),
        "platform": device.platform,
        "lang": device.lang,
        "push_kind": kind,
        "push_value": value,
        "last_seen_at": device.last_seen_at.isoformat(),
        "created_at": device.created_at.isoformat(),
    }


def _place(place: Place) -> dict[str, Any]:
    point = to_lonlat(place.geom)
    encrypted = place.address_encrypted
    return {
        "place_id": str(place.public_id),
        "kind": place.kind,
        "gmina": place.gmina.slug if place.gmina else None,
        "lon": round(point.x, 6),
        "lat": round(point.y, 6),
        "accuracy_m": place.accuracy_m,
        "method": place.method,
        "address": decrypt_text(encrypted) if encrypted else None,
        "address_point_fid": place.address_point_fid,
        "simc": place.simc,
        "street_fid": place.street_fid,
        "street_fid_2": place.street_fid_2,
        "created_at": place.created_at.isoformat(),
    }
