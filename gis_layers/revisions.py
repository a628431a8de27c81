"""A gmina's map revision: rises with every change of what its map shows, and is written down."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import Gmina
from gis_layers.models import Layer, MapRevision


@transaction.atomic
def raise_revision(gminas: Iterable[Gmina]) -> None:
    """Give each gmina its next revision and write down the editions that it shows.

    Called by whatever changes a layer's edition, visibility or zooms, in the same transaction.
    Locks the gminas' rows in order of id, so that two publications cannot deadlock.
    """
    ids = [gmina.pk for gmina in gminas]
    now = timezone.now()
    # NO KEY UPDATE: rows that refer to the gmina (alerts, places) may be inserted meanwhile.
    for gmina in Gmina.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"):
        gmina.revision += 1
        gmina.save(update_fields=["revision"])
        MapRevision.objects.filter(gmina=gmina, superseded_at=None).update(superseded_at=now)
        MapRevision.objects.create(gmina=gmina, revision=gmina.revision, layers=shown_layers(gmina))


def shown_layers(gmina: Gmina) -> list[dict[str, object]]:
    """The gmina's published layers as MapRevision.layers has them."""
    layers = Layer.objects.filter(gmina=gmina, edition_number__gt=0).order_by("slug")
    return [
        {
            "id": layer.pk,
            "slug": layer.slug,
            "kind": layer.kind,
            "edition": layer.edition_number,
            "public": layer.public,
            "min_zoom": layer.min_zoom,
            "max_zoom": layer.max_zoom,
            "copied": has_copies(layer),
            "labelled": has_copies(layer) and layer.geometry_type == Layer.GeometryType.POLYGON,
        }
        for layer in layers
    ]


def has_copies(layer: Layer) -> bool:
    """Whether the tile copies (gis_layers/generalise.py) are those of the published edition."""
    return layer.copied_edition == layer.edition_number
