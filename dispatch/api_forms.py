"""What the staff's REST API takes and gives, as serializers: for checks and for OpenAPI.

Parts are checked by dispatch/parts.py, with codes of their own; here they are only described.
"""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from dispatch.models import Alert, AlertText, AreaPart, Category, Kind, Message, Severity
from dispatch.plan_forms import PlanSerializer, ShownPlanSerializer

TITLE_MAX = AlertText._meta.get_field("title").max_length
REASON_MAX = Alert._meta.get_field("return_reason").max_length
ID_MAX = 2**63 - 1
BODY_MAX = 4096  # characters; what FCM can carry is checked in bytes, at submission


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 visible ASCII characters, quoted or not; valid for 24 hours",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="ETag of the alert as it was read; of another version: 412 draft_changed",
)


class PartSerializer(serializers.Serializer[Any]):
    """One part of an area: a feature with a reach, a drawn shape, a locality or the whole gmina."""

    kind = serializers.ChoiceField(AreaPart.Kind.choices)
    fid = serializers.IntegerField(required=False, help_text="feature: its fid on the map")
    reach = serializers.ChoiceField(
        AreaPart.Reach.choices,
        required=False,
        help_text="feature: addresses (people attached to the street) or metres around it",
    )
    reach_m = serializers.FloatField(required=False, help_text="feature, drawn: metres")
    geometry = serializers.JSONField(
        required=False, help_text="drawn: GeoJSON Polygon, LineString or Point in 4326 (lon, lat)"
    )
    simc = serializers.CharField(required=False, help_text="locality; street: its locality")
    ulic = serializers.CharField(
        required=False, help_text="street of the register without a line on the map: its SYM_UL"
    )
    numbers = serializers.CharField(
        required=False,
        help_text="feature (a street), street, locality: house numbers, as 1–25 nieparzyste, 32A–C",
    )
    include_parts = serializers.BooleanField(
        required=False, help_text="locality: its parts (SYMPOD) too; true unless told otherwise"
    )


class LabelledPartSerializer(PartSerializer):
    label = serializers.CharField(help_text="as people read it: ul. Główna, Kowale")  # type: ignore[assignment]


class CountSerializer(serializers.Serializer[Any]):
    """A figure; where it is masked, `count` is null, and it is less than `below`, unless null too.

    A few who muted the kind, or whom an emergency reaches besides, are not told apart: they are in
    the figure or out of it whatever the kind and severity.
    """

    count = serializers.IntegerField(allow_null=True)
    masked = serializers.BooleanField()
    below = serializers.IntegerField(allow_null=True)


class AudienceRequestSerializer(serializers.Serializer[Any]):
    parts = serializers.ListField(child=serializers.JSONField(), allow_empty=True)
    kind = serializers.CharField(allow_null=True, default=None, help_text="code; null: not chosen")
    severity = serializers.ChoiceField(Severity.choices)
    ref = serializers.CharField(
        allow_blank=True, default="", help_text="the draft that it is for, as it was kept last"
    )


class AudienceRequestSchema(AudienceRequestSerializer):
    parts = PartSerializer(many=True)  # type: ignore[assignment]


class WarningSerializer(serializers.Serializer[Any]):
    """Something the officer should know: the area is allowed all the same."""

    code = serializers.ChoiceField(["crosses_edge", "reach_crosses_edge", "numbers_missing"])
    message = serializers.CharField()
    part = serializers.IntegerField(help_text="position of the part")
    label = serializers.CharField()  # type: ignore[assignment]
    outside_m = serializers.IntegerField(required=False, help_text="metres of a line outside")
    outside_m2 = serializers.IntegerField(required=False, help_text="m² of a polygon outside")


class PartCountSerializer(serializers.Serializer[Any]):
    residents = CountSerializer()
    home = CountSerializer(help_text="of them with home in this part")
    work = CountSerializer(help_text="of them with work in this part")


class AudienceSerializer(serializers.Serializer[Any]):
    residents = CountSerializer(help_text="people with the app who would be told")
    devices = CountSerializer(help_text="their phones")
    unreachable = CountSerializer(help_text="people in the area without a reachable phone")
    muted = CountSerializer(help_text="people in the area who muted this kind")
    parts = PartCountSerializer(many=True)
    hash = serializers.CharField()
    warnings = WarningSerializer(many=True)
    alone = serializers.ChoiceField(
        ["send", "bypass"],
        allow_blank=True,
        help_text="the move by which this person could send the draft `ref` without another one",
    )


class TextSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=TITLE_MAX, allow_blank=True)
    body = serializers.CharField(max_length=BODY_MAX, allow_blank=True)
    instruction = serializers.CharField(max_length=BODY_MAX, allow_blank=True, default="")


class TextsSerializer(serializers.Serializer[Any]):
    """The words in each language; Polish is mandatory before anything is sent."""

    pl = TextSerializer(required=False)
    en = TextSerializer(required=False)


class DraftSerializer(PlanSerializer):
    kind = serializers.CharField(help_text="code of one of the gmina's kinds")
    category = serializers.CharField(required=False, help_text="where given, must be the kind's")
    severity = serializers.ChoiceField(Severity.choices)
    texts = TextsSerializer(required=False)
    parts = serializers.ListField(child=serializers.JSONField(), required=False)
    event_ends_at = serializers.DateTimeField(allow_null=True, required=False)
    expires_at = serializers.DateTimeField()
    is_drill = serializers.BooleanField(required=False, help_text="an exercise, marked everywhere")
    template = serializers.IntegerField(
        allow_null=True,
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="id of the template that it was written from",
    )


class DraftSchema(DraftSerializer):
    parts = PartSerializer(many=True, required=False)  # type: ignore[assignment]


class WaitingUpdateSerializer(serializers.Serializer[Any]):
    """An update that waits for approval, as it would be sent."""

    id = serializers.IntegerField()
    texts = TextsSerializer()
    event_ends_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    proposed_by = serializers.CharField(help_text="name")
    proposed_at = serializers.DateTimeField()


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Message.Kind.choices)
    frozen_at = serializers.DateTimeField()
    residents = CountSerializer()
    devices = CountSerializer()


class AlertSerializer(ShownPlanSerializer):
    ref = serializers.CharField()
    version = serializers.IntegerField(help_text="also the ETag; rises with every move")
    is_drill = serializers.BooleanField()
    template = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(Alert.State.choices)
    end_reason = serializers.ChoiceField(Alert.EndReason.choices, allow_blank=True)
    kind = serializers.CharField()
    category = serializers.ChoiceField(Category.choices)
    severity = serializers.ChoiceField(Severity.choices)
    texts = TextsSerializer()
    parts = LabelledPartSerializer(many=True)
    event_ends_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    author = serializers.CharField(help_text="name")
    approved_by = serializers.CharField(allow_null=True, help_text="name")
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField(
        allow_blank=True, help_text="what its author was asked to correct, until it is submitted"
    )
    bypass_reason = serializers.CharField(
        allow_blank=True, help_text="why it went without the second person that the rules ask for"
    )
    approved_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    seen_residents = CountSerializer(allow_null=True, help_text="people when it was submitted")
    end_asked_at = serializers.DateTimeField(
        allow_null=True, help_text="when it was asked whether the event goes on"
    )
    waiting_update = WaitingUpdateSerializer(
        allow_null=True, help_text="the one that waits for approval"
    )
    allowed_moves = serializers.ListField(
        child=serializers.CharField(), help_text="names of moves, as in their addresses"
    )
    messages = MessageSerializer(many=True)


class SubmissionSerializer(serializers.Serializer[Any]):
    seen_hash = serializers.CharField(
        max_length=64,
        allow_blank=True,
        default="",
        help_text="hash of the preview that the officer looked at; kept in the audit log",
    )


class BypassSerializer(SubmissionSerializer):
    reason = serializers.CharField(
        max_length=REASON_MAX,
        allow_blank=True,
        default="",
        help_text="mandatory: why it cannot wait for a second person; kept with the alert",
    )


class ApprovalSerializer(serializers.Serializer[Any]):
    submitted_at = serializers.DateTimeField(
        help_text="the alert's, unchanged, as it was when the approver read it"
    )


class ReturnSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_MAX, allow_blank=True, default="")


class EndingTextSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(
        max_length=BODY_MAX, allow_blank=True, default="", help_text=f"cut to {TITLE_MAX}"
    )
    body = serializers.CharField(max_length=BODY_MAX, allow_blank=True, default="")


class EndingTextsSerializer(serializers.Serializer[Any]):
    pl = EndingTextSerializer(required=False)
    en = EndingTextSerializer(required=False)


class EndingSerializer(serializers.Serializer[Any]):
    """Words of an all-clear or withdrawal; what is left out is written for the officer."""

    texts = EndingTextsSerializer(required=False)


class UpdateSerializer(serializers.Serializer[Any]):
    """New words of a running alert, whole; a time left out stays as it is."""

    texts = TextsSerializer()
    event_ends_at = serializers.DateTimeField(allow_null=True, required=False)
    expires_at = serializers.DateTimeField(required=False)


class UpdateAloneSerializer(UpdateSerializer):
    reason = serializers.CharField(
        max_length=REASON_MAX,
        allow_blank=True,
        default="",
        help_text="why it cannot wait, where the rules ask for a second person (emergencies only)",
    )


class UpdateChoiceSerializer(serializers.Serializer[Any]):
    update_id = serializers.IntegerField(
        min_value=1, max_value=ID_MAX, help_text="id of the update"
    )


class UpdateDropSerializer(UpdateChoiceSerializer):
    reason = serializers.CharField(max_length=REASON_MAX, allow_blank=True, default="")


class ExtensionSerializer(serializers.Serializer[Any]):
    """What is left out is written for the officer; the expiry moves with the expected end."""

    event_ends_at = serializers.DateTimeField(help_text="the new expected end")
    expires_at = serializers.DateTimeField(required=False)
    texts = EndingTextsSerializer(required=False)


class GminaKindSerializer(serializers.ModelSerializer[Kind]):
    class Meta:
        model = Kind
        fields = ["code", "category", "title_pl", "title_en"]
