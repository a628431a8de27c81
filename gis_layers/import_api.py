"""REST of imports: how far one is."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from gis_layers.models import ImportRun


class ImportRunSerializer(serializers.Serializer[Any]):
    """Counts are of features; `expected` is null while only the end of the file would tell."""

    id = serializers.IntegerField()
    file_name = serializers.CharField()
    state = serializers.ChoiceField(ImportRun.State.choices)
    read = serializers.IntegerField()
    checked = serializers.IntegerField()
    written = serializers.IntegerField()
    expected = serializers.IntegerField(allow_null=True)
    edition = serializers.IntegerField(
        source="edition_id", allow_null=True, help_text="id of what was staged"
    )
    error = serializers.CharField(source="error_code", help_text="stable code; empty: none")


class ImportRunView(StaffGminaView):
    needs = "layer.write"

    @extend_schema(operation_id="import_read", responses=ImportRunSerializer)
    def get(self, request: Request, slug: str, run_id: int) -> Response:
        """One import: its state and how many features were read, checked and written so far."""
        found: Any = get_object_or_404(ImportRun, gmina=self.gmina, pk=run_id)
        return Response(ImportRunSerializer(found).data)
