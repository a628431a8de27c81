"""The only file that talks to Firebase: which transport, how to log in, one call per phone.

firebase-admin does the talking, to Google and to the emulator alike; only the address differs.
`messaging.send` goes one by one through a pool of our own: with `send_each` an error of one thread
loses the results of all others. What the SDK does besides, and what of it is switched off:

* It repeats 500 and 503 at once, up to four times, resends after a lost connection, and sleeps out
  a Retry-After inside the thread. All of that breaks the rule of ten seconds between attempts and
  is off: the adapter for FCM's address retries nothing.
* It refreshes the access token after a 401 and repeats the call, twice. That stays (there is no
  setting for it): a refused call delivered nothing, so a repeat can't double a message.
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import firebase_admin
import requests
from django.conf import settings
from firebase_admin import credentials, messaging
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request

from accounts.models import Gmina
from dispatch.errors import DemoSendsNothing, FcmNotConfigured
from dispatch.outcomes import BY_CODE, NOT_SENT, Outcome, Result, of_error

logger = logging.getLogger(__name__)
Transport = Literal["fcm", "emulator"]
FCM_URL = "https://fcm.googleapis.com"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
LONGEST_RETRY_AFTER_S = 3600
SERVICE_URL = re.compile(r"https?://[a-z][a-z0-9_-]*(:[0-9]+)?", re.IGNORECASE)


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


@dataclass
class Run:
    """One batch under way. `deadline` (time.monotonic) is when the last call may begin."""

    deadline: float
    shut_out: bool = False  # our credentials were refused: no use in trying the others

    @property
    def over(self) -> bool:
        return self.shut_out or time.monotonic() > self.deadline


class Client:
    """A Firebase app with its own connections and threads, for FCM or the emulator."""

    def __init__(self, account: dict[str, str] | str, base_url: str) -> None:
        self._app = firebase_admin.initialize_app(
            credentials.Certificate(account),
            {"httpTimeout": settings.FCM_TIMEOUT_S},
            name=f"dispatch-{uuid4()}",
        )
        self._credential = self._app.credential.get_credential()
        self._pool = ThreadPoolExecutor(settings.SEND_THREADS, thread_name_prefix="fcm")
        _aim(messaging._get_messaging_service(self._app), base_url, self._app.project_id)

    def log_in(self) -> None:
        """Get an access token before the threads start, or each of them would get its own."""
        if not self._credential.valid:
            self._credential.refresh(partial(Request(), timeout=settings.FCM_TIMEOUT_S))

    def ask_google_nothing(self) -> None:
        """Answer google-auth's question for the account's regions before it asks Google itself.

        It looks them up in the background of any call, wherever the call goes (google-auth 2.62);
        "0x0" is Google's own answer for "no restriction".
        """
        never = datetime.max
        self._credential._set_regional_access_boundary({"encodedLocations": "0x0", "expiry": never})

    def submit(self, messages: Sequence[messaging.Message], run: Run) -> list[Future[Result]]:
        return [self._pool.submit(self._send, message, run) for message in messages]

    def close(self) -> None:
        """End the connections. In a thread of its own: the SDK ends its asynchronous client by
        asyncio.run, which raises where the caller's thread has a loop already.
        """
        self._pool.shutdown(wait=False, cancel_futures=True)
        with ThreadPoolExecutor(1) as closer:
            closer.submit(firebase_admin.delete_app, self._app).result()

    def _send(self, message: messaging.Message, run: Run) -> Result:
        if run.over:
            return NOT_SENT
        result = _answer(partial(messaging.send, message, app=self._app))
        if result.shut_out:
            run.shut_out = True
        return result


_clients: dict[tuple[str, str], Client] = {}


def submit(messages: Sequence[messaging.Message], *, deadline: float) -> list[Future[Result]]:
    """Hand messages to the pool; one future per message, in order. They never raise.

    Calls that could not begin before `deadline` (time.monotonic) end as NOT_SENT. Raises
    FcmNotConfigured.
    """
    transport()
    trouble = _answer(_log_in)
    if trouble.outcome == Outcome.ACCEPTED:
        return _client().submit(messages, Run(deadline))
    return [_done(trouble) for _message in messages]


def reset() -> None:
    """Forget connection and credentials: the key file may have been replaced."""
    while _clients:
        _key, client = _clients.popitem()  # first, so that none is met half-closed
        client.close()


def _log_in() -> str:
    try:
        _client().log_in()
    except ValueError as error:
        # A broken key file is our credentials' fault, never the message's.
        raise GoogleAuthError("the service account cannot be read") from error
    return ""


def _client() -> Client:
    """The process's client for the settings of now. Must not be made before a fork."""
    key = (settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL)
    if key not in _clients:
        reset()
        _clients[key] = _emulator() if settings.FCM_EMULATOR_URL else Client(key[0], FCM_URL)
    return _clients[key]


def _emulator() -> Client:
    url = f"{settings.FCM_EMULATOR_URL}/service-account.json"
    answer = requests.get(url, timeout=settings.FCM_TIMEOUT_S)
    answer.raise_for_status()
    client = Client(answer.json(), settings.FCM_EMULATOR_URL)
    client.ask_google_nothing()
    return client


def _aim(service: Any, base_url: str, project: str) -> None:
    """Point one app's messaging at an address, and take its retries away.

    firebase-admin has no setting for either; tests/dispatch/test_fcm.py guards both attributes.
    """
    service._fcm_url = f"{base_url}/v1/projects/{project}/messages:send"
    adapter = requests.adapters.HTTPAdapter(
        pool_connections=1, pool_maxsize=settings.SEND_THREADS, max_retries=0
    )
    service._client.session.mount(f"{base_url}/", adapter)


def _done(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future


def _answer(call: Callable[[], str]) -> Result:
    """What became of one call, whatever it raises."""
    try:
        return Result(Outcome.ACCEPTED, fcm_id=call())
    except FirebaseError as error:
        return _of_firebase(error)
    except (TransportError, requests.RequestException) as error:
        # The token endpoint or the emulator is out of reach; nothing was sent.
        return _of_nothing("UNAVAILABLE", error)
    except (GoogleAuthError, OSError) as error:
        # The key is refused, or its file is gone.
        return _of_nothing("UNAUTHENTICATED", error)
    except ValueError as error:
        # The SDK refuses to encode the message.
        return _of_nothing("INVALID_ARGUMENT", error)
    except Exception as error:
        # The outermost line of a call: a 200 without a message id, say. Perhaps it was taken, but
        # nobody says so. What one answer brings must not lose the others of its batch.
        logger.error("unexpected answer from FCM", extra={"error": type(error).__name__})
        return of_error("UNKNOWN", frozenset())


def _of_nothing(code: str, error: Exception) -> Result:
    logger.warning("no answer from FCM", extra={"code": code, "error": type(error).__name__})
    return of_error(code, frozenset())


def _of_firebase(error: FirebaseError) -> Result:
    """The result by FCM's own code, else by HTTP; no response at all is ambiguous: tried again."""
    response = error.http_response
    if response is None:
        return of_error(str(error.code), frozenset())
    details = _details(response)
    codes = [item.get("errorCode") for item in details if item.get("@type") == FCM_ERROR]
    code = next((code for code in codes if code), str(error.code))
    if code not in BY_CODE and response.status_code < 500:
        logger.error("unknown answer from FCM", extra={"code": code, "http": response.status_code})
    fields = {
        violation.get("field", "")
        for item in details
        for violation in item.get("fieldViolations", [])
    }
    return of_error(code, frozenset(fields), _retry_after_s(response))


def _details(response: requests.Response) -> list[dict[str, Any]]:
    """error.details of an answer; empty where the body is not FCM's JSON (a gateway's HTML)."""
    try:
        error = response.json()["error"]
        return [item for item in error.get("details", []) if isinstance(item, dict)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _retry_after_s(response: requests.Response) -> float | None:
    """Retry-After as seconds from now, whether it came as seconds or as a date."""
    value = response.headers.get("Retry-After", "")
    if value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    try:
        wait = parsedate_to_datetime(value) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
