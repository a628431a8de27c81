"""What FCM checks of a `messages:send` body, in its order: schema, target, fields, size."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.emulator.answers import invalid, malformed, oversize
from dispatch.payload import size_bytes

PAYLOAD_MAX_BYTES = 4096
TOPIC_MAX_BYTES = 2048
TTL_MAX_S = 2_419_200
TARGETS = ("fid", "token", "topic", "condition")
RESERVED_KEY = re.compile(r"^(from|gcm.*|google.*)$")
ANALYTICS_LABEL = re.compile(r"^[a-zA-Z0-9-_.~%]{1,50}$")
DURATION = re.compile(r"^(\d+)(\.\d{1,9})?s$")
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
# Free JSON objects: FCM passes them on without knowing their fields.
FREE = object()
STRINGS = object()  # string -> string
VALUE = object()
_OPTIONS = {"analytics_label": VALUE, "image": VALUE, "link": VALUE}


def _values(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), VALUE)


_ANDROID_NOTIFICATION = _values(
    "title body icon color sound tag click_action body_loc_key body_loc_args title_loc_key"
    " title_loc_args channel_id image ticker sticky event_time local_only notification_priority"
    " vibrate_timings default_vibrate_timings default_sound light_settings default_light_settings"
    " visibility notification_count proxy bypass_proxy_notification"
)
_ANDROID = _values(
    "collapse_key priority ttl restricted_package_name direct_boot_ok bandwidth_constrained_ok"
    " restricted_satellite_ok"
) | {"data": STRINGS, "notification": _ANDROID_NOTIFICATION, "fcm_options": _OPTIONS}
_WEBPUSH = {"headers": STRINGS, "data": STRINGS, "notification": FREE, "fcm_options": _OPTIONS}
_APNS = _values("live_activity_token") | {
    "headers": STRINGS,
    "payload": FREE,
    "fcm_options": _OPTIONS,
}
MESSAGE = _values("name fid token topic condition") | {
    "data": STRINGS,
    "notification": _values("title body image"),
    "android": _ANDROID,
    "webpush": _WEBPUSH,
    "apns": _APNS,
    "fcm_options": _OPTIONS,
}
BODY: dict[str, Any] = {"message": MESSAGE, "validate_only": VALUE}


@dataclass(frozen=True)
class Accepted:
    """A message that may be delivered. `kind` is the target's field, `target` its value."""

    kind: str
    target: str
    message: dict[str, Any]
    validate_only: bool


def check(body: object) -> Accepted:
    """The message of a decoded JSON body; raises Refusal as FCM would answer."""
    if not isinstance(body, dict) or not isinstance(body.get("message"), dict):
        raise malformed("message", "Invalid JSON payload received. message is required.")
    _check_names(body, BODY, "")
    message = body["message"]
    kind, target = _target(message)
    _check_data(message.get("data", {}))
    _check_android(message.get("android", {}))
    _check_label(message)
    limit = PAYLOAD_MAX_BYTES if kind in {"token", "fid"} else TOPIC_MAX_BYTES
    if size_bytes(message) > limit:
        raise oversize()
    return Accepted(kind, target, message, body.get("validate_only") is True)


def _check_names(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> None:
    """Refuse unknown names; both snake_case and camelCase are known, as in Google's JSON."""
    for name, inner in value.items():
        rule = schema.get(_CAMEL.sub(lambda found: f"_{found[1].lower()}", name))
        where = f"{path}.{name}" if path else name
        if rule is None:
            at = f" at '{path}'" if path else ""
            text = f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
            raise malformed(path, text)
        if rule is STRINGS:
            _check_strings(inner, where)
        elif isinstance(rule, dict):
            if not isinstance(inner, dict):
                raise malformed(where, f"Invalid value at '{where}', an object is expected.")
            _check_names(inner, rule, where)


def _check_strings(value: object, path: str) -> None:
    if not isinstance(value, dict):
        raise malformed(path, f"Invalid value at '{path}', an object is expected.")
    for index, inner in enumerate(value.values()):
        if not isinstance(inner, str):
            where = f"{path}[{index}].value"
            raise malformed(where, f"Invalid value at '{where}' (TYPE_STRING), {inner!r}")


def _target(message: Mapping[str, Any]) -> tuple[str, str]:
    given = [(name, message[name]) for name in TARGETS if message.get(name)]
    if not given:
        raise invalid("message", "Recipient of the message is not set.")
    if len(given) > 1:
        raise malformed("message", "Invalid value at 'message', oneof field 'target' is set twice.")
    [(name, value)] = given
    if not isinstance(value, str) or (name in {"token", "fid"} and re.search(r"\s", value)):
        raise invalid(
            f"message.{name}", "The registration token is not a valid FCM registration token"
        )
    return name, value


def _check_data(data: Mapping[str, str]) -> None:
    for key in data:
        if RESERVED_KEY.match(key):
            raise invalid("message.data", f"Invalid data payload key: {key}")


def _check_android(android: Mapping[str, Any]) -> None:
    if str(android.get("priority", "high")).lower() not in {"high", "normal"}:
        where = "message.android.priority"
        raise malformed(where, f"Invalid value at '{where}', {android['priority']!r}")
    if "ttl" in android:
        _check_ttl(android["ttl"])


def _check_ttl(ttl: object) -> None:
    found = DURATION.match(str(ttl))
    if found is None:
        raise malformed("message.android.ttl", "Invalid value at 'message.android.ttl' (Duration)")
    if int(found[1]) > TTL_MAX_S:
        raise invalid("message.android.ttl", f"Invalid TTL: {ttl}; at most {TTL_MAX_S}s.")


def _check_label(message: Mapping[str, Any]) -> None:
    label = message.get("fcm_options", {}).get("analytics_label")
    if label is not None and not ANALYTICS_LABEL.match(str(label)):
        raise invalid("message.fcm_options.analytics_label", f"Invalid analytics label: {label}")
