"""The demo's members of staff. Everybody may read their password and secret here: see gate.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.actions import invite
from accounts.models import Gmina, Membership, User

PASSWORD = "pokaz-alertu-2026"  # noqa: S105 - known on purpose
# RFC 6238's own example secret; in base 32 GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ.
TOTP_KEY = b"12345678901234567890"
TOTP_STEP_S = 30


@dataclass(frozen=True)
class Login:
    email: str
    name: str
    role: str


EDITOR = Login("editor@demo.example", "Ewa Redaktor", Membership.Role.EDITOR)
APPROVER = Login("approver@demo.example", "Adam Zatwierdzający", Membership.Role.APPROVER)
LOGINS = (
    EDITOR,
    APPROVER,
    Login("crisis@demo.example", "Cezary Kryzysowy", Membership.Role.CRISIS),
    Login("gis@demo.example", "Grażyna Mapa", Membership.Role.GIS),
    Login("admin@demo.example", "Artur Administrator", Membership.Role.ADMIN),
    Login("infolinia@demo.example", "Iga Infolinia", Membership.Role.HOTLINE),
    Login("auditor@demo.example", "Alina Audytor", Membership.Role.AUDITOR),
)


@transaction.atomic
def employ(login: Login, gminas: Sequence[Gmina]) -> User:
    """Give the account its role in the gminas, the known password and the known second factor.

    It is marked for what it is: accounts/backends.py lets it in at a demonstration only.
    """
    for gmina in gminas:
        user = invite(email=login.email, name=login.name, roles={login.role}, gmina=gmina, by=None)
    user.set_password(PASSWORD)
    user.is_demo = True
    user.save()
    TOTPDevice.objects.update_or_create(
        user=user,
        name="default",
        defaults={"key": TOTP_KEY.hex(), "confirmed": True, "step": TOTP_STEP_S},
    )
    return user


def current_code() -> str:
    """The one-time code that counts now, for all of them."""
    return f"{TOTP(TOTP_KEY, step=TOTP_STEP_S).token():06d}"


def otpauth_url() -> str:
    """For an authenticator app: the secret of all demo logins."""
    issuer = quote(settings.OTP_TOTP_ISSUER)
    return f"otpauth://totp/{issuer}:demo?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer={issuer}"
