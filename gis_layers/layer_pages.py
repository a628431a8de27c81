"""Staff pages of layers: the list, one layer with its history, one edition with what to do with it.

Whoever may read layers sees what is published; changes that wait are for GIS officers alone.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import StaffRequest, staff_view
from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers import edition_words, publishing_form, report_pages, step_words
from gis_layers.edition_api import WRITE, readable
from gis_layers.feature_list import published_layers
from gis_layers.models import Edition, Layer

READ = "layer.read"
PAGE_SIZE = 30


def waiting(request: StaffRequest, gmina: Gmina) -> QuerySet[Edition]:
    staged = readable(gmina, request.actions).filter(state=Edition.State.STAGED)
    return staged.order_by("publish_on", "-created_at")


def never_published(request: StaffRequest, gmina: Gmina) -> QuerySet[Layer]:
    """Layers that are only being prepared: a GIS officer's alone."""
    layers = Layer.objects.filter(gmina=gmina, edition_number=0)
    return layers if WRITE in request.actions else layers.none()


@staff_view(READ)
def listed(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """The gmina's layers, above them what waits to be published."""
    context = {
        "waiting": edition_words.rows(waiting(request, gmina)),
        "layers": published_layers(gmina),
        "empty": never_published(request, gmina),
        "may_write": WRITE in request.actions,
    }
    return render(request, "layers/list.html", context)


@staff_view(READ, writes=True)
def layer(request: StaffRequest, gmina: Gmina, layer: str) -> HttpResponse:
    """One layer, what waits for it, and its history. POST with `number`: back to that edition."""
    found = get_object_or_404(Layer.objects.select_related("gmina"), gmina=gmina, slug=layer)
    if not found.edition_number and WRITE not in request.actions:
        raise Http404
    if request.method == "POST":
        act(request, lambda: publishing_form.roll_back(request, found))
        return redirect("layers:layer", slug=gmina.slug, layer=layer)
    published = readable(gmina, request.actions).filter(layer=found, state=Edition.State.PUBLISHED)
    page = Paginator(published.order_by("-number"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "layer": found,
        "title": edition_words.layer_title(found),
        "waiting": edition_words.rows(waiting(request, gmina).filter(layer=found)),
        "page": page,
        "history": edition_words.rows(page),
        "may_write": WRITE in request.actions,
    }
    return render(request, "layers/layer.html", context)


@staff_view(READ, writes=True)
def edition(request: StaffRequest, gmina: Gmina, edition_id: int) -> HttpResponse:
    """One edition: report, differences, publishing. POST with `act`, one of ACTS."""
    found = get_object_or_404(readable(gmina, request.actions), pk=edition_id)
    if request.method == "POST":
        do = ACTS.get(request.POST.get("act", ""))
        if do is not None:
            act(request, lambda: do(request, found))
        return after(found)
    [row] = edition_words.rows([found])
    context = {
        "row": row,
        "edition": found,
        "layer": found.layer,
        "title": edition_words.layer_title(found.layer),
        "may_write": WRITE in request.actions,
        "differences": differences(found),
    }
    sections: dict[str, Any] = {}
    for section in SECTIONS:
        sections |= section(request, found)
    return render(request, "layers/edition.html", context | sections)


def differences(edition: Edition) -> dict[str, Any]:
    """What the island of differences is told; it asks for the rest."""
    layer = edition.layer
    return {
        "gmina": layer.gmina.slug if layer.gmina else "",
        "edition": edition.pk,
        "layer": {"id": layer.slug, "kind": layer.kind, "geometry_type": layer.geometry_type},
    }


def act(request: StaffRequest, do: Callable[[], str]) -> None:
    """Do what a GIS officer asked for and say what came of it; a refusal changes nothing."""
    if WRITE not in request.actions:
        raise PermissionDenied
    try:
        messages.success(request, do())
    except DomainError as refusal:
        messages.error(request, refusal.text)


def after(edition: Edition) -> HttpResponse:
    """Back to the edition's page; a discarded one has none, so to its layer's."""
    edition.refresh_from_db()
    slug = edition.layer.gmina.slug if edition.layer.gmina else ""
    if edition.state == Edition.State.DISCARDED:
        return redirect("layers:layer", slug=slug, layer=edition.layer.slug)
    return redirect("layers:edition", slug=slug, edition_id=edition.pk)


# What the page of an edition can be asked to do: each returns the sentence that says it is done.
ACTS: dict[str, Callable[[StaffRequest, Edition], str]] = {**publishing_form.ACTS}
# What stands on it: each returns its part of the template's context.
SECTIONS: tuple[Callable[[StaffRequest, Edition], dict[str, Any]], ...] = (
    publishing_form.section,
    step_words.section,
    report_pages.section,
)
