"""Staff pages of editing a layer: the map editor, and the GeoPackage for editing elsewhere."""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina
from gis_layers import edition_words
from gis_layers.edition_api import WRITE, readable
from gis_layers.edits import COVERAGES
from gis_layers.feature_list import published_layers
from gis_layers.geopackage import MEDIA_TYPE
from gis_layers.layer_file import write_layer
from gis_layers.models import Edition, Layer

NO_EDITION = 0  # stands in an address for the number that the first edit will give


@staff_view(WRITE)
def editor(request: StaffRequest, gmina: Gmina, layer: str) -> HttpResponse:
    """The layer on a map, to be edited in its open change set, or in the staged `?edition=`."""
    found = get_object_or_404(Layer.objects.select_related("gmina"), gmina=gmina, slug=layer)
    edition = staged(request, gmina, found)
    title = edition_words.layer_title(found)
    island = {
        "gmina": gmina.slug,
        "layer": found.slug,
        "kind": found.kind,
        "geometry_type": found.geometry_type,
        "shares_borders": found.kind in COVERAGES,
        "title": title,
        "edition": edition.pk if edition else None,
        "edition_url": reverse("layers:edition", args=[gmina.slug, NO_EDITION]),
        "layer_url": reverse("layers:layer", args=[gmina.slug, found.slug]),
    }
    return render(request, "layers/edit.html", {"layer": found, "title": title, "island": island})


@staff_view("layer.read")
def download(request: StaffRequest, gmina: Gmina, layer: str) -> FileResponse:
    """The layer as a GeoPackage; with `?edition=` as that staged edition would show it."""
    may_write = WRITE in request.actions
    layers = Layer.objects.filter(gmina=gmina) if may_write else published_layers(gmina)
    found = get_object_or_404(layers, slug=layer)
    edition = staged(request, gmina, found)
    suffix = f"-{edition.pk}" if edition else ""
    # The open file outlives its folder: nothing is left behind, however the download ends.
    with TemporaryDirectory(prefix="layer-") as folder:
        path = Path(folder) / "layer.gpkg"
        write_layer(path, found, edition)
        file = path.open("rb")
    name = f"{gmina.slug}-{found.slug}{suffix}.gpkg"
    return FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPE)


def staged(request: StaffRequest, gmina: Gmina, layer: Layer) -> Edition | None:
    """The staged edition of the layer that the address names; Http404 where it is none."""
    number = request.GET.get("edition")
    if number is None:
        return None
    found = readable(gmina, request.actions).filter(layer=layer, state=Edition.State.STAGED)
    return get_object_or_404(found, pk=int(number) if number.isdecimal() else None)
