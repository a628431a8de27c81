"""Staff pages of tiles: looking into one, and the whole map as a file."""

import tempfile
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina
from gis_layers.errors import MapEmpty
from gis_layers.grid import Zxy, tile_at
from gis_layers.models import TILE_SRID
from gis_layers.outlines import gmina_outline
from gis_layers.tile_answer import kept_tile
from gis_layers.tile_export import current_revision, write
from gis_layers.tile_inspect import layers_in, weights
from gis_layers.tile_revisions import Known
from gis_layers.tile_walk import walk
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM, Tileset, in_grid

FIRST_ZOOM = 12
EXPORT_TYPE = "application/vnd.pmtiles"
EXPORT_IN_MEMORY_BYTES = 8 * 2**20  # larger files wait on the disk
TILESETS = [
    (Tileset.PUBLIC.value, gettext_lazy("what everybody sees")),
    (Tileset.STAFF.value, gettext_lazy("what staff see")),
]


class TileForm(forms.Form):
    """Which tile to look into; an address of the grid, y counted from the north."""

    tileset = forms.ChoiceField(label=gettext_lazy("Map"), choices=TILESETS)
    z = forms.IntegerField(label=gettext_lazy("Zoom (z)"), min_value=MIN_ZOOM, max_value=MAX_ZOOM)
    x = forms.IntegerField(label="x", min_value=0)
    y = forms.IntegerField(label="y", min_value=0)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        is_whole = all(name in given for name in "zxy")
        if is_whole and not in_grid(given["z"], given["x"], given["y"]):
            raise forms.ValidationError(_("There is no such tile at this zoom."))
        return given


@staff_view("layer.write")
def inspector(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """One tile of the current map: drawn, and what its layers hold and weigh."""
    try:
        revision = current_revision(gmina)
    except MapEmpty as empty:
        return render(request, "layers/tiles.html", {"empty": empty.text})
    form = TileForm(request.GET if "z" in request.GET else _first(gmina, revision))
    context: dict[str, Any] = {"form": form, "revision": gmina.revision}
    if form.is_valid():
        context |= _looked_into(revision, **form.cleaned_data)
    return render(request, "layers/tiles.html", context)


def _looked_into(revision: Known, tileset: str, z: int, x: int, y: int) -> dict[str, Any]:
    chosen, zxy = Tileset(tileset), (z, x, y)
    body = kept_tile(revision, chosen, *zxy)
    return {
        "tileset": tileset,
        "zxy": zxy,
        "layers": [] if body.is_empty else layers_in(body.as_plain()),
        "weights": weights(revision, chosen, zxy),
        "neighbours": _neighbours(zxy),
    }


def _neighbours(zxy: Zxy) -> list[tuple[str, Zxy]]:
    z, x, y = zxy
    around = [
        (_("west"), (z, x - 1, y)),
        (_("north"), (z, x, y - 1)),
        (_("south"), (z, x, y + 1)),
        (_("east"), (z, x + 1, y)),
    ]
    return [(words, one) for words, one in around if in_grid(*one)]


def _first(gmina: Gmina, revision: Known) -> dict[str, Any]:
    """The form's fields for the middle of the gmina, or without an outline where anything is."""
    outline = gmina_outline(gmina)
    if outline:
        middle = outline.geom.transform(TILE_SRID, clone=True).centroid
        z, x, y = tile_at(middle.x, middle.y, FIRST_ZOOM)
    else:
        z, x, y = next(walk(revision, Tileset.STAFF, MIN_ZOOM), (MIN_ZOOM, 0, 0))
    return {"tileset": Tileset.PUBLIC.value, "z": z, "x": x, "y": y}


@staff_view("layer.write")
def export(request: StaffRequest, gmina: Gmina) -> HttpResponseBase:
    """The public map as a PMTiles file, to be put where anybody can get it."""
    file = tempfile.SpooledTemporaryFile(EXPORT_IN_MEMORY_BYTES)  # noqa: SIM115 - response closes
    try:
        write(gmina, Tileset.PUBLIC, file)
    except MapEmpty as empty:
        file.close()
        messages.error(request, empty.text)
        return redirect("layers:tiles", slug=gmina.slug)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"{gmina.slug}-{gmina.revision}.pmtiles"
    return FileResponse(file, as_attachment=True, filename=name, content_type=EXPORT_TYPE)
