"""Error pages for people; the same faults as JSON under /api/ and /tiles/."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.errors import Text
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


def answer(request: HttpRequest, status: int) -> HttpResponse:
    code, message = ERRORS[status]
    if request.path.startswith(FOR_PROGRAMS):
        details = {"request_id": request_id.get()} if status >= 500 else {}
        return JsonResponse(body(code, message, details=details), status=status)
    context = {"status": status, "message": message, "request_id": request_id.get()}
    # A broken database must not break the page that says so: no context processors there.
    asking = None if status >= 500 else request
    return render(asking, "error.html", context, status=status)


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
    return render(request, "csrf.html", status=403)
