"""The JSON documents of the API: landing page, collections, queryables. No HTTP here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gis_layers.models import Layer
from gis_layers.ogc.collections import Collection
from gis_layers.ogc.extents import Box, extents
from gis_layers.ogc.fields import GEOMETRY
from gis_layers.ogc.reference_systems import ALL, STORAGE

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
# Format of the geometry in a JSON schema, by Layer.geometry_type: streets have several lines.
GEOMETRY_FORMATS = {
    Layer.GeometryType.POINT: "geometry-point-or-multipoint",
    Layer.GeometryType.LINE: "geometry-linestring-or-multilinestring",
    Layer.GeometryType.POLYGON: "geometry-polygon-or-multipolygon",
}


@dataclass(frozen=True)
class Addresses:
    """Absolute addresses of the API's resources; `root` ends with /ogc/."""

    root: str

    def collection(self, collection: Collection, *rest: str) -> str:
        return "/".join([f"{self.root}collections", collection.id, *rest])


def link(href: str, rel: str, media: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media, "title": title}


def html(href: str) -> str:
    return f"{href}{'&' if '?' in href else '?'}f=html"


def this(href: str, media: str = JSON) -> list[dict[str, str]]:
    """The links that every document has: to itself, and to the page for people."""
    return [
        link(href, "self", media, _("This document")),
        link(html(href), "alternate", HTML, _("This document as a page")),
    ]


def landing(at: Addresses) -> dict[str, Any]:
    api = f"{at.root}api"
    return {
        "title": "System Alert Online",
        "description": _("Layers of municipalities: streets, districts, addresses and others."),
        "links": [
            *this(at.root),
            link(api, "service-desc", OPENAPI, _("Description of this interface")),
            link(html(api), "service-doc", HTML, _("Description of this interface, as a page")),
            link(
                f"{at.root}conformance", "conformance", JSON, _("What this interface conforms to")
            ),
            link(
                f"{at.root}conformance",
                f"{REL}conformance",
                JSON,
                _("What this interface conforms to"),
            ),
            link(f"{at.root}collections", "data", JSON, _("Layers")),
            link(f"{at.root}collections", f"{REL}data", JSON, _("Layers")),
        ],
    }


def collections(shown: list[Collection], writable: set[int], at: Addresses) -> dict[str, Any]:
    """All collections; `writable` are the gminas whose layers the caller may change."""
    boxes = extents([one.layer for one in shown])
    return {
        "links": this(f"{at.root}collections"),
        "crs": [crs.uri for crs in ALL],
        "collections": [
            collection(one, boxes.get(one.layer.pk), one.layer.gmina_id in writable, at)
            for one in shown
        ],
    }


def collection(
    one: Collection, box: Box | None, is_writable: bool, at: Addresses
) -> dict[str, Any]:
    """One collection; an empty one has no extent."""
    here = at.collection(one)
    described: dict[str, Any] = {
        "id": one.id,
        "title": one.title,
        "attribution": one.source,
        "itemType": "feature",
        "crs": [crs.uri for crs in ALL],
        "storageCrs": STORAGE.uri,
        "links": [
            *this(here),
            link(f"{here}/items", "items", GEOJSON, _("Features")),
            link(html(f"{here}/items"), "items", HTML, _("Features, as a page")),
            link(f"{here}/queryables", f"{REL}queryables", SCHEMA, _("What can be asked for")),
            *(twin(one, at) if is_writable else []),
        ],
    }
    if box is not None:
        described["extent"] = {"spatial": {"bbox": [list(box)]}}
    return described


def twin(one: Collection, at: Addresses) -> list[dict[str, str]]:
    """The link between a published layer and its working copy (RFC 5829)."""
    other = one.twin()
    if not other.is_staged and not other.layer.edition_number:
        return []  # nothing is published yet
    rel = "working-copy" if other.is_staged else "working-copy-of"
    return [link(at.collection(other), rel, JSON, other.title)]


def queryables(one: Collection, kinds: Mapping[str, str], at: Addresses) -> dict[str, Any]:
    """JSON Schema of the properties that a filter may name."""
    geometry = {
        "title": _("Shape"),
        "x-ogc-role": "primary-geometry",
        "format": GEOMETRY_FORMATS[Layer.GeometryType(one.layer.geometry_type)],
    }
    return {
        "$schema": DRAFT,
        "$id": at.collection(one, "queryables"),
        "type": "object",
        "title": one.title,
        "properties": {
            GEOMETRY: geometry,
            **{name: {"title": title(name), "type": kind} for name, kind in kinds.items()},
        },
        "additionalProperties": False,
    }


def title(name: str) -> str:
    """What a property is called; an attribute of the file by its own name."""
    titles = {
        "name": _("Name of the feature"),
        "code": _("Code"),
        "simc": _("Locality (SIMC)"),
        "ulic": _("Street (ULIC)"),
        "street": _("Street"),
        "street_name": _("Street without a line"),
        "street_fid": _("Number of the street's feature"),
        "number": _("House number"),
        "postcode": _("Postcode"),
    }
    return titles.get(name, name)
