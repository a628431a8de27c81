"""A gmina's published addresses, to be found by what people write of them, a line each.

Główna                         all of the street
ul. Główna 1-15 nieparzyste    odd numbers from 1 to 15 (house_numbers.py), 15a among them
Polna 2, 4, 6a                 exactly these
Kowale: Główna 1-15            the street of that name in Kowale
Kowale 7                       a house of a village without streets
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from django.db.models import F, FloatField, Func

from accounts.models import Gmina
from gis_layers import house_numbers
from gis_layers.house_numbers import NumbersUnclear, Run
from gis_layers.models import AddressPoint, Feature, LayerKind
from teryt.localities import localities_of
from teryt.names import normal_form, split_type, street_label

ALL = Run(1, None)  # "wszystkie": as if no numbers were named
VILLAGE = ""  # the street of an address that is only a locality and a number


class Address(NamedTuple):
    """One address point; `street` is its label ("ul. Główna"), x and y are in EPSG:2180."""

    simc: str
    street: str
    number: str
    x: float
    y: float


@dataclass(frozen=True)
class Claim:
    """What a line means: positions in Book.addresses; `numbered` where it names houses."""

    addresses: tuple[int, ...]
    numbered: bool


@dataclass(frozen=True)
class Unclear:
    """A line that means nothing, or too much: `code` as members.py has it, `hint` a likely name."""

    code: str
    hint: str = ""


@dataclass
class Book:
    addresses: list[Address] = field(default_factory=list)
    localities: dict[str, str] = field(default_factory=dict)  # SIMC -> name
    whole: dict[str, set[str]] = field(default_factory=dict)  # SIMC -> it and its parts
    # (SIMC, street's label in normal form) -> positions of its addresses
    streets: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    # normal form of a label, or of a name without its type -> the streets called so
    names: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, gmina: Gmina) -> "Book":
        book = cls()
        for row in localities_of(gmina.terc6):
            book.localities[row.simc] = row.name
            book.whole.setdefault(row.parent_simc, {row.parent_simc}).add(row.simc)
        for position, address in enumerate(addresses_of(gmina)):
            book.addresses.append(address)
            key = (address.simc, normal_form(address.street))
            book.streets[key].append(position)
        for key in book.streets:
            for name in book.spellings(*key):
                book.names[name].add(key)
        return book

    def spellings(self, simc: str, street: str) -> set[str]:
        """What a line may call the street: with its type or without; a village by its name."""
        if street == VILLAGE:
            return {normal_form(self.localities.get(simc, ""))} - {""}
        return {street, normal_form(split_type(street)[1])}

    def in_localities(self, simcs: Collection[str]) -> set[str]:
        """These and their parts."""
        return {part for simc in simcs for part in self.whole.get(simc, {simc})}

    def find(self, line: str, near: Collection[str]) -> Claim | Unclear:
        """The addresses that a line names.

        Of streets of one name those in the localities `near` are meant, where there are any;
        "Kowale: Główna" is looked for in Kowale alone.
        """
        place, colon, rest = line.partition(":")
        if not colon:
            return self.find_in(line, near, None)
        named = {s for s, n in self.localities.items() if normal_form(n) == normal_form(place)}
        if not named:
            return Unclear("locality_unknown")
        return self.find_in(rest.strip(), near, self.in_localities(named))

    def find_in(
        self, line: str, near: Collection[str], within: Collection[str] | None
    ) -> Claim | Unclear:
        """As `find`, in the localities `within`; None: in all."""
        for name, numbers in splits(line):
            called = self.streets_called(name)
            streets = {key for key in called if within is None or key[0] in within}
            if streets:
                return self.claim({key for key in streets if key[0] in near} or streets, numbers)
        return Unclear("line_unknown", self.likeliest(line))

    def streets_called(self, name: str) -> set[tuple[str, str]]:
        """By the label first: "Główna" is ul. Główna where there is al. Główna as well."""
        label, plain = normal_form(street_label(name)), normal_form(name)
        return self.names.get(label) or self.names.get(plain) or set()

    def claim(self, streets: set[tuple[str, str]], text: str) -> Claim | Unclear:
        if len(streets) > 1:
            places = sorted({self.localities.get(simc, simc) for simc, _street in streets})
            return Unclear("line_ambiguous", ", ".join(places))
        [street] = streets
        positions = self.streets[street]
        if not text:
            return Claim(tuple(positions), numbered=False)
        try:
            items = house_numbers.parse(text)
        except NumbersUnclear:
            return Unclear("numbers_unclear", text)
        found = house_numbers.pick(items, [self.addresses[n].number for n in positions])
        taken = tuple(positions[n] for n in found.taken)
        return Claim(taken, numbered=items != [ALL]) if taken else Unclear("line_empty")

    def likeliest(self, line: str) -> str:
        """The label of the street that the line's beginning looks most like; "" for none."""
        words = normal_form(street_label(line.rstrip("0123456789 -,")))
        found = get_close_matches(words, self.names, 1)
        keys = self.names[found[0]] if found else set()
        positions = [self.streets[key][0] for key in sorted(keys)[:1]]
        return next((self.label(self.addresses[n]) for n in positions), "")

    def label(self, address: Address, *, numbered: bool = False) -> str:
        """ "ul. Główna", "ul. Główna 12", "Kowale 7"."""
        name = address.street or self.localities.get(address.simc, address.simc)
        return f"{name} {address.number}" if numbered else name


def lines_of(text: str) -> list[str]:
    """The lines that say something, in their order, each once."""
    said = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in said if line))


def splits(line: str) -> Iterator[tuple[str, str]]:
    """Every way to take a line for a name and numbers, the longest name first."""
    words = line.split()
    for count in range(len(words), 0, -1):
        yield " ".join(words[:count]).rstrip(",;"), " ".join(words[count:])


def addresses_of(gmina: Gmina) -> Iterator[Address]:
    """The published address points with their streets' labels, by fid."""
    labels = street_labels(gmina)
    shown = AddressPoint.objects.filter(layer__gmina=gmina, until=None).order_by("fid")
    x, y = coordinate("ST_X"), coordinate("ST_Y")
    rows = shown.values_list("simc", "street_fid", "street_name", "number", x, y)
    for simc, fid, street_name, number, east, north in rows.iterator(5_000):
        label = labels.get(fid) or (street_label(street_name) if street_name else VILLAGE)
        yield Address(simc, label, number, east, north)


def street_labels(gmina: Gmina) -> Mapping[int | None, str]:
    """Street fid -> label, of the gmina's published streets."""
    streets = Feature.objects.filter(layer__gmina=gmina, layer__kind=LayerKind.STREET, until=None)
    return {fid: street_label(name) for fid, name in streets.values_list("fid", "name")}


def coordinate(function: str) -> Func:
    return Func(F("geom"), function=function, output_field=FloatField())
