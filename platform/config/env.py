"""Readers for settings from the environment: strict, so that a typing mistake stops the start.

Every reader also takes NAME_FILE, a file whose content is the value (secrets of compose and
Kubernetes). An absent value without a default raises ImproperlyConfigured with a hint.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str | None = None) -> str:
    value, file_name = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value is not None and file_name is not None:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE, not both")
    if file_name is not None:
        try:
            return Path(file_name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error}") from error
    if value is not None:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set; see docs/settings.md")
    return default


def env_bool(name: str, default: bool) -> bool:
    value = env_str(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false"}:
        raise ImproperlyConfigured(f"{name} must be 0, 1, true or false, not {value!r}")
    return value in {"1", "true"}


def env_int(name: str, default: int, *, at_least: int = 0) -> int:
    value = env_str(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error
    if number < at_least:
        raise ImproperlyConfigured(f"{name} must be at least {at_least}, not {number}")
    return number


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [item.strip() for item in env_str(name, default).split(",") if item.strip()]


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed in; `security` is how the connection is encrypted."""

    host: str
    port: int
    user: str
    password: str
    security: Literal["none", "starttls", "tls"]


MAIL_SCHEMES: dict[str, tuple[Literal["none", "starttls", "tls"], int]] = {
    "smtp": ("none", 25),
    "smtp+tls": ("starttls", 587),
    "smtps": ("tls", 465),
}


def mail_server(url: str) -> MailServer:
    """The server of "smtps://user:password@host:port"; "" gives one that nothing is handed to.

    A password is refused where it would travel in clear.
    """
    if not url:
        return MailServer("", 25, "", "", "none")
    try:
        parts = urlsplit(url)
        security, port = MAIL_SCHEMES[parts.scheme]
        port = parts.port or port
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtps://, smtp+tls:// or smtp:// with user:password@host:port"
        ) from error
    if not parts.hostname or parts.path.strip("/"):
        raise ImproperlyConfigured("EMAIL_URL names no mail server")
    if parts.password and security == "none":
        raise ImproperlyConfigured("EMAIL_URL: with a password use smtps:// or smtp+tls://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, user, password, security)
