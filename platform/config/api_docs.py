"""The REST API described: OpenAPI 3.1 for programs, and the same as a page for people.

The page is our own, plain HTML. Swagger UI (drf-spectacular-sidecar) was tried: 9 MB of scripts,
inline styles that our content security policy refuses, and in English only.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

OPENAPI_TYPE = "application/vnd.oai.openapi+json"
METHODS = ("get", "post", "put", "patch", "delete")
ERROR = {
    "type": "object",
    "description": "Every error of the API, whatever its HTTP status.",
    "required": ["code", "message", "field", "details"],
    "properties": {
        "code": {"type": "string", "description": "Stable, for programs: area_outside_gmina"},
        "message": {"type": "string", "description": "For people, Polish unless chosen otherwise"},
        "field": {
            "type": ["string", "null"],
            "description": "What was wrong in the request, as a dotted path: parts.0.fid",
        },
        "details": {
            "type": "object",
            "additionalProperties": True,
            "description": "What else the code brings; code invalid: errors, a list of all faults",
        },
    },
}
ERROR_ANSWER = {
    "description": "Refused; nothing was changed.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def describe_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Post-processing hook of drf-spectacular: the one error body, on every operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    for item in result.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                item[method]["responses"]["default"] = ERROR_ANSWER
    return result


@cache
def description() -> dict[str, Any]:
    """The whole document, made once a process: it only changes with the code."""
    with translation.override("en"):
        return dict(SchemaGenerator().get_schema(request=None, public=True))


@require_safe
@cache_control(public=True, max_age=300)
def schema(request: HttpRequest) -> HttpResponse:
    return JsonResponse(description(), content_type=OPENAPI_TYPE)


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the page shows it."""

    method: str
    path: str
    name: str
    text: str
    who: list[str]
    parameters: list[dict[str, Any]]
    body: str
    answers: list[tuple[str, str, str]]  # status, meaning, name or outline of the schema


@require_safe
@cache_control(public=True, max_age=300)
def docs(request: HttpRequest) -> HttpResponse:
    document = description()
    schemas = document["components"]["schemas"]
    context = {
        "operations": list(operations(document)),
        "schemas": [(name, outline(schema)) for name, schema in sorted(schemas.items())],
    }
    return render(request, "api_docs.html", context)


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield operation(method, path, item[method])


def operation(method: str, path: str, raw: dict[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        name=raw["operationId"],
        text=raw.get("description", raw.get("summary", "")),
        who=[name for choice in raw.get("security", []) for name in choice],
        parameters=raw.get("parameters", []),
        body=content(raw.get("requestBody", {})),
        answers=[
            (status, answer.get("description", ""), content(answer))
            for status, answer in raw["responses"].items()
        ],
    )


def content(part: dict[str, Any]) -> str:
    """What a body holds: the name of its schema, or the schema itself; empty without a body."""
    for media in part.get("content", {}).values():
        return type_of(media.get("schema", {}))
    return ""


def type_of(schema: dict[str, Any]) -> str:
    """A schema in few words: Alert, list of Alert, string or null."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return " or ".join(type_of(one) for one in schema[choice])
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(schema.get("format", kind))


def outline(schema: dict[str, Any]) -> str:
    """A component as indented JSON."""
    return json.dumps(schema, indent=2, ensure_ascii=False)
