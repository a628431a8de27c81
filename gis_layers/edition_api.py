"""REST about one edition: what it changes, and whom that concerns."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from accounts.models import Gmina
from gis_layers import diff
from gis_layers.api import asked
from gis_layers.difference_kinds import KINDS, count
from gis_layers.models import Edition

WRITE = "layer.write"
ROWS = 50  # of one answer: each has two shapes compared


def readable(gmina: Gmina, actions: frozenset[str]) -> QuerySet[Edition]:
    """The gmina's editions that a reader of layers may see: to GIS officers staged ones too."""
    states = [Edition.State.PUBLISHED]
    if WRITE in actions:
        states.append(Edition.State.STAGED)
    return Edition.objects.filter(layer__gmina=gmina, state__in=states).select_related("layer")


class DifferencesQuerySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[*KINDS, diff.CONFLICT], required=False)
    after = serializers.IntegerField(min_value=0, default=0, help_text="`next` of the last answer")


class DifferenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    fid = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=[*KINDS, diff.CONFLICT]))
    # A field called label: the stubs mean the base class's attribute of that name.
    label = serializers.CharField()  # type: ignore[assignment]
    label_before = serializers.CharField(help_text="empty where the name stays")
    code = serializers.CharField()
    hausdorff_m = serializers.FloatField(
        allow_null=True, help_text="the farthest that the two shapes are apart; null: one shape"
    )
    bbox = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class OverviewSerializer(serializers.Serializer[Any]):
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="of each kind that there is"
    )
    total = serializers.IntegerField(help_text="changes; one may be of several kinds, or of none")
    conflicts = serializers.IntegerField(help_text="changes of what a newer edition changed")
    bbox = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class DifferencesSerializer(serializers.Serializer[Any]):
    overview = OverviewSerializer(
        allow_null=True, help_text="with the first rows of all kinds; null with others"
    )
    rows = DifferenceSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="null: there are no more")


class DifferencesView(StaffGminaView):
    needs = "layer.read"

    @extend_schema(
        operation_id="edition_differences",
        parameters=[DifferencesQuerySerializer],
        responses=DifferencesSerializer,
    )
    def get(self, request: Request, slug: str, edition_id: int) -> Response:
        """What an edition adds, removes, moves and renames."""
        edition = get_object_or_404(readable(self.gmina, self.actions), pk=edition_id)
        query = asked(DifferencesQuerySerializer, request)
        kind, after = query.get("kind", ""), query["after"]
        rows = diff.rows(edition, kind, after=after, limit=ROWS + 1)
        answer = {
            "overview": None if kind or after else overview(edition),
            "rows": [asdict(row) for row in rows[:ROWS]],
            "next": rows[ROWS - 1].id if len(rows) > ROWS else None,
        }
        return Response(DifferencesSerializer(answer).data)


def overview(edition: Edition) -> dict[str, Any]:
    """What is counted over all changes, a second's work where there are a million."""
    return {
        "counts": count(edition),
        "total": edition.changes.count(),
        "conflicts": len(diff.conflicts(edition)),
        "bbox": diff.extent(edition),
    }
