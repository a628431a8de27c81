"""Parts of an area against the gmina's edge: refused, warned of, or inside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Gmina
from dispatch import queries
from dispatch.errors import AreaOutsideGmina, DrawnOutside
from dispatch.parts import Kind, PartSpec, name_of
from gis_layers.outlines import Outline

# Outlines less exact than this (the national file: 800 m) are widened by their inaccuracy before a
# drawn shape is refused: what seems outside may well be inside.
EXACT_M = 50


@dataclass(frozen=True)
class Crossing:
    """A row of area_edges.sql."""

    part: int
    is_outside: bool
    outside_m: float
    outside_m2: float
    outside_share: float | None
    is_only_reach: bool
    outside: str
    clip: str


def check(gmina: Gmina, chosen: Sequence[PartSpec], outline: Outline) -> Iterator[dict[str, Any]]:
    """Warnings about features and reaches that cross the edge, with metres or m² outside.

    Raises AreaOutsideGmina for a part wholly outside, DrawnOutside for a drawn one that is outside
    by more than settings.DRAWN_MAX_OUTSIDE, with what lies outside and the clipped shapes.
    """
    for crossing in _crossings(chosen, outline):
        part, field = chosen[crossing.part], f"parts.{crossing.part}"
        if crossing.is_outside:
            raise AreaOutsideGmina(field=field)
        if part.kind == Kind.DRAWN and (crossing.outside_share or 0) > settings.DRAWN_MAX_OUTSIDE:
            raise DrawnOutside(field=field, details=_clipping(crossing))
        if crossing.is_only_reach or max(crossing.outside_m, crossing.outside_m2) >= 1:
            yield _warning(crossing, name_of(part, gmina))


def _warning(crossing: Crossing, name: str) -> dict[str, Any]:
    """`outside_m2` of a polygon, `outside_m` of a line; of a reach neither."""
    if crossing.is_only_reach:
        code, text = "reach_crosses_edge", _("The metres around it go beyond the gmina's border.")
    else:
        code, text = "crosses_edge", _("It goes beyond the gmina's border.")
    sizes = {"outside_m": round(crossing.outside_m), "outside_m2": round(crossing.outside_m2)}
    told = {name: size for name, size in sizes.items() if size}
    return {"code": code, "message": text, "part": crossing.part, "label": name, **told}


def _clipping(crossing: Crossing) -> dict[str, Any]:
    """`clip` lists single shapes that can be sent as drawn parts instead of the refused one."""
    return {
        "outside_share": round(crossing.outside_share or 0, 4),
        "outside": json.loads(crossing.outside),
        "clip": _singles(json.loads(crossing.clip)),
    }


def _singles(geometry: Mapping[str, Any]) -> list[dict[str, Any]]:
    kind = geometry["type"]
    if not kind.startswith("Multi"):
        return [dict(geometry)]
    single = kind.removeprefix("Multi")
    return [{"type": single, "coordinates": inner} for inner in geometry["coordinates"]]


def _crossings(chosen: Sequence[PartSpec], outline: Outline) -> list[Crossing]:
    shaped = [(n, p) for n, p in enumerate(chosen) if p.kind in (Kind.FEATURE, Kind.DRAWN)]
    if not shaped:
        return []
    is_exact = outline.accuracy_m <= EXACT_M
    fence = outline.geom if is_exact else outline.geom.buffer(outline.accuracy_m)
    rows = queries.rows(
        "area_edges",
        parts=[n for n, _part in shaped],
        fids=[part.fid for _n, part in shaped],
        wkbs=[part.wkb for _n, part in shaped],
        reaches=[part.distance_m or 0.0 for _n, part in shaped],
        is_drawn=[part.kind == Kind.DRAWN for _n, part in shaped],
        outline=outline.geom.hexewkb.decode(),
        fence=fence.hexewkb.decode(),
        # People are attached to a street from so far away.
        slack=max(outline.accuracy_m, settings.NEAREST_STREET_MAX_M),
    )
    return [Crossing(**row) for row in rows]
