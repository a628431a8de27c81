"""A request that comes twice under one Idempotency-Key is carried out once.

After the IETF's draft (draft-ietf-httpapi-idempotency-key-header): the same key with the same body
gets the same answer again, with another body 422, while the first is under way 409. A refused
request did nothing, so its key is free again. Keys belong to one person in one gmina, for a day.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Gmina, User
from dispatch.errors import KeyInProgress, KeyMalformed, KeyReused
from dispatch.models import KeyedRequest

VALID_FOR = timedelta(hours=24)
# A worker that has not answered by then is taken for dead, and another one may try.
LOST_AFTER_S = 60
# The draft's quoted string (RFC 8941), or the same without quotes: visible ASCII.
FORM = re.compile(r'"(?P<quoted>[!#-\[\]-~]{1,255})"|(?P<bare>[!#-\[\]-~]{1,255})')


@dataclass(frozen=True)
class Answer:
    """What a request is answered; `replayed`: it was carried out before."""

    status: int
    body: object
    etag: str
    replayed: bool = False


def read_key(header: str | None) -> str | None:
    """The key in an Idempotency-Key header, None without one. Raises KeyMalformed."""
    if header is None:
        return None
    found = FORM.fullmatch(header.strip())
    if found is None:
        raise KeyMalformed(field="Idempotency-Key")
    return found["quoted"] or found["bare"]


def fingerprint(body: object) -> str:
    """The same for equal JSON, however it is written."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def once(key: str, asked: str, work: Callable[[], Answer], *, gmina: Gmina, by: User) -> Answer:
    """The answer of `work`, which runs in a transaction with the keeping of it; or the kept one.

    `asked`: fingerprint of the body. Raises KeyReused, KeyInProgress, or what `work` raises.
    """
    request = _begin(key, asked, gmina=gmina, by=by)
    if request.status is not None:
        return Answer(request.status, request.answer, request.etag, replayed=True)
    try:
        with transaction.atomic():
            answer = work()
            _finish(request, answer)
    except Exception:
        _mine(request).delete()
        raise
    return answer


def forget_old() -> int:
    """A duty of the clock: forget keys that are valid no more; how many."""
    expired = KeyedRequest.objects.filter(begun_at__lte=timezone.now() - VALID_FOR)
    return expired.delete()[0]


@transaction.atomic
def _begin(key: str, asked: str, *, gmina: Gmina, by: User) -> KeyedRequest:
    """The request as ours to carry out, or with its answer; committed before the work begins."""
    mine = {"gmina": gmina, "user_id": by.pk, "key": key}
    valid_since = timezone.now() - VALID_FOR
    KeyedRequest.objects.filter(**mine, begun_at__lte=valid_since).delete()
    made = KeyedRequest(**mine, fingerprint=asked)
    KeyedRequest.objects.bulk_create([made], ignore_conflicts=True)
    request = KeyedRequest.objects.select_for_update().filter(**mine).first()
    if request is None:  # it was somebody's who has just been refused: the key is free again
        raise KeyInProgress(retry_after_s=1)
    if request.fingerprint != asked:
        raise KeyReused(field="Idempotency-Key")
    if request.begun_at != made.begun_at and request.status is None:
        _take_over(request)
    return request


def _take_over(request: KeyedRequest) -> None:
    """Raises KeyInProgress unless whoever began it is lost."""
    since_s = (timezone.now() - request.begun_at).total_seconds()
    if since_s < LOST_AFTER_S:
        raise KeyInProgress(retry_after_s=round(LOST_AFTER_S - since_s) or 1)
    request.attempt += 1
    request.begun_at = timezone.now()
    request.save(update_fields=["attempt", "begun_at"])


def _finish(request: KeyedRequest, answer: Answer) -> None:
    """Keep the answer. Raises KeyInProgress, and undoes the work, where somebody took it over."""
    kept = _mine(request).update(status=answer.status, answer=answer.body, etag=answer.etag)
    if not kept:
        raise KeyInProgress(retry_after_s=1)


def _mine(request: KeyedRequest) -> QuerySet[KeyedRequest]:
    return KeyedRequest.objects.filter(pk=request.pk, attempt=request.attempt, status=None)
