"""What an officer says of an uploaded file: which table, what it is, which column means what.

Guesses come from the file (read.inspect); the officer sees them and may say otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.gis.geos import MultiPoint, Point
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Gmina
from gis_layers.crs import STORED
from gis_layers.imports import columns, envelopes, target
from gis_layers.imports.options import Options
from gis_layers.models import Layer, LayerKind
from teryt.localities import whole_localities_of
from teryt.names import normal_form

SAMPLES = 3  # values of a column by which an officer knows it
SAMPLE_MAX = 24  # letters of each
MEANINGS: Mapping[str, Any] = {
    "name": gettext_lazy("Name of the feature"),
    "street": gettext_lazy("Street"),
    "number": gettext_lazy("House number"),
    "postcode": gettext_lazy("Postcode"),
    "simc": gettext_lazy("Locality’s code (SIMC)"),
    "code": gettext_lazy("Code"),
    "id": gettext_lazy("Number by which a feature is known again"),
}
CODES: Mapping[str, Any] = {
    LayerKind.STREET: gettext_lazy("Street’s code (SYM_UL)"),
    LayerKind.ADDRESS: gettext_lazy("Street’s code (SYM_UL)"),
    LayerKind.TERYT_UNIT: gettext_lazy("Unit’s code (TERC)"),
}
KINDS: Mapping[str, Any] = {
    LayerKind.STREET: gettext_lazy("streets"),
    LayerKind.DISTRICT: gettext_lazy("districts: osiedla, sołectwa"),
    LayerKind.ADDRESS: gettext_lazy("addresses"),
    LayerKind.TERYT_UNIT: gettext_lazy("the gmina’s boundary"),
    LayerKind.CUSTOM: gettext_lazy("something else"),
}
# Dimension of the geometries -> what they are likeliest to be.
LIKELY = {0: LayerKind.ADDRESS, 1: LayerKind.STREET, 2: LayerKind.DISTRICT}
NEW = ""  # instead of a layer that is there


class WhatForm(forms.Form):
    """Which table of the file, and what it holds."""

    use_required_attribute = False

    def __init__(self, tables: Sequence[Mapping[str, Any]], *args: Any, **said: Any) -> None:
        super().__init__(*args, **said)
        names = [(table["name"], table_words(table)) for table in tables]
        self.fields["table"] = forms.ChoiceField(
            label=gettext_lazy("Table"),
            choices=names,
            initial=names[0][0],
            widget=forms.HiddenInput if len(names) == 1 else forms.Select,
        )
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("Kind of features"),
            choices=list(KINDS.items()),
            initial=LIKELY.get(tables[0]["dimension"], LayerKind.CUSTOM),
        )


class ColumnsForm(forms.Form):
    """Which layer it is for, and which column means what."""

    use_required_attribute = False

    def __init__(
        self, gmina: Gmina, table: Mapping[str, Any], kind: str, *args: Any, **said: Any
    ) -> None:
        super().__init__(*args, **said)
        self.gmina, self.table, self.kind = gmina, table, kind
        self.guesses = columns.guesses(kind, tuple(table["columns"]))
        self.add_layer()
        wanted = columns.WANTED.get(kind, columns.WANTED_ELSE)
        for meaning in MEANINGS:
            if meaning in wanted:
                self.add_column(meaning)
        if kind == LayerKind.STREET:
            self.fields["group"] = forms.BooleanField(
                label=_("Lines of one name are one street"), required=False, initial=True
            )
        self.add_locality()
        self.add_attributes()
        self.add_reading()

    def add_layer(self) -> None:
        there = list(Layer.objects.filter(gmina=self.gmina, kind=self.kind))
        self.slugs = {layer.slug for layer in self.gmina.layers.all()}
        choices = [(layer.slug, title_of(layer)) for layer in there]
        self.fields["layer"] = forms.ChoiceField(
            label=_("Layer"),
            choices=[*choices, (NEW, _("a new layer"))],
            initial=there[0].slug if there else NEW,
            required=False,
            widget=forms.Select if there else forms.HiddenInput,
        )
        slug, title_pl, title_en = target.DEFAULTS.get(self.kind, ("", "", ""))
        free = slug and slug not in self.slugs
        for name, label, initial in (
            ("title_pl", _("Name of a new layer, in Polish"), title_pl),
            ("title_en", _("The same in English"), title_en),
        ):
            self.fields[name] = forms.CharField(
                label=label, max_length=80, required=False, initial=initial if free else ""
            )

    def add_column(self, meaning: str) -> None:
        label = CODES.get(self.kind) if meaning == "code" else None
        self.fields[f"column_{meaning}"] = forms.ChoiceField(
            label=label or MEANINGS[meaning],
            choices=[("", _("not in the file")), *self.columns()],
            initial=self.guesses.get(meaning, ""),
            required=False,
        )

    def columns(self) -> list[tuple[str, str]]:
        """The file's columns, each with some of its values to know it by."""
        return [(name, column_words(name, self.table["sample"])) for name in self.table["columns"]]

    def add_locality(self) -> None:
        localities = list(whole_localities_of(self.gmina.terc6).order_by("name"))
        if len(localities) > 1 and self.kind != LayerKind.TERYT_UNIT:
            self.fields["simc"] = forms.ChoiceField(
                label=_("Locality of features that name none"),
                choices=[("", _("none")), *((one.simc, one.name) for one in localities)],
                required=False,
            )

    def add_attributes(self) -> None:
        if self.kind != LayerKind.ADDRESS:
            self.fields["attrs"] = forms.MultipleChoiceField(
                label=_("Further columns to keep"),
                choices=self.columns(),
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def add_reading(self) -> None:
        """How the file is to be read, where it may be read in several ways."""
        says = self.table["srid"]
        self.fields["srid"] = forms.IntegerField(
            label=_("Coordinate system (EPSG number)"),
            help_text=_("The file says: %(srid)s.") % {"srid": says or _("nothing")},
            initial=None if says else self.likely_srid(),
            required=not says,
            min_value=1,
            max_value=999_999,
        )
        self.fields["swap_axes"] = forms.BooleanField(
            label=_("Exchange x and y"), help_text=self.axes_words(), required=False
        )
        if self.table["encoding_guessed"]:
            encodings = ("UTF-8", "windows-1250")
            guessed = _("guessed: %(encoding)s") % {"encoding": self.table["encoding"]}
            self.fields["encoding"] = forms.ChoiceField(
                label=_("Encoding of the texts"),
                choices=[("", guessed), *((one, one) for one in encodings)],
                required=False,
            )

    def likely_srid(self) -> int | None:
        fitting = self.table["fitting"]
        return fitting[0][0] if fitting else None

    def axes_words(self) -> str:
        """What the first features say of the order of the axes: never guessed, only told."""
        expected = envelopes.of_gmina(self.gmina)
        placed, turned = (places(self.table[name]) for name in ("places", "turned"))
        lies = bool(expected and placed and placed.intersects(expected))
        if expected and turned and turned.intersects(expected) and not lies:
            return _("It seems so: only then does the file lie in your gmina.")
        return _("Only where the file has them the other way round.")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("layer", NEW) == NEW:
            if not said.get("title_pl"):
                self.add_error("title_pl", _("Give the new layer a name."))
            elif self.new_slug() in self.slugs:
                self.add_error("title_pl", _("There is a layer of this name already."))
        return said

    def new_slug(self) -> str:
        """The kind's usual slug while it is free, else one made of the name."""
        usual = target.DEFAULTS.get(self.kind, ("",))[0]
        if usual and usual not in self.slugs:
            return usual
        return slugify(normal_form(self.cleaned_data["title_pl"]))[:60]

    def options(self) -> Options:
        """What was said, once the form is valid."""
        said = self.cleaned_data
        fields = {
            meaning: said[f"column_{meaning}"]
            for meaning in MEANINGS
            if said.get(f"column_{meaning}")
        }
        is_new = said["layer"] == NEW
        return Options(
            slug=self.new_slug() if is_new else said["layer"],
            title_pl=said["title_pl"] if is_new else "",
            title_en=(said["title_en"] or said["title_pl"]) if is_new else "",
            group_by=fields.get("name", "") if said.get("group") else "",
            fields=fields,
            attrs=said.get("attrs", []),
            simc=said.get("simc", ""),
            source_layer=self.table["name"],
            srid=said["srid"],
            swap_axes=said["swap_axes"],
            encoding=said.get("encoding", ""),
        )


def places(pairs: Sequence[Sequence[float]]) -> MultiPoint | None:
    return MultiPoint([Point(*pair) for pair in pairs], srid=STORED) if pairs else None


def title_of(layer: Layer) -> str:
    return layer.title_en if get_language() == "en" else layer.title_pl


def table_words(table: Mapping[str, Any]) -> str:
    count = table["count"]
    return f"{table['name']} ({count})" if count is not None else str(table["name"])


def column_words(name: str, sample: Sequence[Mapping[str, Any]]) -> str:
    """ "nazwa: Główna, Leśna, Polna …" """
    values = dict.fromkeys(str(row[name]) for row in sample if row.get(name) not in (None, ""))
    shown = [value[:SAMPLE_MAX] for value in list(values)[:SAMPLES]]
    return f"{name}: {', '.join(shown)} …" if shown else name
