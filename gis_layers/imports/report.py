"""What an import found: readable on a terminal, kept as JSON with the edition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext_lazy

ITEMS_KEPT = 200  # of one code, in the JSON; the count is always whole
ITEMS_SHOWN = 5  # of one code, on the terminal

BLOCKING, WARNING, NOTE = "blocking", "warning", "note"
HEADINGS = {
    BLOCKING: gettext_lazy("Blocks publishing"),
    WARNING: gettext_lazy("Worth a look"),
    NOTE: gettext_lazy("For information"),
}


@dataclass(frozen=True)
class Kind:
    """How a code is told: how grave, a sentence with its count, and what is said of each case."""

    level: str
    headline: Any  # lazy; of several cases a plural that takes {"count": …}
    detail: str = ""  # takes the finding's details; a msgid where it has words


# The closed list of codes. A code is stable: programs and saved reports know it.
KINDS: dict[str, Kind] = {
    "axes_swapped": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature lies in place only with x and y exchanged: use --swap-axes",
            "%(count)d features lie in place only with x and y exchanged: use --swap-axes",
            "count",
        ),
    ),
    "not_in_country": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d feature is not in Poland: is the coordinate system right?",
            "%(count)d features are not in Poland: is the coordinate system right?",
            "count",
        ),
    ),
    "mostly_elsewhere": Kind(
        BLOCKING,
        gettext_lazy("Most of the file lies outside the gmina"),
    ),
    "id_twice": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d identifier stands for several features",
            "%(count)d identifiers stand for several features each",
            "count",
        ),
    ),
    "street_in_pieces": Kind(
        BLOCKING,
        ngettext_lazy(
            "%(count)d street comes in several pieces: use --group-by",
            "%(count)d streets come in several pieces each: use --group-by",
            "count",
        ),
        gettext_noop("{pieces} pieces"),
    ),
    "outline_not_one": Kind(
        BLOCKING,
        gettext_lazy("The outline of a gmina is one feature; the file has several or none"),
    ),
    "nothing_left": Kind(
        BLOCKING,
        gettext_lazy("None of the file's features can be used"),
    ),
    "geometry_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without geometry, left out",
            "%(count)d features without geometry, left out",
            "count",
        ),
    ),
    "geometry_wrong_type": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature of another geometry type than the layer, left out",
            "%(count)d features of another geometry type than the layer, left out",
            "count",
        ),
        "{type}",
    ),
    "geometry_repaired": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d invalid geometry, repaired",
            "%(count)d invalid geometries, repaired",
            "count",
        ),
        gettext_noop("{reason} at {lon:.6f}, {lat:.6f}; size changed by {changed:.2%}"),
    ),
    "geometry_broken": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d invalid geometry that cannot be repaired, left out",
            "%(count)d invalid geometries that cannot be repaired, left out",
            "count",
        ),
        gettext_noop("{reason} at {lon:.6f}, {lat:.6f}"),
    ),
    "geometry_unreadable": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d geometry that cannot be read, left out",
            "%(count)d geometries that cannot be read, left out",
            "count",
        ),
    ),
    "geometry_not_finite": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d geometry with a coordinate that is no number, left out",
            "%(count)d geometries with coordinates that are no numbers, left out",
            "count",
        ),
    ),
    "too_many_vertices": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature with too many vertices, left out",
            "%(count)d features with too many vertices, left out",
            "count",
        ),
        gettext_noop("{vertices} vertices"),
    ),
    "name_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without a name, left out",
            "%(count)d features without a name, left out",
            "count",
        ),
    ),
    "text_too_long": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature with too long a text, left out",
            "%(count)d features with too long a text, left out",
            "count",
        ),
        "{field}",
    ),
    "text_damaged": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d text with characters that cannot be read or kept, replaced",
            "%(count)d texts with characters that cannot be read or kept, replaced",
            "count",
        ),
        "{field}",
    ),
    "value_unusable": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d endless number, left empty",
            "%(count)d endless numbers, left empty",
            "count",
        ),
        "{field}",
    ),
    "duplicate": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature is in the file twice, kept once",
            "%(count)d features are in the file twice, kept once",
            "count",
        ),
    ),
    "code_malformed": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d code that is none, ignored",
            "%(count)d codes that are none, ignored",
            "count",
        ),
        "{value}",
    ),
    "outside_gmina": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature wholly outside the gmina",
            "%(count)d features wholly outside the gmina",
            "count",
        ),
    ),
    "parts_far_apart": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street with parts more than 500 m apart: is it one street?",
            "%(count)d streets with parts more than 500 m apart: is each one street?",
            "count",
        ),
        gettext_noop("{gap_m:.0f} m apart"),
    ),
    "names_alike": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d name differs from another only in case, diacritics or punctuation",
            "%(count)d names differ from another only in case, diacritics or punctuation",
            "count",
        ),
        gettext_noop("and {other}"),
    ),
    "code_names_differ": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d code goes with several names",
            "%(count)d codes go with several names each",
            "count",
        ),
        "{names}",
    ),
    "overlap": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature overlaps another",
            "%(count)d features overlap others",
            "count",
        ),
        "{others}",
    ),
    "code_unknown": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d unit whose code TERC doesn't know",
            "%(count)d units whose codes TERC doesn't know",
            "count",
        ),
        "{value}",
    ),
    "unit_without_polygon": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d gmina of TERC has no polygon",
            "%(count)d gminas of TERC have no polygon",
            "count",
        ),
        "{value}",
    ),
    "street_unknown": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street of the addresses is not in the gmina's layer of streets",
            "%(count)d streets of the addresses are not in the gmina's layer of streets",
            "count",
        ),
        gettext_noop("{addresses} addresses"),
    ),
    "street_ambiguous": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d street of the addresses may be one of several: use --simc-field",
            "%(count)d streets of the addresses may be one of several: use --simc-field",
            "count",
        ),
        gettext_noop("{addresses} addresses"),
    ),
    "number_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d address without a number, left out",
            "%(count)d addresses without a number, left out",
            "count",
        ),
    ),
    "locality_missing": Kind(
        WARNING,
        ngettext_lazy(
            "%(count)d feature without a locality",
            "%(count)d features without a locality",
            "count",
        ),
    ),
    "encoding_guessed": Kind(
        NOTE,
        gettext_lazy("The file does not say how its texts are encoded, or says it wrongly"),
        gettext_noop("read as {encoding}"),
    ),
    "heights_dropped": Kind(
        NOTE,
        gettext_lazy("Heights and measures are not kept"),
        gettext_noop("{features} features"),
    ),
    "curves_drawn": Kind(
        NOTE,
        gettext_lazy("Arcs are kept as lines of short steps"),
        gettext_noop("{features} features"),
    ),
    "crosses_edge": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d feature crosses the gmina's edge",
            "%(count)d features cross the gmina's edge",
            "count",
        ),
        gettext_noop("{outside:.0f} {unit} outside"),
    ),
    "code_changed": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d unit has another code today",
            "%(count)d units have other codes today",
            "count",
        ),
        "{value} → {today}",
    ),
    "address_twice": Kind(
        NOTE,
        ngettext_lazy(
            "%(count)d address has several points",
            "%(count)d addresses have several points each",
            "count",
        ),
        gettext_noop("{points} points"),
    ),
    "no_outline": Kind(
        NOTE,
        gettext_lazy("The gmina has no outline yet: whether features lie in it was not checked"),
    ),
    "no_register": Kind(
        NOTE,
        gettext_lazy("TERYT is not loaded: codes were not compared with it"),
    ),
}


@dataclass(frozen=True)
class Finding:
    """One case: a code of KINDS, the feature's name or row, and what the code's detail needs."""

    code: str
    where: str
    details: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        detail = KINDS[self.code].detail
        return f"{self.where}: {_(detail).format_map(self.details)}" if detail else self.where


@dataclass
class Report:
    """Everything an import says; filled as it goes."""

    source: str
    driver: str = ""
    srid: int | None = None
    layer: str = ""
    read: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, where: object, **details: Any) -> None:
        self.findings.append(Finding(code, str(where), details))

    @property
    def blocking(self) -> list[str]:
        """Codes that must be settled before the edition can be published."""
        return [code for code, _cases in self.by_code(BLOCKING)]

    def by_code(self, level: str) -> Iterator[tuple[str, list[Finding]]]:
        """Findings of a level, grouped in the order of KINDS."""
        for code, kind in KINDS.items():
            cases = [case for case in self.findings if case.code == code]
            if cases and kind.level == level:
                yield code, cases

    def as_json(self) -> dict[str, Any]:
        """What Edition.report holds: language-free, at most ITEMS_KEPT cases of a code."""
        return {
            "source": self.source,
            "driver": self.driver,
            "srid": self.srid,
            "read": self.read,
            "counts": self.counts,
            "blocking": self.blocking,
            "findings": [
                {
                    "code": code,
                    "level": level,
                    "count": len(cases),
                    "cases": [{"where": c.where, **c.details} for c in cases[:ITEMS_KEPT]],
                }
                for level in HEADINGS
                for code, cases in self.by_code(level)
            ],
        }

    def lines(self) -> Iterator[str]:
        """The report for people, in the active language."""
        yield _("%(source)s (%(driver)s, EPSG:%(srid)s): %(read)d features read") % {
            "source": self.source,
            "driver": self.driver,
            "srid": self.srid or "?",
            "read": self.read,
        }
        yield _(
            "%(layer)s: %(added)d added, %(replaced)d replaced, %(removed)d removed, "
            "%(unchanged)d unchanged, %(left_out)d left out"
        ) % {"layer": self.layer, **self.counts}
        for level, heading in HEADINGS.items():
            groups = list(self.by_code(level))
            if groups:
                yield str(heading)
                yield from told(groups)

    def __str__(self) -> str:
        return "\n".join(self.lines())


def told(groups: Iterable[tuple[str, list[Finding]]]) -> Iterator[str]:
    for code, cases in groups:
        yield f"  {KINDS[code].headline % {'count': len(cases)}} [{code}]"
        for case in cases[:ITEMS_SHOWN]:
            yield f"    {case.text()}"
        if len(cases) > ITEMS_SHOWN:
            yield "    " + _("and %(more)d more") % {"more": len(cases) - ITEMS_SHOWN}
