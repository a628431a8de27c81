"""What a resident's app may know of alerts: those that reached them or lie at one of their places.

Places stay on the server: the app gets the ids of its own places as the reason, and the area as a
shape, and puts the words together itself.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from dispatch import queries
from dispatch.models import Alert, AreaPart, Kind, Message, MessageText
from dispatch.states import RUNNING
from residents.models import Device, Resident
from teryt.localities import with_parts

FALLBACK_LANG = "pl"
AREAS_KEPT = 256  # of frozen messages, which never change


@dataclass(frozen=True)
class Entry:
    """One alert as the app shows it: its newest message, in the device's language or Polish."""

    message: Message
    text: MessageText
    why: list[dict[str, str]]

    @property
    def alert(self) -> Alert:
        return self.message.alert

    @property
    def ended(self) -> bool:
        return self.alert.state not in RUNNING

    @property
    def area(self) -> dict[str, Any] | None:
        return area_of(self.message.pk)


def active(device: Device) -> list[Entry]:
    """The running alerts that concern the device's resident, newest first."""
    return _entries(device, ref=None)


def one(device: Device, ref: str) -> Entry | None:
    """An alert that concerns the resident, over or not; None where it doesn't or isn't there."""
    return next(iter(_entries(device, ref=ref)), None)


def kinds_for(resident: Resident) -> QuerySet[Kind]:
    """The active kinds of alert of the gminas where the resident has a place."""
    gminas = resident.places.exclude(gmina=None).values("gmina")
    return Kind.objects.filter(gmina__in=gminas, active=True).select_related("gmina")


@lru_cache(maxsize=AREAS_KEPT)
def area_of(message_id: int) -> dict[str, Any] | None:
    """A frozen message's area as a simplified GeoJSON geometry in 4326; None without a shape."""
    [row] = queries.rows("area_outline", message=message_id)
    return json.loads(row["area"]) if row["area"] else None


def _entries(device: Device, *, ref: str | None) -> list[Entry]:
    told = Alert.objects.filter(ref=ref) if ref else Alert.objects.filter(state__in=RUNNING)
    localities = locality_aims(told)
    found = queries.rows(
        "alerts_of_resident",
        resident=device.resident_id,
        devices=list(
            Device.objects.filter(resident=device.resident_id).values_list("pk", flat=True)
        ),
        ref=ref,
        locality_alerts=[alert_id for alert_id, _simc in localities],
        locality_simcs=[simc for _alert_id, simc in localities],
    )
    why = {row["message_id"]: row["why"] or [] for row in found}
    messages = Message.objects.select_related("alert__kind", "gmina").prefetch_related("texts")
    by_id = messages.in_bulk(list(why))
    return [Entry(by_id[pk], _text(by_id[pk].texts.all(), device.lang), why[pk]) for pk in why]


def locality_aims(alerts: QuerySet[Alert]) -> list[tuple[int, str]]:
    """(alert, SIMC) of every whole locality that these alerts aim at, its parts included."""
    parts = AreaPart.objects.filter(kind=AreaPart.Kind.LOCALITY, numbers="", alert__in=alerts)
    return [
        (part.alert_id, simc)
        for part in parts
        for simc in (with_parts([part.simc]) if part.include_parts else {part.simc})
    ]


def _text(texts: Iterable[MessageText], lang: str) -> MessageText:
    by_lang = {text.lang: text for text in texts}
    return by_lang.get(lang) or by_lang[FALLBACK_LANG]
