"""The resident's app at /app/: static files that the phone's shell ships too."""

import mimetypes

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

# Python 3.11 doesn't know it.
mimetypes.add_type("application/manifest+json", ".webmanifest")
# Vite puts a hash of the content into these files' names.
HASHED = "assets/"
HASHED_AGE = "public, max-age=31536000, immutable"


@require_safe
def app_file(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """One file of the built app; the folder itself is its page."""
    try:
        response = serve(
            request, path or "index.html", document_root=str(settings.FRONTEND_DIST / "app")
        )
    except OSError as error:  # a name longer than the file system knows
        raise Http404 from error
    response["Cache-Control"] = HASHED_AGE if path.startswith(HASHED) else "no-cache"
    return response


@require_safe
@never_cache
def app_config(request: HttpRequest) -> JsonResponse:
    """What the app has to know of this server: whether an emulator stands in for FCM."""
    return JsonResponse({"emulator": bool(settings.FCM_EMULATOR_URL)})
