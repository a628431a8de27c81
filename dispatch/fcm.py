"""FCM for one process: which transport is set up, how to log in, calls in flight and their answers.

firebase-admin makes and checks the messages (payload.py) and owns the credential (fcm_login.py);
its own sending is not used: it costs eight times as much processor, repeats at once where FCM asks
for ten seconds, and loses a batch's results with one thread's error (docs/decisions/0007).
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from firebase_admin.messaging import Message

from accounts.models import Gmina
from dispatch import answers, payload
from dispatch.errors import DemoSendsNothing, FcmNotConfigured
from dispatch.fcm_login import Login, LoginFailed, emulators_account
from dispatch.outcomes import Result, of_error
from dispatch.push_http import PushHttp

Transport = Literal["fcm", "emulator"]
FCM_URL = "https://fcm.googleapis.com"
SERVICE_URL = re.compile(r"https?://[a-z][a-z0-9_-]*(:[0-9]+)?", re.IGNORECASE)
# A few messages outside of batches, to staff: how long somebody waits for them.
SEND_WITHIN_S = 30


def transport() -> Transport:
    """Where messages go, by configuration alone.

    Raises FcmNotConfigured unless exactly one of the two settings is there, and an emulator near.
    """
    if bool(settings.FCM_CREDENTIALS) == bool(settings.FCM_EMULATOR_URL):
        raise FcmNotConfigured
    if settings.FCM_CREDENTIALS:
        return "fcm"
    if not _is_near(settings.FCM_EMULATOR_URL):
        raise FcmNotConfigured
    return "emulator"


def transport_for(gmina: Gmina) -> Transport:
    """As `transport`; raises DemoSendsNothing where a made-up gmina would reach real phones."""
    here = transport()
    if here == "fcm" and gmina.is_demo:
        raise DemoSendsNothing
    return here


def _is_near(url: str) -> bool:
    """Whether an address is on this machine, or a service of our own compose network.

    Texts and push targets must not leave for a stranger's "emulator". A service's name begins with
    a letter and has no dot: a number would be an IP address in disguise.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and ip_address(host).is_loopback
    except ValueError:  # no number, or no address at all
        return SERVICE_URL.fullmatch(url) is not None


@dataclass(slots=True)
class _Call:
    """One message on its way: its bytes, the token it went with, whose it is."""

    body: bytes
    tag: Any
    generation: int = 0
    repeated: bool = False


class Client:
    """Calls to FCM, or to the emulator, under one service account. Not to be made before a fork."""

    def __init__(self, give_up: Callable[[], bool] = lambda: False) -> None:
        """Raises FcmNotConfigured or LoginFailed. `give_up`: asked while it waits for a token."""
        here = transport()
        self._settings = _settings()
        base = FCM_URL if here == "fcm" else settings.FCM_EMULATOR_URL
        self._login = Login(
            settings.FCM_CREDENTIALS if here == "fcm" else emulators_account(base, give_up), give_up
        )
        self._url = f"{base}/v1/projects/{self._login.project}/messages:send"
        self._http = PushHttp(in_flight=settings.SEND_CONNECTIONS, timeout_s=settings.FCM_TIMEOUT_S)

    @property
    def is_current(self) -> bool:
        """Whether the settings are still those that it was made for."""
        return self._settings == _settings()

    @property
    def room(self) -> int:
        """How many calls may begin now."""
        return self._http.room

    def log_in(self) -> None:
        """Before a batch begins: have a token that lasts for it. Raises LoginFailed."""
        self._login.ensure()

    def begin(self, body: bytes, tag: object) -> None:
        """Start one call; `collect` brings its result with `tag`. Needs `room` and `log_in`."""
        self._begin(_Call(body, tag))

    def collect(self, wait_s: float) -> list[tuple[Any, Result]]:
        """The results that came within `wait_s` seconds; it doesn't wait for all."""
        results = ((call, answers.read(answer)) for call, answer in self._http.collect(wait_s))
        return [
            (call.tag, result)
            for call, result in results
            if not (result.code == "UNAUTHENTICATED" and self._repeated(call))
        ]

    def abandon(self) -> list[tuple[Any, Result]]:
        """Wait for no answer any longer: FCM may or may not have taken what was under way."""
        lost = of_error("DEADLINE_EXCEEDED")
        return [(call.tag, lost) for call in self._http.abandon()]

    def close(self) -> None:
        self._http.close()

    def _begin(self, call: _Call) -> None:
        call.generation = self._login.generation
        self._http.begin(self._url, self._login.headers, call.body, call)

    def _repeated(self, call: _Call) -> bool:
        """Send a call again whose token was refused, once, with a new one.

        It delivered nothing, so this doubles no message. The first such answer brings the new
        token; those that come after it find it there.
        """
        if call.repeated:
            return False
        try:
            if call.generation == self._login.generation:
                self._login.renew()
        except LoginFailed:
            return False
        call.repeated = True
        self._begin(call)
        return True


def send(messages: Sequence[Message]) -> list[Result]:
    """A few single messages outside of any batch, in order; waits for all. It never raises for what
    FCM says; FcmNotConfigured where it isn't set up. The rate cap doesn't count them.
    """
    until = time.monotonic() + SEND_WITHIN_S
    try:
        client = Client(give_up=lambda: time.monotonic() > until)
    except LoginFailed as failed:
        return [failed.result] * len(messages)
    try:
        client.log_in()
        return _send(client, messages, until)
    except LoginFailed as failed:
        return [failed.result] * len(messages)
    finally:
        client.close()


def _send(client: Client, messages: Sequence[Message], until: float) -> list[Result]:
    results: dict[int, Result] = {}
    left = list(enumerate(messages))[::-1]
    while len(results) < len(messages):
        while left and client.room:
            index, message = left.pop()
            client.begin(payload.encoded(message), index)
        results.update(client.collect(1.0))
        if time.monotonic() > until:
            results.update(client.abandon())
            results.update({index: of_error("DEADLINE_EXCEEDED") for index, _message in left})
    return [results[index] for index in range(len(messages))]


def _settings() -> tuple[object, ...]:
    names = ("FCM_CREDENTIALS", "FCM_EMULATOR_URL", "FCM_CA_BUNDLE", "FCM_TIMEOUT_S")
    return tuple(getattr(settings, name) for name in (*names, "SEND_CONNECTIONS"))
