"""What every test stands on: real PostGIS and Redis, no network beyond loopback."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from tests.emulator import emulator, emulator_process  # noqa: F401 - fixtures for every test
from tests.smtp import mail  # noqa: F401


class NetworkBlocked(AssertionError):
    """A test tried to leave this machine; an assertion, so that no `except OSError` hides it."""


def is_loopback(host: object) -> bool:
    """True for 127.0.0.0/8, ::1 and localhost; a name that would need DNS is not."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in {"localhost", ""}


@pytest.fixture(scope="session", autouse=True)
def no_network_beyond_loopback() -> Iterator[None]:
    """Refuses connections and look-ups of Python code; Chromium is told the same by its flags."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    real_look_up = socket.getaddrinfo

    def guarded(name: str) -> Any:
        def call(self: socket.socket, *args: Any) -> Any:
            address = args[-1]
            if self.family != socket.AF_UNIX and not is_loopback(address[0]):
                raise NetworkBlocked(f"{name} to {address[0]!r}: tests stay on this machine")
            return real[name](self, *args)

        return call

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None and not is_loopback(host):
            raise NetworkBlocked(f"look-up of {host!r}: tests stay on this machine")
        return real_look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "getaddrinfo", look_up)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Lifts the audit log's TRUNCATE trigger, and only that: the runner empties tables with it."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_truncate")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """PBKDF2 takes half a second a password by design; no test is about that."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
