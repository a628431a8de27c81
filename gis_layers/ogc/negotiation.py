"""Which form of a resource is asked for, and in which form a body may come."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from gis_layers.ogc.documents import GEOJSON, HTML, JSON
from gis_layers.ogc.openapi import MERGE_PATCH
from gis_layers.ogc.queries import invalid

FORMS = ("json", "html")
BODIES = {JSON, GEOJSON, MERGE_PATCH}


class AsAsked(BaseContentNegotiation):
    """Refusals are JSON whatever was asked for; a body is JSON under any of its names."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), JSON

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> Any:
        media = (request.content_type or "").partition(";")[0].strip().lower()
        return next(iter(parsers)) if media in BODIES else None


def wants_html(request: HttpRequest) -> bool:
    """By the parameter f, else by Accept; JSON where both will do. Raises ParameterInvalid."""
    form = request.GET.get("f")
    if form is None:
        return request.get_preferred_type([JSON, GEOJSON, HTML]) == HTML
    if form not in FORMS:
        raise invalid("f", ", ".join(FORMS))
    return form == "html"
