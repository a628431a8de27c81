"""Bytes of one vector tile and the TileJSON of a tileset. No HTTP here."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.models import Gmina
from gis_layers.models import Layer, LayerKind
from gis_layers.outlines import gmina_outline
from gis_layers.tile_query import first_row
from gis_layers.tile_revisions import Known, find_revision
from gis_layers.tile_statement import ADDRESS_MIN_ZOOM, drawn_at, label_layer, statement_for

MIN_ZOOM = 8
# Deeper zooms are drawn from this one (MapLibre overzooms).
MAX_ZOOM = 16

# TileJSON field types of each MVT layer's columns (sql/tile_*.sql).
FEATURE_FIELDS = {"name": "String", "code": "String", "simc": "String", "class": "String"}
LABEL_FIELDS = {"name": "String"}
ADDRESS_FIELDS = {"number": "String", "street_fid": "Number"}


class Tileset(StrEnum):
    """`public` shows the layers marked so; `staff` all of them, address points included."""

    PUBLIC = "public"
    STAFF = "staff"


def in_grid(z: int, x: int, y: int) -> bool:
    """Whether the tile exists and is one that TileJSON promises."""
    return MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def encode(revision: Known, tileset: Tileset, z: int, x: int, y: int) -> bytes:
    """MVT of the tile as the gmina's map was at `revision`; empty where nothing is.

    One prepared statement, one round trip for all layers. Raises django.db.DatabaseError.
    """
    drawn = drawn_at(z, revision.layers, staff=tileset is Tileset.STAFF)
    if not drawn:
        return b""
    statement, given = statement_for(drawn)
    given |= {"z": z, "x": x, "y": y, "most": settings.TILE_MAX_FEATURES}
    with connection.wrap_database_errors:
        row = first_row(statement, given)
    return (row and row[0]) or b""


def tile(slug: str, tileset: Tileset, revision: int, z: int, x: int, y: int) -> bytes | None:
    """The tile's MVT, encoded anew; None: no such gmina or revision."""
    known = find_revision(slug, revision)
    return encode(known, tileset, z, x, y) if known else None


def tilejson(gmina: Gmina, tileset: Tileset, *, tiles_url: str) -> dict[str, Any]:
    """TileJSON 3.0.0 of a tileset at the gmina's revision; `tiles_url` holds {z}/{x}/{y}.

    Source: https://github.com/mapbox/tilejson-spec/tree/master/3.0.0.
    """
    layers = list(layers_of(gmina, tileset))
    west, south, east, north = _bounds(gmina)
    return {
        "tilejson": "3.0.0",
        "name": gmina.name,
        "version": f"{gmina.revision}.0.0",
        "scheme": "xyz",
        "tiles": [tiles_url],
        "minzoom": MIN_ZOOM,
        "maxzoom": MAX_ZOOM,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, 12],
        "attribution": _attribution(layers),
        "vector_layers": [part for layer in layers for part in _vector_layers(layer)],
    }


def layers_of(gmina: Gmina, tileset: Tileset) -> QuerySet[Layer]:
    """The published layers that the tileset shows, by slug."""
    shown = Layer.objects.filter(gmina=gmina, edition_number__gt=0).order_by("slug")
    return shown.filter(public=True) if tileset is Tileset.PUBLIC else shown


def _attribution(layers: list[Layer]) -> str:
    """Each source named once, whatever layers have it in common; in the reader's language."""
    in_english = get_language() == "en"
    sources = ((layer.source_en if in_english else "") or layer.source for layer in layers)
    named = (name.strip() for source in sources for name in source.split("·"))
    return " · ".join(dict.fromkeys(name for name in named if name))


def _vector_layers(layer: Layer) -> list[dict[str, Any]]:
    """The layer's entry, and for areas that of the points where their names stand."""
    is_address = layer.kind == LayerKind.ADDRESS
    entry = {
        "id": layer.slug,
        "description": layer.title_en if get_language() == "en" else layer.title_pl,
        # Not in the specification: what the layer is, for the map's style.
        "kind": layer.kind,
        "geometry_type": layer.geometry_type,
        "minzoom": max(layer.min_zoom, ADDRESS_MIN_ZOOM) if is_address else layer.min_zoom,
        "maxzoom": min(layer.max_zoom, MAX_ZOOM),
        "fields": ADDRESS_FIELDS if is_address else FEATURE_FIELDS,
    }
    if layer.geometry_type != Layer.GeometryType.POLYGON:
        return [entry]
    labels = {
        "id": label_layer(layer.slug),
        "kind": "label",
        "geometry_type": Layer.GeometryType.POINT,
        "fields": LABEL_FIELDS,
        "labels": layer.slug,
    }
    return [entry, entry | labels]


def _bounds(gmina: Gmina) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees (EPSG:4326); the whole world without an outline."""
    outline = gmina_outline(gmina)
    if outline is None:
        return (-180.0, -85.0511, 180.0, 85.0511)
    geom: GEOSGeometry = outline.geom.transform(4326, clone=True)
    return geom.extent
