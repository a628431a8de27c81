"""An edition's report as a terminal shows it, and as programs ask for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gis_layers import findings
from gis_layers.cases import Case
from gis_layers.finding_kinds import BLOCKING, KINDS, Level
from gis_layers.models import Edition

CASES_SHOWN = 5  # of one code


@dataclass(frozen=True)
class Report:
    """What an import read and changed, and what was found in its edition.

    `findings` are the cases kept, without geometries; `found` counts them all, by code.
    """

    edition: Edition
    findings: list[Case]

    @classmethod
    def of(cls, edition: Edition) -> "Report":
        return cls(edition, list(findings.cases(edition)))

    @property
    def read(self) -> int:
        """Features in the file."""
        return int(self.edition.report.get("read", 0))

    @property
    def counts(self) -> dict[str, int]:
        """added, replaced, removed, unchanged, left_out: how many features of the layer."""
        return dict(self.edition.report.get("counts", {}))

    @property
    def found(self) -> dict[str, int]:
        return findings.found_in(self.edition)

    @property
    def blocking(self) -> list[str]:
        """Codes that must be settled before the edition can be published."""
        return findings.codes(self.edition, BLOCKING)

    def __str__(self) -> str:
        """For people, in the active language."""
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        told = self.edition.report
        yield _("%(source)s (%(driver)s, EPSG:%(srid)s): %(read)d features read") % {
            "source": told.get("source", ""),
            "driver": told.get("driver", ""),
            "srid": told.get("srid") or "?",
            "read": self.read,
        }
        yield _(
            "%(layer)s: %(added)d added, %(replaced)d replaced, %(removed)d removed, "
            "%(unchanged)d unchanged, %(left_out)d left out"
        ) % {"layer": str(self.edition.layer), **self.counts}
        for level in Level:
            codes = findings.codes(self.edition, level)
            if codes:
                yield str(level.label)
            for code in codes:
                yield from self.told(code)

    def told(self, code: str) -> Iterator[str]:
        """A code with its first cases."""
        count = self.found[code]
        yield f"  {KINDS[code].headline % {'count': count}} [{code}]"
        shown = [case for case in self.findings if case.code == code][:CASES_SHOWN]
        for case in shown:
            yield f"    {case.text()}"
        if count > len(shown):
            yield "    " + _("and %(more)d more") % {"more": count - len(shown)}
