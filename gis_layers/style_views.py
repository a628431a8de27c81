"""MapLibre styles over HTTP."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Gmina
from gis_layers.keyed import keyed_view
from gis_layers.map_style import PALETTES, map_style
from gis_layers.tiles import Tileset


@require_safe
def public_style(request: HttpRequest, slug: str) -> HttpResponse:
    """For any MapLibre client on any page: nothing in it is anybody's."""
    response = _style_response(request, get_object_or_404(Gmina, slug=slug), Tileset.PUBLIC)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@keyed_view("layer.read")
def staff_style(request: HttpRequest, gmina: Gmina) -> HttpResponse:
    return _style_response(request, gmina, Tileset.STAFF)


def scheme_of(request: HttpRequest) -> str:
    """`?scheme=`: light or dark; anything else is light."""
    wanted = request.GET.get("scheme", "")
    return wanted if wanted in PALETTES else "light"


def tilejson_url(request: HttpRequest, gmina: Gmina, tileset: Tileset) -> str:
    name = "staff_tilejson" if tileset is Tileset.STAFF else "tilejson"
    return request.build_absolute_uri(reverse(name, kwargs={"slug": gmina.slug}))


def _style_response(request: HttpRequest, gmina: Gmina, tileset: Tileset) -> HttpResponse:
    """Asked for anew each time: a look that an officer changes is seen at once."""
    url = tilejson_url(request, gmina, tileset)
    response = JsonResponse(map_style(gmina, tileset, tilejson_url=url, scheme=scheme_of(request)))
    response["Cache-Control"] = "private, no-cache" if tileset is Tileset.STAFF else "no-cache"
    return response
