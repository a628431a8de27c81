"""The service account's access token, by firebase-admin's credential: got once, renewed in time.

One process asks for one token, before its calls begin and before the token runs out, and never in
several threads at once. The exchange goes over our own transport, so that proxy, authorities, time
limits and a wish to stop hold for it as for the messages.
"""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from firebase_admin import credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport import Request, Response

from dispatch import push_http
from dispatch.outcomes import Result, of_error

logger = logging.getLogger(__name__)


class LoginFailed(Exception):
    """No access token; `result` is what that means for whatever was to be sent."""

    def __init__(self, code: str, error: Exception) -> None:
        super().__init__(code)
        self.result: Result = of_error(code)
        logger.warning("no access token", extra={"code": code, "error": type(error).__name__})


class Login:
    """`headers` are good after `ensure`; `generation` counts the tokens."""

    def __init__(self, account: dict[str, str] | str, give_up: Callable[[], bool]) -> None:
        """`account`: the key file's path or content. Raises LoginFailed where it can't be read."""
        try:
            certificate = credentials.Certificate(account)
        except (OSError, ValueError) as error:
            raise LoginFailed("UNAUTHENTICATED", error) from error
        self.project: str = certificate.project_id
        self._credential = certificate.get_credential()
        self._request = _Exchange(give_up)
        self.generation = 0
        self.headers: list[str] = []

    def ensure(self) -> None:
        """Have a token that is good for some minutes. Raises LoginFailed."""
        if not self._credential.valid:
            self.renew()

    def renew(self) -> None:
        """Get a new token. Raises LoginFailed."""
        try:
            self._credential.refresh(self._request)
        except TransportError as error:  # out of reach; nothing was sent
            raise LoginFailed("UNAVAILABLE", error) from error
        except GoogleAuthError as error:
            passing = error.retryable  # the token endpoint's 500, 503, 429
            raise LoginFailed("UNAVAILABLE" if passing else "UNAUTHENTICATED", error) from error
        except (ValueError, TypeError, AttributeError) as error:  # 200, and yet no token's JSON
            raise LoginFailed("UNAVAILABLE", error) from error
        self.generation += 1
        self.headers = [
            f"Authorization: Bearer {self._credential.token}",
            "Content-Type: application/json",
            "X-GOOG-API-FORMAT-VERSION: 2",
            "Expect:",
        ]


class _Exchange(Request):
    """google-auth's requests over push_http."""

    def __init__(self, give_up: Callable[[], bool]) -> None:
        self._give_up = give_up

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_options: Any,
    ) -> Response:
        if self._give_up():
            raise TransportError("asked to stop")
        answer = push_http.request(
            method,
            url,
            headers=[f"{name}: {value}" for name, value in (headers or {}).items()],
            body=body,
            timeout_s=timeout or settings.FCM_TIMEOUT_S,
            give_up=self._give_up,
        )
        if answer.failure is not None:
            raise TransportError(answer.failure.value)
        return _Exchanged(answer.status, answer.body)


class _Exchanged(Response):
    status, headers, data = 0, {}, b""

    def __init__(self, status: int, data: bytes) -> None:
        self.status, self.data = status, data


def emulators_account(url: str, give_up: Callable[[], bool]) -> dict[str, str]:
    """The throw-away service account that an emulator hands out. Raises LoginFailed."""
    answer = push_http.request(
        "GET",
        f"{url}/service-account.json",
        timeout_s=settings.FCM_TIMEOUT_S,
        give_up=give_up,
    )
    try:
        if answer.status == 200:
            return dict(json.loads(answer.body))
    except (ValueError, TypeError) as error:
        raise LoginFailed("UNAVAILABLE", error) from error
    raise LoginFailed("UNAVAILABLE", TransportError(str(answer.status)))
