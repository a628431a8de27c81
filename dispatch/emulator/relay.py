"""Lets the demonstration's phone page read its inbox from our own origin, as its CSP demands."""

from urllib.parse import quote

import requests
from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

TIMEOUT_S = 5


@require_GET
@never_cache
def inbox(request: HttpRequest, token: str) -> JsonResponse:
    """What the emulator delivered to one push target; not there where there is no emulator.

    Only this one question is passed on: ordering errors and the key stay out of reach.
    """
    if not settings.FCM_EMULATOR_URL:
        raise Http404
    query = urlencode({"after": request.GET.get("after", "0")})
    url = f"{settings.FCM_EMULATOR_URL}/inbox/{quote(token, safe='')}?{query}"
    try:
        answer = requests.get(url, timeout=TIMEOUT_S)
        answer.raise_for_status()
    except requests.RequestException:
        return JsonResponse({"code": "emulator_away"}, status=502)
    return JsonResponse(answer.json())
