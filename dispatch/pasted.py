"""Codes and names that an officer pastes, one a line, each resolved or explained.

"0938887", "SIMC 0938887", "06012", "0938887/06012", "2463011", "ul. Główna", "Główna, Kowale",
"Kowale", "Główna 1–25 nieparzyste". What fits several is listed for choice, never taken as all of
them: one SYM_UL stands in many localities.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Gmina
from dispatch import areas, parts
from dispatch.errors import AreaRefused
from dispatch.streets import Street, streets_of
from gis_layers import house_numbers
from gis_layers.house_numbers import NumbersUnclear
from teryt.codes import parse_simc
from teryt.errors import MalformedCode
from teryt.localities import localities_of
from teryt.matching import Method, match
from teryt.models import Locality, StreetName
from teryt.names import normal_form, split_type

LINE_MAX = 200  # characters
CODE = re.compile(
    r"(?:(?:SIMC|TERC|TERYT|ULIC|SYM(?:_UL)?)[\s:]*)?(\d{5,7})(?:\s*/\s*(\d{5}))?",
    re.IGNORECASE,
)
ULIC_DIGITS, SIMC_DIGITS = 5, 7
FOUND, CHOICE, UNKNOWN = "found", "choice", "unknown"


@dataclass(frozen=True)
class Line:
    """What became of one line.

    `parts` are as the API takes them, with `label`: one where it is found, several to choose from.
    `message` explains; `missing` are house numbers that are not on the map.
    """

    number: int
    text: str
    status: str
    message: str = ""
    parts: Sequence[dict[str, Any]] = ()
    missing: Sequence[str] = field(default=())


def resolve(gmina: Gmina, text: str) -> list[Line]:
    """The lines that say anything, at most settings.AREA_MAX_PARTS of them, in their order."""
    book = _Book(gmina)
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), start=1)]
    told = [(n, line) for n, line in lines if line]
    return [book.line(n, line) for n, line in told[: settings.AREA_MAX_PARTS]]


class _Book:
    """The gmina's localities and streets."""

    def __init__(self, gmina: Gmina) -> None:
        self.gmina = gmina
        self.localities = list(localities_of(gmina.terc6))
        self.names = {row.simc: row.name for row in self.localities}
        self.streets = streets_of(gmina)

    def line(self, number: int, text: str) -> Line:
        if len(text) > LINE_MAX:
            return Line(number, f"{text[:LINE_MAX]}…", UNKNOWN, _("This line is too long."))
        found = CODE.fullmatch(text)
        line = self.of_code(found[1], found[2] or "") if found else self.of_words(text)
        return replace(line, number=number, text=text)

    def of_code(self, digits: str, ulic: str) -> Line:
        if ulic:
            return self.of_street_code(digits, ulic)
        if len(digits) == ULIC_DIGITS:
            return self.of_ulic(digits)
        if digits in (self.gmina.terc, self.gmina.terc6):
            return self.answer([{"kind": parts.Kind.GMINA}])
        return (
            self.of_simc(digits)
            if len(digits) == SIMC_DIGITS
            else unknown(_("{code} is not the TERC of this gmina.").format(code=digits))
        )

    def of_simc(self, simc: str) -> Line:
        if simc in self.names:
            return self.answer([self.locality(simc)])
        try:
            parse_simc(simc)
        except MalformedCode:
            return unknown(
                _("{code} is no code of a locality: a digit is wrong.").format(code=simc)
            )
        elsewhere = Locality.objects.filter(simc=simc).first()
        if elsewhere is None:
            return unknown(_("No locality has the code {code}.").format(code=simc))
        told = _("{name} ({code}) is in another gmina: {terc}.")
        return unknown(told.format(name=elsewhere.name, code=simc, terc=elsewhere.terc6))

    def of_street_code(self, simc: str, ulic: str) -> Line:
        code = f"{simc}/{ulic}"
        found = [street for street in self.streets if street.code == code]
        if found:
            return self.answer([street.part for street in found])
        if simc not in self.names:
            return self.of_simc(simc)
        return unknown(_("{name} has no street {code}.").format(name=self.names[simc], code=ulic))

    def of_ulic(self, ulic: str) -> Line:
        """Several localities of one gmina may have it: then a person chooses."""
        found = [street for street in self.streets if street.ulic == ulic]
        if found:
            return self.answer([street.part for street in found])
        name = StreetName.objects.filter(ulic=ulic).first()
        if name is None:
            return unknown(_("No street has the code {code}.").format(code=ulic))
        told = _("{name} ({code}) is not in this gmina.")
        return unknown(told.format(name=name.name_1, code=ulic))

    def of_words(self, text: str) -> Line:
        """A name, or one with house numbers behind it: the longest name that is one counts."""
        unclear = ""
        for name, numbers in splits(text):
            streets, localities, is_sure = self.named(name)
            if not (streets or localities):
                continue
            try:
                if numbers:
                    house_numbers.parse(numbers)
            except NumbersUnclear as error:
                unclear = unclear or error.text
                continue
            wanted = [street.part for street in streets]
            wanted += [self.locality(row.simc) for row in localities]
            more = {"numbers": numbers} if numbers else {}
            return self.answer([part | more for part in wanted], is_sure=is_sure)
        return unknown(unclear or _("Neither a street nor a locality of this gmina has this name."))

    def named(self, text: str) -> tuple[list[Street], list[Locality], bool]:
        """Streets and localities of a name, "Główna" or "Główna, Kowale"; whether that is sure."""
        name, _comma, place = text.rpartition(",") if "," in text else (text, "", "")
        simcs = {row.simc for row in self.localities if is_called(row, place)} if place else None
        streets = [one for one in self.streets if simcs is None or one.simc in simcs]
        form = normal_form(name)
        same = [one for one in streets if form in (normal_form(one.name), normal_form(one.label))]
        called = [] if place else [row for row in self.localities if is_called(row, name)]
        if same or called:
            return same, called, True
        [one] = match({0: name}, dict(enumerate(street.name for street in streets)))
        keys = one.rivals if one.key is None else [one.key]
        return [streets[key] for key in keys], [], one.method != Method.FUZZY

    def locality(self, simc: str) -> dict[str, Any]:
        return {"kind": parts.Kind.LOCALITY, "simc": simc, "include_parts": True}

    def answer(self, wanted: Sequence[dict[str, Any]], *, is_sure: bool = True) -> Line:
        """What was found as the map knows it, or why nobody can be told there."""
        known, refusal = [], ""
        missing: tuple[str, ...] = ()
        for part in wanted:
            try:
                [spec] = areas.parse_parts(self.gmina, [part])
            except AreaRefused as error:
                refusal = error.text
                continue
            missing = spec.missing_numbers
            known.append(self.shown(spec, part))
        if not known:
            return unknown(refusal)
        if len(wanted) > 1 or not is_sure:
            message = _("Several fit: choose.") if len(known) > 1 else _("Is this the one?")
            return Line(0, "", CHOICE, message, known)
        message = _("Not on the map: {numbers}.").format(numbers=", ".join(missing))
        return Line(0, "", FOUND, message if missing else "", known, missing)

    def shown(self, spec: parts.PartSpec, part: dict[str, Any]) -> dict[str, Any]:
        """The part with its label; among several of one name the locality tells them apart."""
        street = next((one for one in self.streets if one.part.items() <= part.items()), None)
        place = self.names.get(street.simc, "") if street else ""
        return parts.to_json(spec, self.gmina) | {"locality": place}


def splits(text: str) -> Iterator[tuple[str, str]]:
    """A text as name and house numbers, the longest name first: "1 Maja 5" is 1 Maja, 5."""
    yield text, ""
    for cut in reversed([found.start() for found in re.finditer(r"[\s,:;]+", text)]):
        name, numbers = text[:cut].strip(" ,:;"), text[cut:].strip(" ,:;")
        if any(letter.isalpha() for letter in name) and numbers:
            yield name, numbers


def is_called(locality: Locality, text: str) -> bool:
    """Whether the locality has this name, with or without "wieś" and the like before it."""
    form = re.sub(r"^(wies|miejscowosc|miasto|m|osada) ", "", normal_form(split_type(text)[1]))
    return form == locality.search_name


def unknown(message: str) -> Line:
    return Line(0, "", UNKNOWN, message)
