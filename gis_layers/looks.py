"""How a layer is drawn: what its officer set, else what is usual for its kind."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from gis_layers.models import Layer, LayerKind

WIDTH_MAX = 20.0
FILL_MAX = 0.8  # what lies beneath stays legible


class Line(models.TextChoices):
    NONE = "none", _("no line")
    SOLID = "solid", _("solid")
    DASHED = "dashed", _("dashed")
    DOTTED = "dotted", _("dotted")


@dataclass(frozen=True)
class Look:
    """How one layer is drawn.

    `colour` is #rrggbb, or "" for the map's own, which follows light and dark. `width` is in pixels
    at zoom 14: of a line, or across a point. `fill` is the opacity of an area's inside, 0 to 1.
    """

    colour: str = ""
    line: str = Line.SOLID
    width: float = 2
    fill: float = 0
    label: bool = True


KIND_LOOKS: Mapping[str, Look] = {
    LayerKind.STREET: Look(width=4),
    LayerKind.DISTRICT: Look(line=Line.DOTTED, width=1.2),
    LayerKind.TERYT_UNIT: Look(line=Line.DASHED, width=1.6, label=False),
    LayerKind.ADDRESS: Look(width=4),
}
CUSTOM_LOOKS: Mapping[str, Look] = {
    Layer.GeometryType.POLYGON: Look(colour="#1d4f91", width=2, fill=0.15),
    Layer.GeometryType.LINE: Look(colour="#1d4f91", width=3),
    Layer.GeometryType.POINT: Look(colour="#1d4f91", width=12),
}


def usual_look(layer: Layer) -> Look:
    """The look of a layer that nobody has given one."""
    return KIND_LOOKS.get(layer.kind) or CUSTOM_LOOKS[layer.geometry_type]


def look_of(layer: Layer) -> Look:
    return replace(usual_look(layer), **layer.style)


def style_of(layer: Layer, look: Look) -> dict[str, Any]:
    """Layer.style for a look: only what differs from the usual, so that the rest may follow it."""
    usual = usual_look(layer)
    given = asdict(look)
    names = [field.name for field in fields(Look)]
    return {name: given[name] for name in names if given[name] != getattr(usual, name)}
