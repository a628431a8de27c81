"""What an import says: readable on a terminal; its cases are kept with the edition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from gis_layers.cases import Case
from gis_layers.finding_kinds import BLOCKING, KINDS, Level

ITEMS_SHOWN = 5  # of one code, on the terminal


@dataclass
class Report:
    """Everything an import says; filled as it goes."""

    source: str
    driver: str = ""
    srid: int | None = None
    layer: str = ""
    read: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Case] = field(default_factory=list)

    def add(
        self,
        code: str,
        where: object,
        *,
        row: int | None = None,
        geom: GEOSGeometry | None = None,
        before: GEOSGeometry | None = None,
        after: GEOSGeometry | None = None,
        **details: Any,
    ) -> None:
        """A case of a code of KINDS; `where` names the feature, geometries are in EPSG:2180."""
        case = Case(code, str(where), details, row=row, geom=geom, before=before, after=after)
        self.findings.append(case)

    @property
    def blocking(self) -> list[str]:
        """Codes that must be settled before the edition can be published."""
        return [code for code, _cases in self.by_code(BLOCKING)]

    def by_code(self, level: Level) -> Iterator[tuple[str, list[Case]]]:
        """Findings of a level, grouped in the order of KINDS."""
        for code, kind in KINDS.items():
            cases = [case for case in self.findings if case.code == code]
            if cases and kind.level == level:
                yield code, cases

    def as_json(self) -> dict[str, Any]:
        """What Edition.report says of the file itself."""
        return {
            "source": self.source,
            "driver": self.driver,
            "srid": self.srid,
            "read": self.read,
            "counts": self.counts,
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
        for level in Level:
            groups = list(self.by_code(level))
            if groups:
                yield str(level.label)
                yield from told(groups)

    def __str__(self) -> str:
        return "\n".join(self.lines())


def told(groups: Iterable[tuple[str, list[Case]]]) -> Iterator[str]:
    for code, cases in groups:
        yield f"  {KINDS[code].headline % {'count': len(cases)}} [{code}]"
        for case in cases[:ITEMS_SHOWN]:
            yield f"    {case.text()}"
        if len(cases) > ITEMS_SHOWN:
            yield "    " + _("and %(more)d more") % {"more": len(cases) - ITEMS_SHOWN}
