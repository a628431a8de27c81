"""Error pages for people; the same faults as JSON under /api/ and /tiles/."""

import logging
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.access import menu_of
from accounts.errors import Text
from accounts.models import User
from config.errors import body
from config.log_config import request_id

logger = logging.getLogger(__name__)

FOR_PROGRAMS = ("/api/", "/tiles/")
ERRORS: dict[int, tuple[str, Text]] = {
    400: ("malformed", _("This request cannot be understood.")),
    403: ("forbidden", _("Your role does not allow this.")),
    404: ("not_found", _("There is nothing here.")),
    500: ("internal", _("Something went wrong on our side. Nothing was changed.")),
    503: (
        "unavailable",
        _("The service is briefly unavailable. Nothing was changed. Try again."),
    ),
}
# What to do about it; people only.
ADVICE: dict[int, Text] = {
    400: _("Go back to the page before, reload it and try again."),
    403: _("An administrator of the municipality can give you a role that allows it."),
    404: _("Check the address. What stood here may have been removed or may not be yours to see."),
    500: _("Try again in a moment. If it happens again, give the administrator this number:"),
    503: _("If it lasts longer than a few minutes, give the administrator this number:"),
}


def answer(request: HttpRequest, status: int) -> HttpResponse:
    code, message = ERRORS[status]
    if request.path.startswith(FOR_PROGRAMS):
        details = {"request_id": request_id.get()} if status >= 500 else {}
        return JsonResponse(body(code, message, details=details), status=status)
    context = {
        "status": status,
        "message": message,
        "advice": ADVICE[status],
        "request_id": request_id.get(),
    }
    return page(request, "error.html", status, context)


def page(
    request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """With the menu for signed-in staff; bare where what makes the menu is what broke."""
    if status != 503:
        try:
            told = (context or {}) | _frame(request)
            return render(request, template, told, status=status)
        except Exception:
            # The outermost line: a page that cannot even say so would leave nothing to read.
            logger.exception("an error page lost its frame")
    # No context processors here: they ask the session.
    return render(None, template, (context or {}) | {"frame": "base.html"}, status=status)


def _frame(request: HttpRequest) -> dict[str, Any]:
    """The staff's frame with the menu of the gmina in the address, else of their only one."""
    user = getattr(request, "user", None)  # absent where the fault came before the session
    if not isinstance(user, User) or not user.is_verified():
        return {"frame": "base.html"}
    match = request.resolver_match
    gmina, actions = menu_of(user, match.kwargs.get("slug") if match else None)
    return {"frame": "staff_base.html", "gmina": gmina, "actions": actions}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django has logged the exception under the request's id."""
    unavailable = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return answer(request, 503 if unavailable else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token was missing or old: mostly a page left open overnight."""
    logger.info("csrf refused", extra={"reason": reason})
    return page(request, "csrf.html", 403)
