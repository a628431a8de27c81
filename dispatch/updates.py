"""What is told of an alert while it runs: new words, a later end. Each act is audited.

Where the gmina's rules ask for a second person before the alert, they ask for one before its
update: the rule is that of the alert, except that a template's approval covers no new words.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from dispatch import approval, drafts, fanout, notices, payload, previews, states, words
from dispatch.errors import (
    EventEndPassed,
    EventEndsAfterExpiry,
    ExpiryPassed,
    ExtensionNotLater,
    RightMissing,
    TwoPersonRule,
    UpdateAwaits,
    UpdateGone,
    UpdateUnchanged,
    WordsNeedApproval,
)
from dispatch.masking import Told
from dispatch.models import Alert, AlertUpdate, Message
from dispatch.notices import Notice
from dispatch.sendable import check_bypass, check_texts
from dispatch.words import Text

State = AlertUpdate.State


def awaiting(alert: Alert) -> AlertUpdate | None:
    """The update that waits for approval; there is one at most."""
    return next((one for one in alert.updates.all() if one.state == State.AWAITING), None)


def propose(alert: Alert, data: Mapping[str, Any], *, by: User) -> AlertUpdate:
    """Hand an update of a running alert over for approval.

    `data`: {texts, event_ends_at?, expires_at?}; a time left out stays as it is. Raises
    UpdateAwaits, AlertRefused, BlanksLeft, PayloadTooLarge, MoveRefused or RightMissing.
    """
    with states.moving(states.PROPOSE_UPDATE, alert, by=by) as step:
        update = _made(step.alert, data, by=by)
        update.save()
        step.data["update"] = update.pk
        notices.notify(
            Notice.UPDATE_WANTED,
            gmina=step.alert.gmina,
            alert=step.alert,
            occasion=f"update-{update.pk}",
        )
    return update


def approve(update: AlertUpdate, *, by: User) -> Message:
    """Send an update that waits. Raises UpdateGone, TwoPersonRule, and as `send`."""
    with states.moving(states.APPROVE_UPDATE, update.alert, by=by) as step:
        waiting = _waiting(step.alert, update)
        if not may_approve(waiting, step.alert, states.rights_of(by, step.alert), by):
            raise TwoPersonRule
        return _tell(step, waiting, by=by)


def drop(update: AlertUpdate, *, by: User, reason: str = "") -> AlertUpdate:
    """Take an update back, or refuse it: nobody is told. Raises UpdateGone, MoveRefused or
    RightMissing. The reason stays with the update and out of the audit log.
    """
    with states.moving(states.DROP_UPDATE, update.alert, by=by) as step:
        waiting = _waiting(step.alert, update)
        if not may_drop(waiting, states.rights_of(by, step.alert), by):
            raise RightMissing(details={"move": states.DROP_UPDATE.name})
        _decide(waiting, State.DROPPED, by=by, reason=reason)
        waiting.save()
        step.data["update"] = waiting.pk
    return waiting


def send(alert: Alert, data: Mapping[str, Any], *, by: User, reason: str = "") -> Message:
    """Update a running alert at once, where the rules ask for nobody else.

    Where they do, a crisis officer may update an emergency alone and has to say why: `reason`.
    Raises TwoPersonRule, BypassRefused, ReasonMissing, and as `propose`; FcmNotConfigured or
    DemoSendsNothing.
    """
    with states.moving(states.SEND_UPDATE, alert, by=by) as step:
        update = _made(step.alert, data, by=by)
        rights = states.rights_of(by, step.alert)
        if not approval.may_send(decision_on(step.alert), rights):
            _check_alone(step.alert, rights, reason)
            update.reason = reason.strip()
            step.data["alone"] = True
        update.save()
        message = _tell(step, update, by=by)
        if update.reason:
            notices.notify(
                Notice.BYPASSED,
                gmina=step.alert.gmina,
                alert=step.alert,
                occasion=f"update-{update.pk}",
            )
        return message


def extend(
    alert: Alert,
    *,
    by: User,
    event_ends_at: datetime,
    expires_at: datetime | None = None,
    texts: Mapping[str, Mapping[str, str]] | None = None,
) -> Message:
    """Tell those who had the alert that it takes longer.

    `expires_at` None: the message outlives the new end by as much as the old one. `texts`: {lang:
    {title, body}} instead of our own words, where no rule asks for a second person. Raises
    EventEndPassed, ExtensionNotLater, ExpiryPassed, EventEndsAfterExpiry, WordsNeedApproval,
    PayloadTooLarge, MoveRefused or RightMissing.
    """
    with states.moving(states.EXTEND, alert, by=by) as step:
        running, given = step.alert, texts or {}
        if given and not approval.may_send(decision_on(running), states.rights_of(by, running)):
            raise WordsNeedApproval(field="texts")
        if running.event_ends_at and event_ends_at <= running.event_ends_at:
            raise ExtensionNotLater(field="event_ends_at")
        expires_at = expires_at or max(running.expires_at, event_ends_at + _outlives(running))
        _check_times(running, event_ends_at, expires_at)
        told = [
            words.extension(text, event_ends_at, given, is_drill=running.is_drill)
            for text in words.of_alert(running)
        ]
        payload.check(words.by_lang(told), is_drill=running.is_drill)
        _carry_along(running, event_ends_at, expires_at)
        return _freeze(step, Message.Kind.EXTENSION, told, by=by)


def decision_on(alert: Alert) -> approval.Decision:
    """What the rules say of new words for this alert."""
    unprepared = copy(alert)
    unprepared.template_id = None
    return approval.decide(unprepared, alert.seen_residents)


def may_approve(update: AlertUpdate, alert: Alert, rights: frozenset[str], user: User) -> bool:
    """Whether a person with these rights may send what another one proposed."""
    return approval.permits(decision_on(alert), rights, is_own=user.pk == update.proposed_by_id)


def may_word_end(alert: Alert, rights: frozenset[str]) -> bool:
    """Whether a person with these rights may say in words of their own that it is over.

    Without a second look only an approver: it goes to everybody who had the alert, and whatever an
    editor wrote would be told to a town by one click.
    """
    return approval.permits(decision_on(alert), rights, is_own=False)


def may_drop(update: AlertUpdate, rights: frozenset[str], user: User) -> bool:
    """Whose it is takes it back; whoever may approve sends it back."""
    return approval.APPROVE in rights or user.pk == update.proposed_by_id


def drop_waiting(alert: Alert) -> None:
    """The alert ends, in the caller's transaction: there is nothing left to decide."""
    alert.updates.filter(state=State.AWAITING).update(
        state=State.DROPPED, decided_at=timezone.now()
    )


def _made(alert: Alert, data: Mapping[str, Any], *, by: User) -> AlertUpdate:
    """The update as it would be kept, checked."""
    if awaiting(alert) is not None:
        raise UpdateAwaits
    update = AlertUpdate(
        alert=alert,
        texts=data["texts"],
        event_ends_at=data.get("event_ends_at", alert.event_ends_at),
        expires_at=data.get("expires_at", alert.expires_at),
        proposed_by_id=by.pk,
    )
    _check(alert, update)
    return update


def _check(alert: Alert, update: AlertUpdate) -> None:
    """Raise unless the update could be sent now."""
    texts = _texts_of(update)
    check_texts(texts)
    _check_times(alert, update.event_ends_at, update.expires_at)
    payload.check(update.texts, is_drill=alert.is_drill)
    approval.check_blanks(update.texts)
    times = (update.event_ends_at, update.expires_at)
    is_same = times == (alert.event_ends_at, alert.expires_at)
    if is_same and update.texts == words.by_lang(words.of_alert(alert)):
        raise UpdateUnchanged(field="texts")


def _check_times(alert: Alert, event_ends_at: datetime | None, expires_at: datetime) -> None:
    """An end that has passed may stay as it was told, never be told anew."""
    now = timezone.now()
    is_new = event_ends_at != alert.event_ends_at
    if is_new and event_ends_at and event_ends_at <= now:
        raise EventEndPassed(field="event_ends_at")
    if expires_at <= now:
        raise ExpiryPassed(field="expires_at")
    if event_ends_at and event_ends_at > expires_at:
        raise EventEndsAfterExpiry(field="event_ends_at")


def _check_alone(alert: Alert, rights: frozenset[str], reason: str) -> None:
    if "alert.send_alone" not in rights:
        raise TwoPersonRule
    check_bypass(alert, reason)


def _waiting(alert: Alert, update: AlertUpdate) -> AlertUpdate:
    waiting = alert.updates.filter(pk=update.pk, state=State.AWAITING).first()
    if waiting is None:
        raise UpdateGone
    return waiting


def _tell(step: states.Step, update: AlertUpdate, *, by: User) -> Message:
    """The update becomes what the alert says, and goes out."""
    alert = step.alert
    _check(alert, update)
    drafts.write_texts(alert, update.texts)
    _take_times(alert, update.event_ends_at, update.expires_at)
    message = _freeze(step, Message.Kind.UPDATE, _texts_of(update), by=by)
    _decide(update, State.SENT, by=by, reason=update.reason)
    update.message_id = message.pk
    update.save()
    step.data["update"] = update.pk
    return message


def _freeze(step: states.Step, kind: Message.Kind, texts: list[Text], *, by: User) -> Message:
    message = fanout.freeze_again(
        step.alert, kind, by=by, texts=texts, expires_at=step.alert.expires_at
    )
    step.data |= {"message_id": message.pk} | previews.logged(Told.from_json(message.told))
    return message


def _decide(update: AlertUpdate, state: State, *, by: User, reason: str) -> None:
    update.state, update.reason = state, reason
    update.decided_by_id, update.decided_at = by.pk, timezone.now()


def _take_times(alert: Alert, event_ends_at: datetime | None, expires_at: datetime) -> None:
    """A new end is asked about anew when it comes."""
    if event_ends_at != alert.event_ends_at:
        alert.end_asked_at = None
    alert.event_ends_at, alert.expires_at = event_ends_at, expires_at


def _carry_along(alert: Alert, event_ends_at: datetime, expires_at: datetime) -> None:
    """Extend the alert, and an update that waits where it left the times as they were."""
    unchanged = alert.updates.filter(state=State.AWAITING, event_ends_at=alert.event_ends_at)
    unchanged.filter(expires_at=alert.expires_at).update(
        event_ends_at=event_ends_at, expires_at=expires_at
    )
    _take_times(alert, event_ends_at, expires_at)


def _outlives(alert: Alert) -> timedelta:
    """How long the message is valid beyond the expected end of the event."""
    if alert.event_ends_at is None:
        return timedelta()
    return alert.expires_at - alert.event_ends_at


def _texts_of(update: AlertUpdate) -> list[Text]:
    return [Text(lang, **text) for lang, text in update.texts.items()]
