"""The live figures of an alert's page; polled, so unchanged figures cost an empty answer."""

import hashlib
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from dispatch.api_forms import CountSerializer
from dispatch.funnel import HELD, MIXED, REASONS
from dispatch.models import Alert, Incident, Message
from dispatch.progress import Progress, progress_of


class FunnelSerializer(serializers.Serializer[Any]):
    """Each step counts who got at least so far: none, all, or in steps of `step` down from all."""

    selected = CountSerializer()
    late = CountSerializer(help_text="Of the selected: who came into the area later.")
    accepted = CountSerializer()
    received = CountSerializer()
    shown = CountSerializer()
    opened = CountSerializer()
    confirmed = CountSerializer()
    no_trace = CountSerializer(
        help_text="Accepted, and no word from the phone: unknown, not failed."
    )
    unreachable = CountSerializer()


class PointSerializer(serializers.Serializer[Any]):
    """Devices so far, `t_s` seconds after freezing, in the steps of the funnel."""

    t_s = serializers.IntegerField()
    accepted = serializers.IntegerField()
    received = serializers.IntegerField()
    opened = serializers.IntegerField()


class SentMessageSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = ["id", "kind", "transport", "frozen_at", "sent_at", "expires_at"]
        read_only_fields = fields  # always there, also what the model has a default for


class UnreachedSerializer(serializers.Serializer[Any]):
    why = serializers.ChoiceField([*REASONS.values(), HELD, MIXED])
    residents = CountSerializer()

    def to_representation(self, instance: Any) -> Any:
        why, residents = instance
        return super().to_representation({"why": why, "residents": residents})


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    class Meta:
        model = Incident
        fields = ["kind", "began_at", "ended_at"]
        read_only_fields = fields  # always there, also what the model has a default for


class PartProgressSerializer(serializers.Serializer[Any]):
    """At least how many of a part's people came to each step; all or none where the whole did."""

    name = serializers.CharField()
    selected = CountSerializer(source="figures.selected")
    accepted = CountSerializer(source="figures.accepted")
    received = CountSerializer(source="figures.received")
    opened = CountSerializer(source="figures.opened")


class ProgressSerializer(serializers.Serializer[Progress]):
    state = serializers.ChoiceField(Alert.State.choices, source="alert.state")
    end_reason = serializers.ChoiceField(
        Alert.EndReason.choices, source="alert.end_reason", allow_blank=True
    )
    message = SentMessageSerializer()
    residents = FunnelSerializer(source="figures.residents")
    devices = FunnelSerializer(source="figures.devices")
    unreached = UnreachedSerializer(
        source="figures.unreached",
        many=True,
        help_text="Why residents have nothing: groups that can be told, few of a kind together.",
    )
    muted = CountSerializer(
        source="figures.muted", help_text="people in the area who muted this kind"
    )
    step = serializers.IntegerField(
        source="figures.step", help_text="how far apart the counts that can be told are"
    )
    seconds_to_50 = serializers.FloatField(source="figures.speed.to_50", allow_null=True)
    seconds_to_90 = serializers.FloatField(source="figures.speed.to_90", allow_null=True)
    seconds_to_99 = serializers.FloatField(source="figures.speed.to_99", allow_null=True)
    parts = PartProgressSerializer(
        many=True, help_text="Parts of the area that can be followed apart without telling of few."
    )
    has_more_parts = serializers.BooleanField(help_text="Others cannot be.")
    timeline = PointSerializer(source="figures.timeline", many=True)
    trouble = serializers.ChoiceField(
        ["payload_refused", "credentials"], allow_blank=True, help_text="Why sending stands still."
    )
    incidents = IncidentSerializer(many=True, help_text="Trouble now, and what is over lately.")
    final = serializers.BooleanField(help_text="Nothing is left to be sent.")


class ProgressView(StaffGminaView):
    needs = "alert.read"

    @extend_schema(operation_id="alert_progress", responses={200: ProgressSerializer, 304: None})
    def get(self, request: Request, slug: str, ref: str) -> HttpResponseBase:
        """How far the alert has come; send the ETag back as If-None-Match when polling."""
        alert = get_object_or_404(Alert, gmina=self.gmina, ref=ref)
        found = progress_of(alert)
        if found is None:
            raise Http404
        response = Response(ProgressSerializer(found).data)
        body = JSONRenderer().render(response.data)
        etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return get_conditional_response(request._request, etag, response=response) or response
