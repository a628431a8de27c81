"""The API described in OpenAPI 3.0, which OGC API Features asks for (the REST API has 3.1)."""

from typing import Any

from gis_layers.ogc.documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from gis_layers.ogc.queries import LANGS, LIMIT_DEFAULT, LIMIT_MAX
from gis_layers.ogc.reference_systems import ALL, CRS84

MERGE_PATCH = "application/merge-patch+json"
URIS = [crs.uri for crs in ALL]


def text(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """A query parameter that is a text."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


def crs(name: str, description: str) -> dict[str, Any]:
    return text(name, description, format="uri", enum=URIS, default=CRS84.uri)


def path(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", **schema},
    }


PARAMETERS: dict[str, dict[str, Any]] = {
    "collectionId": path("collectionId", "id of a collection, from /collections"),
    "featureId": path("featureId", "number of a feature", pattern="^[0-9]+$"),
    "f": text("f", "form of the answer; else by Accept", enum=["json", "html"]),
    "limit": {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "features of one page",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": LIMIT_MAX,
            "default": LIMIT_DEFAULT,
        },
        "style": "form",
        "explode": False,
    },
    "bbox": {
        "name": "bbox",
        "in": "query",
        "required": False,
        "description": "features that touch this box: lower and upper corner, in bbox-crs",
        "schema": {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        "style": "form",
        "explode": False,
    },
    "datetime": {
        **text("datetime", "no layer has a time of its own: any time finds all features"),
        "style": "form",
        "explode": False,
    },
    "crs": crs("crs", "coordinate system of the answer, axes in the order of its definition"),
    "bbox-crs": crs("bbox-crs", "coordinate system of bbox"),
    "filter": text("filter", "CQL2 over the properties that /queryables lists"),
    "filter-lang": text("filter-lang", "notation of filter", enum=list(LANGS), default=LANGS[0]),
    "filter-crs": crs("filter-crs", "coordinate system of the filter's geometries"),
    "cursor": text("cursor", "from a link `next`; not made by clients", pattern="^[0-9]+$"),
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "ETag of the state that the change is meant for",
        "schema": {"type": "string"},
    },
    "Content-Crs": {
        "name": "Content-Crs",
        "in": "header",
        "required": False,
        "description": "coordinate system of the body, its URI in angle brackets; else CRS84",
        "schema": {"type": "string"},
    },
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "link": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
    "document": {
        "type": "object",
        "required": ["links"],
        "properties": {
            "title": {"type": "string"},
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
        },
    },
    "conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": {"type": "object"},
            "properties": {"type": "object"},
        },
    },
    "featureCollection": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberMatched": {"type": "integer"},
            "numberReturned": {"type": "integer"},
            "timeStamp": {"type": "string", "format": "date-time"},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
        },
    },
    "exception": {
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": {"type": "string", "description": "stable, for programs"},
            "message": {"type": "string", "description": "for people"},
            "field": {"type": "string", "nullable": True},
            "details": {"type": "object"},
        },
    },
}
REFUSED = {
    "description": "refused; nothing was changed",
    "content": {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}},
}
FEATURE_BODY = {"schema": {"$ref": "#/components/schemas/feature"}}
ONE = ("collectionId", "featureId")


def refs(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def read(
    name: str, summary: str, media: str, schema: str, parameters: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": refs((*parameters, "f")),
        "responses": {
            "200": {
                "description": summary,
                "content": {
                    media: {"schema": {"$ref": f"#/components/schemas/{schema}"}},
                    HTML: {"schema": {"type": "string"}},
                },
            },
            "default": REFUSED,
        },
    }


def write(
    name: str, summary: str, status: str, parameters: tuple[str, ...], media: str = ""
) -> dict[str, Any]:
    body = {"requestBody": {"required": True, "content": {media: FEATURE_BODY}}} if media else {}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": refs(parameters),
        **body,
        "security": [{"appKey": []}, {"apiKey": []}],
        "responses": {status: {"description": "kept in the working copy"}, "default": REFUSED},
    }


ITEMS = (
    *("collectionId", "limit", "bbox", "bbox-crs", "datetime", "crs"),
    *("filter", "filter-lang", "filter-crs", "cursor"),
)
CHANGED = (*ONE, "If-Match", "Content-Crs")
PATHS = {
    "/": {"get": read("getLandingPage", "where things are", JSON, "document")},
    "/api": {"get": read("getApi", "this document", OPENAPI, "document")},
    "/conformance": {"get": read("getConformance", "conformance classes", JSON, "conformance")},
    "/collections": {"get": read("getCollections", "layers", JSON, "document")},
    "/collections/{collectionId}": {
        "get": read("getCollection", "one layer", JSON, "document", ("collectionId",))
    },
    "/collections/{collectionId}/queryables": {
        "get": read("getQueryables", "what filters may name", SCHEMA, "document", ("collectionId",))
    },
    "/collections/{collectionId}/items": {
        "get": read("getFeatures", "features of a layer", GEOJSON, "featureCollection", ITEMS),
        "post": write(
            "createFeature",
            "a new feature in the working copy",
            "201",
            ("collectionId", "Content-Crs"),
            GEOJSON,
        ),
    },
    "/collections/{collectionId}/items/{featureId}": {
        "get": read("getFeature", "one feature", GEOJSON, "feature", (*ONE, "crs")),
        "put": write("replaceFeature", "make a feature so", "204", CHANGED, GEOJSON),
        "patch": write("updateFeature", "change a part of it", "204", CHANGED, MERGE_PATCH),
        "delete": write("deleteFeature", "take it away", "204", (*ONE, "If-Match")),
    },
}


def document(root: str) -> dict[str, Any]:
    """The whole description; `root` is the API's address."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "System Alert Online: OGC API Features",
            "version": "1",
            "description": "Layers of municipalities. Published layers are read; changes go to "
            "the working copies, whose ids end in .staged.",
        },
        "servers": [{"url": root.rstrip("/")}],
        "security": [{}, {"appKey": []}, {"apiKey": []}],
        "paths": PATHS,
        "components": {
            "parameters": PARAMETERS,
            "schemas": SCHEMAS,
            "securitySchemes": {
                "appKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "e-mail, and a key made at /account/keys/ as the password",
                },
                "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }
