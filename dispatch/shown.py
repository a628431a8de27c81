"""Alerts as the staff's REST API shows them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import Gmina, User
from dispatch import parts, states
from dispatch.masking import Told
from dispatch.models import Alert, Message

# Names of the moves in URLs and in `allowed_moves`.
URL_NAMES = {
    states.EDIT: "edit",
    states.DELETE: "delete",
    states.SUBMIT: "submit",
    states.RETURN: "return",
    states.APPROVE: "approve",
    states.ALL_CLEAR: "all-clear",
    states.WITHDRAW: "withdraw",
}


def alerts_of(gmina: Gmina, *, running_only: bool) -> QuerySet[Alert]:
    """The gmina's alerts, newest first, with all that `to_json` shows."""
    alerts = Alert.objects.filter(gmina=gmina)
    if running_only:
        alerts = alerts.filter(state__in=states.RUNNING)
    related = alerts.select_related("gmina", "kind").prefetch_related("texts", "parts", "messages")
    return related.order_by("-created_at", "-id")


def many(alerts: Iterable[Alert], user: User, actions: frozenset[str]) -> list[dict[str, Any]]:
    """The alerts as JSON; names of their people in one query."""
    alerts = list(alerts)
    ids = {pk for alert in alerts for pk in (alert.author_id, alert.approved_by_id) if pk}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [_to_json(alert, names, user, actions) for alert in alerts]


def one(alert: Alert, user: User, actions: frozenset[str]) -> dict[str, Any]:
    """The alert as it is now, read anew."""
    return many(alerts_of(alert.gmina, running_only=False).filter(pk=alert.pk), user, actions)[0]


def allowed_moves(alert: Alert, user: User, actions: frozenset[str]) -> list[str]:
    """What this person can do with the alert now, as the API's URLs name it."""
    waits = states.waits_for_other(alert, user, actions)
    return [
        URL_NAMES[move]
        for move in states.open_moves(alert.state, actions)
        if not (move == states.APPROVE and waits)
    ]


def _to_json(
    alert: Alert, names: dict[int, str], user: User, actions: frozenset[str]
) -> dict[str, Any]:
    chosen = [parts.from_row(row) for row in alert.parts.all()]
    return {
        "ref": alert.ref,
        "state": alert.state,
        "end_reason": alert.end_reason,
        "kind": alert.kind.code,
        "category": alert.kind.category,
        "severity": alert.severity,
        "texts": {
            text.lang: {
                "title": text.title,
                "body": text.body,
                "instruction": text.instruction,
            }
            for text in alert.texts.all()
        },
        "parts": [parts.to_json(part) for part in chosen],
        "event_ends_at": alert.event_ends_at,
        "expires_at": alert.expires_at,
        "author": names.get(alert.author_id, ""),
        "approved_by": names.get(alert.approved_by_id or 0),
        "created_at": alert.created_at,
        "submitted_at": alert.submitted_at,
        "return_reason": alert.return_reason,
        "approved_at": alert.approved_at,
        "started_at": alert.started_at,
        "ended_at": alert.ended_at,
        "seen_residents": _seen(alert),
        "allowed_moves": allowed_moves(alert, user, actions),
        "messages": [
            {
                "id": message.pk,
                "kind": message.kind,
                "frozen_at": message.frozen_at,
                **_sizes(message),
            }
            for message in sorted(alert.messages.all(), key=lambda message: message.pk)
        ],
    }


def _seen(alert: Alert) -> dict[str, Any] | None:
    if alert.seen_residents is None:
        return None
    return Told.from_json(alert.seen_told).residents.to_json()


def _sizes(message: Message) -> dict[str, Any]:
    told = Told.from_json(message.told)
    return {"residents": told.residents.to_json(), "devices": told.devices.to_json()}
