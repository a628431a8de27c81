"""Shapes of the JSON about layers, as OpenAPI shows them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from gis_layers.models import Layer, LayerKind
from gis_layers.search import KINDS
from gis_layers.search_words import QUERY_MAX

LIMIT_MAX = 50  # answers to one search
ACCURACY_MAX_M = 10_000


class KindsField(serializers.CharField):
    """Kinds with commas between them: "street,address"."""

    default_error_messages = {"unknown": _("Only these are known: {kinds}.")}

    def to_internal_value(self, data: Any) -> Any:
        kinds = super().to_internal_value(data).split(",")
        if not set(kinds) <= set(KINDS):
            self.fail("unknown", kinds=", ".join(KINDS))
        return kinds


class SearchQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=QUERY_MAX, help_text="what was typed")
    kinds = KindsField(required=False, help_text="of " + ",".join(KINDS))
    limit = serializers.IntegerField(min_value=1, max_value=LIMIT_MAX, default=10)


class HitSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=KINDS)
    fid = serializers.IntegerField(allow_null=True)
    simc = serializers.CharField()
    layer_slug = serializers.CharField()
    # A field called label: the stubs mean the base class's attribute of that name.
    label = serializers.CharField()  # type: ignore[assignment]
    locality = serializers.CharField()
    number = serializers.CharField()
    bbox_4326 = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    length_m = serializers.FloatField(allow_null=True)


class LayerSerializer(serializers.ModelSerializer[Layer]):
    edition = serializers.IntegerField(source="edition_number")
    feature_count = serializers.IntegerField()

    class Meta:
        model = Layer
        fields = [
            "slug",
            "kind",
            "geometry_type",
            "title_pl",
            "title_en",
            "source",
            "public",
            "is_simulated",
            "edition",
            "feature_count",
        ]


class FeatureRowSerializer(serializers.Serializer[Any]):
    fid = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    locality = serializers.CharField()
    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class FeaturePropertiesSerializer(serializers.Serializer[Any]):
    layer = serializers.CharField()
    kind = serializers.ChoiceField(choices=LayerKind.choices)
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    locality = serializers.CharField()
    length_m = serializers.FloatField(allow_null=True, help_text="metres; lines only")
    code = serializers.CharField()
    simc = serializers.CharField()


class FeatureSerializer(serializers.Serializer[Any]):
    """A GeoJSON Feature (RFC 7946: EPSG:4326, lon before lat)."""

    type = serializers.CharField(default="Feature")
    id = serializers.IntegerField()
    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    geometry = serializers.JSONField()
    properties = FeaturePropertiesSerializer()


class LocalitySerializer(serializers.Serializer[Any]):
    simc = serializers.CharField()
    name = serializers.CharField()
    parent_simc = serializers.CharField()
    rm = serializers.CharField(help_text="kind of locality, as SIMC codes it")
    lon = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)


class PositionSerializer(serializers.Serializer[Any]):
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    accuracy = serializers.FloatField(
        min_value=0, max_value=ACCURACY_MAX_M, default=0, help_text="metres"
    )


class GminaChoiceSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="gmina.slug")
    name = serializers.CharField(source="gmina.name")
    certain = serializers.BooleanField()


class NearbySerializer(serializers.Serializer[Any]):
    fid = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    locality = serializers.CharField()
    distance_m = serializers.FloatField()


class LocatedSerializer(serializers.Serializer[Any]):
    gminas = GminaChoiceSerializer(many=True)
    locality = serializers.CharField()
    address = NearbySerializer(allow_null=True)
    nearby_addresses = NearbySerializer(many=True)


class AddressQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=QUERY_MAX)
    gmina = serializers.SlugField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=LIMIT_MAX, default=10)


class AddressSerializer(serializers.Serializer[Any]):
    fid = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    locality = serializers.CharField()
    postcode = serializers.CharField()
    gmina = serializers.CharField(help_text="slug")
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class AddressesSerializer(serializers.Serializer[Any]):
    results = AddressSerializer(many=True)
