"""An officer at work: signs in through the login page, then asks the API, as a browser would."""

import time
from typing import Any, Self

import httpx

from config.demo.forms import FormMissing, filled
from config.demo.staff import PASSWORD, TOTP_STEP_S, Login, current_code

TIMEOUT_S = 30.0
LOGIN_PATH = "/account/login/"


class Refused(Exception):
    """The server did not do what the officer asked; the message is its answer."""


class Officer:
    """A signed-in browser session of one member of staff in one gmina; Refused without one."""

    def __init__(
        self, base_url: str, login: Login, slug: str, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.login = login
        self._api = f"/api/v1/gminas/{slug}"
        self._http = httpx.Client(base_url=base_url, timeout=timeout_s, follow_redirects=True)
        try:
            self._sign_in()
        except BaseException:
            self._http.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> Any:
        return self._answer(self._http.get(f"{self._api}/{path}", params=query))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {
            "X-CSRFToken": self._http.cookies.get("csrftoken") or "",
            "Referer": str(self._http.base_url),
        }
        answer = self._http.post(f"{self._api}/{path}", json=body or {}, headers=headers)
        return self._answer(answer)

    def _answer(self, response: httpx.Response) -> Any:
        if response.is_error:
            place = f"{response.request.method} {response.request.url.path}"
            raise Refused(f"{place}: {response.status_code} {response.text[:500]}")
        return response.json()

    def _sign_in(self) -> None:
        """Password, then the code. A code that was used already is followed by the next one."""
        page = self._http.get(LOGIN_PATH)
        page = self._submit(page, username=self.login.email, password=PASSWORD)
        signed_in = self._submit(page, otp_token=current_code())
        if signed_in.url.path == LOGIN_PATH:
            time.sleep(TOTP_STEP_S - time.time() % TOTP_STEP_S + 0.5)
            signed_in = self._submit(signed_in, otp_token=current_code())
        if signed_in.url.path == LOGIN_PATH or signed_in.is_error:
            raise Refused(f"{self.login.email} could not sign in: {signed_in.status_code}")

    def _submit(self, page: httpx.Response, **typed: str) -> httpx.Response:
        try:
            form = filled(page.text, **typed)
        except FormMissing as missing:
            raise Refused(f"{page.url.path}: {missing}") from missing
        return self._http.post(page.url, data=form, headers={"Referer": str(page.url)})
