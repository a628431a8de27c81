"""REST authentication of staff: the session, and only with a verified second factor."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from accounts.models import User


class VerifiedSessionAuthentication(SessionAuthentication):
    """A session without a second factor counts as signed out."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        return found if found and found[0].is_verified() else None

    def authenticate_header(self, request: Request) -> str:
        """Without this header DRF would answer 403 to the signed-out."""
        return "Session"
