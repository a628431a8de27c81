"""Staff pages of a district layer's lists: all of them, and one to write."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import StaffRequest, staff_view
from accounts.errors import DomainError
from accounts.models import Gmina
from gis_layers.changesets import current_changeset
from gis_layers.districts import lists
from gis_layers.districts.book import lines_of
from gis_layers.districts.lists import ListsUnclear, Outcome
from gis_layers.districts.members import NOBODY, Problem
from gis_layers.edition_words import layer_title
from gis_layers.errors import NoAddresses
from gis_layers.models import DistrictList, Layer, LayerKind
from teryt.localities import whole_localities_of

WRITE = "layer.write"
NAME_MAX = 200  # Feature.name
TEXT_MAX, LINES_MAX = 50_000, 2_000
LISTS_MAX = 300
TOLD = 30  # problems, and streets of nobody, that a page names

WORDS: dict[str, Promise] = {
    "line_unknown": gettext_lazy("no street or village is called so"),
    "locality_unknown": gettext_lazy("no locality of the gmina is called so"),
    "line_ambiguous": gettext_lazy("there are several: write the locality first, with a colon"),
    "numbers_unclear": gettext_lazy("the numbers are not understood"),
    "line_empty": gettext_lazy("no address has these numbers"),
    "claimed_twice": gettext_lazy("another district has this address as well"),
    "same_place": gettext_lazy("an address of another district stands at the same place"),
    "inside_border": gettext_lazy("this address lies in a district that has borders"),
    "district_empty": gettext_lazy("the district has no addresses"),
    "district_outside": gettext_lazy("all its addresses lie outside the gmina"),
}


class ListForm(forms.Form):
    """One district: its name, localities and lines of addresses."""

    name = forms.CharField(label=gettext_lazy("Name of the district"), max_length=NAME_MAX)
    localities = forms.MultipleChoiceField(
        label=gettext_lazy("Whole localities"),
        help_text=gettext_lazy("With their parts. A street that another list names goes there."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
    )
    lines = forms.CharField(
        label=gettext_lazy("Streets and numbers"),
        help_text=gettext_lazy(
            "A line each: “Główna”, “Polna 2, 4, 6a”, “Leśna 1-15 nieparzyste, od 16”, "
            "“Kowale: Główna”."
        ),
        widget=forms.Textarea(attrs={"rows": 12}),
        max_length=TEXT_MAX,
        required=False,
    )

    def __init__(self, row: DistrictList, gmina: Gmina, *args: Any) -> None:
        super().__init__(*args)
        self.row = row
        self.initial = {"name": row.name, "localities": row.localities, "lines": row.lines}
        choices = locality_choices(gmina)
        field = self.fields["localities"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = choices
        if len(choices) < 2:
            del self.fields["localities"]

    def clean_lines(self) -> str:
        lines = lines_of(self.cleaned_data["lines"])
        if len(lines) > LINES_MAX:
            raise forms.ValidationError(_("At most %(n)d lines are possible.") % {"n": LINES_MAX})
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given["lines"] and not given.get("localities"):
            self.add_error("lines", _("Write which addresses belong to the district."))
        return given

    @property
    def filled(self) -> DistrictList:
        given = self.cleaned_data
        self.row.name, self.row.lines = given["name"], given["lines"]
        self.row.localities = sorted(given.get("localities", []))
        return self.row


def locality_choices(gmina: Gmina) -> list[tuple[str, str]]:
    """SIMC and name of the gmina's localities; of two with one name the SIMC is told too."""
    rows = list(whole_localities_of(gmina.terc6).values_list("simc", "name"))
    names = Counter(name for _simc, name in rows)
    return [(simc, name if names[name] == 1 else f"{name} ({simc})") for simc, name in rows]


@staff_view(WRITE, writes=True)
def listed(request: StaffRequest, gmina: Gmina, districts: str) -> HttpResponse:
    """The layer's lists with their addresses. POST draws them all anew."""
    found = district_layer(gmina, districts)
    if request.method == "POST":
        return drawn_anew(request, found)
    rows = list(found.district_lists.all())
    context = {"layer": found, "title": layer_title(found), "lists": rows}
    try:
        context |= told(lists.outcome(found, rows))
    except NoAddresses as refusal:
        context["refusal"] = refusal.text
    return render(request, "layers/lists.html", context)


@staff_view(WRITE, writes=True)
def new(request: StaffRequest, gmina: Gmina, districts: str) -> HttpResponse:
    found = district_layer(gmina, districts)
    if found.district_lists.count() >= LISTS_MAX:
        messages.error(request, _("There are enough districts in this layer."))
        return redirect("layers:lists", slug=gmina.slug, districts=districts)
    return written(request, found, DistrictList(layer=found))


@staff_view(WRITE, writes=True)
def one(request: StaffRequest, gmina: Gmina, districts: str, list_id: int) -> HttpResponse:
    """POST keeps it; with `act`: forget (the list alone), remove (the district as well)."""
    found = district_layer(gmina, districts)
    row = get_object_or_404(DistrictList, layer=found, pk=list_id)
    act = request.POST.get("act", "")
    if act not in ("forget", "remove"):
        return written(request, found, row)
    lists.remove(row, request.user, with_feature=act == "remove")
    messages.success(request, _("The list is removed."))
    return redirect("layers:lists", slug=gmina.slug, districts=districts)


def district_layer(gmina: Gmina, slug: str) -> Layer:
    return get_object_or_404(Layer, gmina=gmina, slug=slug, kind=LayerKind.DISTRICT)


def drawn_anew(request: StaffRequest, layer: Layer) -> HttpResponse:
    try:
        lists.draw(layer, request.user)
    except DomainError as refusal:
        messages.error(request, refusal.text)
        return redirect("layers:lists", slug=request.gmina.slug, districts=layer.slug)
    return to_changes(request, layer)


def written(request: StaffRequest, layer: Layer, row: DistrictList) -> HttpResponse:
    """The page of one list; kept and drawn where it was sent and can be."""
    form = ListForm(row, request.gmina, request.POST or None)
    context: dict[str, Any] = {"form": form, "layer": layer, "title": layer_title(layer)}
    context["list"] = row if row.pk else None
    if form.is_valid():
        try:
            with transaction.atomic():
                lists.save(form.filled, request.user)
            return to_changes(request, layer)
        except ListsUnclear as refusal:
            context["problems"] = problem_rows(refusal.outcome.problems)
        except IntegrityError:
            form.add_error("name", _("There is a list of this name already."))
        except DomainError as refusal:
            form.add_error(None, refusal.text)
    return render(request, "layers/list_form.html", context)


def to_changes(request: StaffRequest, layer: Layer) -> HttpResponse:
    """To the change set that the districts were drawn into."""
    messages.success(request, _("The districts are drawn. Look at them, then publish."))
    edition = current_changeset(layer)
    if edition is None:  # published by somebody a moment ago
        return redirect("layers:lists", slug=request.gmina.slug, districts=layer.slug)
    return redirect("layers:edition", slug=request.gmina.slug, edition_id=edition.pk)


def told(found: Outcome) -> dict[str, Any]:
    """What the page of all lists says of them: `rows`, `problems`, and the addresses of nobody."""
    counts = found.members.counts()
    return {
        "rows": [(row, addresses_words(counts[n])) for n, row in enumerate(found.lists)],
        "problems": problem_rows(found.problems),
        "left": addresses_words(counts[NOBODY]) if counts[NOBODY] else "",
        "left_streets": streets_of_nobody(found),
    }


def addresses_words(count: int) -> str:
    return ngettext("%(n)d address", "%(n)d addresses", count) % {"n": count}


def streets_of_nobody(found: Outcome) -> list[str]:
    """Streets with most addresses in no district first: "ul. Główna (12)"."""
    pairs = zip(found.book.addresses, found.members.owner, strict=True)
    left = Counter(found.book.label(address) for address, owner in pairs if owner == NOBODY)
    return [f"{street} ({count})" for street, count in left.most_common(TOLD)]


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, object]]:
    rows = [
        {
            "district": problem.district,
            "line": problem.line,
            "words": WORDS[problem.code],
            "hint": problem.hint,
        }
        for problem in problems
    ]
    return rows[:TOLD]
