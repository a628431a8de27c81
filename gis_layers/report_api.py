"""REST about an edition's report: what was found, where, and who accepts it."""

from dataclasses import asdict
from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from accounts.models import User
from gis_layers import findings, report_view
from gis_layers.api import asked
from gis_layers.edition_api import WRITE, readable
from gis_layers.finding_kinds import KINDS, Level
from gis_layers.models import Edition, Finding

ROWS = 50  # of one answer


class GroupSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=list(KINDS))
    level = serializers.ChoiceField(choices=Level.values)
    headline = serializers.CharField(help_text="the finding in words, with its number")
    count = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="those that can be listed")
    known = serializers.IntegerField(help_text="those that were accepted before")
    needs_acceptance = serializers.BooleanField()
    accepted_by = serializers.CharField()
    accepted_at = serializers.DateTimeField(allow_null=True)


class ReportSerializer(serializers.Serializer[Any]):
    groups = GroupSerializer(many=True)
    blocking = serializers.ListField(
        child=serializers.CharField(), help_text="codes that must be mended before publishing"
    )
    unacknowledged = serializers.ListField(
        child=serializers.CharField(), help_text="codes that somebody must accept first"
    )


class FindingsQuerySerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=list(KINDS))
    after = serializers.IntegerField(min_value=0, default=0, help_text="`next` of the last answer")


class FindingRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    fid = serializers.IntegerField(allow_null=True)
    row = serializers.IntegerField(allow_null=True, help_text="of the file, from 1")
    text = serializers.CharField()
    known = serializers.BooleanField(help_text="accepted before")
    repaired = serializers.BooleanField(help_text="the map can show before and after")
    bbox = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class FindingsSerializer(serializers.Serializer[Any]):
    rows = FindingRowSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="null: there are no more")


class FindingShapesSerializer(serializers.Serializer[Any]):
    """A GeoJSON FeatureCollection; each feature's `role`: feature, before, after or problem."""

    type = serializers.CharField()
    features = serializers.ListField(child=serializers.DictField())


class AcknowledgeSerializer(serializers.Serializer[Any]):
    codes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS)), min_length=1, max_length=len(KINDS)
    )


class EditionView(StaffGminaView):
    """Of one edition that the reader may see; staged ones are for GIS officers."""

    needs = "layer.read"

    def edition(self) -> Edition:
        return get_object_or_404(readable(self.gmina, self.actions), pk=self.kwargs["edition_id"])


class ReportView(EditionView):
    @extend_schema(operation_id="edition_report", responses=ReportSerializer)
    def get(self, request: Request, slug: str, edition_id: int) -> Response:
        """What was found in an edition; a staged one that has changed is checked again first."""
        edition = self.edition()
        findings.refresh(edition)
        return Response(ReportSerializer(report(edition)).data)


class AcknowledgeView(EditionView):
    needs = WRITE

    @extend_schema(
        operation_id="edition_acknowledge",
        request=AcknowledgeSerializer,
        responses=ReportSerializer,
    )
    def post(self, request: Request, slug: str, edition_id: int) -> Response:
        """Accept all warnings of these codes, in one's own name."""
        edition = self.edition()
        said = AcknowledgeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        findings.acknowledge(edition, said.validated_data["codes"], cast(User, request.user))
        return Response(ReportSerializer(report(edition)).data)


class FindingsView(EditionView):
    @extend_schema(
        operation_id="edition_findings",
        parameters=[FindingsQuerySerializer],
        responses=FindingsSerializer,
    )
    def get(self, request: Request, slug: str, edition_id: int) -> Response:
        """The findings of one code."""
        query = asked(FindingsQuerySerializer, request)
        rows = report_view.rows(self.edition(), query["code"], after=query["after"], limit=ROWS + 1)
        more = rows[ROWS - 1].id if len(rows) > ROWS else None
        answer = {"rows": [asdict(row) for row in rows[:ROWS]], "next": more}
        return Response(FindingsSerializer(answer).data)


class FindingShapesView(EditionView):
    @extend_schema(operation_id="edition_finding_shapes", responses=FindingShapesSerializer)
    def get(self, request: Request, slug: str, edition_id: int, finding_id: int) -> Response:
        """One finding on the map, with the features that it is about."""
        rows = Finding.objects.filter(edition=self.edition()).select_related("edition__layer")
        return Response(report_view.geojson(get_object_or_404(rows, pk=finding_id)))


def report(edition: Edition) -> dict[str, Any]:
    return {
        "groups": [asdict(group) for group in report_view.groups(edition)],
        "blocking": findings.codes(edition, Level.BLOCKING),
        "unacknowledged": findings.unacknowledged(edition),
    }
