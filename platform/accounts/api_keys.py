"""Keys for programs: a personal app password (Basic) or an API key; one secret serves as either.

QGIS and GDAL cannot give a one-time code, and must never be given the password. A key is made by a
person with both factors, is shown once, ends by itself, and allows a part of what its owner's
roles allow at the moment of use: layers only, read unless made to write, of one gmina if so made.
"""

import base64
import binascii
import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.access import may
from accounts.actions import announce
from accounts.backends import StaffBackend
from accounts.errors import TooManyKeys
from accounts.models import AppKey, Gmina, User

PREFIX = "sao_"  # so that scanners of leaked secrets can know one
SECRET_BYTES = 32
KEYS_MAX = 20  # of one person
HEADER = "X-API-Key"
# `last_used_at` is written at most this often: it tells its owner whether a key is still in use.
LAST_USED_GRAIN = timedelta(hours=1)
READS, WRITES = "layer.read", "layer.write"


def secret_hash(secret: str) -> bytes:
    """Plain SHA-256: a 256-bit random secret can't be guessed, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


@transaction.atomic
def make_key(
    *, user: User, name: str, gmina: Gmina | None, may_write: bool, days: int
) -> tuple[AppKey, str]:
    """A new key and its secret, which is not kept. Raises TooManyKeys."""
    User.objects.select_for_update().get(pk=user.pk)  # one at a time, or the limit is none
    if user.app_keys.count() >= KEYS_MAX:
        raise TooManyKeys(details={"limit": KEYS_MAX})
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = AppKey.objects.create(
        user=user,
        name=name,
        gmina=gmina,
        may_write=may_write,
        secret_hash=secret_hash(secret),
        expires_at=timezone.now() + timedelta(days=days),
    )
    announce("app_key_made", user, by=user, gmina=gmina, key=str(key.pk))
    return key, secret


@transaction.atomic
def revoke_own(user: User, pk: int) -> None:
    """End one of the user's keys; somebody else's, or none, is left alone."""
    for key in user.app_keys.select_for_update().filter(pk=pk):
        announce("app_key_revoked", user, by=user, gmina=key.gmina, key=str(key.pk))
        key.delete()


def allows(user: User, key: AppKey | None, action: str, gmina: Gmina) -> bool:
    """Whether the user may do this in the gmina: by role, and by the key if it came with one."""
    if key is not None:
        in_reach = key.gmina_id in (None, gmina.pk)
        if not (in_reach and (action == READS or (action == WRITES and key.may_write))):
            return False
    return may(user, action, gmina)


class KeyAuthentication(BaseAuthentication):
    """`request.auth` is the AppKey. Whatever is wrong with a key, the answer is the same."""

    def authenticate(self, request: Request) -> tuple[User, AppKey] | None:
        shown = _shown(request)
        if shown is None:
            return None
        email, secret = shown
        key = _key_of(secret)
        if key is None or (email is not None and email.strip().lower() != key.user.email):
            raise AuthenticationFailed(_("This key is unknown, has expired or was revoked."))
        _note_used(key)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="System Alert Online", charset="UTF-8"'


def _shown(request: Request) -> tuple[str | None, str] | None:
    """E-mail (None: not said) and secret of the request; None where it shows neither.

    Raises AuthenticationFailed for Basic that can't be read.
    """
    if key := request.headers.get(HEADER):
        return None, key
    scheme, _space, credentials = get_authorization_header(request).partition(b" ")
    if scheme.lower() == b"bearer":
        return None, credentials.strip().decode("latin-1")
    if scheme.lower() != b"basic":
        return None
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AuthenticationFailed from error
    email, _colon, secret = text.partition(":")
    return email, secret


def _key_of(secret: str) -> AppKey | None:
    """The key, unless it has expired or its owner can't sign in either."""
    found = AppKey.objects.select_related("user", "gmina")
    key = found.filter(secret_hash=secret_hash(secret), expires_at__gt=timezone.now()).first()
    return key if key and StaffBackend().user_can_authenticate(key.user) else None


def _note_used(key: AppKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > LAST_USED_GRAIN:
        AppKey.objects.filter(pk=key.pk).update(last_used_at=now)


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema names this authentication."""

    target_class = "accounts.api_keys.KeyAuthentication"
    name = "appKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "basic",
            "description": "E-mail and a key made at /account/keys/. The key alone goes as "
            f"`Authorization: Bearer` or `{HEADER}`.",
        }
