"""A file from somebody else's web server, and from nowhere inside our own network.

Which address a connection goes to is checked when it is made, not when the name is looked up: a
name that points elsewhere a moment later gains nothing. Redirects are not followed, proxies not
used.
"""

import ipaddress
import socket
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import certifi
import pycurl
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError

CONNECT_TIMEOUT_S = 15
REQUEST_TIMEOUT_S = 600
STALLED_S = 60  # without a byte
OK = 200


class FetchError(LayerError):
    """The other side's file is not to be had."""


class AddressRefused(FetchError):
    """Not https, with a password in it, or a place in our own network."""

    code = "address_refused"
    message = _("Only public https:// addresses without a password in them are fetched.")


class Unreachable(FetchError):
    """No whole answer in time."""

    code = "server_unreachable"
    message = _("{host} does not answer, or not in time.")


class ServerRefused(FetchError):
    """An answer that is no file."""

    code = "server_refused"
    message = _("{host} refused: {reason}")


class AnswerTooLarge(FetchError):
    """More than the limit for layer files."""

    code = "answer_too_large"
    message = _("{host} sends more than {limit_mb} MB.")


def fetch(url: str, target: Path, *, max_bytes: int) -> None:
    """Write what `url` answers to `target`. Raises the FetchErrors above, OSError of the disk."""
    host = checked_host(url)
    with target.open("wb") as out:
        transfer = Transfer(out, max_bytes)
        status, failed = transfer.run(url)
    if transfer.error:
        raise transfer.error
    if transfer.refused:
        raise AddressRefused
    if transfer.written > max_bytes:
        raise AnswerTooLarge(details={"host": host, "limit_mb": max_bytes // 1024**2})
    if failed:
        raise Unreachable(details={"host": host})
    if status != OK:
        raise ServerRefused(details={"host": host, "reason": f"HTTP {status}"})


def checked_host(url: str) -> str:
    """The host of an address that may be asked. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused from error
    schemes = ("https", "http") if settings.WFS_PRIVATE else ("https",)
    if parts.scheme not in schemes or not host or parts.username or parts.password:
        raise AddressRefused
    return host


def may_connect(address: str) -> bool:
    """Whether an IP address is out on the internet, or private ones are allowed."""
    try:
        place = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(place, "ipv4_mapped", None) or place
    return settings.WFS_PRIVATE or (inner.is_global and not inner.is_multicast)


class Transfer:
    """One request: what is written, and why it ended."""

    def __init__(self, out: BinaryIO, max_bytes: int) -> None:
        self.out = out
        self.max_bytes = max_bytes
        self.written = 0
        self.refused = False
        self.error: OSError | None = None
        self.sockets: list[socket.socket] = []  # libcurl works on copies

    def run(self, url: str) -> tuple[int, bool]:
        """The status, and whether the transfer failed."""
        curl = pycurl.Curl()
        try:
            self.set_up(curl, url)
            curl.perform()
            return curl.getinfo(pycurl.RESPONSE_CODE), False
        except pycurl.error:
            return 0, True
        finally:
            curl.close()
            for one in self.sockets:
                one.close()

    def set_up(self, curl: "pycurl.Curl", url: str) -> None:
        for option, value in (
            (pycurl.URL, url),
            (pycurl.CAINFO, certifi.where()),
            (pycurl.PROXY, ""),
            (pycurl.NETRC, 0),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT, CONNECT_TIMEOUT_S),
            (pycurl.TIMEOUT, REQUEST_TIMEOUT_S),
            (pycurl.LOW_SPEED_LIMIT, 1),
            (pycurl.LOW_SPEED_TIME, STALLED_S),
            (pycurl.USERAGENT, "system-alert-online"),
            (pycurl.WRITEFUNCTION, self.write),
            (pycurl.OPENSOCKETFUNCTION, self.open_socket),
        ):
            curl.setopt(option, value)

    def write(self, chunk: bytes) -> int:
        """Anything but the chunk's length ends the transfer."""
        self.written += len(chunk)
        if self.written > self.max_bytes:
            return 0
        try:
            return self.out.write(chunk)
        except OSError as error:
            self.error = error
            return 0

    def open_socket(self, _purpose: int, address: tuple[Any, ...]) -> socket.socket | int:
        family, kind, protocol, place = address
        if not may_connect(place[0]):
            self.refused = True
            return pycurl.SOCKET_BAD
        self.sockets.append(socket.socket(family, kind, protocol))
        return self.sockets[-1]
