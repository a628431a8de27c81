"""What reading a file finds, as it goes; its cases are then kept with the edition."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from gis_layers.cases import Case


@dataclass
class Report:
    """Everything that reading says; filled as it goes."""

    source: str
    driver: str = ""
    srid: int | None = None
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

    def as_json(self) -> dict[str, Any]:
        """What Edition.report says of the file itself."""
        return {
            "source": self.source,
            "driver": self.driver,
            "srid": self.srid,
            "read": self.read,
            "counts": self.counts,
        }
