"""REST for the app: being the phone of a member of staff, or no longer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch import staff_phones
from dispatch.models import StaffPhone
from dispatch.phone_api import PhoneView


class StaffCodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40, help_text="As the account's page shows it.")


class StaffLinkSerializer(serializers.Serializer[Any]):
    """`name`: of the member of staff whose notices come here; null: nobody's."""

    name = serializers.CharField(allow_null=True)


class StaffLinkView(PhoneView):
    @extend_schema(operation_id="staff_link", responses=StaffLinkSerializer)
    def get(self, request: Request) -> Response:
        """As whose phone this device is linked."""
        linked = StaffPhone.objects.filter(device=self.device).select_related("user").first()
        return Response({"name": linked.user.name if linked else None})

    @extend_schema(
        operation_id="staff_link_make", request=StaffCodeSerializer, responses=StaffLinkSerializer
    )
    def post(self, request: Request) -> Response:
        """Link this device by a code from the panel: the person's notices come here too."""
        given = StaffCodeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        linked = staff_phones.link(self.device, given.validated_data["code"])
        return Response({"name": linked.user.name})

    @extend_schema(operation_id="staff_link_end", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """No more notices on this device."""
        staff_phones.unlink(self.device)
        return Response(status=204)
