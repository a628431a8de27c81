"""REST authentication of the app: `Authorization: Device <public_id>:<secret>`."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import language
from residents.models import Device, Resident

SCHEME = "Device"
SECRET_BYTES = 32
# `last_seen_at` is written at most this often: it orders sending and dates retention, no more.
LAST_SEEN_GRAIN = timedelta(hours=1)


@dataclass(frozen=True)
class DevicePrincipal:
    """The `request.user` of an app: a resident, never a member of staff."""

    resident: Resident

    is_authenticated = True

    @property
    def pk(self) -> str:
        """What throttles tell callers apart by."""
        return f"resident-{self.resident.pk}"


def new_secret() -> str:
    """256 random bits, URL-safe; shown to the device once."""
    return secrets.token_urlsafe(SECRET_BYTES)


def secret_hash(secret: str) -> bytes:
    """Plain SHA-256: a 256-bit random secret can't be guessed, so it needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


class DeviceAuthentication(BaseAuthentication):
    """`request.auth` is the Device. A wrong id and a wrong secret get the same answer."""

    def authenticate(self, request: Request) -> tuple[DevicePrincipal, Device] | None:
        language.follow(request)
        scheme, _space, credentials = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        device = _device_of(credentials)
        if device is None:
            raise AuthenticationFailed(_("This device is not registered, or its secret is wrong."))
        language.follow(request, otherwise=device.lang)
        _note_seen(device)
        return DevicePrincipal(device.resident), device

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def _device_of(credentials: bytes) -> Device | None:
    public_id, _colon, secret = credentials.strip().decode("latin-1").partition(":")
    try:
        device = Device.objects.select_related("resident").get(public_id=uuid.UUID(public_id))
    except (ValueError, Device.DoesNotExist):
        return None
    right = hmac.compare_digest(bytes(device.secret_hash), secret_hash(secret))
    return device if right else None


def _note_seen(device: Device) -> None:
    now = timezone.now()
    if now - device.last_seen_at > LAST_SEEN_GRAIN:
        Device.objects.filter(pk=device.pk).update(last_seen_at=now)
        device.last_seen_at = now


class DeviceView(APIView):
    """Base of the endpoints that only a registered device may call."""

    authentication_classes = [DeviceAuthentication]
    permission_classes = [IsAuthenticated]

    @property
    def device(self) -> Device:
        return cast(Device, self.request.auth)

    @property
    def resident(self) -> Resident:
        return self.device.resident


class DeviceScheme(OpenApiAuthenticationExtension):
    """How the schema names this authentication; OpenAPI has no http scheme called Device."""

    target_class = "residents.authentication.DeviceAuthentication"
    name = "device"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Device <device_id>:<secret>`, as the registration answered.",
        }
