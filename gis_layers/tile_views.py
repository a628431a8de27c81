"""Vector tiles and TileJSON over HTTP: parse, limit, cache headers."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseGone, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import staff_view
from accounts.models import Gmina
from gis_layers.tiles import Tileset, in_grid, tile, tilejson

MVT = "application/vnd.mapbox-vector-tile"
YEAR_S = 31_536_000


@require_safe
def public_tile(
    request: HttpRequest, slug: str, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    response = _tile_response(slug, Tileset.PUBLIC, revision, z, x, y)
    response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response


@require_safe
@staff_view("layer.read")
def staff_tile(
    request: HttpRequest, gmina: Gmina, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    response = _tile_response(gmina.slug, Tileset.STAFF, revision, z, x, y)
    response["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
    return response


@require_safe
def public_tilejson(request: HttpRequest, slug: str) -> HttpResponse:
    gmina = get_object_or_404(Gmina, slug=slug)
    return _tilejson_response(request, gmina, Tileset.PUBLIC, f"/tiles/{slug}")


@require_safe
@staff_view("layer.read")
def staff_tilejson(request: HttpRequest, gmina: Gmina) -> HttpResponse:
    return _tilejson_response(request, gmina, Tileset.STAFF, f"/tiles/{gmina.slug}/staff")


def _tile_response(
    slug: str, tileset: Tileset, revision: int, z: int, x: int, y: int
) -> HttpResponse:
    """200 with MVT, 204 where nothing is, 410 past the grace time of a superseded revision."""
    found = tile(slug, tileset, revision, z, x, y) if in_grid(z, x, y) else None
    if found is None:
        raise Http404
    if found.superseded_at and timezone.now() > found.superseded_at + timedelta(
        seconds=settings.TILE_GRACE_S
    ):
        return HttpResponseGone()
    if not found.data:
        return HttpResponse(status=204)
    return HttpResponse(found.data, content_type=MVT)


def _tilejson_response(
    request: HttpRequest, gmina: Gmina, tileset: Tileset, root: str
) -> HttpResponse:
    """Never cached unasked: it names the revision of the moment."""
    url = request.build_absolute_uri(f"{root}/{gmina.revision}/")
    response = JsonResponse(tilejson(gmina, tileset, tiles_url=url + "{z}/{x}/{y}.mvt"))
    response["Cache-Control"] = "private, no-cache" if tileset is Tileset.STAFF else "no-cache"
    return response
