"""CQL2 filters to conditions of a query.

The library cql2 reads both notations into one tree; here each node becomes an expression with its
type, so that nothing but known properties and bound values ever reaches the database, and no
filter can make a query fail.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cql2
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import BooleanField, CharField, FloatField, Func, Q, Value
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Lower
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from gis_layers.ogc import shapes
from gis_layers.ogc.errors import FilterInvalid
from gis_layers.ogc.fields import GEOMETRY, NUMBER, TEXT, TRUTH, Field
from gis_layers.ogc.reference_systems import Crs

FILTER_MAX = 8_000  # characters of a filter
NODES_MAX = 500
DEPTH_MAX = 50
SIGNS_MAX = 500  # of arithmetic, and before numbers
FIELD = "filter"
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
NOT = re.compile(r"\bnot\b", re.IGNORECASE)
SIGN = re.compile(r"[-+*/^%]")

COMPARISONS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
# CQL2 function -> lookup of GeoDjango, and the one that means the same with the sides exchanged.
SPATIAL = {
    "s_intersects": ("intersects", "intersects"),
    "s_disjoint": ("disjoint", "disjoint"),
    "s_equals": ("equals", "equals"),
    "s_touches": ("touches", "touches"),
    "s_crosses": ("crosses", "crosses"),
    "s_overlaps": ("overlaps", "overlaps"),
    "s_within": ("within", "contains"),
    "s_contains": ("contains", "within"),
}

# PostGIS refuses collections in the others.
OF_COLLECTIONS = {"s_intersects", "s_disjoint"}


def parse(text: str, lang: str) -> Any:
    """The tree of a filter in "cql2-text" or "cql2-json". Raises FilterInvalid."""
    if len(text) > FILTER_MAX or "\x00" in text:
        raise refusal(_("it is too long, or holds what no text holds"))
    if lang == "cql2-text":
        refuse_deep(text)
    reader = cql2.parse_json if lang == "cql2-json" else cql2.parse_text
    try:
        return reader(text).to_json()
    except Exception as error:  # the library's own, of no common base
        raise refusal(_("it is no %(lang)s") % {"lang": lang}) from error


def refuse_deep(text: str) -> None:
    """Refuse what the library, which recurses, would overflow a thread's stack with: a crash.

    Measured with 1 MiB of stack: it takes 100 brackets, 400 NOTs, 1,000 signs. Of JSON its own
    reader takes no more than 128 levels.
    """
    bare = QUOTED.sub("", text)
    depth = deepest = 0
    for letter in bare:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if (
        deepest > DEPTH_MAX
        or len(NOT.findall(bare)) > DEPTH_MAX
        or len(SIGN.findall(bare)) > SIGNS_MAX
    ):
        raise refusal(_("it is too complicated"))


def condition(tree: Any, fields: Mapping[str, Field], crs: Crs) -> Q:
    """What the tree asks of the rows that `fields` stand in; geometries of the filter in `crs`.

    Raises FilterInvalid.
    """
    return Conditions(fields, crs).of(tree)


def refusal(reason: str) -> FilterInvalid:
    return FilterInvalid(field=FIELD, details={"reason": reason})


def equal(field: Field, text: str) -> Q:
    """The condition that a property has the value that a query parameter gives as text."""
    value: Any = text
    if field.type == NUMBER:
        try:
            value = float(text)
        except ValueError as error:
            raise refusal(_("the types do not fit")) from error
    elif field.type == TRUTH:
        value = text.lower() == "true"
    return compared("=", Term(field.type, field.value), literal(value))


@dataclass(frozen=True)
class Term:
    """A scalar of a filter with its type."""

    type: str
    value: BaseExpression | Combinable


class Conditions:
    """One filter being read; counts its nodes, for a small text can hold many."""

    def __init__(self, fields: Mapping[str, Field], crs: Crs) -> None:
        self.fields = fields
        self.crs = crs
        self.nodes = 0

    def of(self, node: Any, depth: int = 0) -> Q:
        """A node that is true or false of a feature."""
        self.count(depth)
        if isinstance(node, bool):
            return Q(Value(node, BooleanField()))
        op, arguments = operation(node)
        if op in ("and", "or"):
            return self.joined(op, arguments, depth + 1)
        if op == "not":
            return ~self.of(exactly(1, arguments)[0], depth + 1)
        return self.predicate(op, arguments)

    def count(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > NODES_MAX or depth > DEPTH_MAX:
            raise refusal(_("it is too complicated"))

    def joined(self, op: str, arguments: list[Any], depth: int) -> Q:
        parts = [self.of(argument, depth) for argument in arguments]
        if not parts:
            raise refusal(_("a part is missing"))
        return Q(*parts, _connector=Q.AND if op == "and" else Q.OR)

    def predicate(self, op: str, arguments: list[Any]) -> Q:
        if op in COMPARISONS:
            return compared(COMPARISONS[op], *map(self.term, exactly(2, arguments)))
        if op in SPATIAL:
            return self.spatial(op, *exactly(2, arguments))
        if op == "like":
            return self.like(*exactly(2, arguments))
        if op == "between":
            return self.between(*exactly(3, arguments))
        if op == "in":
            return self.among(*exactly(2, arguments))
        if op == "isNull":
            (term,) = map(self.term, exactly(1, arguments))
            return Q(IsNull(term.value, True))
        raise refusal(_("“%(name)s” is not known here") % {"name": op})

    def like(self, subject: Any, pattern: Any) -> Q:
        """% and _ stand for letters, a backslash makes them mean themselves: as PostgreSQL has it.

        The pattern is a text, or casei of one: nothing of a row could be a broken pattern.
        """
        text = pattern
        if isinstance(pattern, dict) and pattern.get("op") == "casei":
            (text,) = exactly(1, pattern.get("args"))
        if not isinstance(text, str) or (len(text) - len(text.rstrip("\\"))) % 2:
            raise refusal(_("a pattern is a text that does not end in a backslash"))
        left = self.term(subject)
        if left.type != TEXT:
            raise refusal(_("the types do not fit"))
        return compared("LIKE", left, self.term(pattern))

    def between(self, subject: Any, low: Any, high: Any) -> Q:
        term = self.term(subject)
        return compared(">=", term, self.term(low)) & compared("<=", term, self.term(high))

    def among(self, subject: Any, values: Any) -> Q:
        if not isinstance(values, list) or not values:
            raise refusal(_("a part is missing"))
        term = self.term(subject)
        equal = [compared("=", term, self.term(value)) for value in values]
        return Q(*equal, _connector=Q.OR)

    def spatial(self, op: str, left: Any, right: Any) -> Q:
        """One side is the feature's geometry, the other one is given."""
        if is_geometry(left) == is_geometry(right):
            raise refusal(_("compare “geometry” with a geometry"))
        lookup, exchanged = SPATIAL[op]
        shape = self.shape(right if is_geometry(left) else left)
        if shape.geom_type == "GeometryCollection" and op not in OF_COLLECTIONS:
            raise refusal(_("“%(name)s” takes no geometry collection") % {"name": op})
        return Q(**{f"geom__{lookup if is_geometry(left) else exchanged}": shape})

    def shape(self, node: Any) -> GEOSGeometry:
        self.count(0)
        try:
            if isinstance(node, dict) and "bbox" in node:
                return shapes.box(list(map(float, node["bbox"])), self.crs)
            return shapes.literal(node, self.crs)
        except (ValueError, TypeError) as error:
            raise refusal(_("a geometry in it is broken")) from error

    def term(self, node: Any, depth: int = 0) -> Term:
        """A node that is a text, a number or a truth value of a feature."""
        self.count(depth)
        if isinstance(node, str | bool | int | float):
            return literal(node)
        if isinstance(node, dict) and "property" in node:
            return self.of_property(node["property"])
        op, arguments = operation(node)
        if op != "casei":
            raise refusal(_("“%(name)s” is not known here") % {"name": op})
        term = self.term(exactly(1, arguments)[0], depth + 1)
        if term.type != TEXT:
            raise refusal(_("the types do not fit"))
        return Term(TEXT, Lower(term.value))

    def of_property(self, name: Any) -> Term:
        if not isinstance(name, str) or name not in self.fields:
            raise refusal(_("there is no property “%(name)s”") % {"name": name})
        field = self.fields[name]
        return Term(field.type, field.value)


def operation(node: Any) -> tuple[str, list[Any]]:
    """Name and arguments of an operator's node. Raises FilterInvalid for any other."""
    if not (isinstance(node, dict) and isinstance(node.get("op"), str)):
        raise refusal(_("a part of it is no condition"))
    arguments = node.get("args")
    return node["op"], arguments if isinstance(arguments, list) else [arguments]


def exactly(count: int, arguments: Any) -> list[Any]:
    if not isinstance(arguments, list) or len(arguments) != count:
        raise refusal(_("a part is missing"))
    return arguments


def literal(value: str | float) -> Term:
    if isinstance(value, str):
        return Term(TEXT, Value(value, CharField()))
    if isinstance(value, bool):
        return Term(TRUTH, Value(value, BooleanField()))
    return Term(NUMBER, Value(float(value), FloatField()))


def is_geometry(node: Any) -> bool:
    return isinstance(node, dict) and node.get("property") == GEOMETRY


def compared(operator: str, left: Term, right: Term) -> Q:
    """Both sides of one type, or it is refused: texts and numbers have no order among them."""
    if left.type != right.type:
        raise refusal(_("the types do not fit"))
    return Q(
        Func(
            left.value,
            right.value,
            template="(%(expressions)s)",
            arg_joiner=f" {operator} ",
            output_field=BooleanField(),
        )
    )
