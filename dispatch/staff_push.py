"""A notice as a push to the phone of a member of staff: a payload of its own, never an alert's."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import translation
from firebase_admin import messaging

from dispatch import fcm, notice_words
from dispatch.errors import DemoSendsNothing, FcmNotConfigured, NotSent
from dispatch.models import NoticeDelivery, StaffNotice
from dispatch.outcomes import Outcome
from residents.models import Device
from residents.tokens import push_of

VERSION = "1"
TYPE = "staff"
# A question that old was answered by somebody else, or is asked anew.
LASTS = timedelta(hours=6)
PERMANENT = {Outcome.TOKEN_DEAD: "token_dead", Outcome.PAYLOAD_REFUSED: "payload_refused"}


def send(delivery: NoticeDelivery) -> None:
    """Hand one push to FCM, or to the emulator. Raises NotSent."""
    message = _message(delivery)
    try:
        fcm.transport_for(delivery.notice.gmina)
        [result] = fcm.send([message])
    except DemoSendsNothing as refusal:
        raise NotSent(refusal.code, permanent=True) from refusal
    except FcmNotConfigured as refusal:
        raise NotSent(refusal.code, channel_down=True) from refusal
    if result.outcome in PERMANENT:
        raise NotSent(PERMANENT[result.outcome], permanent=True)
    if result.outcome != Outcome.ACCEPTED:
        # FCM is busy, away or refuses us: the next would wait as long for the same answer.
        raise NotSent(result.code.lower() or "server_away", channel_down=True)


def data_of(notice: StaffNotice) -> dict[str, str]:
    """What the phone gets; it opens `link`, a page of the panel that asks for sign-in."""
    with translation.override(notice.user.lang):
        return {
            "v": VERSION,
            "type": TYPE,
            "kind": notice.kind,
            "gmina": notice.gmina.slug,
            "alert_ref": notice.alert.ref if notice.alert else "",
            "lang": notice.user.lang,
            "title": notice_words.headline(notice),
            "body": notice_words.sentence(notice),
            "link": notice_words.url(notice),
        }


def _message(delivery: NoticeDelivery) -> messaging.Message:
    device = delivery.phone.device if delivery.phone else None
    target = push_of(device) if device else None
    if device is None or target is None:
        raise NotSent("no_target", permanent=True)
    kind, value = target
    data = data_of(delivery.notice)
    return messaging.Message(data=data, **{kind: value}, **_platform(device.platform, data))


def _platform(platform: str, data: dict[str, str]) -> dict[str, Any]:
    if platform == Device.Platform.IOS:
        return {"apns": _apns(data)}
    if platform == Device.Platform.WEB:
        headers = {"Urgency": "high", "TTL": str(int(LASTS.total_seconds()))}
        return {"webpush": messaging.WebpushConfig(headers=headers)}
    return {"android": messaging.AndroidConfig(priority="high", ttl=LASTS)}


def _apns(data: dict[str, str]) -> messaging.APNSConfig:
    alert = messaging.ApsAlert(title=data["title"], body=data["body"])
    headers = {
        "apns-priority": "10",
        "apns-push-type": "alert",
        "apns-expiration": str(int((datetime.now(UTC) + LASTS).timestamp())),
    }
    aps = messaging.Aps(alert=alert, sound="default", mutable_content=True)
    return messaging.APNSConfig(headers=headers, payload=messaging.APNSPayload(aps=aps))
