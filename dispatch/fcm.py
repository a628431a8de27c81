"""Which transport carries the alerts: Firebase or the emulator, never a guess."""

from typing import Literal

from django.conf import settings

from dispatch.errors import FcmNotConfigured

Transport = Literal["fcm", "emulator"]


def transport() -> Transport:
    """Where messages go, by configuration alone.

    Raises FcmNotConfigured unless exactly one of the two settings is there.
    """
    if bool(settings.FCM_CREDENTIALS) == bool(settings.FCM_EMULATOR_URL):
        raise FcmNotConfigured
    return "fcm" if settings.FCM_CREDENTIALS else "emulator"
