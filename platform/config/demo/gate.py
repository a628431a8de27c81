"""The demo's logins and phones have secrets that anybody can read here: never in production."""

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _


def require_emulator() -> None:
    """Raises CommandError where messages could reach real phones."""
    if settings.FCM_CREDENTIALS or not settings.FCM_EMULATOR_URL:
        raise CommandError(
            _(
                "The demonstration has accounts and phones with known secrets. It runs only where "
                "FCM_EMULATOR_URL is set and FCM_CREDENTIALS is not."
            )
        )
