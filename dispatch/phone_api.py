"""What phones ask and report about alerts, authenticated by the device's secret."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.throttles import OpenThrottle
from dispatch import feed, late, receipts
from dispatch.errors import UnknownKind
from dispatch.models import Alert, Category, Kind, Message, Receipt, Severity
from residents.authentication import DeviceView
from residents.models import Mute, Place, Resident

MUTES_MAX = 100
NO_SUCH_KIND = _("There is no kind of alert {kind}.")
NO_LIST = _("Send a list of receipts.")


class ContactSerializer(serializers.Serializer[Any]):
    """Whom to ask at the gmina; empty where it names nobody."""

    name = serializers.CharField(source="contact_name")
    phone = serializers.CharField(source="contact_phone")


class WhySerializer(serializers.Serializer[Any]):
    place_id = serializers.UUIDField()
    kind = serializers.ChoiceField(Place.Kind.choices)


class FeedAlertSerializer(serializers.Serializer[Any]):
    """An alert as the app shows it; `area` is simplified GeoJSON in 4326, for drawing only."""

    ref = serializers.CharField(source="alert.ref")
    message_id = serializers.CharField(source="message.pk")
    is_drill = serializers.BooleanField(source="message.is_drill", help_text="an exercise")
    message_kind = serializers.ChoiceField(Message.Kind.choices, source="message.kind")
    kind = serializers.CharField(source="alert.kind.code")
    category = serializers.ChoiceField(Category.choices, source="alert.kind.category")
    severity = serializers.ChoiceField(Severity.choices, source="message.severity")
    lang = serializers.CharField(source="text.lang")
    title = serializers.CharField(source="text.title")
    body = serializers.CharField(source="text.body")
    instruction = serializers.CharField(source="text.instruction")
    office = serializers.CharField(source="message.gmina.office")
    contact = ContactSerializer(source="message.gmina")
    sent_at = serializers.DateTimeField(source="message.frozen_at")
    event_ends_at = serializers.DateTimeField(source="alert.event_ends_at", allow_null=True)
    ended = serializers.BooleanField()
    end_reason = serializers.ChoiceField(
        Alert.EndReason.choices, source="alert.end_reason", allow_blank=True
    )
    why = WhySerializer(many=True, help_text="The resident's own places in the area.")
    area = serializers.SerializerMethodField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_area(self, entry: feed.Entry) -> dict[str, Any] | None:
        return entry.area


class ReceiptSerializer(serializers.Serializer[Any]):
    """One event of one delivery; of repeated reports the first counts."""

    delivery_id = serializers.CharField(help_text="As the push carried it.")
    event = serializers.ChoiceField(Receipt.Event.choices)
    at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="By the phone's clock."
    )


class ReceiptsSerializer(serializers.Serializer[Any]):
    receipts = ReceiptSerializer(many=True)


class RefusalSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    code = serializers.ChoiceField(
        ["malformed", "bad_delivery_id", "unknown_event", "bad_time", "unknown_delivery"]
    )


class TakenSerializer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    refused = RefusalSerializer(many=True)


class MutesSerializer(serializers.Serializer[Any]):
    """Codes of the kinds a resident doesn't want; emergencies are told all the same."""

    kinds = serializers.ListField(
        child=serializers.SlugField(max_length=40), allow_empty=True, max_length=MUTES_MAX
    )


class KindSerializer(serializers.ModelSerializer[Kind]):
    gmina: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="slug", read_only=True
    )

    class Meta:
        model = Kind
        fields = ["gmina", "code", "category", "title_pl", "title_en"]


class PhoneView(DeviceView):
    throttle_classes = [OpenThrottle]
    throttle_scope = "phones"


class ActiveAlertsView(PhoneView):
    @extend_schema(operation_id="alert_active", responses=FeedAlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The running alerts that reached this resident or lie at one of their places."""
        return Response(FeedAlertSerializer(feed.active(self.device), many=True).data)


class AlertView(PhoneView):
    @extend_schema(operation_id="alert_read", responses=FeedAlertSerializer)
    def get(self, request: Request, ref: str) -> Response:
        """One alert that concerns this resident, over or not, with its full text."""
        entry = feed.one(self.device, ref)
        if entry is None:
            raise Http404
        return Response(FeedAlertSerializer(entry).data)


class ReceiptsView(PhoneView):
    @extend_schema(
        operation_id="receipt_report", request=ReceiptsSerializer, responses=TakenSerializer
    )
    def post(self, request: Request) -> Response:
        """Report what became of deliveries to this device; may be repeated without harm."""
        items = request.data.get("receipts") if isinstance(request.data, dict) else None
        if not isinstance(items, list):
            raise serializers.ValidationError({"receipts": [NO_LIST]})
        accepted, refused = receipts.record(self.device, items)
        return Response(TakenSerializer({"accepted": accepted, "refused": refused}).data)


class MutesView(PhoneView):
    @extend_schema(operation_id="mute_list", responses=MutesSerializer)
    def get(self, request: Request) -> Response:
        """The kinds this resident doesn't want."""
        return Response({"kinds": muted(self.device.resident)})

    @extend_schema(operation_id="mute_set", request=MutesSerializer, responses=MutesSerializer)
    def put(self, request: Request) -> Response:
        """Replace the whole list."""
        serializer = MutesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        set_mutes(self.device.resident, serializer.validated_data["kinds"])
        return Response({"kinds": muted(self.device.resident)})


class KindsView(PhoneView):
    @extend_schema(operation_id="kind_list", responses=KindSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The kinds of alert of the gminas where this resident has a place."""
        return Response(KindSerializer(feed.kinds_for(self.device.resident), many=True).data)


def muted(resident: Resident) -> list[str]:
    return list(resident.mutes.order_by("kind").values_list("kind", flat=True))


@transaction.atomic
def set_mutes(resident: Resident, codes: list[str]) -> None:
    """Replace a resident's mutes; raises UnknownKind for a code that no gmina has.

    A kind that a gmina has given up may stay muted, if it was. Running alerts of what is muted no
    more are told to the resident as to a newcomer.
    """
    Resident.objects.select_for_update().get(pk=resident.pk)  # one request after the other
    before = set(muted(resident))
    known = set(Kind.objects.filter(code__in=codes).values_list("code", flat=True)) | before
    for index, code in enumerate(codes):
        if code not in known:
            raise UnknownKind(NO_SUCH_KIND, field=f"kinds.{index}", details={"kind": code})
    wanted = set(codes)
    unmuted, _by_model = resident.mutes.exclude(kind__in=wanted).delete()
    if unmuted:
        late.note_resident(resident.pk)
    Mute.objects.bulk_create(Mute(resident=resident, kind=code) for code in wanted - before)
