"""Pushes through FCM: which phones a batch is for, what each gets, and the cap on how fast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.utils import timezone

from dispatch import fcm, payload, queries, senders
from dispatch.errors import FcmNotConfigured
from dispatch.fcm_login import LoginFailed
from dispatch.lease import Claim
from dispatch.models import Message, MessageText
from dispatch.outcomes import Outcome, Result, of_error
from dispatch.payload import Content, Mould
from dispatch.rate import Cap
from residents.tokens import decrypt_push, retire_push

FALLBACK_LANG = "pl"
UNREACHABLE = Result(Outcome.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Letter:
    """One phone's push: the request's body, and what to forget if the target proves dead."""

    body: bytes
    device_id: int
    push_hash: bytes


class PushChannel:
    """See channels.Channel."""

    def __init__(self, give_up: Callable[[], bool]) -> None:
        self._give_up = give_up
        self._cap = Cap(senders.at_work)
        self._client: fcm.Client | None = None
        self._moulds: Moulds | None = None

    def fits(self, message: Message) -> bool:
        """A message knows whether it is for people or for a rehearsal: never elsewhere."""
        try:
            return fcm.transport() == message.transport
        except FcmNotConfigured:
            return False

    def letters(
        self, claim: Claim, message: Message, due: Sequence[int]
    ) -> Mapping[int, Letter | Result]:
        try:
            self._log_in()
        except LoginFailed as failed:
            return dict.fromkeys(due, failed.result)
        if self._moulds is None or self._moulds.message.pk != message.pk:
            self._moulds = Moulds(message)
        moulds, now = self._moulds, timezone.now()
        rows = queries.tuples(
            "batch_devices", month=claim.month, message_id=claim.message_id, batch_no=claim.no
        )
        phones = {row[0]: row for row in rows}  # one that is missing moves no other
        return {index: _letter(moulds, claim, phones.get(index + 1), now) for index in due}

    def may_begin(self, message: Message) -> bool:
        return self._client is not None and self._client.room > 0 and self._cap.take(message)

    def begin(self, letter: Letter, tag: object) -> None:
        if self._client is None:
            raise RuntimeError("begin without letters")
        self._client.begin(letter.body, tag)

    def collect(self, wait_s: float) -> Sequence[tuple[Any, Result]]:
        if self._client is None:
            return []
        results = self._client.collect(wait_s)
        for _tag, result in results:
            if result.action.slows_all:
                self._cap.slow(result.asked_s)
        return results

    def abandon(self) -> Sequence[tuple[Any, Result]]:
        return self._client.abandon() if self._client else []

    def retire(self, letters: Sequence[Letter]) -> None:
        for letter in sorted(letters, key=lambda letter: letter.device_id):
            retire_push(letter.device_id, letter.push_hash)

    def close(self) -> None:
        self._cap.close()
        if self._client is not None:
            self._client.close()
            self._client = None

    def _log_in(self) -> None:
        """Have a client for the settings of now, and a token that lasts for a batch."""
        if self._client is None:
            self._client = fcm.Client(self._give_up)
        self._client.log_in()


class Moulds:
    """One message's bodies by language, platform and kind of target, each made at first use."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self._contents = contents(message)
        self._made: dict[tuple[str, str, str], Mould] = {}

    def of(self, lang: str, platform: str, push_kind: str) -> Mould:
        """Raises ValueError where firebase_admin refuses the message."""
        key = lang, platform, push_kind
        if key not in self._made:
            content = self._contents.get(lang, self._contents[FALLBACK_LANG])
            self._made[key] = Mould(content, platform, push_kind)
        return self._made[key]


def contents(message: Message) -> dict[str, Content]:
    """What phones get, by language."""
    return {
        text.lang: payload.Content(
            alert_ref=message.alert.ref,
            message_id=message.pk,
            kind=message.alert.kind.code,
            severity=message.severity,
            lang=text.lang,
            title=text.title,
            body=text.body,
            expires_at=message.expires_at,
            is_drill=message.is_drill,
        )
        for text in MessageText.objects.filter(message=message)
    }


def _letter(
    moulds: Moulds, claim: Claim, phone: tuple[Any, ...] | None, now: datetime
) -> Letter | Result:
    """What goes to one phone of batch_devices.sql, or what becomes of it without a push."""
    if phone is None or phone[-1] is None:
        return UNREACHABLE
    pos, device_id, platform, lang, push_kind, encrypted, push_hash = phone
    try:
        target = decrypt_push(encrypted)
        mould = moulds.of(lang, platform, push_kind)
    except InvalidToken:  # FIELD_KEYS lacks a key: our fault
        return of_error("FIELD_KEYS")
    except ValueError:  # firebase_admin refuses to encode it
        return of_error("INVALID_ARGUMENT")
    delivery = payload.delivery_id(claim.message_id, claim.no, pos)
    return Letter(mould.fill(target, delivery, now=now), device_id, bytes(push_hash))
