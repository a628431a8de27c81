"""Whether an alert is fit to be sent, as far as it says itself; asked again at every step."""

from django.utils import timezone

from dispatch import approval, payload, plans, words
from dispatch.errors import (
    BypassRefused,
    EventEndsAfterExpiry,
    ExpiryPassed,
    KindGone,
    ReasonMissing,
    TextMissing,
)
from dispatch.models import Alert, Severity
from dispatch.words import Text


def check_sendable(alert: Alert) -> None:
    """Raise AlertRefused, BlanksLeft or PayloadTooLarge unless kind, words and times are right."""
    if not alert.kind.active:
        raise KindGone(field="kind", details={"kind": alert.kind.code})
    texts = words.of_alert(alert)
    check_texts(texts)
    check_times(alert)
    told = words.by_lang(texts)
    payload.check(told, is_drill=alert.is_drill)
    approval.check_blanks(told)


def check_bypass(alert: Alert, reason: str) -> None:
    """Raise BypassRefused or ReasonMissing: only an emergency goes alone, and never unexplained."""
    if alert.severity != Severity.EMERGENCY:
        raise BypassRefused
    if not reason.strip():
        raise ReasonMissing(field="reason")


def check_texts(texts: list[Text]) -> None:
    """Raise TextMissing unless Polish is there, and each language has a title and a body."""
    by_lang = {text.lang: text for text in texts}
    for lang in sorted({"pl", *by_lang}, key=lambda lang: (lang != "pl", lang)):
        for field in ("title", "body"):
            if not getattr(by_lang.get(lang), field, "").strip():
                raise TextMissing(field=f"texts.{lang}.{field}")


def check_times(alert: Alert) -> None:
    """Raise unless now, start, end of the event and expiry come in this order."""
    if alert.expires_at <= timezone.now():
        raise ExpiryPassed(field="expires_at")
    plans.check(alert)
    if alert.event_ends_at and alert.event_ends_at > alert.expires_at:
        raise EventEndsAfterExpiry(field="event_ends_at")
