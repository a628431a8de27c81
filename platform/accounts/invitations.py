"""One-time links that set a password: an administrator makes one and hands it over."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User


class InvitationTokens(PasswordResetTokenGenerator):
    """Signed by the password's hash and the last sign-in: setting a password spends the link."""

    key_salt = "accounts.invitations"


tokens = InvitationTokens()


def invitation_url(user: User) -> str:
    """The link for this person, good for settings.PASSWORD_RESET_TIMEOUT seconds and one use."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("invitation", kwargs={"uidb64": uid, "token": tokens.make_token(user)})
    return f"{settings.BASE_URL}{path}"
