"""REST authentication of staff: the session, and only with a verified second factor."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
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


class SessionScheme(OpenApiAuthenticationExtension):
    """How the schema names this authentication."""

    target_class = "accounts.authentication.VerifiedSessionAuthentication"
    name = "staffSession"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The session of a member of staff with a second factor. "
            "Writes also need the X-CSRFToken header, from the csrftoken cookie.",
        }
