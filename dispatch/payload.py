"""Payload v1: what one phone gets. Public text and opaque ids only.

Names of places, addresses and the reason why somebody is told are put in by the phone, which knows
them; they never leave the server this way. The builders return firebase_admin's message objects and
open no connection; sending them is fcm.py's. Building and encoding costs more than sending: it is
done once for all phones of a language and platform (`Mould`), and what differs is put in.
"""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from firebase_admin import messaging

from dispatch.errors import PayloadTooLarge
from dispatch.models import Kind, Severity
from residents.models import Device

VERSION = "1"
# Before the title of an exercise, in the language of the text.
DRILL_MARKS = {"pl": "ĆWICZENIE: ", "en": "EXERCISE: "}
# What a lock screen shows of the body; iOS gets it as the alert, the extension shows the full body.
LEAD_CHARS = 170
# FCM keeps a message for a phone that is off: four weeks at most, and that is its default.
TTL_MAX = timedelta(weeks=4)
# Ids at their longest, so that what passed the check at drafting passes at sending.
_LONGEST_REF = 80
_LONGEST_ID = 9_223_372_036_854_775_807  # bigint
_LONGEST_DELIVERY_ID = f"{_LONGEST_ID}.{2_147_483_647}.{32_767}"
_LONGEST_TARGET = "x" * 64  # the target is not payload; any value will do


@dataclass(frozen=True)
class Content:
    """What all phones of one language get alike. `expires_at` becomes the time to live."""

    alert_ref: str
    message_id: int
    kind: str
    severity: str
    lang: str
    title: str
    body: str
    expires_at: datetime
    is_drill: bool = False


@dataclass(frozen=True)
class Target:
    """One phone: `kind` is "token" or "fid" (Device.PushKind), `value` FCM's name of it."""

    platform: str
    kind: str
    value: str


def delivery_id(message_id: int, batch_no: int, pos: int) -> str:
    """The delivery's name on the wire; `pos` counts from 1."""
    return f"{message_id}.{batch_no}.{pos}"


def build(content: Content, target: Target, delivery: str, *, now: datetime) -> messaging.Message:
    """The message for one phone. Android and web get data only: our own code shows it and reports.

    iOS shows an alert by itself and runs our extension before (mutable-content).
    """
    return messaging.Message(
        data=_data(content, delivery),
        **{target.kind: target.value},
        **_platform(content, target.platform, now),
    )


def encoded(message: messaging.Message) -> bytes:
    """The body of the HTTP request in which firebase_admin would send this message."""
    # Private, and the only name that the SDK has for it; tests/dispatch/test_payload.py guards it.
    body = messaging._MessagingService.encode_message(message)
    return json.dumps({"message": body}).encode()


class Mould:
    """The request's body for all phones of one language, platform and kind of target.

    Built, checked and encoded by firebase_admin once; `fill` puts in what differs. The result is,
    byte for byte, what `encoded(build(…))` gives for each phone (tests/dispatch/test_payload.py).
    """

    def __init__(self, content: Content, platform: str, target_kind: str) -> None:
        self._content = content
        # Its own name for each: a gap is found by name and value together, quotes included, and a
        # text can't contain that, since a quote within a text is encoded with a backslash.
        message = build(content, Target(platform, target_kind, "0"), "0", now=content.expires_at)
        body = encoded(message)
        gaps = {
            b'"delivery_id": "': "delivery",
            f'"{target_kind}": "'.encode(): "target",
            b'"ttl": "': "ttl",
            b'"TTL": "': "ttl",
        }
        found = sorted((body.find(mark), mark) for mark in gaps if mark in body)
        self._names: list[str] = []
        self._pieces: list[bytes] = []
        begin = 0
        for at, mark in found:
            end = at + len(mark)
            self._pieces.append(body[begin:end])
            self._names.append(gaps[mark])
            begin = end + 1  # each gap holds one character, "0"
        self._pieces.append(body[begin:])

    def fill(self, target: str, delivery: str, *, now: datetime) -> bytes:
        """The body for one phone."""
        values = {
            "delivery": delivery.encode(),
            "target": json.dumps(target)[1:-1].encode(),
            "ttl": str(_ttl_s(self._content, now)).encode(),
        }
        filled = [self._pieces[0]]
        for name, piece in zip(self._names, self._pieces[1:], strict=True):
            filled += (values[name], piece)
        return b"".join(filled)


def size_bytes(message: Mapping[str, Any]) -> int:
    """Bytes that count against FCM's limit: UTF-8 keys and values of everything a phone is given.

    `message` is the wire form. Delivery options (priority, ttl, headers) and the target don't
    count; of iOS the aps dictionary does, beside the data.
    """
    shown = [
        message.get("data"),
        message.get("notification"),
        message.get("android", {}).get("notification"),
        message.get("webpush", {}).get("notification"),
        message.get("apns", {}).get("payload"),
    ]
    return sum(_bytes(part) for part in shown if part)


def check(texts: Mapping[str, Mapping[str, str]], *, is_drill: bool = False) -> None:
    """Refuse texts that don't fit; `texts` is {lang: {title, body, …}}, as in the alert's JSON.

    The mark of an exercise counts, and is not yet in the title. Ids are assumed as long as they can
    get. Raises PayloadTooLarge with the field to shorten ("texts.pl.body") and by how many bytes; a
    Polish letter like "ą" takes two.
    """
    for lang, text in texts.items():
        if (beyond := over(lang, text, is_drill=is_drill)) > 0:
            title, body = (len(text.get(field, "").encode()) for field in ("title", "body"))
            limit = settings.FCM_PAYLOAD_MAX_BYTES
            raise PayloadTooLarge(
                field=f"texts.{lang}.{'body' if body >= title else 'title'}",
                details={"bytes": limit + beyond, "limit": limit, "over": beyond},
            )


def over(lang: str, text: Mapping[str, str], *, is_drill: bool = False) -> int:
    """By how many bytes a text is too long; less than nought: so many are left."""
    sizes = (_size_of(lang, text, platform, is_drill) for platform in Device.Platform.values)
    return max(sizes) - settings.FCM_PAYLOAD_MAX_BYTES


def overhead() -> int:
    """Bytes that a message takes before its title and body, on the phone where it takes most."""
    return max(_size_of("pl", {}, platform, False) for platform in Device.Platform.values)


def wire(message: messaging.Message) -> dict[str, Any]:
    """The JSON form in which firebase_admin sends a message."""
    return dict(json.loads(str(message)))


def lead(body: str) -> str:
    """The start of a body, cut between words, with "…" where something follows."""
    return textwrap.shorten(body, LEAD_CHARS, placeholder="…")


def _data(content: Content, delivery: str) -> dict[str, str]:
    drill = {"drill": "1"} if content.is_drill else {}
    return {
        "v": VERSION,
        "alert_ref": content.alert_ref,
        "message_id": str(content.message_id),
        "delivery_id": delivery,
        "kind": content.kind,
        "severity": content.severity,
        "lang": content.lang,
        "title": content.title,
        "body": content.body,
        **drill,
    }


def _platform(content: Content, platform: str, now: datetime) -> dict[str, Any]:
    if platform == Device.Platform.IOS:
        return {"apns": _apns(content)}
    ttl_s = _ttl_s(content, now)
    if platform == Device.Platform.WEB:
        headers = {"Urgency": "high", "TTL": str(ttl_s)}
        return {"webpush": messaging.WebpushConfig(headers=headers)}
    # No collapse_key: at most four may be active, and a text that matters must not be swallowed.
    return {"android": messaging.AndroidConfig(priority="high", ttl=ttl_s)}


def _ttl_s(content: Content, now: datetime) -> int:
    return int(min(max(content.expires_at - now, timedelta()), TTL_MAX).total_seconds())


def _apns(content: Content) -> messaging.APNSConfig:
    urgent = content.severity == Severity.EMERGENCY
    aps = messaging.Aps(
        alert=messaging.ApsAlert(title=content.title, body=lead(content.body)),
        sound="default",
        mutable_content=True,
        custom_data={"interruption-level": "time-sensitive" if urgent else "active"},
    )
    headers = {
        "apns-priority": "10",
        "apns-push-type": "alert",
        "apns-expiration": str(int(content.expires_at.timestamp())),
        "apns-collapse-id": str(content.message_id),
    }
    return messaging.APNSConfig(headers=headers, payload=messaging.APNSPayload(aps=aps))


def _size_of(lang: str, text: Mapping[str, str], platform: str, is_drill: bool) -> int:
    moment = datetime.fromisoformat("2000-01-01T00:00:00+00:00")  # times are headers, not payload
    content = Content(
        alert_ref="x" * _LONGEST_REF,
        message_id=_LONGEST_ID,
        kind="x" * (Kind._meta.get_field("code").max_length or 0),
        severity=max(Severity.values, key=len),
        lang=lang,
        title=(DRILL_MARKS[lang] if is_drill else "") + text.get("title", ""),
        body=text.get("body", ""),
        expires_at=moment,
        is_drill=is_drill,
    )
    target = Target(platform, Device.PushKind.FID, _LONGEST_TARGET)
    return size_bytes(wire(build(content, target, _LONGEST_DELIVERY_ID, now=moment)))


def _bytes(value: object) -> int:
    if isinstance(value, Mapping):
        return sum(_bytes(key) + _bytes(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(_bytes(inner) for inner in value)
    return len(value.encode() if isinstance(value, str) else json.dumps(value))
