"""Staff page "Changes in TERYT": what changed in the gmina, and the work that this makes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import StaffRequest, staff_view
from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers.register.accept import accept
from gis_layers.register.changes import changes_of, told
from gis_layers.register.localities import without_district
from gis_layers.register.streets import Proposal, StreetWork, street_work
from teryt.models import Locality, RegisterName
from teryt.releases import states
from teryt.streets import RegisterStreet

WRITE = "layer.write"
PAGE_SIZE = 30
SHOWN = 200  # rows of one list of work; what is done makes room for the next
CODE = "code-"  # code-FID: the code chosen for a street


class SinceForm(forms.Form):
    """The day from which on changes are shown."""

    since = forms.DateField(
        label=gettext_lazy("Since"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@staff_view(WRITE, writes=True)
def teryt(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """POST takes what was chosen (code-FID, name) into the change set."""
    if request.method == "POST":
        return taken(request, gmina)
    held = states()
    context: dict[str, Any] = {
        "registers": [(name, held.get(name)) for name in RegisterName.values],
        "localities": without_district(gmina),
    }
    context |= changed(request, gmina) | work_rows(street_work(gmina))
    return render(request, "layers/teryt.html", context)


def changed(request: StaffRequest, gmina: Gmina) -> dict[str, Any]:
    """The changes since the day asked for, else since this year began."""
    new_year = timezone.localdate().replace(month=1, day=1)
    form = SinceForm(request.GET if "since" in request.GET else {"since": new_year})
    since = form.cleaned_data["since"] if form.is_valid() else new_year
    page = Paginator(changes_of(gmina, since), PAGE_SIZE).get_page(request.GET.get("page"))
    return {"form": form, "since": since, "page": page, "changes": told(gmina, page)}


def work_rows(work: StreetWork | None) -> dict[str, Any]:
    """The lists of work, each cut to what a page can hold, and how long they are."""
    if work is None:
        return {"has_streets": False}
    lists = {"sure": work.sure, "asked": work.asked, "renamed": work.renamed}
    lists["unknown"] = work.unknown
    shown: dict[str, Any] = {name: rows[:SHOWN] for name, rows in lists.items()}
    shown |= {f"{name}_left": max(len(rows) - SHOWN, 0) for name, rows in lists.items()}
    names = locality_names(option.simc for one in work.proposals for option in one.options)
    return shown | {
        "has_streets": True,
        "sure": [proposal_row(proposal, names) for proposal in shown["sure"]],
        "asked": [proposal_row(proposal, names) for proposal in shown["asked"]],
        "undrawn": by_locality(work.undrawn),
        "undrawn_count": len(work.undrawn),
    }


def proposal_row(proposal: Proposal, names: Mapping[str, str]) -> dict[str, Any]:
    """A street with the codes that it may have, each with its name and locality."""
    return {
        "street": proposal.street,
        "words": proposal.words,
        "score": proposal.score,
        "choices": [
            (option.code, f"{option.label}, {names[option.simc]}") for option in proposal.options
        ],
    }


def by_locality(streets: Iterable[RegisterStreet]) -> list[tuple[str, list[RegisterStreet]]]:
    """The streets under the names of their localities."""
    groups: dict[str, list[RegisterStreet]] = defaultdict(list)
    for street in streets:
        groups[street.simc].append(street)
    names = locality_names(groups)
    return sorted((names[simc], rows) for simc, rows in groups.items())


def locality_names(simcs: Iterable[str]) -> dict[str, str]:
    found = Locality.objects.filter(simc__in=list(simcs))
    return dict(found.values_list("simc", "name"))


def fid_of(text: str) -> int | None:
    """A feature's number in what a form sent; it stays below 2^53."""
    return int(text) if re.fullmatch(r"\d{1,16}", text, re.ASCII) else None


def taken(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    """To the change set if there is one, with what was taken into it."""
    codes = {
        fid: str(code)
        for field, code in request.POST.items()
        if field.startswith(CODE) and (fid := fid_of(field.removeprefix(CODE)))
    }
    names = {fid for text in request.POST.getlist("name") if (fid := fid_of(text))}
    try:
        editions = accept(gmina, codes=codes, names=names, by=request.user)
    except DomainError as refusal:
        messages.error(request, refusal.text)
        return redirect("layers:teryt", slug=gmina.slug)
    if not editions:
        messages.info(request, _("Nothing was chosen that is still on the list."))
        return redirect("layers:teryt", slug=gmina.slug)
    count = sum(len(edition.steps.latest("pk").fids) for edition in editions)
    words = ngettext(
        "%(n)d street taken into the change set. Look at it, then publish.",
        "%(n)d streets taken into the change set. Look at it, then publish.",
        count,
    )
    messages.success(request, words % {"n": count})
    if len(editions) > 1:
        return redirect("layers:list", slug=gmina.slug)
    return redirect("layers:edition", slug=gmina.slug, edition_id=editions[0].pk)
