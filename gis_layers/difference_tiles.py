"""Tiles of what an edition changes, for the map of its page: never cached, for staff alone."""

from http import HTTPStatus
from importlib.resources import files

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina
from gis_layers.edition_api import readable
from gis_layers.models import Edition
from gis_layers.tile_answer import MVT
from gis_layers.tiles import in_grid

SQL = (files("gis_layers") / "sql" / "difference_tile.sql").read_text(encoding="utf-8")
# Unchanged lines begin here; farther out the page draws the published ones (difference-map.ts).
LINE_ZOOM = 12


def difference_tile(edition: Edition, z: int, x: int, y: int) -> bytes:
    """MVT with the layers `same`, `before` and `after`; empty where nothing is."""
    number = edition.layer.edition_number if edition.number is None else edition.number - 1
    parameters = {
        "edition": edition.pk,
        "layer": edition.layer_id,
        "number": number,
        "z": z,
        "x": x,
        "y": y,
        "line_zoom": LINE_ZOOM,
        "most": settings.TILE_MAX_FEATURES,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL, parameters)
        return bytes(cursor.fetchone()[0])


@staff_view("layer.read")
def tile(
    request: StaffRequest, gmina: Gmina, edition_id: int, z: int, x: int, y: int
) -> HttpResponse:
    """Under an address that is never cached: a staged edition changes with every edit."""
    edition = get_object_or_404(readable(gmina, request.actions), pk=edition_id)
    if not in_grid(z, x, y):
        raise Http404
    data = difference_tile(edition, z, x, y)
    status = HTTPStatus.OK if data else HTTPStatus.NO_CONTENT
    return HttpResponse(
        data, status=status, content_type=MVT, headers={"Cache-Control": "private, no-store"}
    )
