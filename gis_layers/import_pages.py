"""Staff pages of imports: bring a file, say what it is, see how far it is."""

import shutil
from dataclasses import asdict
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.access import StaffRequest, staff_view
from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers.imports import nightly, runs, source_form, uploads
from gis_layers.imports.choosing import ColumnsForm, WhatForm
from gis_layers.imports.read import inspect
from gis_layers.imports.workspace import workspace
from gis_layers.models import ImportRun

WRITE = "layer.write"
LISTED = 20  # imports that the page remembers
State = ImportRun.State


class UploadForm(forms.Form):
    """A file of a layer."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("GeoPackage, Shapefile in a .zip, GML, GeoJSON or FlatGeobuf."),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = settings.IMPORT_UPLOAD_MAX_BYTES
        if (file.size or 0) > limit:
            told = {"limit": limit // 1024**2}
            raise forms.ValidationError(_("The file is larger than %(limit)d MB.") % told)
        return file


@staff_view(WRITE, writes=True)
def begin(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """Bring a file, and the imports there were."""
    if request.POST.get("act") in source_form.ACTS:
        return sources(request, gmina)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = brought(form.cleaned_data["file"], gmina, request)
            return redirect("layers:import_run", slug=gmina.slug, run_id=run.pk)
        except DomainError as refusal:
            form.add_error("file", refusal.text)
    return page(request, gmina, form, source_form.SourceForm())


def page(
    request: StaffRequest, gmina: Gmina, form: UploadForm, source: source_form.SourceForm
) -> HttpResponse:
    context = {
        "form": form,
        "source_form": source,
        "sources": gmina.wfs_sources.all(),
        "runs": runs_of(gmina)[:LISTED],
    }
    return render(request, "layers/import.html", context)


def sources(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """Add a service, read it now, forget it: `act`, with its `source`."""
    if request.POST["act"] == source_form.ADD:
        form = source_form.SourceForm(request.POST)
        if not form.is_valid():
            return page(request, gmina, UploadForm(), form)
        source = nightly.add(gmina, **form.cleaned_data, by=request.user)
    else:
        source = get_object_or_404(gmina.wfs_sources, pk=request.POST.get("source"))
    if request.POST["act"] == source_form.REMOVE:
        nightly.remove(source, request.user)
        messages.success(request, _("The service is forgotten. What it brought stays."))
        return redirect("layers:import", slug=gmina.slug)
    run = runs.start_source(source, request.user)
    return redirect("layers:import_run", slug=gmina.slug, run_id=run.pk)


def brought(file: "UploadedFile[Any]", gmina: Gmina, request: StaffRequest) -> ImportRun:
    """Look into the file and keep it. Raises LayerFileErrors."""
    with workspace() as folder:
        path = folder / uploads.plain_name(file.name or "")
        with path.open("wb") as out:
            shutil.copyfileobj(file, out)
        inspection = asdict(inspect(path))
        with path.open("rb") as content:
            return runs.upload(gmina, content, path.name, inspection, request.user)


@staff_view(WRITE, writes=True)
def run(request: StaffRequest, gmina: Gmina, run_id: int) -> HttpResponse:
    """One import, from the choice to its end. POST with `act`: start or cancel."""
    found = get_object_or_404(runs_of(gmina), pk=run_id)
    if request.POST.get("act") == "cancel":
        return cancelled(request, found)
    if found.state == State.UPLOADED:
        return choice(request, gmina, found)
    context = {"run": found, "words": found.error_text.get(get_language(), "")}
    if found.state in ImportRun.OPEN:
        context["island"] = {"gmina": gmina.slug, "run": found.pk}
    return render(request, "layers/import_run.html", context)


def choice(request: StaffRequest, gmina: Gmina, found: ImportRun) -> HttpResponse:
    """What the file is (GET), then which column means what (POST)."""
    tables = found.inspection["tables"]
    said = request.GET if "kind" in request.GET else None
    what = WhatForm(tables, said)
    context = {"run": found, "what": what, "same": runs.same_file(found)}
    if said and what.is_valid():
        table = next(one for one in tables if one["name"] == what.cleaned_data["table"])
        kind = what.cleaned_data["kind"]
        form = ColumnsForm(gmina, table, kind, request.POST or None)
        if request.method == "POST" and form.is_valid():
            return started(request, found, kind, form)
        context["form"] = form
    return render(request, "layers/import_choice.html", context)


def started(request: StaffRequest, found: ImportRun, kind: str, form: ColumnsForm) -> HttpResponse:
    try:
        runs.start(found, kind, form.options(), request.user)
    except DomainError as refusal:
        messages.error(request, refusal.text)
    return redirect("layers:import_run", slug=found.gmina.slug, run_id=found.pk)


def cancelled(request: StaffRequest, found: ImportRun) -> HttpResponse:
    try:
        runs.cancel(found, request.user)
        messages.success(request, _("The import is cancelled. Nothing of it is kept."))
    except DomainError as refusal:
        messages.error(request, refusal.text)
    return redirect("layers:import", slug=found.gmina.slug)


def runs_of(gmina: Gmina) -> QuerySet[ImportRun]:
    return ImportRun.objects.filter(gmina=gmina).select_related("gmina", "edition", "source")
