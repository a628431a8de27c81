"""What officers do with an alert: write, submit, return, approve, end. Each act is audited."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import actions_of
from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch import (
    approval,
    areas,
    audiences,
    drafts,
    escalation,
    fanout,
    fcm,
    kinds,
    message_templates,
    notices,
    payload,
    plans,
    previews,
    states,
    updates,
    words,
)
from dispatch.errors import (
    AlertChanged,
    AlertRefused,
    AudienceChanged,
    DispatchError,
    MoveRefused,
    NobodyReached,
    PayloadTooLarge,
    RightMissing,
    TwoPersonRule,
    WordsNeedApproval,
)
from dispatch.masking import Told
from dispatch.models import Alert, Message
from dispatch.notices import Notice
from dispatch.sendable import check_bypass, check_sendable

# An all-clear outlives the message it ends: a phone that was off gets both.
ENDING_LASTS = timedelta(hours=24)
# What a draft is told directly; words and parts are rows of their own.
FIELDS = ("severity", "event_ends_at", "expires_at", "is_drill")


@transaction.atomic
def create_draft(gmina: Gmina, data: Mapping[str, Any], *, by: User) -> Alert:
    """A new alert from {kind, severity, texts, parts, event_ends_at, expires_at, is_drill?,
    template?, category?}.

    A draft may lack words and parts, but what is there must be right: raises UnknownCategory,
    UnknownKind, KindOfOtherCategory, UnknownTemplate or AreaRefused.
    """
    alert = Alert(
        gmina=gmina,
        ref=drafts.next_ref(gmina),
        kind=kinds.chosen(gmina, data),
        severity=data["severity"],
        author_id=by.pk,
        event_ends_at=data.get("event_ends_at"),
        expires_at=data["expires_at"],
        is_drill=data.get("is_drill", False),
    )
    plans.apply(alert, data)
    message_templates.apply(alert, data)
    alert.save()
    drafts.write_texts(alert, data.get("texts", {}))
    drafts.write_parts(alert, data.get("parts", []))
    record(
        Verb.ALERT_DRAFTED,
        by=by,
        gmina=gmina,
        target_kind="alert",
        target_id=alert.ref,
        kind=alert.kind.code,
        severity=alert.severity,
    )
    return alert


def update_draft(
    alert: Alert, data: Mapping[str, Any], *, by: User, version: int | None = None
) -> Alert:
    """Change what `data` has, leave the rest; `version`: the one that the officer has read.

    Raises as create_draft, DraftChanged, MoveRefused, RightMissing.
    """
    with states.moving(states.EDIT, alert, by=by, version=version) as step:
        draft = step.alert
        if "kind" in data or "category" in data:
            draft.kind = kinds.chosen(draft.gmina, {"kind": draft.kind.code, **data})
        for field in FIELDS:
            setattr(draft, field, data.get(field, getattr(draft, field)))
        plans.apply(draft, data)
        message_templates.apply(draft, data)
        if "texts" in data:
            drafts.write_texts(draft, data["texts"])
        if "parts" in data:
            drafts.write_parts(draft, data["parts"])
        step.data["fields"] = sorted(data)
    return draft


def delete_draft(alert: Alert, *, by: User, version: int | None = None) -> None:
    """Raises MoveRefused for what is no draft any more, DraftChanged, RightMissing."""
    with states.moving(states.DELETE, alert, by=by, version=version):
        pass


def submit(alert: Alert, *, by: User, previewed: str = "", version: int | None = None) -> Alert:
    """Hand a complete draft over for approval; what the audience is now is remembered as seen.

    `previewed`: hash of the preview that the officer looked at, for the audit log. Raises
    AlertRefused, AreaRefused, PayloadTooLarge, DraftChanged, MoveRefused or RightMissing.
    """
    with states.moving(states.SUBMIT, alert, by=by, version=version) as step:
        _hand_over(step, by=by, previewed=previewed)
        escalation.ask(step.alert, by=by)
    return step.alert


def recall(alert: Alert, *, by: User) -> Alert:
    """Take one's own alert back before anybody has decided. Raises MoveRefused or RightMissing."""
    with states.moving(states.RECALL, alert, by=by) as step:
        if by.pk not in (step.alert.author_id, step.alert.submitted_by_id):
            raise RightMissing(details={"move": states.RECALL.name})
    return step.alert


def return_for_correction(alert: Alert, *, by: User, reason: str = "") -> Alert:
    """Give a submitted alert back to its author. Raises MoveRefused or RightMissing.

    The reason stays with the draft and out of the audit log, which holds no texts.
    """
    with states.moving(states.RETURN, alert, by=by) as step:
        step.alert.return_reason = reason
    return step.alert


def approve(alert: Alert, *, by: User) -> Message | None:
    """Approve an alert, as it was submitted when `alert` was read; None: it waits for its time.

    What is to go at once is frozen for sending in the same transaction. Raises AlertChanged where
    it was submitted anew since: what goes out is what the approver read. Raises TwoPersonRule,
    AlertRefused, PayloadTooLarge, FcmNotConfigured, DemoSendsNothing, MoveRefused or RightMissing,
    and nothing has changed; AudienceChanged, and the alert is a draft again.
    """
    with _sent_back_if_changed(alert):
        with states.moving(states.APPROVE, alert, by=by) as step:
            _check_unchanged(step.alert, alert)
            step.data["alone"] = _approves_alone(step.alert, by)
            _release(step.alert, by=by)
        return _start_unless_waiting(step.alert)


def send(
    alert: Alert, *, by: User, previewed: str = "", version: int | None = None
) -> Message | None:
    """Send a draft where the gmina's rules ask for nobody else; None: it waits for its time.

    Raises TwoPersonRule where they do, and as submit and approve.
    """
    with transaction.atomic():
        with states.moving(states.SEND, alert, by=by, version=version) as step:
            _hand_over(step, by=by, previewed=previewed)
            step.data["rule"] = _rule_that_frees(step.alert, by)
            _release(step.alert, by=by)
        return _start_unless_waiting(step.alert)


def bypass(
    alert: Alert, *, by: User, reason: str, previewed: str = "", version: int | None = None
) -> Message | None:
    """Send an emergency that can't wait for a second person, and say why; None: it waits.

    A draft is handed over on the way. The reason stays with the alert and out of the audit log.
    Raises BypassRefused for what is no emergency, ReasonMissing, and as submit and approve.
    """
    with _sent_back_if_changed(alert):
        with states.moving(states.BYPASS, alert, by=by, version=version) as step:
            _check_unchanged(step.alert, alert)
            check_bypass(step.alert, reason)
            if step.alert.state == Alert.State.DRAFT:
                _hand_over(step, by=by, previewed=previewed)
            step.alert.bypass_reason = reason.strip()
            _release(step.alert, by=by)
            notices.notify(Notice.BYPASSED, gmina=step.alert.gmina, alert=step.alert)
        return _start_unless_waiting(step.alert)


def start(alert: Alert, *, late: bool = False) -> Message:
    """Freeze and start a scheduled alert whose time has come, on the word of who approved it.

    `late`: an outage kept it from going in time. Raises AudienceChanged, AlertRefused or
    PayloadTooLarge, and the alert is a draft again; FcmNotConfigured or DemoSendsNothing, and it
    stays scheduled; MoveRefused where somebody was quicker.
    """
    with _sent_back_if_changed(alert, AlertRefused, PayloadTooLarge):
        return _start(alert, late=late)


def cancel(alert: Alert, *, by: User) -> Alert:
    """Call a scheduled alert or series off: nothing was sent, so nobody is told.

    Raises MoveRefused or RightMissing.
    """
    with states.moving(states.CANCEL, alert, by=by) as step:
        step.alert.ended_at = timezone.now()
    return step.alert


def miss(alert: Alert) -> Alert:
    """End a scheduled alert whose time passed during an outage; staff are told. MoveRefused."""
    with states.moving(states.MISS, alert, by=None) as step:
        missed = step.alert
        missed.ended_at = timezone.now()
        notices.notify(Notice.START_MISSED, gmina=missed.gmina, alert=missed, when=missed.send_at)
    return step.alert


def complete(alert: Alert) -> Alert:
    """End a series whose last occurrence has gone. Raises MoveRefused."""
    with states.moving(states.COMPLETE, alert, by=None) as step:
        step.alert.ended_at = timezone.now()
    return step.alert


def all_clear(alert: Alert, *, by: User, texts: Mapping[str, Mapping[str, str]]) -> Message:
    """End a running alert: it is over. Tells exactly those who had it.

    `texts` {lang: {title, body}}; a language without gets our own words. Raises PayloadTooLarge,
    WordsNeedApproval, FcmNotConfigured, DemoSendsNothing, MoveRefused or RightMissing.
    """
    return _end(alert, states.ALL_CLEAR, Message.Kind.ALL_CLEAR, by=by, texts=texts)


def withdraw(alert: Alert, *, by: User, texts: Mapping[str, Mapping[str, str]]) -> Message:
    """Take a running alert back: it was a mistake. As all_clear."""
    return _end(alert, states.WITHDRAW, Message.Kind.WITHDRAWAL, by=by, texts=texts)


def _hand_over(step: states.Step, *, by: User, previewed: str) -> None:
    """Check the draft, and keep what its audience is now as what its officer has seen."""
    draft = step.alert
    plans.settle(draft)
    check_sendable(draft)
    chosen = areas.chosen_parts(draft)
    area = areas.resolve(draft.gmina, chosen)
    seen = audiences.preview(draft.gmina, area, draft.kind, draft.severity)
    if seen.residents == 0:
        raise NobodyReached(field="parts")
    draft.seen_residents, draft.seen_hash = seen.residents, seen.hash
    draft.seen_editions = fanout.by_layer(area)
    told = previews.told_at_submission(seen, chosen, by=by)
    draft.seen_told = told.to_json()
    draft.submitted_at, draft.submitted_by_id = timezone.now(), by.pk
    draft.return_reason = ""
    drafts.keep_editions(draft, area)
    step.data |= {"seen": seen.hash, "previewed": previewed}
    step.data |= previews.logged(told) | previews.described(area)


def _check_unchanged(now: Alert, read: Alert) -> None:
    """Raise AlertChanged where the alert was taken back or handed over anew since it was read."""
    if (read.state, read.submitted_at) != (now.state, now.submitted_at):
        raise AlertChanged


def _release(alert: Alert, *, by: User) -> None:
    """Nothing more stands between the alert and its phones than its time."""
    plans.settle(alert)
    check_sendable(alert)
    fcm.transport_for(alert.gmina)
    alert.approved_by_id, alert.approved_at = by.pk, timezone.now()


def _approves_alone(alert: Alert, by: User) -> bool:
    """Whether nobody else had a hand in it, for the log. Raises TwoPersonRule or RightMissing."""
    actions = actions_of(by, alert.gmina)
    if not approval.may_approve(by, alert, actions):
        may_others = approval.APPROVE in states.rights_of(by, alert)
        raise TwoPersonRule if may_others else RightMissing(details={"move": states.APPROVE.name})
    return {alert.author_id, alert.submitted_by_id} == {by.pk}


def _rule_that_frees(alert: Alert, by: User) -> int | None:
    """The rule by which nobody else has to agree, for the log; None: the gmina's own setting.

    Raises TwoPersonRule.
    """
    decision = approval.decide(alert, alert.seen_residents)
    if not approval.may_send(decision, states.rights_of(by, alert)):
        raise TwoPersonRule
    return decision.rule_id


def _start_unless_waiting(alert: Alert) -> Message | None:
    """A series waits as long as it lasts: what goes out are its occurrences."""
    is_waiting = alert.rrule or (alert.send_at and alert.send_at > timezone.now())
    return None if is_waiting else _start(alert)


def _start(alert: Alert, *, late: bool = False) -> Message:
    with states.moving(states.START_SENDING, alert, by=None) as step:
        starting = step.alert
        check_sendable(starting)
        approver = User.objects.get(pk=starting.approved_by_id or 0)
        frozen = fanout.freeze(starting, by=approver, texts=words.of_alert(starting))
        message = frozen.message
        starting.started_at, starting.started_late = message.frozen_at, late
        if late:
            notices.notify(
                Notice.STARTED_LATE, gmina=starting.gmina, alert=starting, when=starting.send_at
            )
        step.data |= {"message_id": message.pk, "changed": frozen.changed, "late": late}
        step.data |= previews.logged(Told.from_json(message.told))
    return message


@contextmanager
def _sent_back_if_changed(alert: Alert, *more: type[DispatchError]) -> Iterator[None]:
    """One transaction; where its refusal is that the audience changed, or one of `more`, nothing of
    it is left and the alert goes back to its author.
    """
    try:
        with transaction.atomic():
            yield
    except DispatchError as refused:
        if isinstance(refused, (AudienceChanged, *more)):
            _send_back(alert, refused)
        raise


def _send_back(alert: Alert, refused: DispatchError) -> None:
    """Make it a draft again, unless another officer was quicker."""
    with suppress(MoveRefused), states.moving(states.SEND_BACK, alert, by=None) as step:
        step.data["reason"] = refused.details.get("reason", refused.code)
        step.alert.approved_by_id, step.alert.approved_at = None, None
        step.alert.bypass_reason = ""
        notices.notify(
            Notice.SENT_BACK,
            gmina=step.alert.gmina,
            alert=step.alert,
            occasion=step.alert.submitted_at,
        )


def _end(
    alert: Alert,
    move: states.Move,
    kind: Message.Kind,
    *,
    by: User,
    texts: Mapping[str, Mapping[str, str]],
) -> Message:
    with states.moving(move, alert, by=by) as step:
        ending = step.alert
        if texts and not updates.may_word_end(ending, states.rights_of(by, ending)):
            raise WordsNeedApproval(field="texts")
        told = [words.ending(text, kind, texts) for text in ending.texts.all()]
        payload.check(words.by_lang(told), is_drill=ending.is_drill)
        ending.ended_at = timezone.now()
        updates.drop_waiting(ending)
        expires_at = max(ending.expires_at, ending.ended_at + ENDING_LASTS)
        message = fanout.freeze_again(ending, kind, by=by, texts=told, expires_at=expires_at)
        step.data |= {"message_id": message.pk} | previews.logged(Told.from_json(message.told))
    return message
