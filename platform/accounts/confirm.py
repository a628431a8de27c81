"""Re-authentication: acts that reach everyone or change rights ask for a fresh one-time code.

A sign-in counts as fresh for settings.CONFIRM_FOR_S. Why a code and no password: a browser fills
the password in on an unlocked desk; the code needs the person's phone.
"""

import functools
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from accounts.errors import ConfirmationNeeded

SESSION_KEY = "confirmed_at"  # seconds since the epoch


def mark_confirmed(request: HttpRequest) -> None:
    request.session[SESSION_KEY] = int(time.time())


def recently_confirmed(request: HttpRequest) -> bool:
    age_s = time.time() - request.session.get(SESSION_KEY, 0)
    return age_s + 1 >= 0 and age_s < settings.CONFIRM_FOR_S


def require_confirmed(request: HttpRequest) -> None:
    """For REST. Raises ConfirmationNeeded, whose details tell the page to open."""
    if not recently_confirmed(request):
        raise ConfirmationNeeded(details={"url": reverse("confirm")})


def confirmed_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For pages, below `staff_view` or `own_view`: asks for a code first, then goes on."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if recently_confirmed(request):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), reverse("confirm"))

    return guarded
