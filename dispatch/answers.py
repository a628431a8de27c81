"""FCM's HTTP answers read: an id, or the code that outcomes.ACTIONS knows."""

import json
import logging
from typing import Any

from dispatch.outcomes import ACTIONS, Outcome, Result, of_error
from dispatch.push_http import Answer, Failure

logger = logging.getLogger(__name__)
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
TARGET_FIELDS = frozenset({"message.token", "message.fid"})
# What HTTP says where the body doesn't, as firebase-admin reads it; without 400: a gateway's page
# is no reason to stop an alert.
BY_STATUS = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def read(answer: Answer) -> Result:
    """What an answer means for its delivery; whatever comes, it never raises."""
    if answer.failure is not None:
        timed_out = answer.failure is Failure.TIMEOUT
        return of_error("DEADLINE_EXCEEDED" if timed_out else "UNAVAILABLE")
    body = _json(answer.body)
    if answer.status == 200:
        return _accepted(body)
    error = _dict(body.get("error"))
    details = [item for item in _list(error.get("details")) if isinstance(item, dict)]
    code = _code(answer.status, error, details)
    if code not in ACTIONS:
        logger.error("unknown answer from FCM", extra={"code": code, "http": answer.status})
    return of_error(code, answer.retry_after_s)


def _accepted(body: dict[str, Any]) -> Result:
    name = body.get("name")
    if isinstance(name, str) and name:
        return Result(Outcome.ACCEPTED, fcm_id=name)
    # Perhaps it was taken, but nobody says so.
    logger.error("unexpected answer from FCM", extra={"http": 200})
    return of_error("UNKNOWN")


def _code(status: int, error: dict[str, Any], details: list[dict[str, Any]]) -> str:
    """FCM's own code, else the status in the body, else HTTP's."""
    own = [item.get("errorCode") for item in details if item.get("@type") == FCM_ERROR]
    said = [*own, error.get("status"), BY_STATUS.get(status), "UNKNOWN"]
    code = next(str(each) for each in said if each)
    if code == "INVALID_ARGUMENT" and _fields(details) & TARGET_FIELDS:
        return "INVALID_TOKEN"
    return code


def _fields(details: list[dict[str, Any]]) -> set[str]:
    """The fields that a refusal complains of."""
    found = [_dict(each) for item in details for each in _list(item.get("fieldViolations"))]
    return {str(violation.get("field")) for violation in found}


def _json(body: bytes) -> dict[str, Any]:
    """The body's object; empty where it is none (a gateway's HTML)."""
    try:
        return _dict(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
