"""A gmina's map as a MapLibre style: what our own pages draw, and what any other client may.

Source of the form: https://maplibre.org/maplibre-style-spec/. From below: the ground, insides of
areas, their edges, lines, points, names; among equals by Layer.position.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Gmina
from gis_layers.looks import Line, Look, look_of
from gis_layers.models import Layer, LayerKind
from gis_layers.outlines import OWN_SLUG
from gis_layers.tile_statement import ADDRESS_MIN_ZOOM, label_layer
from gis_layers.tiles import MAX_ZOOM, Tileset, layers_of

SOURCE = "gmina"
FONT = ["Map Sans"]  # frontend/shared/ui/font.css; elsewhere the browser's own takes its place
DASHES = {Line.DASHED: [5, 3.5], Line.DOTTED: [0.1, 2.5]}
IS_MAIN = ["==", ["get", "class"], "main"]
LINE_NAME_ZOOM, STREET_NAME_ZOOM, POINT_NAME_ZOOM, NUMBER_ZOOM = 11.5, 13, 13, 17

StyleLayer = dict[str, Any]


@dataclass(frozen=True)
class Palette:
    """The map's own colours: those of frontend/shared/ui/tokens.css, a test compares them."""

    land: str
    outside: str
    road: str
    road_edge: str
    main: str
    label: str
    edge: str
    casing: str


PALETTES: Mapping[str, Palette] = {
    "light": Palette(
        land="#f1f1ea",
        outside="#e2e3dc",
        road="#ffffff",
        road_edge="#cfd2c8",
        main="#fbe9b7",
        label="#3d463e",
        edge="#7c8577",
        casing="#ffffff",
    ),
    "dark": Palette(
        land="#1f2521",
        outside="#171b18",
        road="#39423b",
        road_edge="#2a312c",
        main="#5a5230",
        label="#cfd8cf",
        edge="#8b9689",
        casing="#1b211d",
    ),
}


def map_style(
    gmina: Gmina, tileset: Tileset, *, tilejson_url: str, scheme: str = "light"
) -> dict[str, Any]:
    """The style (version 8) of a tileset in one of PALETTES' schemes."""
    return style_from(gmina, layers_of(gmina, tileset), tilejson_url, PALETTES[scheme])


def style_from(
    gmina: Gmina, layers: Iterable[Layer], tilejson_url: str, palette: Palette
) -> dict[str, Any]:
    """The style of these layers, saved or not: also the preview of a look being chosen."""
    ordered = sorted(layers, key=lambda layer: (layer.position, layer.slug))
    return {
        "version": 8,
        "name": gmina.name,
        "sources": {SOURCE: {"type": "vector", "url": tilejson_url}},
        "layers": _ground(ordered, palette) + _layers(ordered, palette),
    }


def _ground(layers: Iterable[Layer], palette: Palette) -> list[StyleLayer]:
    """The gmina's land; without an outline all is land."""
    has_outline = any(layer.slug == OWN_SLUG for layer in layers)
    colour = palette.outside if has_outline else palette.land
    background = {"id": "outside", "type": "background", "paint": {"background-color": colour}}
    land = {
        "id": "land",
        "type": "fill",
        "source": SOURCE,
        "source-layer": OWN_SLUG,
        "paint": {"fill-color": palette.land, "fill-antialias": False},
    }
    return [background, land] if has_outline else [background]


Drawing = Callable[[Layer, Look, Palette], list[StyleLayer]]


def _layers(layers: Iterable[Layer], palette: Palette) -> list[StyleLayer]:
    drawn = [(layer, look_of(layer)) for layer in layers]
    return [
        part
        for geometry_type, drawing in DRAWINGS
        for layer, look in drawn
        if layer.geometry_type == geometry_type
        for part in drawing(layer, look, palette)
    ]


def _insides(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    if not look.fill or layer.slug == OWN_SLUG:
        return []
    paint = {"fill-color": look.colour or palette.edge, "fill-opacity": look.fill}
    return [_part(layer, "fill", "fill", paint=paint)]


def _edges(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    return [_line(layer, look, look.colour or palette.edge)] if look.line != Line.NONE else []


def _lines(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    if look.line == Line.NONE:
        return []
    if layer.kind == LayerKind.STREET and look.line == Line.SOLID:
        return _roads(layer, look, palette)
    return [_line(layer, look, look.colour or palette.edge)]


def _line(layer: Layer, look: Look, colour: str) -> StyleLayer:
    paint: dict[str, Any] = {"line-color": colour, "line-width": _growing(look.width)}
    if look.line in DASHES:
        paint["line-dasharray"] = DASHES[Line(look.line)]
    cap = "butt" if look.line == Line.DASHED else "round"
    return _part(layer, "line", "line", layout={"line-join": "round", "line-cap": cap}, paint=paint)


def _roads(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    """A street has an edge, so that white is seen on pale land; main ones are wider."""
    layout = {
        "line-join": "round",
        "line-cap": "round",
        "line-sort-key": ["case", IS_MAIN, 1, 0],
    }
    scale = look.width / 4
    main = look.colour or palette.main
    edge = {"line-color": palette.road_edge, "line-width": _widths(scale, EDGE_WIDTHS)}
    road = {
        "line-color": ["case", IS_MAIN, main, look.colour or palette.road],
        "line-width": _widths(scale, ROAD_WIDTHS),
    }
    return [
        _part(layer, "edge", "line", layout=layout, paint=edge),
        _part(layer, "line", "line", layout=layout, paint=road),
    ]


# Zoom -> pixels of a street and of a main one, for a look of width 4.
EDGE_WIDTHS = {11: (1.8, 3), 14: (5.4, 8.4), 18: (26, 34)}
ROAD_WIDTHS = {11: (1, 1.9), 14: (3.8, 6.4), 18: (23, 30)}


def _widths(scale: float, at: Mapping[int, tuple[float, float]]) -> list[Any]:
    steps: list[Any] = []
    for zoom, (street, main) in at.items():
        steps += [zoom, ["case", IS_MAIN, main * scale, street * scale]]
    return ["interpolate", ["exponential", 1.6], ["zoom"], *steps]


def _growing(width: float) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], 9, width * 0.6, 14, width, 18, width * 1.6]


def _points(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    paint = {
        "circle-radius": _growing(look.width / 2),
        "circle-color": look.colour or palette.edge,
        "circle-stroke-color": palette.casing,
        "circle-stroke-width": 1 if layer.kind == LayerKind.ADDRESS else 2,
    }
    return [_part(layer, "point", "circle", paint=paint)]


def _line_names(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    layout = {
        "symbol-placement": "line",
        "symbol-spacing": 320,
        "symbol-sort-key": ["case", IS_MAIN, 0, 1],
        "text-size": ["interpolate", ["linear"], ["zoom"], 11.5, 12, 14, 14, 17, 17],
        "text-max-angle": 35,
        "text-padding": 6,
    }
    part = _names(layer, look, palette, layout, from_zoom=LINE_NAME_ZOOM)
    if layer.kind == LayerKind.STREET and part:
        # From afar only main streets are named.
        part[0]["filter"] = ["any", IS_MAIN, [">=", ["zoom"], STREET_NAME_ZOOM]]
    return part


def _area_names(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    """At the label points of the tiles: one an area, whatever tiles it is cut into."""
    layout = {
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, 14, 15, 18],
        "text-max-width": 8,
        "text-letter-spacing": 0.06,
        "text-padding": 4,
    }
    parts = _names(layer, look, palette, layout)
    return [part | {"source-layer": label_layer(layer.slug)} for part in parts]


def _point_names(layer: Layer, look: Look, palette: Palette) -> list[StyleLayer]:
    is_address = layer.kind == LayerKind.ADDRESS
    layout = {
        "text-field": ["get", "number" if is_address else "name"],
        "text-size": 13 if is_address else 14,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.5 + look.width / 28,
    }
    from_zoom = NUMBER_ZOOM if is_address else POINT_NAME_ZOOM
    return _names(layer, look, palette, layout, from_zoom=from_zoom)


def _names(
    layer: Layer, look: Look, palette: Palette, layout: dict[str, Any], *, from_zoom: float = 0
) -> list[StyleLayer]:
    if not look.label:
        return []
    paint = {
        "text-color": palette.label,
        "text-halo-color": palette.land,
        "text-halo-width": 1.6,
    }
    text = {"text-field": ["get", "name"], "text-font": FONT, **layout}
    part = _part(layer, "name", "symbol", layout=text, paint=paint)
    return [part | {"minzoom": max(from_zoom, part.get("minzoom", 0))}]


def _part(
    layer: Layer, suffix: str, type_: str, *, paint: StyleLayer, layout: StyleLayer | None = None
) -> StyleLayer:
    """One style layer of a map layer, shown at the zooms that the layer is."""
    first = ADDRESS_MIN_ZOOM if layer.kind == LayerKind.ADDRESS else 0
    part: StyleLayer = {
        "id": f"{layer.slug}:{suffix}",
        "type": type_,
        "source": SOURCE,
        "source-layer": layer.slug,
        "minzoom": max(layer.min_zoom, first),
        "layout": layout or {},
        "paint": paint,
    }
    # Zooms past the tiles' deepest are drawn from that one.
    return part if layer.max_zoom >= MAX_ZOOM else part | {"maxzoom": layer.max_zoom + 1}


# From below: what is drawn of the layers of one geometry type.
POLYGON, LINE, POINT = Layer.GeometryType.POLYGON, Layer.GeometryType.LINE, Layer.GeometryType.POINT
DRAWINGS: tuple[tuple[str, Drawing], ...] = (
    (POLYGON, _insides),
    (LINE, _lines),
    (POLYGON, _edges),
    (POINT, _points),
    (LINE, _line_names),
    (POINT, _point_names),
    (POLYGON, _area_names),
)
