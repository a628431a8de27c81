"""The demo's logins and phones have secrets that anybody can read here: never in production."""

from django.conf import settings
from django.core.management.base import CommandError


def require_emulator() -> None:
    """Raises CommandError where messages could reach real phones."""
    if settings.FCM_CREDENTIALS or not settings.FCM_EMULATOR_URL:
        raise CommandError(
            "This makes accounts and phones with known secrets. It runs only where "
            "FCM_EMULATOR_URL is set and FCM_CREDENTIALS is not."
        )
