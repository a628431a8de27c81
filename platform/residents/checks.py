"""Start-up checks: without usable keys no phone could register or be reached."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

HINT = (
    "List Fernet keys, newest first. Make one: "
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


@register
def field_keys_are_usable(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every entry of FIELD_KEYS is a Fernet key, and there is one. Keys are never shown."""
    if not settings.FIELD_KEYS:
        return [Error("FIELD_KEYS is empty.", hint=HINT, id="residents.E001")]
    return [
        Error(f"FIELD_KEYS: number {n} is not a Fernet key.", hint=HINT, id="residents.E002")
        for n, key in enumerate(settings.FIELD_KEYS, start=1)
        if not _is_key(key)
    ]


def _is_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
