"""A layer's settings: made, changed, removed while empty. They count at once; editions don't."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from audit.record import record
from audit.verbs import Verb
from gis_layers.errors import AddressesStayInside, LayerNotEmpty
from gis_layers.models import Edition, Layer, LayerKind
from gis_layers.revisions import raise_revision

SETTINGS = (
    "title_pl",
    "title_en",
    "source",
    "source_en",
    "public",
    "min_zoom",
    "max_zoom",
    "position",
    "style",
)
# Those of them that change a tile's bytes or which tiles there are.
IN_TILES = {"public", "min_zoom", "max_zoom"}


@transaction.atomic
def create(layer: Layer, by: User | None) -> Layer:
    """Save a new layer of a gmina, with nothing in it: nobody sees it until it is published.

    Raises IntegrityError where the gmina has a layer of that slug.
    """
    _refuse_public_addresses(layer)
    layer.save(force_insert=True)
    _audit(Verb.LAYER_CREATED, layer, by, kind=layer.kind, geometry=layer.geometry_type)
    return layer


@transaction.atomic
def change(layer: Layer, settings: Mapping[str, object], by: User | None) -> set[str]:
    """Give the layer new values of SETTINGS; the names of those that differed."""
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    changed = {name for name, value in settings.items() if getattr(layer, name) != value}
    if unknown := changed - set(SETTINGS):
        raise ValueError(f"no settings: {unknown}")
    for name in changed:
        setattr(layer, name, settings[name])
    _refuse_public_addresses(layer)
    if not changed:
        return changed
    layer.save(update_fields=sorted(changed))
    _audit(Verb.LAYER_CHANGED, layer, by, changed=sorted(changed))
    if "public" in changed:
        _audit(Verb.LAYER_VISIBILITY_SET, layer, by, public=layer.public)
    if changed & IN_TILES and layer.edition_number and layer.gmina:
        raise_revision([layer.gmina])
    return changed


@transaction.atomic
def remove(layer: Layer, by: User | None) -> None:
    """Take away a layer in which nothing was ever published. Raises LayerNotEmpty."""
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    if not is_removable(layer):
        raise LayerNotEmpty
    _audit(Verb.LAYER_REMOVED, layer, by)
    layer.delete()


def is_removable(layer: Layer) -> bool:
    """Whether nothing of the layer was published or waits to be."""
    waits = layer.editions.filter(state=Edition.State.STAGED).exists()
    return not layer.edition_number and not waits


def _refuse_public_addresses(layer: Layer) -> None:
    if layer.public and layer.kind == LayerKind.ADDRESS:
        raise AddressesStayInside(field="public")


def _audit(verb: Verb, layer: Layer, by: User | None, **data: object) -> None:
    record(
        verb,
        by=by,
        gmina=layer.gmina,
        target_kind="layer",
        target_id=layer.pk,
        layer=layer.slug,
        **data,
    )
