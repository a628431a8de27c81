"""The page of one's own phones for notices, beside the account."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts.access import own_view
from accounts.confirm import confirmed_view
from accounts.models import User
from dispatch import staff_phones


@never_cache
@own_view
@confirmed_view
def phones(request: HttpRequest) -> HttpResponse:
    """GET lists; POST `link` shows a new code, this once; POST `unlink`, an id, ends a link."""
    user = cast(User, request.user)
    context: dict[str, Any] = {"code": None, "minutes": settings.STAFF_CODE_S // 60}
    if request.method == "POST" and (pk := request.POST.get("unlink", "")).isdecimal():
        staff_phones.unlink_own(user, int(pk))
        return redirect("staff:phones")
    if request.method == "POST" and "link" in request.POST:
        context["code"], context["expires_at"] = staff_phones.offer_code(user)
    context["phones"] = user.phones.select_related("device").order_by("pk")
    return render(request, "staff/phones.html", context)
