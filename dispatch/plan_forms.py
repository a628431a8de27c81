"""The plan of an alert in the REST API: what is taken with a draft, asked about, and shown."""

from typing import Any

from rest_framework import serializers

from dispatch.models import Alert
from dispatch.schedule import ZONE

WALL_HELP = "wall time, 2027-03-28T07:00; empty: once it is approved"
FOLD_HELP = "which of two equal hours in October: 0 the first, 1 the second; null: not chosen"
RULE_HELP = "RFC 5545 RRULE over send_wall, daily or rarer, with COUNT or UNTIL; empty: once"


class PlanSerializer(serializers.Serializer[Any]):
    """When an alert goes out. Times are checked by plans.py, with codes of their own."""

    send_wall = serializers.CharField(
        required=False, allow_blank=True, max_length=16, help_text=WALL_HELP
    )
    send_zone = serializers.ChoiceField([ZONE], required=False)
    send_fold = serializers.ChoiceField(
        [0, 1], required=False, allow_null=True, help_text=FOLD_HELP
    )
    if_missed = serializers.ChoiceField(Alert.IfMissed.choices, required=False)
    rrule = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text=RULE_HELP
    )
    on_holiday = serializers.ChoiceField(Alert.OnHoliday.choices, required=False)


class ShownPlanSerializer(serializers.Serializer[Any]):
    """The plan with what was worked out of it."""

    send_wall = serializers.CharField(allow_blank=True, help_text=WALL_HELP)
    send_zone = serializers.CharField()
    send_fold = serializers.IntegerField()
    send_at = serializers.DateTimeField(allow_null=True, help_text="of a series its next date")
    if_missed = serializers.ChoiceField(Alert.IfMissed.choices)
    rrule = serializers.CharField(allow_blank=True, help_text=RULE_HELP)
    on_holiday = serializers.ChoiceField(Alert.OnHoliday.choices)
    started_late = serializers.BooleanField()
    plan = serializers.CharField(allow_blank=True, help_text="the same in words")


class DateSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    wall = serializers.CharField(help_text="by the clock in Poland, as it will be shown")
    moved = serializers.BooleanField(help_text="its own day is free, or its hour is skipped")


class DatesSerializer(serializers.Serializer[Any]):
    """What a plan comes to: the next dates, and how many are left."""

    dates = DateSerializer(many=True)
    left = serializers.IntegerField()
    plan = serializers.CharField(help_text="in words")
