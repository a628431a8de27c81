"""The emulator's throw-away service account, and the OAuth exchange that it is good for.

The key is made at first use and kept beside the log, so that clients outlive a restart of the
emulator. It opens nothing but this emulator.
"""

import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

PROJECT = "system-alert-online-emulator"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPES = frozenset(
    {
        "https://www.googleapis.com/auth/firebase.messaging",
        "https://www.googleapis.com/auth/cloud-platform",
    }
)
TOKEN_LIFE_S = 3599
# google-auth signs for Google's endpoint whatever the key file's token_uri is.
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105


class GrantRefused(Exception):
    """The token exchange failed; `error` is OAuth's code."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class ServiceAccount:
    """A key pair, and the access tokens handed out for it."""

    client_email = f"emulator@{PROJECT}.iam.gserviceaccount.com"

    def __init__(self, private_key_pem: str) -> None:
        self._private_pem = private_key_pem
        key = serialization.load_pem_private_key(private_key_pem.encode(), password=None)
        self._public_pem = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._tokens: dict[str, float] = {}

    def credentials(self, token_uri: str) -> dict[str, str]:
        """The account as the key file that firebase-admin reads."""
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "emulator",
            "private_key": self._private_pem,
            "client_email": self.client_email,
            "client_id": "0",
            "token_uri": token_uri,
        }

    def exchange(self, form: Mapping[str, str], token_uri: str) -> dict[str, str | int]:
        """An access token for a JWT that this account signed for `token_uri`; else GrantRefused."""
        if form.get("grant_type") != GRANT:
            raise GrantRefused("unsupported_grant_type", "Invalid grant_type")
        self._verify(form.get("assertion", ""), token_uri)
        token = f"ya29.emulator-{secrets.token_urlsafe(32)}"
        self._tokens[token] = time.monotonic() + TOKEN_LIFE_S
        return {"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"}

    def admits(self, authorization: str) -> bool:
        """Whether this is `Bearer` and a token of ours that is still good."""
        scheme, _space, token = authorization.partition(" ")
        return scheme == "Bearer" and self._tokens.get(token, 0) > time.monotonic()

    def _verify(self, assertion: str, token_uri: str) -> None:
        audiences = [token_uri, GOOGLE_TOKEN_URI]
        try:
            claims = jwt.decode(assertion, certs=self._public_pem, audience=audiences)
        except ValueError as error:  # all of google-auth's: format, signature, times, audience
            raise GrantRefused("invalid_grant", f"Invalid JWT: {error}") from error
        if claims.get("iss") != self.client_email:
            raise GrantRefused("invalid_grant", "Invalid JWT: unknown issuer")
        if not SCOPES & set(str(claims.get("scope", "")).split()):
            raise GrantRefused("invalid_scope", "Invalid OAuth scope")


def load_or_make(path: Path) -> ServiceAccount:
    """The account kept at `path` (readable by its owner only), made there at first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({"private_key": pem.decode()}, file)
    return ServiceAccount(json.loads(path.read_text(encoding="utf-8"))["private_key"])
