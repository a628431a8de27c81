"""REST of a gmina's templates, for whoever writes alerts."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import StaffGminaView
from dispatch import message_templates
from dispatch.api_forms import TextsSerializer
from dispatch.models import Category, Severity, Template


class TemplateSerializer(serializers.Serializer[Any]):
    """Words to start from; a blank is written {{name}}."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text="code")
    category = serializers.ChoiceField(Category.choices)
    severity = serializers.ChoiceField(Severity.choices)
    approved = serializers.BooleanField(
        help_text="by a second person; with nothing but its blanks filled it may need no other"
    )
    blanks = serializers.ListField(child=serializers.CharField(), help_text="in order")
    texts = TextsSerializer()


class TemplatesView(StaffGminaView):
    needs = "alert.write"

    @extend_schema(operation_id="gmina_templates", responses=TemplateSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The templates in use, by name."""
        found = message_templates.in_use(self.gmina)
        return Response([described(template) for template in found])


def described(template: Template) -> dict[str, Any]:
    texts = message_templates.words_of(template)
    return {
        "id": template.pk,
        "title": template.title,
        "kind": template.kind.code,
        "category": template.kind.category,
        "severity": template.severity,
        "approved": template.approved_at is not None,
        "blanks": message_templates.blanks(texts),
        "texts": texts,
    }
