"""The second factor: an authenticator app (TOTP) and backup codes, in our words.

django-otp checks and throttles the codes; django-two-factor-auth walks through sign-in and
set-up. WebAuthn is its plugin for later: another MethodBase beside AuthenticatorApp.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from two_factor.forms import AuthenticationTokenForm, BackupTokenForm, TOTPDeviceForm
from two_factor.plugins.registry import GeneratorMethod, registry
from two_factor.utils import default_device

from accounts.models import User

BACKUP_CODES = 10
WRONG_CODE = _("This code is not right. Check the time on your phone and try the next code.")
OTP_MESSAGES = {
    "token_required": _("Enter the code."),
    "invalid_token": WRONG_CODE,
    "n_failed_attempts": _("Too many wrong codes. Wait a moment and try again."),
    "verification_not_allowed": _("Codes are not accepted at the moment. Try again later."),
}


class CodeForm(AuthenticationTokenForm):
    """A six-digit code from the app."""

    otp_error_messages = {**AuthenticationTokenForm.otp_error_messages, **OTP_MESSAGES}

    def __init__(self, user: User, initial_device: Device, **kwargs: Any) -> None:
        super().__init__(user, initial_device, **kwargs)
        self.fields["otp_token"].label = _("Code from the app")
        self.fields["otp_token"].widget.attrs["inputmode"] = "numeric"

    def _chosen_device(self, user: User) -> Device:
        """The device, locked: of two requests with one code at once the second is refused."""
        return Device.from_persistent_id(self.initial_device.persistent_id, for_verify=True)


class BackupCodeForm(BackupTokenForm):
    """One of the codes printed before; each works once."""

    otp_error_messages = {
        **BackupTokenForm.otp_error_messages,
        **OTP_MESSAGES,
        "invalid_token": _("This backup code is not right, or was used before."),
    }

    def __init__(self, user: User, initial_device: Device, **kwargs: Any) -> None:
        super().__init__(user, initial_device, **kwargs)
        self.fields["otp_token"].label = _("Backup code")

    def _chosen_device(self, user: User) -> Device:
        return Device.from_persistent_id(self.initial_device.persistent_id, for_verify=True)

    def clean_otp_token(self) -> str:
        return "".join(self.cleaned_data["otp_token"].split()).lower()


class SetUpForm(TOTPDeviceForm):
    """The first code, which proves that the app has the secret."""

    error_messages = {"invalid_token": WRONG_CODE}

    def __init__(self, key: str, user: User, **kwargs: Any) -> None:
        super().__init__(key, user, **kwargs)
        token = self.fields["token"]
        token.label = _("Code from the app")
        # A text field: a number field drops leading zeros and shows arrows.
        token.widget = forms.TextInput(attrs=token.widget.attrs)


class AuthenticatorApp(GeneratorMethod):
    verbose_name = _("Authenticator app")

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, TOTPDevice)

    def get_setup_forms(self, *args: object) -> dict[str, type[forms.Form]]:
        return {"generator": SetUpForm}

    def get_token_form_class(self) -> type[forms.Form]:
        return CodeForm


def register() -> None:
    """Put our method in the place of the library's; called when the app is ready."""
    registry.unregister(AuthenticatorApp.code)
    registry.register(AuthenticatorApp())


def code_form(user: User, data: Any) -> CodeForm | BackupCodeForm:
    """The form for a typed code: six digits come from the app, anything else is a backup code."""
    typed = (data or {}).get("otp_token", "").strip()
    backup = StaticDevice.objects.filter(user=user).first()
    if typed and not typed.isdigit() and backup:
        return BackupCodeForm(user, backup, data=data)
    return CodeForm(user, default_device(user), data=data)


def backup_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def make_backup_codes(user: User) -> list[str]:
    """Ten new codes; the old ones stop working. The only time they are shown."""
    device, _created = StaticDevice.objects.get_or_create(user=user, defaults={"name": "backup"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _number in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes
