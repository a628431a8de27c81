"""REST: what a plan that an officer is writing comes to."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from dispatch import plan_words, plans
from dispatch.models import Alert
from dispatch.plan_forms import DatesSerializer, PlanSerializer
from dispatch.schedule import text

SHOWN = 5  # dates


class PlanView(StaffGminaView):
    needs = "alert.write"

    @extend_schema(operation_id="plan_preview", request=PlanSerializer, responses=DatesSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """The next dates of a plan; nothing is kept. Refused as a draft with it would be."""
        given = PlanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(DatesSerializer(preview(Alert(), given.validated_data)).data)


def preview(alert: Alert, data: dict[str, Any]) -> dict[str, Any]:
    """What is left of the plan from now on; `alert` is not saved."""
    plans.apply(alert, data)
    left = [one for one in plans.dates(alert) if one.at > timezone.now()]
    return {
        "dates": [
            {"at": one.at, "wall": text(one.shown), "moved": text(one.shown) != one.key}
            for one in left[:SHOWN]
        ],
        "left": len(left),
        "plan": plan_words.plan(alert),
    }
