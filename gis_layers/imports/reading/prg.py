"""GUGiK's address register (PRG): addresses and streets with the codes they only refer to.

In both GML models an address point names its locality and street by reference; SIMC and ULIC stand
with those. Model of 2012: PRG_PunktAdresowy → `komponent` → PRG_MiejscowoscNazwa, PRG_UlicaNazwa.
Model of 2021: AD_PunktAdresowy → `miejscowosc`, `ulica2` → AD_Miejscowosc, AD_UlicaPlac.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyogrio
from pyogrio.raw import open_arrow

OPTIONS = {"GML_ATTRIBUTES_TO_OGR_FIELDS": "YES"}  # the references, which are XML attributes
POINTS = ("PRG_PunktAdresowy", "AD_PunktAdresowy")
LOCALITIES = ("PRG_MiejscowoscNazwa", "AD_Miejscowosc")
STREETS = ("PRG_UlicaNazwa", "AD_UlicaPlac")
REFERENCES = ("komponent_href", "miejscowosc_href", "ulica2_href", "miejsce_href")
SIMC = ("idTERYT", "identyfikatorSIMC")
ULIC = ("idTERYT", "identyfikatorULIC")
# A street's name in the model of 2012 comes in parts, in this order.
NAME_PARTS = ("przedrostek1Czesc", "przedrostek2Czesc", "nazwaCzesc", "nazwaGlownaCzesc")
UNSAID = ("ul.", "ulica")  # a street's type that nobody says
ULIC_DIGITS = 5

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Locality:
    name: str
    simc: str


@dataclass(frozen=True)
class Street:
    name: str
    ulic: str
    simc: str = ""


@dataclass
class Register:
    """The localities and streets of a file, by the ids that references end with."""

    localities: dict[str, Locality] = field(default_factory=dict)
    streets: dict[str, Street] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> "Register":
        """Reads the file's localities and streets, without their geometries."""
        found, there = cls(), [name for name, _type in pyogrio.list_layers(path)]
        for row in rows(path, there, LOCALITIES):
            named = Locality(text(row, "nazwa"), text(row, *SIMC))
            found.localities[text(row, "gml_id")] = named
        for row in rows(path, there, STREETS):
            found.streets[text(row, "gml_id")] = found.street(row)
        found.settle(rows(path, there, POINTS[:1]))
        return found

    def street(self, row: Row) -> Street:
        ulic = text(row, *ULIC)
        locality, _street = self.meant(row)
        simc = locality.simc if locality else ""
        return Street(street_name(row), ulic.zfill(ULIC_DIGITS) if ulic else "", simc)

    def settle(self, points: Iterator[Row]) -> None:
        """In the model of 2012 only the addresses tell in which locality a street is."""
        seen: dict[str, set[str]] = {}
        for row in points:
            locality, _street = self.meant(row)
            for one in references(row):
                if one in self.streets and locality:
                    seen.setdefault(one, set()).add(locality.simc)
        for one, simcs in seen.items():
            if len(simcs) == 1:
                street = self.streets[one]
                self.streets[one] = Street(street.name, street.ulic, simcs.pop())

    def meant(self, row: Row) -> tuple[Locality | None, Street | None]:
        """The locality and the street a row refers to."""
        locality, street = None, None
        for one in references(row):
            locality = self.localities.get(one, locality)
            street = self.streets.get(one, street)
        return locality, street

    def told(self, table: str, row: Row) -> dict[str, str | None]:
        """What the register adds to a row of this table; None: nothing is known."""
        if table in STREETS:
            street = self.streets.get(text(row, "gml_id"))
            values = (street.name, street.simc, street.ulic) if street else ("", "", "")
            return dict(zip(STREET_COLUMNS, (value or None for value in values), strict=True))
        locality, street = self.meant(row)
        name, simc = (locality.name, locality.simc) if locality else ("", "")
        street_named, ulic = (street.name, street.ulic) if street else ("", "")
        told = (text(row, "miejscowosc") or name, simc, text(row, "ulica") or street_named, ulic)
        return dict(zip(POINT_COLUMNS, (value or None for value in told), strict=True))


POINT_COLUMNS = ("miejscowosc", "simc", "ulica", "ulic")
STREET_COLUMNS = ("nazwa", "simc", "ulic")


def added_columns(table: str) -> Sequence[str]:
    """The columns that `Register.told` gives a table."""
    if table in POINTS:
        return POINT_COLUMNS
    return STREET_COLUMNS if table in STREETS else ()


def rows(path: Path, there: Sequence[str], tables: Sequence[str]) -> Iterator[Row]:
    for table in tables:
        if table not in there:
            continue
        with open_arrow(path, layer=table, read_geometry=False, use_pyarrow=True) as (
            _meta,
            batches,
        ):
            for batch in batches:
                yield from batch.to_pylist()


def references(row: Row) -> Iterator[str]:
    """The ids a row refers to: "#ID", or an address that ends with "/ID"."""
    for column in REFERENCES:
        value = row.get(column)
        for address in [value] if isinstance(value, str) else value or []:
            yield address.rpartition("/")[2].removeprefix("#")


def text(row: Row, *columns: str) -> str:
    """The first of the columns that has something to say."""
    return next((str(row[column]).strip() for column in columns if row.get(column)), "")


def street_name(row: Row) -> str:
    parts = [text(row, part) for part in NAME_PARTS]
    if parts[0].lower() in UNSAID:
        del parts[0]
    return text(row, "nazwaPelna") or " ".join(filter(None, parts))
