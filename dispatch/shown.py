"""Alerts as the staff's REST API shows them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from accounts.models import Gmina, User
from dispatch import approval, parts, plan_words, plans, states, updates
from dispatch.masking import Told
from dispatch.models import Alert, Message, Severity

# Names of the moves in URLs and in `allowed_moves`.
URL_NAMES = {
    states.EDIT: "edit",
    states.DELETE: "delete",
    states.SUBMIT: "submit",
    states.SEND: "send",
    states.BYPASS: "bypass",
    states.RECALL: "recall",
    states.RETURN: "return",
    states.APPROVE: "approve",
    states.CANCEL: "cancel",
    states.PROPOSE_UPDATE: "update",
    states.SEND_UPDATE: "update-send",
    states.APPROVE_UPDATE: "update-approve",
    states.DROP_UPDATE: "update-drop",
    states.EXTEND: "extend",
    states.ALL_CLEAR: "all-clear",
    states.WITHDRAW: "withdraw",
}


def alerts_of(gmina: Gmina, *, running_only: bool) -> QuerySet[Alert]:
    """The gmina's alerts, newest first, with all that `to_json` shows."""
    alerts = Alert.objects.filter(gmina=gmina)
    if running_only:
        alerts = alerts.filter(state__in=states.RUNNING)
    related = alerts.select_related("gmina", "kind").prefetch_related(
        "texts", "parts", "messages", "updates"
    )
    return related.order_by("-created_at", "-id")


def many(
    alerts: Iterable[Alert], gmina: Gmina, user: User, actions: frozenset[str]
) -> list[dict[str, Any]]:
    """The gmina's alerts as JSON; names of their people, and its rules, in one query each."""
    alerts = list(alerts)
    ids = {pk for alert in alerts for pk in _people_of(alert) if pk}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    prefetch_related_objects([gmina], "approval_rules")
    able = approval.rights(user, gmina, actions)
    for alert in alerts:
        alert.gmina = gmina
    return [_to_json(alert, names, user, able) for alert in alerts]


def one(alert: Alert, user: User, actions: frozenset[str]) -> dict[str, Any]:
    """The alert as it is now, read anew."""
    found = alerts_of(alert.gmina, running_only=False).filter(pk=alert.pk)
    return many(found, alert.gmina, user, actions)[0]


def allowed_moves(alert: Alert, user: User, actions: frozenset[str]) -> list[str]:
    """What this person can do with the alert now, as the API's URLs name it."""
    return _allowed(alert, user, approval.rights(user, alert.gmina, actions))


def alone(draft: Alert, user: User, actions: frozenset[str]) -> str:
    """The move by which this person could send a draft without another one; "": there is none."""
    moves = allowed_moves(draft, user, actions)
    return next((name for name in ("send", "bypass") if name in moves), "")


def _allowed(alert: Alert, user: User, able: frozenset[str]) -> list[str]:
    return [
        URL_NAMES[move]
        for move in states.open_moves(alert.state, able)
        if _CONDITIONS.get(move, _always)(alert, user, able)
    ]


def _may_approve(alert: Alert, user: User, able: frozenset[str]) -> bool:
    return approval.permits(_decision(alert), able, is_own=_is_own(alert, user, able))


def _may_send(alert: Alert, _user: User, able: frozenset[str]) -> bool:
    """By what was last counted; a draft that nobody has counted fits no rule for few people."""
    return approval.may_send(_decision(alert), able)


def _may_bypass(alert: Alert, user: User, able: frozenset[str]) -> bool:
    """Nobody goes past a rule that doesn't stop them."""
    passes = _may_send if alert.state == Alert.State.DRAFT else _may_approve
    return alert.severity == Severity.EMERGENCY and not passes(alert, user, able)


def _may_propose(alert: Alert, _user: User, _able: frozenset[str]) -> bool:
    return updates.awaiting(alert) is None


def _may_send_update(alert: Alert, user: User, able: frozenset[str]) -> bool:
    """By the rules, or past them in an emergency."""
    is_alone = "alert.send_alone" in able and alert.severity == Severity.EMERGENCY
    is_free = approval.may_send(updates.decision_on(alert), able)
    return _may_propose(alert, user, able) and (is_free or is_alone)


def _may_approve_update(alert: Alert, user: User, able: frozenset[str]) -> bool:
    update = updates.awaiting(alert)
    return update is not None and updates.may_approve(update, alert, able, user)


def _may_drop_update(alert: Alert, user: User, able: frozenset[str]) -> bool:
    update = updates.awaiting(alert)
    return update is not None and updates.may_drop(update, able, user)


def _is_own(alert: Alert, user: User, _able: frozenset[str]) -> bool:
    return user.pk in (alert.author_id, alert.submitted_by_id)


def _always(_alert: Alert, _user: User, _able: frozenset[str]) -> bool:
    return True


def _decision(alert: Alert) -> approval.Decision:
    return approval.decide(alert, alert.seen_residents)


# What a move asks for beside state and role; compose.py refuses what doesn't meet it.
_CONDITIONS: dict[states.Move, Callable[[Alert, User, frozenset[str]], bool]] = {
    states.APPROVE: _may_approve,
    states.SEND: _may_send,
    states.BYPASS: _may_bypass,
    states.RECALL: _is_own,
    states.PROPOSE_UPDATE: _may_propose,
    states.SEND_UPDATE: _may_send_update,
    states.APPROVE_UPDATE: _may_approve_update,
    states.DROP_UPDATE: _may_drop_update,
}


def _to_json(
    alert: Alert, names: dict[int, str], user: User, able: frozenset[str]
) -> dict[str, Any]:
    chosen = [parts.from_row(row) for row in alert.parts.all()]
    return {
        "ref": alert.ref,
        "version": alert.version,
        "is_drill": alert.is_drill,
        "template": alert.template_id,
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
        "parts": [parts.to_json(part, alert.gmina) for part in chosen],
        **_plan(alert),
        "event_ends_at": alert.event_ends_at,
        "expires_at": alert.expires_at,
        "author": names.get(alert.author_id, ""),
        "approved_by": names.get(alert.approved_by_id or 0),
        "created_at": alert.created_at,
        "submitted_at": alert.submitted_at,
        "return_reason": alert.return_reason,
        "bypass_reason": alert.bypass_reason,
        "approved_at": alert.approved_at,
        "started_at": alert.started_at,
        "ended_at": alert.ended_at,
        "seen_residents": _seen(alert),
        "end_asked_at": alert.end_asked_at,
        "waiting_update": _update(alert, names),
        "allowed_moves": _allowed(alert, user, able),
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


def _people_of(alert: Alert) -> tuple[int | None, ...]:
    update = updates.awaiting(alert)
    return alert.author_id, alert.approved_by_id, update.proposed_by_id if update else None


def _update(alert: Alert, names: dict[int, str]) -> dict[str, Any] | None:
    update = updates.awaiting(alert)
    if update is None:
        return None
    return {
        "id": update.pk,
        "texts": update.texts,
        "event_ends_at": update.event_ends_at,
        "expires_at": update.expires_at,
        "proposed_by": names.get(update.proposed_by_id, ""),
        "proposed_at": update.proposed_at,
    }


def _plan(alert: Alert) -> dict[str, Any]:
    names = (*plans.FIELDS, "send_at", "started_late")
    return {name: getattr(alert, name) for name in names} | {"plan": plan_words.plan(alert)}


def _seen(alert: Alert) -> dict[str, Any] | None:
    if alert.seen_residents is None:
        return None
    return Told.from_json(alert.seen_told).residents.to_json()


def _sizes(message: Message) -> dict[str, Any]:
    told = Told.from_json(message.told)
    return {"residents": told.residents.to_json(), "devices": told.devices.to_json()}
