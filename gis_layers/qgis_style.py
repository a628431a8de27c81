"""The look of a layer in QGIS's own words (QML, as QGIS 3.22 and newer read it)."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from gis_layers.looks import Line, Look, look_of
from gis_layers.models import Layer

# Layer.geometry_type -> kind of symbol and class of its one layer.
SYMBOLS: Mapping[str, tuple[str, str]] = {
    Layer.GeometryType.POINT: ("marker", "SimpleMarker"),
    Layer.GeometryType.LINE: ("line", "SimpleLine"),
    Layer.GeometryType.POLYGON: ("fill", "SimpleFill"),
}
LINES: Mapping[str, str] = {
    Line.NONE: "no",
    Line.SOLID: "solid",
    Line.DASHED: "dash",
    Line.DOTTED: "dot",
}
OWN_COLOUR = "#3d463e"  # for the map's own colour, which QGIS doesn't know: a label's ink
OPAQUE = 255


def qml(layer: Layer) -> str:
    """The style's document."""
    look = look_of(layer)
    root = Element("qgis", version="3.22", styleCategories="Symbology|Labeling")
    renderer = SubElement(root, "renderer-v2", type="singleSymbol")
    kind, symbol_class = SYMBOLS[layer.geometry_type]
    symbol = SubElement(SubElement(renderer, "symbols"), "symbol", type=kind, name="0", alpha="1")
    part = SubElement(symbol, "layer", {"class": symbol_class, "enabled": "1", "pass": "0"})
    options = SubElement(part, "Option", type="Map")
    for name, value in symbol_options(layer, look).items():
        SubElement(options, "Option", name=name, type="QString", value=value)
    if look.label:
        label(root)
    return tostring(root, encoding="unicode")


def symbol_options(layer: Layer, look: Look) -> dict[str, str]:
    line = {"width": str(look.width), "width_unit": "Pixel", "style": LINES[look.line]}
    if layer.geometry_type == Layer.GeometryType.LINE:
        return {"line_color": rgba(look, 1)} | {f"line_{name}": it for name, it in line.items()}
    if layer.geometry_type == Layer.GeometryType.POINT:
        size = {"size": str(look.width), "size_unit": "Pixel"}
        return {"name": "circle", "color": rgba(look, 1)} | size
    outline = {f"outline_{name}": value for name, value in line.items()}
    inside = {"style": "solid", "color": rgba(look, look.fill)}
    return inside | {"outline_color": rgba(look, 1)} | outline


def rgba(look: Look, opacity: float) -> str:
    """ "29,79,145,255"."""
    colour = (look.colour or OWN_COLOUR).lstrip("#")
    parts = [int(colour[n : n + 2], 16) for n in (0, 2, 4)]
    return ",".join(map(str, [*parts, round(opacity * OPAQUE)]))


def label(root: Element) -> None:
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings")
    SubElement(settings, "text-style", fieldName="name", fontSize="9", isExpression="0")
