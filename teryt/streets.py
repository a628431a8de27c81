"""Streets of the register ULIC, as people read them."""

from collections.abc import Collection
from dataclasses import dataclass

from teryt.models import StreetName
from teryt.names import street_label


@dataclass(frozen=True)
class RegisterStreet:
    """One street of one locality; `label` is "ul. Główna", "Rynek", "al. Wojska Polskiego"."""

    simc: str
    ulic: str
    name: str
    label: str

    @property
    def code(self) -> str:
        """As Feature.code has it."""
        return f"{self.simc}/{self.ulic}"


def register_streets(
    simcs: Collection[str], ulics: Collection[str] | None = None
) -> list[RegisterStreet]:
    """The streets in force of these localities, of these SYM_UL only where given; by name."""
    rows = StreetName.objects.filter(simc__in=simcs, closed_on=None)
    if ulics is not None:
        rows = rows.filter(ulic__in=ulics)
    streets = [RegisterStreet(row.simc, row.ulic, name_of(row), label_of(row)) for row in rows]
    return sorted(streets, key=lambda street: (street.name, street.code))


def name_of(row: StreetName) -> str:
    """The name in the order in which it is spoken: NAZWA_2 has first names and titles.

    >>> name_of(StreetName(name_1="Bema", name_2="Józefa"))
    'Józefa Bema'
    """
    return " ".join(filter(None, [row.name_2, row.name_1]))


def label_of(row: StreetName) -> str:
    """The name with its kind as people read it.

    >>> label_of(StreetName(cecha="ul.", name_1="Główna"))
    'ul. Główna'
    """
    kind = "" if row.cecha in ("", "ul.", "inne") else row.cecha
    return street_label(" ".join(filter(None, [kind, name_of(row)])))
