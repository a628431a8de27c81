"""Vector tiles and TileJSON over HTTP."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts import language
from accounts.models import Gmina
from gis_layers.keyed import keyed_view
from gis_layers.tile_answer import tile_answer, wish
from gis_layers.tiles import Tileset, tilejson


@require_safe
def public_tile(
    request: HttpRequest, slug: str, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    """Under granian tile_wsgi.py answers before; this is for Django's own servers and tests."""
    return _tile_response(request, slug, Tileset.PUBLIC, revision, z, x, y)


@require_safe
@keyed_view("layer.read")
def staff_tile(
    request: HttpRequest, gmina: Gmina, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    return _tile_response(request, gmina.slug, Tileset.STAFF, revision, z, x, y)


@require_safe
def public_tilejson(request: HttpRequest, slug: str) -> HttpResponse:
    gmina = get_object_or_404(Gmina, slug=slug)
    response = _tilejson_response(request, gmina, Tileset.PUBLIC, f"/tiles/{slug}")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
@keyed_view("layer.read")
def staff_tilejson(request: HttpRequest, gmina: Gmina) -> HttpResponse:
    return _tilejson_response(request, gmina, Tileset.STAFF, f"/tiles/{gmina.slug}/staff")


def _tile_response(
    request: HttpRequest, slug: str, tileset: Tileset, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    asked = request.headers
    wished = wish(asked.get("Accept-Encoding", ""), asked.get("If-None-Match", ""))
    answer = tile_answer(slug, tileset, revision, z, x, y, wished)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise Http404
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _tilejson_response(
    request: HttpRequest, gmina: Gmina, tileset: Tileset, root: str
) -> HttpResponse:
    """Never cached unasked: it names the revision of the moment.

    Titles and sources are in the language asked for: a page's own, by shared/map/tileset.ts.
    """
    language.follow(request)
    url = request.build_absolute_uri(f"{root}/{gmina.revision}/")
    response = JsonResponse(tilejson(gmina, tileset, tiles_url=url + "{z}/{x}/{y}.mvt"))
    response["Cache-Control"] = "private, no-cache" if tileset is Tileset.STAFF else "no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    return response
