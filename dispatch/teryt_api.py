"""REST of aiming by TERYT: the tree to choose from, and pasted codes resolved."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from dispatch import pasted
from dispatch.api_forms import CountSerializer, LabelledPartSerializer
from dispatch.teryt_tree import tree

TEXT_MAX = 20_000  # characters of one paste


class TreeStreetSerializer(serializers.Serializer[Any]):
    fid = serializers.IntegerField(allow_null=True, help_text="null: it has no line on the map")
    simc = serializers.CharField()
    ulic = serializers.CharField(allow_blank=True)
    label = serializers.CharField()  # type: ignore[assignment]
    addresses = serializers.IntegerField(
        allow_null=True, help_text="of one without a line: with none nobody can be told"
    )
    people = CountSerializer(help_text="with the app, rounded down")


class TreeLocalitySerializer(serializers.Serializer[Any]):
    simc = serializers.CharField()
    name = serializers.CharField()
    rm = serializers.CharField(help_text="kind of locality: 01 village, 96 town …")
    parent_simc = serializers.CharField(allow_blank=True, help_text="of a part: whose it is")
    people = CountSerializer(help_text="with the app, rounded down; parts count apart")
    streets = TreeStreetSerializer(many=True)


class PasteSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=TEXT_MAX, allow_blank=True, trim_whitespace=False)


class PastedPartSerializer(LabelledPartSerializer):
    locality = serializers.CharField(allow_blank=True)


class PastedLineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="from 1")
    text = serializers.CharField()
    status = serializers.ChoiceField([pasted.FOUND, pasted.CHOICE, pasted.UNKNOWN])
    message = serializers.CharField(allow_blank=True)
    parts = PastedPartSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class TreeView(StaffGminaView):
    needs = "audience.preview"

    @extend_schema(operation_id="teryt_tree", responses=TreeLocalitySerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The gmina's localities, their parts and streets, and about how many live there."""
        return Response(tree(self.gmina))


class PasteView(StaffGminaView):
    needs = "audience.preview"

    @extend_schema(
        operation_id="teryt_resolve",
        request=PasteSerializer,
        responses=PastedLineSerializer(many=True),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Each line of codes or names as a part of an area, a choice, or an explanation."""
        asked = PasteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lines = pasted.resolve(self.gmina, asked.validated_data["text"])
        return Response([asdict(line) for line in lines])
