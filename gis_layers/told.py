"""Details of a case as people read them: numbers and GEOS's words in the reader's language."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

THIN_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"
POLISH = str.maketrans({",": THIN_SPACE, ".": ",", "%": NO_BREAK_SPACE + "%"})

# Details that hold GEOS's own words.
GEOS_SAYS = ("reason", "type")
# What GEOS says of an invalid geometry, and how it calls types. Source: IsValidOp, WKT.
WORDS: Mapping[str, Any] = {
    "Self-intersection": _("the edge crosses itself"),
    "Ring Self-intersection": _("the edge touches itself"),
    "Hole lies outside shell": _("a hole lies outside the shape"),
    "Holes are nested": _("a hole lies in a hole"),
    "Interior is disconnected": _("holes cut the shape in two"),
    "Nested shells": _("one part lies inside another"),
    "Duplicate Rings": _("one edge is there twice"),
    "Too few points in geometry component": _("too few points"),
    "Invalid Coordinate": _("a coordinate is no number"),
    "Ring is not closed": _("the edge is not closed"),
    "Point": _("a point"),
    "MultiPoint": _("points"),
    "LineString": _("a line"),
    "MultiLineString": _("lines"),
    "Polygon": _("an area"),
    "MultiPolygon": _("areas"),
    "GeometryCollection": _("shapes of several kinds"),
}


class ForPeople(Formatter):
    """Formats a number whose format has a comma as the active language writes it.

    Others stay as programs write them: coordinates are copied into programs.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        in_polish = "," in format_spec and get_language() == "pl"
        return text.translate(POLISH) if in_polish else text


def fill(sentence: str, details: Mapping[str, Any]) -> str:
    """The sentence with its {placeholders} filled from the details."""
    in_words = {key: word(value) for key, value in details.items() if key in GEOS_SAYS}
    return ForPeople().vformat(sentence, (), {**details, **in_words})


def word(said: str) -> str:
    """GEOS's or PostGIS's word ("ST_Point") as ours; the same where we have none."""
    return str(WORDS.get(said.removeprefix("ST_"), said))
