"""Signing in: e-mail and password, then the code; setting the second factor up; leaving."""

from base64 import b32encode
from binascii import unhexlify
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_otp import user_has_device
from two_factor.forms import MethodForm
from two_factor.utils import get_otpauth_url, totp_digits
from two_factor.views import LoginView as TwoFactorLoginView
from two_factor.views import QRGeneratorView
from two_factor.views import SetupView as TwoFactorSetupView

from accounts import language, lockout
from accounts.actions import announce
from accounts.confirm import mark_confirmed
from accounts.models import User
from accounts.second_factor import BackupCodeForm, CodeForm


class SignInForm(AuthenticationForm):
    """E-mail and password, behind the limits of lockout.py."""

    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    request: HttpRequest
    error_messages = {"invalid_login": _("Wrong e-mail or password.")}

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        email, network = self.cleaned_data.get("username", ""), lockout.network_of(self.request)
        try:
            lockout.count_attempt(email, network)
        except lockout.Locked as locked:
            raise too_many(locked) from locked
        cleaned = super().clean()
        if self.get_user():
            lockout.forget_attempt(email, network)
        return cleaned


def too_many(locked: lockout.Locked) -> ValidationError:
    until = time_format(timezone.localtime(locked.until))
    return ValidationError(
        _("Too many attempts. Try again after %(until)s."), code="locked", params={"until": until}
    )


class SignInView(TwoFactorLoginView):
    form_list = (("auth", SignInForm), ("token", CodeForm), ("backup", BackupCodeForm))

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Our page offers no choice of devices; the library fails on one without a user.
        if "challenge_device" in self.request.POST:
            return redirect("two_factor:login")
        return super().post(*args, **kwargs)

    def done(self, form_list: Any, **kwargs: Any) -> HttpResponse:
        response = super().done(form_list, **kwargs)
        user = self.get_user()
        if getattr(user, "otp_device", None):
            mark_confirmed(self.request)
        language.remember(response, user.lang)
        return response


class SetUpView(TwoFactorSetupView):
    """Setting the authenticator app up, once: with a device, only the lost-phone way remains."""

    form_list = (("method", MethodForm),)  # the only method is skipped by the library

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Else a session from before the set-up could add a second device by knowing the password.
        if request.user.is_authenticated and user_has_device(request.user):
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, form: forms.Form, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form, **kwargs)
        secret = b32encode(unhexlify(self.get_key("generator"))).decode()
        email = self.request.user.get_username()
        context["otpauth_url"] = get_otpauth_url(
            email, secret, settings.OTP_TOTP_ISSUER, totp_digits()
        )
        return context

    def done(self, form_list: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, self.request.user)
        with transaction.atomic():
            super().done(form_list, **kwargs)
            announce("second_factor_set_up", user, by=user, gmina=None)
        mark_confirmed(self.request)
        query = urlencode({"next": self.get_success_url()})
        return redirect(f"{reverse('two_factor:backup_tokens')}?{query}")

    def get_success_url(self) -> str:
        """`next` if it is an address of this site; `redirect` takes others for names of views."""
        wanted = self.get_redirect_url()
        return wanted if wanted.startswith("/") else reverse("account")


class QRCodeView(QRGeneratorView):
    def get_issuer(self) -> str:
        return settings.OTP_TOTP_ISSUER


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
