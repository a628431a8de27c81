"""REST for GIS officers: how many places an edition would change."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from accounts.models import User
from gis_layers.models import Edition
from residents import jobs, weighing


class ToldSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(allow_null=True, help_text="places, to tens; null: few")
    below = serializers.IntegerField(allow_null=True, help_text="of few only: fewer than this")


class EffectsSerializer(serializers.Serializer[Any]):
    is_done = serializers.BooleanField(help_text="false: ask again in a second")
    effects = serializers.DictField(
        child=ToldSerializer(),
        help_text="street, lost (a street), district, gmina",
    )


class EffectsView(StaffGminaView):
    needs = "layer.write"

    @extend_schema(operation_id="edition_effects", request=None, responses=EffectsSerializer)
    def post(self, request: Request, slug: str, edition_id: int) -> Response:
        """Have the places counted that the edition would change, once for each state of it."""
        staged = Edition.objects.filter(layer__gmina=self.gmina, state=Edition.State.STAGED)
        edition = get_object_or_404(staged.select_related("layer__gmina"), pk=edition_id)
        found = weighing.ask(edition, by=cast(User, request.user))
        if found.done_at is None:
            jobs.weigh_soon()
        answer = {"is_done": found.done_at is not None, "effects": found.effects}
        return Response(EffectsSerializer(answer).data)
