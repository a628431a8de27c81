"""Features between the file and the change set."""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from gis_layers.editions import ADDRESS_ATTRS
from gis_layers.models import AddressPoint, Feature, FeatureChange
from teryt.names import normal_form

NAME_MAX = 200  # Feature.name
ID_ATTR = "id"  # where a feature of a file with an id column keeps it


@dataclass
class Draft:
    """A feature as the edition should show it; `geom` (EPSG:2180) None: left out, keep what is.

    `where` names it in the report.
    """

    where: str
    name: str = ""
    code: str = ""
    simc: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    geom: GEOSGeometry | None = None

    @classmethod
    def of_row(cls, row: Feature | AddressPoint) -> "Draft":
        """What a published row would be as a draft: equal drafts need no change."""
        if isinstance(row, AddressPoint):
            attrs = {name: getattr(row, name) for name in ADDRESS_ATTRS}
            return cls(where=row.number, simc=row.simc, attrs=attrs, geom=row.geom)
        return cls(row.name, row.name, row.code, row.simc, row.attrs, row.geom)

    def content(self) -> tuple[Any, ...]:
        """What two equal states of a feature have in common."""
        wkb = bytes(self.geom.wkb) if self.geom else b""
        return self.name, self.code, self.simc, self.attrs, wkb

    def change(self, op: str, fid: int) -> FeatureChange:
        return FeatureChange(
            op=op,
            fid=fid,
            name=self.name,
            code=self.code,
            simc=self.simc,
            search_name=normal_form(self.name),
            attrs=self.attrs,
            geom=self.geom,
        )


def text_of(value: object) -> str:
    """A column's value as text: composed letters, single spaces, numbers without a ".0"."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(unicodedata.normalize("NFC", str(value)).split())
