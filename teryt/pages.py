"""The operator's page of the registers: what is held, what was loaded, and a form to load more."""

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import operator_view
from accounts.errors import DomainError
from accounts.models import User
from teryt.load import Loaded, load_file
from teryt.models import Difference, RegisterName, Release
from teryt.releases import states

LISTED = 20  # releases
NAME_END = 80  # letters of a file's name that are kept: its end says what it is
Files = Mapping[str, "UploadedFile[Any]"]


class RegistersForm(forms.Form):
    """A file for each register that is to be loaded; they are loaded in this order."""

    TERC = forms.FileField(label=RegisterName.TERC.label, required=False)
    SIMC = forms.FileField(label=RegisterName.SIMC.label, required=False)
    ULIC = forms.FileField(label=RegisterName.ULIC.label, required=False)
    force = forms.BooleanField(
        label=gettext_lazy("Load it even if it is older than what is held or lacks many rows"),
        required=False,
    )

    def files_given(self) -> "Files":
        given = {name: self.cleaned_data[name] for name in RegisterName.values}
        return {name: file for name, file in given.items() if file}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not any(given[name] for name in RegisterName.values):
            raise forms.ValidationError(_("Choose at least one file."))
        return given


@operator_view(writes=True)
def registers(request: HttpRequest) -> HttpResponse:
    """POST loads the files, all or none."""
    is_sent = request.method == "POST"
    form = RegistersForm(request.POST, request.FILES) if is_sent else RegistersForm()
    if form.is_valid():
        by, force = cast(User, request.user), form.cleaned_data["force"]
        try:
            done = load_uploads(form.files_given(), by=by, force=force)
        except DomainError as refusal:
            form.add_error(None, refusal.text)
        else:
            for loaded in done:
                tell(request, loaded)
            return redirect("registers")
    held = states()
    context = {
        "form": form,
        "registers": [(name, held.get(name)) for name in RegisterName.values],
        "releases": rows(Release.objects.all()[:LISTED]),
    }
    return render(request, "registers.html", context)


@transaction.atomic
def load_uploads(files: "Files", *, by: User, force: bool) -> list[Loaded]:
    """As load.load_files, each under the name it was sent by and only as the register it is for."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            load_file(kept(file, Path(folder) / name), by=by, force=force, expected=name)
            for name, file in files.items()
        ]


def kept(file: "UploadedFile[Any]", folder: Path) -> Path:
    folder.mkdir()
    path = folder / str(file.name)[-NAME_END:]
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)
    return path


def tell(request: HttpRequest, loaded: Loaded) -> None:
    release = loaded.release
    words = _("%(register)s of %(state_on)s is loaded: %(added)d added, %(removed)d removed.")
    messages.success(
        request,
        words
        % {
            "register": release.register,
            "state_on": date_format(release.state_on, "j E Y"),
            "added": loaded.added,
            "removed": loaded.removed,
        },
    )
    for warning in loaded.warnings:
        messages.warning(request, warning)


def rows(releases: Iterable[Release]) -> list[dict[str, Any]]:
    """Each release with what it changed in words, and who loaded it."""
    found = list(releases)
    ids = {release.loaded_by_id for release in found if release.loaded_by_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            "release": release,
            "changes": counted(release.counts),
            "who": names.get(release.loaded_by_id or 0, ""),
        }
        for release in found
    ]


def counted(counts: Mapping[str, int]) -> str:
    """ "added: 3, renamed: 1", in the order of Difference.Op."""
    return ", ".join(f"{op.label}: {counts[op]}" for op in Difference.Op if counts.get(op))
