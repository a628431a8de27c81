"""FCM's error answers, body by body (docs/fcm.md)."""

from dataclasses import dataclass, field
from typing import Any

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that gives no message id. `raw` replaces the JSON body: it is not FCM's own."""

    http: int
    status: str
    message: str
    details: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    raw: str = ""

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.http, "message": self.message, "status": self.status}
        return {"error": error | ({"details": self.details} if self.details else {})}


def fcm_error(code: str) -> dict[str, Any]:
    return {"@type": FCM_ERROR, "errorCode": code}


def violation(path: str, description: str) -> dict[str, Any]:
    return {"@type": BAD_REQUEST, "fieldViolations": [{"field": path, "description": description}]}


def invalid(path: str, message: str) -> Refusal:
    """A message that FCM understood and refuses: names FCM's code and the field."""
    details = [fcm_error("INVALID_ARGUMENT"), violation(path, message)]
    return Refusal(400, "INVALID_ARGUMENT", message, details)


def malformed(path: str, message: str) -> Refusal:
    """A body that doesn't fit the API's schema: refused before FCM looks at it, so no FcmError."""
    return Refusal(400, "INVALID_ARGUMENT", message, [violation(path, message)])


def oversize() -> Refusal:
    """FCM gives no details here."""
    return Refusal(400, "INVALID_ARGUMENT", "Android message is too big")


def unauthenticated() -> Refusal:
    message = "Request had invalid authentication credentials. Expected OAuth 2 access token."
    return Refusal(401, "UNAUTHENTICATED", message)


def permission_denied() -> Refusal:
    message = "Permission 'cloudmessaging.messages.create' denied on resource."
    return Refusal(403, "PERMISSION_DENIED", message)


def _quota() -> Refusal:
    quota = {"subject": "project", "description": "Sending limit exceeded for the project."}
    details = [{"@type": QUOTA_FAILURE, "violations": [quota]}, fcm_error("QUOTA_EXCEEDED")]
    return Refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for the message rate.", details)


def _coded(http: int, status: str, code: str, message: str) -> Refusal:
    return Refusal(http, status, message, [fcm_error(code)])


def _bad_gateway() -> Refusal:
    page = "<html><title>Error 502 (Server Error)!!1</title><p>The server erred.</html>"
    return Refusal(502, "", "", raw=page)


def _senseless(body: str) -> Refusal:
    """200, and yet nothing that FCM would say: a proxy's page, another service's answer."""
    return Refusal(200, "", "", raw=body)


# What may be injected by name; a fresh one each time, since headers are added to it.
INJECTABLE = {
    "UNREGISTERED": lambda: _coded(
        404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."
    ),
    "INVALID_ARGUMENT": lambda: invalid("message.data", "Invalid data payload."),
    "INVALID_TOKEN": lambda: invalid(
        "message.token", "The registration token is not a valid FCM registration token"
    ),
    "SENDER_ID_MISMATCH": lambda: _coded(
        403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"
    ),
    "THIRD_PARTY_AUTH_ERROR": lambda: _coded(
        401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Auth error from APNS or Web Push Service"
    ),
    "UNAUTHENTICATED": unauthenticated,
    "PERMISSION_DENIED": permission_denied,
    "QUOTA_EXCEEDED": _quota,
    "UNAVAILABLE": lambda: _coded(
        503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."
    ),
    "INTERNAL": lambda: _coded(500, "INTERNAL", "INTERNAL", "Internal error encountered."),
    "BAD_GATEWAY": _bad_gateway,
    "NOT_JSON": lambda: _senseless("<html><title>Sign in to the network</title></html>"),
    "JSON_LIST": lambda: _senseless('["projects/demo/messages/1"]'),
    "NO_NAME": lambda: _senseless("{}"),
}
