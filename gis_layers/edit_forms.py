"""Shapes of the JSON about editing a layer, as OpenAPI shows them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from gis_layers.content import CODE_MAX, NAME_MAX
from gis_layers.geojson import geojson_of
from gis_layers.models import FeatureChange
from gis_layers.states import State

LINE_MAX = 500  # positions of a line that divides
FID_MAX = 2**53 - 1  # Feature.fid
MERGE_MAX = 50  # features that become one
DIGITS_MAX = 20  # of a fid
NO_CHANGE = ("", "as published")


class FidField(serializers.IntegerField):
    """The number of a feature, for good."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=FID_MAX, **options)


class PositionField(serializers.ListField):
    """[lon, lat]"""

    child = serializers.FloatField(min_value=-180, max_value=180)

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=2, max_length=2, **options)


class BoxSerializer(serializers.Serializer[Any]):
    """The part of the map to read, EPSG:4326."""

    west = serializers.FloatField(min_value=-180, max_value=180)
    south = serializers.FloatField(min_value=-90, max_value=90)
    east = serializers.FloatField(min_value=-180, max_value=180)
    north = serializers.FloatField(min_value=-90, max_value=90)


class ContentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_MAX, allow_blank=True, required=False)
    code = serializers.CharField(max_length=CODE_MAX, allow_blank=True, required=False)
    simc = serializers.CharField(max_length=7, allow_blank=True, required=False)
    attrs = serializers.DictField(required=False)
    geometry = serializers.JSONField(required=False, help_text="GeoJSON, EPSG:4326")


class NewFeatureSerializer(ContentSerializer):
    geometry = serializers.JSONField(help_text="GeoJSON, EPSG:4326")


class SeenField(serializers.DictField):
    """{fid: ETag} of the features on the officer's map."""

    child = serializers.CharField(max_length=60)

    def to_internal_value(self, data: Any) -> Any:
        found: Mapping[str, str] = super().to_internal_value(data)
        if not all(key.isascii() and key.isdigit() and len(key) < DIGITS_MAX for key in found):
            self.fail("not_a_dict", input_type="object")
        return {int(key): value for key, value in found.items()}


class SeenSerializer(serializers.Serializer[Any]):
    seen = SeenField()


class MoveSerializer(SeenSerializer):
    start = PositionField(required=False)
    side = serializers.ListField(
        child=PositionField(),
        min_length=2,
        max_length=2,
        required=False,
        help_text="instead of `start`: the two ends of a side that gets a new vertex",
    )
    end = PositionField()

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("start" in data) == ("side" in data):
            raise serializers.ValidationError({"start": _("Name a vertex or a side.")})
        return data


class VertexSerializer(SeenSerializer):
    at = PositionField()


class SplitSerializer(SeenSerializer):
    fid = FidField()
    line = serializers.ListField(child=PositionField(), min_length=2, max_length=LINE_MAX)


class MergeSerializer(SeenSerializer):
    fids = serializers.ListField(child=FidField(), min_length=2, max_length=MERGE_MAX)


class SettleSerializer(serializers.Serializer[Any]):
    keep = serializers.ChoiceField(choices=["mine", "published"])


class EditedPropertiesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    code = serializers.CharField()
    simc = serializers.CharField()
    attrs = serializers.DictField()


class EditedSerializer(serializers.Serializer[Any]):
    """A GeoJSON Feature with the state it is in."""

    type = serializers.CharField(default="Feature")
    id = serializers.IntegerField()
    etag = serializers.CharField()
    op = serializers.ChoiceField(choices=[NO_CHANGE, *FeatureChange.Op.choices])
    geometry = serializers.JSONField()
    properties = EditedPropertiesSerializer()


class BoardSerializer(serializers.Serializer[Any]):
    """Where an officer stands in a change set, and the features that were asked for or touched."""

    edition = serializers.IntegerField(allow_null=True, help_text="null: none was begun")
    features = EditedSerializer(many=True)
    gone = serializers.ListField(
        child=serializers.IntegerField(), help_text="fids that the act took from the map"
    )
    complete = serializers.BooleanField(help_text="false: too much to edit, go nearer")
    changes = serializers.IntegerField()
    conflicts = serializers.ListField(child=serializers.IntegerField())
    can_undo = serializers.BooleanField()
    can_redo = serializers.BooleanField()


def edited(state: State) -> dict[str, Any]:
    content = state.content
    return {
        "type": "Feature",
        "id": state.fid,
        "etag": state.etag,
        "op": state.op,
        "geometry": geojson_of(content.geom) if content.geom else None,
        "properties": {
            "name": content.name,
            "code": content.code,
            "simc": content.simc,
            "attrs": dict(content.attrs),
        },
    }
