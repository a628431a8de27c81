"""Staff pages: a new layer, and a layer's settings with a live map."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import StaffRequest, staff_view
from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers import layer_settings
from gis_layers.edition_words import layer_title
from gis_layers.layer_forms import NewLayerForm, SettingsForm
from gis_layers.map_style import PALETTES, style_from
from gis_layers.models import Layer
from gis_layers.style_views import scheme_of, tilejson_url
from gis_layers.tiles import Tileset, layers_of

WRITE = "layer.write"


@staff_view(WRITE, writes=True)
def new(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """A layer made by hand, empty so far."""
    form = NewLayerForm(gmina, request.POST or None)
    if form.is_valid() and (made := _created(request, form)):
        messages.success(request, _("The layer is made. Nobody sees it until you publish it."))
        return redirect("layers:layer", slug=gmina.slug, layer=made.slug)
    return render(request, "layers/new.html", {"form": form})


@staff_view(WRITE, writes=True)
def settings(request: StaffRequest, gmina: Gmina, layer: str) -> HttpResponse:
    """POST changes the settings; with `act` remove, an empty layer goes."""
    found = get_object_or_404(Layer, gmina=gmina, slug=layer)
    if request.POST.get("act") == "remove":
        return _removed(request, gmina, found)
    form = SettingsForm(found, request.POST or None)
    if form.is_valid() and _changed(request, found, form):
        return redirect("layers:settings", slug=gmina.slug, layer=layer)
    context = {
        "form": form,
        "layer": found,
        "title": layer_title(found),
        "is_removable": layer_settings.is_removable(found),
        "island": _island(gmina, found),
    }
    return render(request, "layers/settings.html", context)


@staff_view(WRITE)
def preview(request: StaffRequest, gmina: Gmina, layer: str) -> HttpResponse:
    """The staff's style as it would be with the form's fields (as a query) saved; `?scheme=`.

    422 with the form's faults where it could not be saved.
    """
    found = get_object_or_404(Layer, gmina=gmina, slug=layer)
    form = SettingsForm(found, request.GET)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    for name, value in form.settings.items():
        setattr(found, name, value)
    others = layers_of(gmina, Tileset.STAFF).exclude(pk=found.pk)
    url = tilejson_url(request, gmina, Tileset.STAFF)
    style = style_from(gmina, [*others, found], url, PALETTES[scheme_of(request)])
    return JsonResponse(style, headers={"Cache-Control": "no-store"})


def _island(gmina: Gmina, layer: Layer) -> dict[str, Any]:
    where = {"slug": gmina.slug, "layer": layer.slug}
    return {
        "gmina": gmina.slug,
        "layer": layer.slug,
        "form": "layer-settings",
        "preview": reverse("layers:preview", kwargs=where),
    }


def _created(request: StaffRequest, form: NewLayerForm) -> Layer | None:
    """The new layer; None where somebody took the name a moment ago."""
    try:
        return layer_settings.create(form.layer, request.user)
    except IntegrityError:
        form.add_error("title_pl", _("There is a layer of this name already."))
        return None


def _changed(request: StaffRequest, layer: Layer, form: SettingsForm) -> bool:
    try:
        layer_settings.change(layer, form.settings, request.user)
    except DomainError as refusal:
        form.add_error(None, refusal.text)
        return False
    messages.success(request, _("Saved. The map shows it at once."))
    return True


def _removed(request: StaffRequest, gmina: Gmina, layer: Layer) -> HttpResponse:
    try:
        layer_settings.remove(layer, request.user)
    except DomainError as refusal:
        messages.error(request, refusal.text)
        return redirect("layers:settings", slug=gmina.slug, layer=layer.slug)
    messages.success(request, _("The layer is removed."))
    return redirect("layers:list", slug=gmina.slug)
