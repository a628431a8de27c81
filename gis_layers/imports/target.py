"""The layer that a file is for."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers.errors import LayerError
from gis_layers.imports.columns import Columns
from gis_layers.imports.options import Options
from gis_layers.models import Layer, LayerKind
from gis_layers.outlines import OWN_SLUG
from gis_layers.revisions import raise_revision

NATIONAL_ACCURACY_M = 800  # of the outlines of 2021: Chorzów has 16 vertices there
OWN_ACCURACY_M = 5

# Kind -> slug, Polish and English title of a layer that is not named otherwise.
DEFAULTS: Mapping[str, tuple[str, str, str]] = {
    LayerKind.STREET: ("ulice", "Ulice", "Streets"),
    LayerKind.DISTRICT: ("osiedla", "Osiedla", "Districts"),
    LayerKind.ADDRESS: ("adresy", "Adresy", "Addresses"),
    LayerKind.TERYT_UNIT: (OWN_SLUG, "Granica", "Boundary"),
}
NATIONAL_DEFAULTS = ("gminy", "Gminy", "Municipalities")
TYPES: Mapping[str, str] = {
    LayerKind.STREET: Layer.GeometryType.LINE,
    LayerKind.DISTRICT: Layer.GeometryType.POLYGON,
    LayerKind.TERYT_UNIT: Layer.GeometryType.POLYGON,
    LayerKind.ADDRESS: Layer.GeometryType.POINT,
}


class SlugMissing(LayerError):
    """A custom layer has no default name."""

    code = "slug_missing"
    message = _("Give the layer a name with --slug.")


class LayerDiffers(LayerError):
    """A layer of this name is there and holds something else."""

    code = "layer_differs"
    message = _("The layer {slug} is there already and is of another kind: {kind}, {geometry}.")


def layer_of(gmina: Gmina | None, kind: str, geometry_type: str, options: Options) -> Layer:
    """The layer the file is for, locked; an unsaved one where it is not there yet.

    Raises SlugMissing, or LayerDiffers where the name stands for a layer of another kind.
    """
    slug, title_pl, title_en = naming(gmina, kind, options)
    layer = Layer.objects.select_for_update().filter(gmina=gmina, slug=slug).first() or Layer(
        gmina=gmina,
        slug=slug,
        kind=kind,
        geometry_type=geometry_type,
        title_pl=title_pl,
        title_en=title_en,
        accuracy_m=OWN_ACCURACY_M if gmina else NATIONAL_ACCURACY_M,
    )
    if (layer.kind, layer.geometry_type) != (kind, geometry_type):
        differs = {"slug": slug, "kind": layer.kind, "geometry": layer.geometry_type}
        raise LayerDiffers(details=differs)
    return layer


def describe(layer: Layer, columns: Columns, options: Options, by: User | None) -> None:
    """Save what was said of the layer; who sees it counts at once, being no part of an edition."""
    said = {
        "title_pl": options.title_pl or layer.title_pl,
        "title_en": options.title_en or layer.title_en,
        "source": options.attribution or layer.source,
        "source_en": options.attribution_en or layer.source_en,
        "accuracy_m": options.accuracy_m or layer.accuracy_m,
        "is_simulated": options.is_simulated or layer.is_simulated,
    }
    for name, value in said.items():
        setattr(layer, name, value)
    for meaning in ("id", "code", "name"):
        setattr(layer, f"{meaning}_field", columns.of.get(meaning, ""))
    layer.save()
    show(layer, options.public, by)


def show(layer: Layer, public: bool | None, by: User | None) -> None:
    """Set who sees the layer (None: as it is)."""
    if public is None or public == layer.public:
        return
    layer.public = public
    layer.save(update_fields=["public"])
    if layer.edition_number:
        record(
            Verb.LAYER_VISIBILITY_SET,
            by=by,
            gmina=layer.gmina,
            target_kind="layer",
            target_id=layer.pk,
            layer=layer.slug,
            public=public,
        )
        raise_revision([layer.gmina] if layer.gmina else [])


def naming(gmina: Gmina | None, kind: str, options: Options) -> tuple[str, str, str]:
    """Slug, Polish and English title: as given, else the kind's."""
    default = DEFAULTS.get(kind, (options.slug, options.slug, options.slug))
    if gmina is None and kind == LayerKind.TERYT_UNIT:
        default = NATIONAL_DEFAULTS
    slug, title_pl, title_en = default
    if not (options.slug or slug):
        raise SlugMissing
    return options.slug or slug, options.title_pl or title_pl, options.title_en or title_en
