"""Forms of a layer: making one, and its settings with the look that the map shows live."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.urls import resolve
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Gmina
from gis_layers.looks import FILL_MAX, WIDTH_MAX, Line, Look, look_of, style_of, usual_look
from gis_layers.models import Layer, LayerKind
from gis_layers.tiles import MAX_ZOOM, MIN_ZOOM
from teryt.names import normal_form

POLYGON, LINE, POINT = Layer.GeometryType.POLYGON, Layer.GeometryType.LINE, Layer.GeometryType.POINT
POSITION_MAX = 999
SLUG_MAX = 40
ZOOM_WORDS = {
    8: gettext_lazy("8: the county"),
    10: gettext_lazy("10: the whole municipality"),
    13: gettext_lazy("13: a district"),
    16: gettext_lazy("16: single houses, and nearer"),
}
ZOOMS = [(zoom, ZOOM_WORDS.get(zoom, str(zoom))) for zoom in range(MIN_ZOOM, MAX_ZOOM + 1)]
EVERYBODY, STAFF = "everybody", "staff"
# What can be made by hand -> kind, geometry type.
SORTS: Mapping[str, tuple[str, str]] = {
    "areas": (LayerKind.CUSTOM, POLYGON),
    "lines": (LayerKind.CUSTOM, LINE),
    "points": (LayerKind.CUSTOM, POINT),
    "districts": (LayerKind.DISTRICT, POLYGON),
}
SORT_WORDS = [
    ("areas", gettext_lazy("Areas of your own: water zones, school districts, flood areas")),
    ("lines", gettext_lazy("Lines of your own: pipes, bus lines, cycle paths")),
    ("points", gettext_lazy("Points of your own: hydrants, shelters, stops")),
    ("districts", gettext_lazy("Districts: osiedla, sołectwa, dzielnice")),
]


class TitleForm(forms.Form):
    """What every layer is called, whose it is and who sees it."""

    title_pl = forms.CharField(label=gettext_lazy("Title"), max_length=80)
    title_en = forms.CharField(
        label=gettext_lazy("English title"),
        help_text=gettext_lazy("For those who read the map in English. Empty: as in Polish."),
        max_length=80,
        required=False,
    )
    seen_by = forms.ChoiceField(
        label=gettext_lazy("Who sees it"),
        choices=[
            (EVERYBODY, gettext_lazy("everybody: residents, the public map, other programs")),
            (STAFF, gettext_lazy("only the gmina's staff, when they aim alerts")),
        ],
        widget=forms.RadioSelect,
        initial=STAFF,
    )


class NewLayerForm(TitleForm):
    """A layer made by hand; its slug comes from the title."""

    sort = forms.ChoiceField(
        label=gettext_lazy("What is in it"),
        choices=SORT_WORDS,
        widget=forms.RadioSelect,
        initial="areas",
    )
    field_order = ["title_pl", "title_en", "sort", "seen_by"]

    def __init__(self, gmina: Gmina, *args: Any) -> None:
        super().__init__(*args)
        self.gmina = gmina

    def clean_title_pl(self) -> str:
        title = str(self.cleaned_data["title_pl"])
        slug = slug_of(title)
        if not slug or is_routed(slug):
            raise forms.ValidationError(_("Choose another title: this one makes no address."))
        if Layer.objects.filter(gmina=self.gmina, slug=slug).exists():
            raise forms.ValidationError(_("There is a layer of this name already."))
        return title

    @property
    def layer(self) -> Layer:
        """The layer that the form describes, unsaved."""
        given = self.cleaned_data
        kind, geometry_type = SORTS[given["sort"]]
        return Layer(
            gmina=self.gmina,
            slug=slug_of(given["title_pl"]),
            kind=kind,
            geometry_type=geometry_type,
            title_pl=given["title_pl"],
            title_en=given["title_en"] or given["title_pl"],
            public=given["seen_by"] == EVERYBODY,
        )


def slug_of(title: str) -> str:
    """ "Strefy zasilania w wodę" -> "strefy-zasilania-w-wode"."""
    return slugify(normal_form(title))[:SLUG_MAX].strip("-")


def is_routed(slug: str) -> bool:
    """Whether a layer's page under this slug would be hidden by another page ("import", …)."""
    return resolve(f"/staff/gmina/layers/{slug}/").url_name != "layer"


class SettingsForm(TitleForm):
    """All settings of a layer; what its kind and geometry have no use for is left out."""

    source = forms.CharField(
        label=gettext_lazy("Source, as the map names it"), max_length=200, required=False
    )
    source_en = forms.CharField(
        label=gettext_lazy("Source in English"), max_length=200, required=False
    )
    own_colour = forms.BooleanField(label=gettext_lazy("A colour of its own"), required=False)
    colour = forms.RegexField(
        r"^#[0-9a-f]{6}$",
        label=gettext_lazy("Colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        required=False,
    )
    line = forms.ChoiceField(label=gettext_lazy("Line"), choices=Line.choices)
    width = forms.FloatField(
        label=gettext_lazy("Width in pixels"),
        min_value=0.5,
        max_value=WIDTH_MAX,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    fill = forms.IntegerField(
        label=gettext_lazy("Inside filled, percent"),
        help_text=gettext_lazy("0: only the border. What lies beneath stays legible up to 80."),
        min_value=0,
        max_value=round(FILL_MAX * 100),
    )
    label = forms.BooleanField(label=gettext_lazy("With names"), required=False)
    min_zoom = forms.TypedChoiceField(
        label=gettext_lazy("Shown from zoom"), coerce=int, choices=ZOOMS
    )
    max_zoom = forms.TypedChoiceField(
        label=gettext_lazy("Shown up to zoom"), coerce=int, choices=ZOOMS
    )
    position = forms.IntegerField(
        label=gettext_lazy("Order"),
        help_text=gettext_lazy("A layer with a higher number lies above one with a lower."),
        min_value=0,
        max_value=POSITION_MAX,
    )

    # What the map beside it shows comes before who sees it and what it is called elsewhere.
    field_order = [
        *("title_pl", "title_en", "own_colour", "colour", "line", "width", "fill", "label"),
        *("position", "min_zoom", "max_zoom", "seen_by", "source", "source_en"),
    ]

    def __init__(self, layer: Layer, *args: Any) -> None:
        super().__init__(*args)
        self.layer = layer
        self.initial = initial(layer)
        for name in without_use(layer):
            del self.fields[name]
        if layer.geometry_type == POINT:
            self.fields["width"].label = _("Size in pixels")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("min_zoom", MIN_ZOOM) > given.get("max_zoom", MAX_ZOOM):
            self.add_error("max_zoom", _("The second zoom is not less than the first."))
        if given.get("own_colour") and not given.get("colour"):
            self.add_error("colour", _("Choose a colour."))
        return given

    @property
    def settings(self) -> dict[str, Any]:
        """What layer_settings.change takes."""
        given = self.cleaned_data
        kept = ("title_pl", "source", "source_en", "min_zoom", "max_zoom", "position")
        return {
            **{name: given[name] for name in kept},
            "title_en": given["title_en"] or given["title_pl"],
            "public": given.get("seen_by") == EVERYBODY,
            "style": style_of(self.layer, self.look),
        }

    @property
    def look(self) -> Look:
        given = self.cleaned_data
        kept = asdict(look_of(self.layer))
        colour = given["colour"] if given.get("own_colour", True) else ""
        said = {name: given[name] for name in ("line", "width", "label") if name in given}
        filled = {"fill": given["fill"] / 100} if "fill" in given else {}
        return Look(**(kept | said | filled | {"colour": colour}))


def initial(layer: Layer) -> dict[str, Any]:
    look = look_of(layer)
    names = ("title_pl", "title_en", "source", "source_en", "min_zoom", "max_zoom", "position")
    return {
        **{name: getattr(layer, name) for name in names},
        **asdict(look),
        "seen_by": EVERYBODY if layer.public else STAFF,
        "own_colour": bool(look.colour),
        "colour": look.colour or "#1d4f91",
        "fill": round(look.fill * 100),
    }


def without_use(layer: Layer) -> list[str]:
    """Fields of SettingsForm that mean nothing for the layer."""
    names = ["own_colour"] if usual_look(layer).colour else []
    if layer.geometry_type != POLYGON:
        names.append("fill")
    if layer.geometry_type == POINT:
        names.append("line")
    if layer.kind == LayerKind.ADDRESS:
        names.append("seen_by")
    return names
