"""Shapes of the enrolment API: what is taken, with every limit, and what is answered."""

import math
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from residents.enrolment import PushTarget
from residents.models import Device, Place, Resident
from residents.whereabouts import Declared, Position

# Longest push target taken; FCM's tokens have about 160 characters and no documented limit.
PUSH_VALUE_MAX = 1024
# Above this many metres a position says nothing about a street.
ACCURACY_MAX_M = 5_000
# A phone outdoors: 10 m a coordinate axis, as a radius that holds 68 of 100 positions.
UNSTATED_ACCURACY_M = 15
CLOCK = "%H:%M"
LANGS = [code for code, _name in settings.LANGUAGES]


class FiniteField(serializers.FloatField):
    """A number with bounds; "nan" and "inf", which Python's float() takes, are none."""

    def to_internal_value(self, data: Any) -> float:
        number = super().to_internal_value(data)
        if not math.isfinite(number):
            self.fail("invalid")
        return number


class PushSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Device.PushKind.choices)
    value = serializers.CharField(max_length=PUSH_VALUE_MAX)

    def to_internal_value(self, data: Any) -> Any:
        return PushTarget(**super().to_internal_value(data))


class RegistrationSerializer(serializers.Serializer[Any]):
    """What a device says when it registers; without `push` it is known but can't be alerted."""

    platform = serializers.ChoiceField(Device.Platform.choices)
    lang = serializers.ChoiceField(LANGS, default="pl")
    push = PushSerializer(allow_null=True, default=None)
    join_code = serializers.CharField(max_length=20, allow_null=True, default=None)


class RegisteredSerializer(serializers.Serializer[Any]):
    device_id = serializers.UUIDField()
    secret = serializers.CharField(help_text="Shown this once; keep it in the device's key store.")
    resident_id = serializers.UUIDField()


class DeviceChangeSerializer(serializers.Serializer[Any]):
    """What changed; an empty object reports that the device is in use."""

    lang = serializers.ChoiceField(LANGS, required=False)
    push = PushSerializer(allow_null=True, required=False)


class DeviceSerializer(serializers.Serializer[Any]):
    device_id = serializers.UUIDField(source="public_id")
    resident_id = serializers.UUIDField(source="resident.public_id")
    platform = serializers.ChoiceField(Device.Platform.choices)
    lang = serializers.ChoiceField(LANGS)
    reachable = serializers.SerializerMethodField(help_text="A push target is known.")
    last_seen_at = serializers.DateTimeField()

    def get_reachable(self, device: Device) -> bool:
        return device.push_hash is not None


class JoinCodeSerializer(serializers.Serializer[Any]):
    join_code = serializers.CharField(help_text="Works once, on one more device.")
    expires_at = serializers.DateTimeField()


class WhereSerializer(serializers.Serializer[Any]):
    """A place by an address of the register, or by a position; `where` holds which."""

    address_fid = serializers.IntegerField(min_value=1, max_value=2**53 - 1, required=False)
    lat = FiniteField(min_value=-90, max_value=90, required=False)
    lon = FiniteField(min_value=-180, max_value=180, required=False)
    accuracy_m = FiniteField(
        min_value=0,
        max_value=ACCURACY_MAX_M,
        required=False,
        help_text=f"Metres, 68 % radius; {UNSTATED_ACCURACY_M} where the phone doesn't say.",
    )
    gmina = serializers.SlugField(
        required=False, help_text="Where `/api/v1/locate` offers several, the one chosen."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        position = {name for name in ("lat", "lon") if name in attrs}
        if "address_fid" in attrs and position:
            raise serializers.ValidationError(
                {"address_fid": _("Give an address or a position, not both.")}
            )
        for name in {"lat", "lon"} - position if position else ():
            raise serializers.ValidationError({name: _("A position needs latitude and longitude.")})
        attrs["where"] = self._where(attrs)
        return attrs

    @staticmethod
    def _where(attrs: dict[str, Any]) -> Declared | Position | None:
        if "address_fid" in attrs:
            return Declared(attrs["address_fid"])
        if "lat" not in attrs:
            return None
        return Position(
            lon=attrs["lon"],
            lat=attrs["lat"],
            accuracy_m=attrs.get("accuracy_m", UNSTATED_ACCURACY_M),
            gmina_slug=attrs.get("gmina"),
        )


class NewPlaceSerializer(WhereSerializer):
    kind = serializers.ChoiceField(Place.Kind.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if attrs["where"] is None:
            raise serializers.ValidationError(
                {"address_fid": _("Give an address (address_fid) or a position (lat, lon).")}
            )
        return attrs


class PlaceChangeSerializer(WhereSerializer):
    kind = serializers.ChoiceField(Place.Kind.choices, required=False)


class GminaNameSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()


class PlaceGminaSerializer(GminaNameSerializer):
    office = serializers.CharField()


class PlaceSerializer(serializers.Serializer[Any]):
    """A place as its resident reads it; null `gmina`: no gmina there uses the system."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Place.Kind.choices)
    gmina = PlaceGminaSerializer(allow_null=True)
    address = serializers.CharField(allow_null=True)
    street = serializers.CharField(allow_null=True)
    locality = serializers.CharField(allow_null=True)
    method = serializers.ChoiceField(Place.Method.choices)
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    gmina_choices = GminaNameSerializer(
        many=True, help_text="Gminas to choose between, where the edge is near; else empty."
    )


class QuietSerializer(serializers.ModelSerializer[Resident]):
    """When nothing but an emergency is to wake the resident: times of the clock in Poland.

    One pair for working days (Monday to Saturday), one for Sundays and public holidays. `until`
    before `from` means over midnight, equal times mean no quiet hours on such days.
    """

    class Meta:
        model = Resident
        fields = ["quiet_on", "quiet_from", "quiet_until", "quiet_free_from", "quiet_free_until"]
        extra_kwargs = {
            name: {"required": True}
            | ({} if name == "quiet_on" else {"format": CLOCK, "input_formats": [CLOCK]})
            for name in fields
        }
