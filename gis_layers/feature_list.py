"""What a gmina's map shows, as lists: layers, and the features of one with their words."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.gis.db.models.functions import Envelope, PointOnSurface, Transform
from django.db.models import Count, F, Q, QuerySet

from accounts.models import Gmina
from gis_layers.crs import LONLAT, to_lonlat
from gis_layers.models import Feature, Layer, LayerKind
from gis_layers.search import places_of, street_label
from teryt.localities import localities_of
from teryt.models import Locality


def published_layers(gmina: Gmina) -> QuerySet[Layer]:
    """The gmina's own published layers with their `feature_count`, of addresses too."""
    features = Count("features", filter=Q(features__until=None), distinct=True)
    addresses = Count("addresses", filter=Q(addresses__until=None), distinct=True)
    layers = Layer.objects.filter(gmina=gmina, edition_number__gt=0)
    return layers.annotate(feature_count=features + addresses)


def shown_features(gmina: Gmina, layer_slug: str = "") -> QuerySet[Feature]:
    """What a layer of the gmina shows now, or all of its layers where none is named."""
    found = Feature.objects.filter(layer__gmina=gmina, until=None).select_related("layer")
    return found.filter(layer__slug=layer_slug) if layer_slug else found


def rows(features: QuerySet[Feature]) -> list[dict[str, Any]]:
    """One row a feature, by name: fid, name, label, locality; bbox, lon, lat of a point in it."""
    boxed = features.annotate(
        box=Envelope(Transform(F("geom"), LONLAT)),
        point=Transform(PointOnSurface(F("geom")), LONLAT),
    )
    found = list(boxed.defer("geom", "geom_3857", "attrs").order_by("search_name", "simc", "fid"))
    names = locality_names(found)
    return [words(feature, names) | _place(feature) for feature in found]


def _place(feature: Any) -> dict[str, Any]:
    return {
        "bbox": list(feature.box.extent),
        "lon": feature.point.x,
        "lat": feature.point.y,
    }


def locality_rows(gmina: Gmina) -> list[dict[str, Any]]:
    """The gmina's localities by name; lon and lat are None where it has no addresses or streets."""
    localities = list(localities_of(gmina.terc6))
    places = places_of(simcs=[row.simc for row in localities])
    return [
        {
            "simc": row.simc,
            "name": row.name,
            "parent_simc": row.parent_simc,
            "rm": row.rm,
            "lon": places[row.simc].lon if row.simc in places else None,
            "lat": places[row.simc].lat if row.simc in places else None,
        }
        for row in localities
    ]


def geojson(feature: Feature) -> dict[str, Any]:
    """The feature as RFC 7946 has it."""
    geom = to_lonlat(feature.geom)
    described = words(feature, locality_names([feature]))
    del described["fid"]
    return {
        "type": "Feature",
        "id": feature.fid,
        "bbox": list(geom.extent),
        "geometry": json.loads(geom.json),
        "properties": described
        | {
            "layer": feature.layer.slug,
            "kind": feature.layer.kind,
            "length_m": feature.geom.length if feature.layer.geometry_type == "line" else None,
            "code": feature.code,
            "simc": feature.simc,
        },
    }


def words(feature: Feature, names: dict[str, str]) -> dict[str, Any]:
    is_street = feature.layer.kind == LayerKind.STREET
    return {
        "fid": feature.fid,
        "name": feature.name,
        "label": street_label(feature) if is_street else feature.name,
        "locality": names.get(feature.simc, ""),
    }


def locality_names(features: Iterable[Feature]) -> dict[str, str]:
    simcs = {feature.simc for feature in features if feature.simc}
    return dict(Locality.objects.filter(simc__in=simcs).values_list("simc", "name"))
