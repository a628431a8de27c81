"""Refusals of this package; HTTP statuses are in config/errors.py."""

from django.utils.translation import gettext_lazy as _

from accounts.errors import DomainError


class DispatchError(DomainError):
    """Base of the errors of this package."""


class FcmNotConfigured(DispatchError):
    """Neither or both of FCM_CREDENTIALS and FCM_EMULATOR_URL are set."""

    code = "fcm_not_configured"
    message = _("Sending is not set up on this server. Nothing was sent. Tell the administrator.")


class PayloadTooLarge(DispatchError):
    """A text doesn't fit into what FCM delivers; `details` has bytes, limit and over."""

    code = "payload_too_large"
    message = _(
        "The text is too long to be delivered: shorten it by {over} bytes"
        " (a Polish letter such as ą counts as two)."
    )
