"""Codes of the register: checked, always text, with their leading zeros.

Source: GUS, TERYT, "Zasady budowy identyfikatorów".
"""

import re
from dataclasses import dataclass

from teryt.errors import MalformedCode

RODZ = "1234589"  # kinds of a gmina's row in TERC; 4 and 5 are parts of a 3, 8 and 9 of Warszawa
WHOLE_GMINA = "123"  # of these, the kinds that are a gmina and no part of one
SIMC_WEIGHTS = range(2, 8)


@dataclass(frozen=True)
class Terc:
    """A unit's code: voivodeship, powiat and gmina, two digits each, and RODZ, the gmina's kind.

    `pow`, `gmi` and `rodz` are empty in the code of a larger unit.
    """

    woj: str
    pow: str = ""
    gmi: str = ""
    rodz: str = ""

    def __str__(self) -> str:
        return self.woj + self.pow + self.gmi + self.rodz

    @property
    def terc6(self) -> str:
        """WOJ+POW+GMI, on which everything joins; empty for a voivodeship or a powiat."""
        return self.woj + self.pow + self.gmi if self.gmi else ""

    @property
    def parent(self) -> "Terc | None":
        """The powiat of a gmina, the voivodeship of a powiat."""
        if self.gmi:
            return Terc(self.woj, self.pow)
        return Terc(self.woj) if self.pow else None


def parse_terc(value: object) -> Terc:
    """A code of 2, 4 or 7 digits. Raises MalformedCode; a number that lost its zero is one too."""
    text = str(value).strip()
    if not re.fullmatch(rf"\d\d(\d\d(\d\d[{RODZ}])?)?", text, re.ASCII):
        raise MalformedCode(details={"value": text, "register": "TERC"})
    return Terc(text[:2], text[2:4], text[4:6], text[6:])


def parse_simc(value: object) -> str:
    """A locality's code: six digits and a check digit. Raises MalformedCode.

    Zeros that a spreadsheet or JSON number lost are put back: the check digit shows it was right.
    """
    text = padded(value, 7)
    if text is None or text[6] != simc_check_digit(text[:6]):
        raise MalformedCode(details={"value": str(value), "register": "SIMC"})
    return text


def simc_check_digit(digits: str) -> str:
    """The seventh digit: weights 2 to 7, modulo 11, ten counts as nought.

    Holds for all 102,913 codes of SIMC.
    """
    total = sum(int(digit) * weight for digit, weight in zip(digits, SIMC_WEIGHTS, strict=True))
    return str(total % 11 % 10)


def parse_ulic(value: object) -> str:
    """SYM_UL, the number of a street *name*: only with a SIMC does it say which street.

    Five digits, lost zeros put back. Raises MalformedCode.
    """
    text = padded(value, 5)
    if text is None:
        raise MalformedCode(details={"value": str(value), "register": "ULIC"})
    return text


def padded(value: object, width: int) -> str | None:
    """The digits with their leading zeros; None for what is no number, or nought."""
    text = str(value).strip()
    is_number = re.fullmatch(rf"\d{{1,{width}}}", text, re.ASCII) and int(text)
    return text.zfill(width) if is_number else None
