"""Who may be signed in at all; asked at sign-in and again at every request of a session."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class StaffBackend(ModelBackend):
    """Active accounts; those of the demonstration only where nothing can reach real phones."""

    def user_can_authenticate(self, user: User | None) -> bool:  # type: ignore[override]
        active = super().user_can_authenticate(user)
        return active and user is not None and (not user.is_demo or _is_demonstration())


def _is_demonstration() -> bool:
    return bool(settings.FCM_EMULATOR_URL) and not settings.FCM_CREDENTIALS
