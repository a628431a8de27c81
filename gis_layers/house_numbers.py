"""House numbers as officers write them: "1–25 nieparzyste", "30, 32A–C", "od 40 do końca".

A range takes every number whose leading digits lie in it, with or without a letter: who has no
water from 1 to 25 has none at 25A either. A single number means just that one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from django.utils.translation import gettext_lazy as _

from gis_layers.errors import LayerError

TEXT_MAX = 500  # characters
ODD, EVEN = 1, 0
PARITIES = {
    "nieparzyste": ODD,
    "nieparz": ODD,
    "np": ODD,
    "odd": ODD,
    "parzyste": EVEN,
    "parz": EVEN,
    "even": EVEN,
}
_NUMBER = r"(\d{1,4}) ?([a-z]?(?:/\d{1,4}[a-z]?)?)"
_PARITY = rf"(?: \(?({'|'.join(PARITIES)})\.?\)?)?"
_ITEM = {
    "all": re.compile(rf"(?:wszystkie|cała|w całości|all)?{_PARITY}"),
    "one": re.compile(_NUMBER),
    "letters": re.compile(r"(\d{1,4}) ?([a-z]) ?- ?([a-z])"),
    "range": re.compile(rf"(?:od )?{_NUMBER} ?(?:-|do) ?{_NUMBER}{_PARITY}"),
    "open": re.compile(rf"(?:od )?{_NUMBER} ?(?:-|do)? ?(?:konca|end|\+){_PARITY}"),
    "from": re.compile(rf"od {_NUMBER}{_PARITY}"),
    "below": re.compile(rf"do {_NUMBER}{_PARITY}"),
}


class NumbersUnclear(LayerError):
    """A piece of the text is no house number and no range of them."""

    code = "numbers_unclear"
    message = _("“{text}” is no house number and no range of numbers.")


@dataclass(frozen=True)
class Run:
    """Numbers from `first` to `last` (null: to the end), of one parity or of both."""

    first: int
    last: int | None
    parity: int | None = None

    def takes(self, number: str) -> bool:
        main = main_number(number)
        return (
            main is not None
            and self.first <= main
            and (self.last is None or main <= self.last)
            and (self.parity is None or main % 2 == self.parity)
        )


@dataclass(frozen=True)
class Single:
    """Just this number, in its written form."""

    number: str

    def takes(self, number: str) -> bool:
        return written(number) == self.number


@dataclass(frozen=True)
class Found:
    """What a text picks out of a street's numbers: positions taken, single ones that are not there,
    and runs that take nothing."""

    taken: tuple[int, ...]
    missing: tuple[str, ...]


Item = Run | Single


def parse(text: str) -> list[Item]:
    """The items of a text, comma or semicolon between them. Raises NumbersUnclear."""
    if len(text) > TEXT_MAX:
        raise NumbersUnclear(details={"text": f"{text[:40]}…"})
    pieces = [piece.strip() for piece in re.split(r"[,;\n]| i ", text) if piece.strip()]
    if not pieces:
        raise NumbersUnclear(details={"text": text})
    return [item for piece in pieces for item in _items(piece)]


def pick(items: Sequence[Item], numbers: Iterable[str]) -> Found:
    """Which of a street's numbers the items take, by position, and what they name in vain."""
    listed = list(numbers)
    taken = {
        position for item in items for position, number in enumerate(listed) if item.takes(number)
    }
    missing = [named(item) for item in items if not any(item.takes(each) for each in listed)]
    return Found(tuple(sorted(taken)), tuple(dict.fromkeys(missing)))


def named(item: Item) -> str:
    """An item as people read it."""
    if isinstance(item, Single):
        return item.number
    return f"{item.first}–{'' if item.last is None else item.last}"


def main_number(number: str) -> int | None:
    """The leading digits: 12 of "12A/3"; None where there are none."""
    found = re.match(r"\s*(\d+)", number)
    return int(found[1]) if found else None


def written(number: str) -> str:
    """The one form in which spellings of a number agree: "12 a" is "12A".

    >>> written(" 12 a/3 "), written("007")
    ('12A/3', '7')
    """
    return re.sub(r"\s+", "", number).upper().lstrip("0")


def _items(piece: str) -> list[Item]:
    plain = _plain(piece)
    if found := _ITEM["letters"].fullmatch(plain):
        letters = ascii_uppercase[_letter(found[2]) : _letter(found[3]) + 1]
        if letters:
            return [Single(f"{int(found[1])}{letter}") for letter in letters]
    if found := _ITEM["one"].fullmatch(plain):
        return [Single(written(found[1] + found[2]))]
    if run := _run(plain):
        return [run]
    raise NumbersUnclear(details={"text": piece})


def _run(plain: str) -> Run | None:
    """A run that goes forward; None where the text is none."""
    if found := _ITEM["range"].fullmatch(plain):
        first, last = int(found[1]), int(found[3])
        return Run(first, last, PARITIES.get(found[5])) if first <= last else None
    if found := _ITEM["open"].fullmatch(plain) or _ITEM["from"].fullmatch(plain):
        return Run(int(found[1]), None, PARITIES.get(found[3]))
    if found := _ITEM["below"].fullmatch(plain):
        return Run(1, int(found[1]), PARITIES.get(found[3]))
    if found := _ITEM["all"].fullmatch(f" {plain}" if plain in PARITIES else plain):
        return Run(1, None, PARITIES.get(found[1]))
    return None


def _plain(piece: str) -> str:
    """Lower case, plain dashes, one space, no diacritics in the few words there are."""
    text = re.sub(r"[‐-―−]", "-", piece.lower()).replace("ń", "n")
    text = re.sub(r"\b(numery|numer|nr|nry|n-ry)\b\.?", " ", text)
    return re.sub(r"\s+", " ", text).strip(" .")


def _letter(text: str) -> int:
    return ascii_uppercase.index(text.upper())
