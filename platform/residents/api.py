"""Enrolment for the app: devices, places, one's own data."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.throttles import OpenThrottle
from gis_layers.crs import to_lonlat
from residents import enrolment, privacy, whereabouts
from residents.authentication import DeviceAuthentication, DeviceView
from residents.errors import AlreadyRegistered, OnePlacePerRequest
from residents.models import Device, Place
from residents.serializers import (
    DeviceChangeSerializer,
    DeviceSerializer,
    JoinCodeSerializer,
    NewPlaceSerializer,
    PlaceChangeSerializer,
    PlaceSerializer,
    QuietSerializer,
    RegisteredSerializer,
    RegistrationSerializer,
)
from residents.wording import Wording, wordings


def checked(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body as the serializer reads it. Raises ValidationError."""
    serializer = shape(data=request.data)
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


class DevicesView(APIView):
    """Registration, the only endpoint that needs no device yet."""

    authentication_classes = [DeviceAuthentication]
    permission_classes = []
    throttle_classes = [OpenThrottle]
    throttle_scope = "register"

    @extend_schema(
        operation_id="device_register",
        auth=[],
        request=RegistrationSerializer,
        responses={201: RegisteredSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register this installation; a push target that is known takes its old device over."""
        if isinstance(request.auth, Device):
            raise AlreadyRegistered
        registration = enrolment.register(**checked(RegistrationSerializer, request))
        device = registration.device
        answer = {
            "device_id": device.public_id,
            "secret": registration.secret,
            "resident_id": device.resident.public_id,
        }
        return Response(RegisteredSerializer(answer).data, status=status.HTTP_201_CREATED)


class ResidentsView(DeviceView):
    """Base of the endpoints here: a registered device, limited by its resident."""

    throttle_classes = [OpenThrottle]
    throttle_scope = "residents"


class OwnDeviceView(ResidentsView):
    @extend_schema(operation_id="device_read", responses=DeviceSerializer)
    def get(self, request: Request) -> Response:
        """What is known of this device."""
        return Response(DeviceSerializer(self.device).data)

    @extend_schema(
        operation_id="device_change", request=DeviceChangeSerializer, responses=DeviceSerializer
    )
    def patch(self, request: Request) -> Response:
        """Report language and push target: at every start of the app and when they change."""
        change = checked(DeviceChangeSerializer, request)
        enrolment.report_use(self.device, lang=change.get("lang", self.device.lang))
        if "push" in change:
            enrolment.report_push(self.device, change["push"])
        return Response(DeviceSerializer(self.device).data)

    @extend_schema(operation_id="device_remove", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Remove this device; with the last one everything about the resident is erased."""
        privacy.remove_device(self.device)
        return Response(status=status.HTTP_204_NO_CONTENT)


class JoinCodeView(ResidentsView):
    @extend_schema(operation_id="device_link", request=None, responses={201: JoinCodeSerializer})
    def post(self, request: Request) -> Response:
        """A code by which one more device registers for the same resident, once and soon."""
        code, expires_at = enrolment.offer_join_code(self.resident)
        answer = {"join_code": code, "expires_at": expires_at}
        return Response(JoinCodeSerializer(answer).data, status=status.HTTP_201_CREATED)


class PlacesView(ResidentsView):
    @extend_schema(operation_id="place_list", responses=PlaceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The resident's places, oldest first."""
        places = list(self.resident.places.select_related("gmina").order_by("pk"))
        return Response([described(*pair) for pair in zip(places, wordings(places), strict=True)])

    @extend_schema(
        operation_id="place_add", request=NewPlaceSerializer, responses={201: PlaceSerializer}
    )
    def post(self, request: Request) -> Response:
        """Add one place by an address of the register or by a position."""
        if isinstance(request.data, list):
            raise OnePlacePerRequest(details={"count": len(request.data)})
        new = checked(NewPlaceSerializer, request)
        added = whereabouts.add_place(self.resident, kind=new["kind"], where=new["where"])
        return Response(described(*added), status=status.HTTP_201_CREATED)


class PlaceView(ResidentsView):
    @property
    def place(self) -> Place:
        """The place of the address; another resident's is not there."""
        return get_object_or_404(
            self.resident.places.select_related("gmina"), public_id=self.kwargs["place_id"]
        )

    @extend_schema(operation_id="place_read", responses=PlaceSerializer)
    def get(self, request: Request, place_id: str) -> Response:
        """One of the resident's places."""
        place = self.place
        return Response(described(place, *wordings([place])))

    @extend_schema(
        operation_id="place_change", request=PlaceChangeSerializer, responses=PlaceSerializer
    )
    def patch(self, request: Request, place_id: str) -> Response:
        """Change the kind, move the place, or choose its gmina among those offered."""
        change = checked(PlaceChangeSerializer, request)
        place = self.place
        words = whereabouts.change_place(
            place, kind=change.get("kind"), where=change["where"], gmina_slug=change.get("gmina")
        )
        return Response(described(place, words))

    @extend_schema(operation_id="place_remove", request=None, responses={204: None})
    def delete(self, request: Request, place_id: str) -> Response:
        """Forget a place; alerts for it are not received any more."""
        self.place.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class QuietView(ResidentsView):
    @extend_schema(operation_id="quiet_read", responses=QuietSerializer)
    def get(self, request: Request) -> Response:
        """The resident's quiet hours; switched off unless the resident asked for them."""
        return Response(QuietSerializer(self.resident).data)

    @extend_schema(operation_id="quiet_set", request=QuietSerializer, responses=QuietSerializer)
    def put(self, request: Request) -> Response:
        """Replace all five values; they count for what is sent from now on."""
        serializer = QuietSerializer(self.resident, data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class OwnDataView(ResidentsView):
    @extend_schema(
        operation_id="resident_export",
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Everything held about the resident, readable (GDPR, articles 15 and 20)."""
        return Response(privacy.export(self.resident))


class OwnResidentView(ResidentsView):
    @extend_schema(operation_id="resident_erase", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Erase the resident with all devices and places, at once (GDPR, article 17)."""
        privacy.erase(self.resident)
        return Response(status=status.HTTP_204_NO_CONTENT)


def described(place: Place, words: Wording) -> dict[str, Any]:
    point = to_lonlat(place.geom)
    answer = {
        "id": place.public_id,
        "kind": place.kind,
        "gmina": place.gmina,
        "address": words.address,
        "street": words.street,
        "locality": words.locality,
        "method": place.method,
        "lat": round(point.y, 6),
        "lon": round(point.x, 6),
        "gmina_choices": whereabouts.gmina_choices(place),
    }
    return PlaceSerializer(answer).data
