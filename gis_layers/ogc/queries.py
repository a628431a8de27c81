"""The query string of /items, read and checked: unknown parameters and odd values are refused."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from gis_layers.ogc import cql, shapes
from gis_layers.ogc.errors import ParameterInvalid, ParameterUnknown
from gis_layers.ogc.fields import GEOMETRY, Field
from gis_layers.ogc.reference_systems import CRS84, Crs, crs_of

LIMIT_DEFAULT = 100
LIMIT_MAX = 10_000
FID_MAX = 2**53  # features' numbers stay below
LANGS = ("cql2-text", "cql2-json")
OPEN_ENDS = ("", "..")  # of an interval of time
ALWAYS = {"f"}  # every resource has it
FILTERING = {"filter", "filter-lang", "filter-crs"}
ITEMS = ALWAYS | FILTERING | {"limit", "bbox", "bbox-crs", "datetime", "crs", "cursor"}
ITEM = ALWAYS | {"crs"}


@dataclass(frozen=True)
class ItemsQuery:
    """`after`: the fid that the page before ended with. `tree`: the parsed filter, if any."""

    limit: int
    after: int
    crs: Crs
    within: GEOSGeometry | None
    tree: Any
    filter_crs: Crs
    equals: Mapping[str, str]  # queryables asked for as parameters of their own

    def condition(self, fields: Mapping[str, Field]) -> Q:
        """What is asked of the rows that `fields` stand in. Raises FilterInvalid."""
        found = Q(geom__intersects=self.within) if self.within is not None else Q()
        if self.tree is not None:
            found &= cql.condition(self.tree, fields, self.filter_crs)
        for name, text in self.equals.items():
            found &= cql.equal(fields[name], text)
        return found


def read(params: QueryDict, queryables: Mapping[str, str]) -> ItemsQuery:
    """Raises ParameterUnknown, ParameterInvalid, CrsUnknown, FilterInvalid."""
    given = single(params, ITEMS | queryables.keys())
    check_datetime(given)
    return ItemsQuery(
        limit=min(whole(given, "limit", LIMIT_DEFAULT, least=1), LIMIT_MAX),
        after=min(whole(given, "cursor", 0, least=0), FID_MAX),
        crs=crs(given, "crs"),
        within=bbox(given),
        tree=tree(given),
        filter_crs=crs(given, "filter-crs"),
        equals={name: given[name] for name in given if name in queryables and name not in ITEMS},
    )


def single(params: QueryDict, known: Set[str]) -> dict[str, str]:
    """The parameters, each with its one value.

    Raises ParameterUnknown, and ParameterInvalid for a NUL or a parameter given twice.
    """
    for name, values in params.lists():
        if name not in known:
            raise ParameterUnknown(field=name, details={"name": name})
        if len(values) > 1:
            raise invalid(name, _("give it once"))
        if "\x00" in str(values[0]):
            raise invalid(name, _("it holds what no text holds"))
    return {name: str(value) for name, value in params.items()}


def invalid(name: str, reason: str) -> ParameterInvalid:
    return ParameterInvalid(field=name, details={"name": name, "reason": reason})


def whole(given: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 20) or int(text) < least:
        raise invalid(name, _("a whole number, at least %(least)s") % {"least": least})
    return int(text)


def crs(given: Mapping[str, str], name: str) -> Crs:
    return crs_of(given[name], name) if name in given else CRS84


def bbox(given: Mapping[str, str]) -> GEOSGeometry | None:
    if "bbox" not in given:
        crs(given, "bbox-crs")  # a wrong one is refused even where it is of no use
        return None
    try:
        numbers = [float(number) for number in given["bbox"].split(",")]
        return shapes.box(numbers, crs(given, "bbox-crs"))
    except ValueError as error:
        raise invalid("bbox", _("four numbers, the lower corner first")) from error


def tree(given: Mapping[str, str]) -> Any:
    lang = given.get("filter-lang", LANGS[0])
    if lang not in LANGS:
        raise invalid("filter-lang", ", ".join(LANGS))
    return cql.parse(given["filter"], lang) if "filter" in given else None


def check_datetime(given: Mapping[str, str]) -> None:
    """No layer has a time of its own, so any time finds all features: Part 1, 7.15.4.

    What is no time is refused all the same.
    """
    ends = given.get("datetime", "..").split("/")
    times = [instant(end) for end in ends if end not in OPEN_ENDS]
    if len(ends) > 2 or (len(ends) == 1 and ends == [""]) or None in times:
        raise invalid("datetime", _("an instant, or two with a slash between them (RFC 3339)"))


def instant(text: str) -> date | datetime | None:
    try:
        return parse_datetime(text) if "T" in text else parse_date(text)
    except ValueError:
        return None


def names_properties(params: QueryDict) -> bool:
    """Whether something is asked of properties, so that one has to know which there are."""
    return "filter" in params or bool(params.keys() - ITEMS)


def asked(name: str) -> bool:
    """Whether a property can be asked for by a parameter of its own name."""
    return name not in ITEMS and name != GEOMETRY
