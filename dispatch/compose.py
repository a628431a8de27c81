"""What officers do with an alert: write, submit, return, approve, end. Each act is audited."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import actions_of
from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from dispatch import (
    approval,
    areas,
    audiences,
    escalation,
    fanout,
    fcm,
    kinds,
    parts,
    payload,
    previews,
    queries,
    states,
)
from dispatch.errors import (
    AlertChanged,
    AudienceChanged,
    EventEndsAfterExpiry,
    ExpiryPassed,
    MoveRefused,
    NobodyReached,
    TextMissing,
    TwoPersonRule,
)
from dispatch.fanout import Text
from dispatch.masking import Told
from dispatch.models import Alert, AlertText, AreaPart, Message

POLAND = ZoneInfo("Europe/Warsaw")
TITLE_MAX = AlertText._meta.get_field("title").max_length
# An all-clear outlives the message it ends: a phone that was off gets both.
ENDING_LASTS = timedelta(hours=24)


@transaction.atomic
def create_draft(gmina: Gmina, data: Mapping[str, Any], *, by: User) -> Alert:
    """A new alert from {kind, severity, texts, parts, event_ends_at, expires_at, category?}.

    A draft may lack words and parts, but what is there must be right: raises UnknownCategory,
    UnknownKind, KindOfOtherCategory or AreaRefused.
    """
    alert = Alert.objects.create(
        gmina=gmina,
        ref=_next_ref(gmina),
        kind=kinds.chosen(gmina, data),
        severity=data["severity"],
        author_id=by.pk,
        event_ends_at=data.get("event_ends_at"),
        expires_at=data["expires_at"],
    )
    _write_texts(alert, data.get("texts", {}))
    _write_parts(alert, data.get("parts", []))
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


def update_draft(alert: Alert, data: Mapping[str, Any], *, by: User) -> Alert:
    """Change what `data` has, leave the rest. Raises as create_draft, MoveRefused, RightMissing."""
    with states.moving(states.EDIT, alert, by=by) as step:
        draft = step.alert
        if "kind" in data or "category" in data:
            draft.kind = kinds.chosen(draft.gmina, {"kind": draft.kind.code, **data})
        for field in ("severity", "event_ends_at", "expires_at"):
            setattr(draft, field, data.get(field, getattr(draft, field)))
        if "texts" in data:
            _write_texts(draft, data["texts"])
        if "parts" in data:
            _write_parts(draft, data["parts"])
        step.data["fields"] = sorted(data)
    return draft


def delete_draft(alert: Alert, *, by: User) -> None:
    """Raises MoveRefused for what is no draft any more, RightMissing."""
    with states.moving(states.DELETE, alert, by=by):
        pass


def submit(alert: Alert, *, by: User, previewed: str = "") -> Alert:
    """Hand a complete draft over for approval; what the audience is now is remembered as seen.

    `previewed`: hash of the preview that the officer looked at, for the audit log. Raises
    AlertRefused, AreaRefused, PayloadTooLarge, MoveRefused or RightMissing.
    """
    with states.moving(states.SUBMIT, alert, by=by) as step:
        draft = step.alert
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
        _keep_editions(draft, area)
        escalation.ask(draft, by=by)
        step.data |= {"seen": seen.hash, "previewed": previewed}
        step.data |= previews.logged(told) | previews.described(area)
    return draft


def return_for_correction(alert: Alert, *, by: User, reason: str = "") -> Alert:
    """Give a submitted alert back to its author. Raises MoveRefused or RightMissing.

    The reason stays with the draft and out of the audit log, which holds no texts.
    """
    with states.moving(states.RETURN, alert, by=by) as step:
        step.alert.return_reason = reason
    return step.alert


def approve(alert: Alert, *, by: User) -> Message:
    """Approve an alert, as it was submitted when `alert` was read, and freeze it for sending.

    In one transaction. Raises AlertChanged where it was submitted anew since: what goes out is what
    the approver read. Raises TwoPersonRule, AlertRefused, PayloadTooLarge, FcmNotConfigured,
    DemoSendsNothing, MoveRefused or RightMissing, and nothing has changed; AudienceChanged, and the
    alert is a draft again.
    """
    try:
        with transaction.atomic():
            with states.moving(states.APPROVE, alert, by=by) as step:
                if step.alert.submitted_at != alert.submitted_at:
                    raise AlertChanged
                step.data["alone"] = _approves_alone(step.alert, by)
                check_sendable(step.alert)
                fcm.transport_for(step.alert.gmina)
                step.alert.approved_by_id, step.alert.approved_at = by.pk, timezone.now()
            return _start_sending(step.alert, by=by)
    except AudienceChanged as changed:
        _send_back(alert, changed)
        raise


def all_clear(alert: Alert, *, by: User, texts: Mapping[str, Mapping[str, str]]) -> Message:
    """End a running alert: it is over. Tells exactly those who had it.

    `texts` {lang: {title, body}}; a language without gets our own words. Raises PayloadTooLarge,
    FcmNotConfigured, DemoSendsNothing, MoveRefused or RightMissing.
    """
    return _end(alert, states.ALL_CLEAR, Message.Kind.ALL_CLEAR, by=by, texts=texts)


def withdraw(alert: Alert, *, by: User, texts: Mapping[str, Mapping[str, str]]) -> Message:
    """Take a running alert back: it was a mistake. As all_clear."""
    return _end(alert, states.WITHDRAW, Message.Kind.WITHDRAWAL, by=by, texts=texts)


def check_sendable(alert: Alert) -> None:
    """Raise unless words and times are complete and the payload fits; asked again at approval."""
    texts = list(alert.texts.all())
    _check_texts(texts)
    if alert.expires_at <= timezone.now():
        raise ExpiryPassed(field="expires_at")
    if alert.event_ends_at and alert.event_ends_at > alert.expires_at:
        raise EventEndsAfterExpiry(field="event_ends_at")
    payload.check({text.lang: {"title": text.title, "body": text.body} for text in texts})
    approval.check_blanks(
        {
            text.lang: {"title": text.title, "body": text.body, "instruction": text.instruction}
            for text in texts
        }
    )


def _approves_alone(alert: Alert, by: User) -> bool:
    """Whether nobody else had a hand in it, for the log. Raises TwoPersonRule."""
    if states.waits_for_other(alert, by, actions_of(by, alert.gmina)):
        raise TwoPersonRule
    return {alert.author_id, alert.submitted_by_id} == {by.pk}


def _start_sending(alert: Alert, *, by: User) -> Message:
    with states.moving(states.START_SENDING, alert, by=None) as step:
        words = [
            Text(text.lang, text.title, text.body, text.instruction)
            for text in step.alert.texts.all()
        ]
        frozen = fanout.freeze(step.alert, by=by, texts=words)
        message = frozen.message
        step.alert.started_at = message.frozen_at
        step.data |= {"message_id": message.pk, "changed": frozen.changed}
        step.data |= previews.logged(Told.from_json(message.told))
    return message


def _send_back(alert: Alert, changed: AudienceChanged) -> None:
    """Nothing of the approval is left: the alert waits again, unless another one was quicker."""
    with suppress(MoveRefused), states.moving(states.SEND_BACK, alert, by=None) as step:
        step.data["reason"] = changed.details.get("reason")


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
        words = [_ending_text(text, kind, texts) for text in ending.texts.all()]
        payload.check({text.lang: {"title": text.title, "body": text.body} for text in words})
        ending.ended_at = timezone.now()
        expires_at = max(ending.expires_at, ending.ended_at + ENDING_LASTS)
        message = fanout.freeze_again(ending, kind, by=by, texts=words, expires_at=expires_at)
        step.data |= {"message_id": message.pk} | previews.logged(Told.from_json(message.told))
    return message


def _ending_text(
    text: AlertText, kind: Message.Kind, given: Mapping[str, Mapping[str, str]]
) -> Text:
    """The officer's words in the text's language, else ours, which say no more than is certain."""
    own = given.get(text.lang, {})
    with translation.override(text.lang):
        if kind == Message.Kind.ALL_CLEAR:
            title, body = _("Over: {title}"), _("What we wrote about is over.")
        else:
            title, body = _("Withdrawn: {title}"), _("We sent this by mistake. Disregard it.")
    return Text(
        text.lang,
        (own.get("title") or title.format(title=text.title))[:TITLE_MAX],
        own.get("body") or body,
    )


def _check_texts(texts: Sequence[AlertText]) -> None:
    by_lang = {text.lang: text for text in texts}
    for lang in sorted({"pl", *by_lang}, key=lambda lang: (lang != "pl", lang)):
        for field in ("title", "body"):
            if not getattr(by_lang.get(lang), field, "").strip():
                raise TextMissing(field=f"texts.{lang}.{field}")


def _write_texts(alert: Alert, texts: Mapping[str, Mapping[str, str]]) -> None:
    alert.texts.all().delete()
    AlertText.objects.bulk_create(
        AlertText(alert=alert, lang=lang, **text) for lang, text in texts.items()
    )


def _write_parts(alert: Alert, data: object) -> None:
    """Replace the parts; a draft may have none yet, and its shapes must be inside all the same."""
    chosen = areas.parse_parts(alert.gmina, data) if data != [] else []
    if chosen:
        areas.resolve(alert.gmina, chosen)
    alert.parts.all().delete()
    rows = [parts.to_row(part, position) for position, part in enumerate(chosen)]
    for row in rows:
        row.alert = alert
    AreaPart.objects.bulk_create(rows)


def _keep_editions(alert: Alert, area: areas.Area) -> None:
    """The parts as they stand on the map that was aimed with."""
    rows = list(alert.parts.all())
    for row, part in zip(rows, area.parts, strict=True):
        row.layer_id, row.edition_number, row.label = part.layer_id, part.edition_number, part.label
    AreaPart.objects.bulk_update(rows, ["layer_id", "edition_number", "label"])


def _next_ref(gmina: Gmina) -> str:
    """ "{slug}-{year}-{number}", the year as in Poland; numbers are never given twice."""
    year = timezone.now().astimezone(POLAND).year
    [row] = queries.rows("next_number", gmina=gmina.pk, year=year)
    return f"{gmina.slug}-{year}-{row['last']}"
