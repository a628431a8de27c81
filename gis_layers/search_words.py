"""What people type to find a place: how it may be read, and how well a name answers it.

Everything meets in one normal form (teryt.names); the spelling itself only decides the order.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from teryt.names import ABBREVIATIONS, normal_form, split_type, street_label

QUERY_MAX = 100  # characters; no address is longer
_POSTCODE = re.compile(r"\b\d\d-\d{3}\b")
_FLAT = re.compile(r"(?<=\d|[^\W\d_])\s+m\.?\s*\d+$", re.IGNORECASE)  # "12 m. 5"
_NUMBER_GOES_ON = re.compile(r"[^\W\d_]|\d+|[-/]\S*")  # "12 a", "11 B 9", "12 /14"
_LONG = {long: short for short, long in ABBREVIATIONS.items()}


class Tier(IntEnum):
    """How well a name answers what was typed, best first."""

    EXACT = 0  # letter for letter, whatever word the type is written with
    SAME_LETTERS = 1  # but for capitals
    SAME = 2  # but for diacritics, punctuation and titles' abbreviations
    BEGINS = 3
    HAS_ALL_WORDS = 4
    ALIKE = 5  # a typing mistake


@dataclass(frozen=True)
class Reading:
    """One way to read the query: a name, and perhaps a house number."""

    name: str
    number: str = ""  # as number_key

    @cached_property
    def kind(self) -> str:
        """The type of street that was typed, as labels have it; "" for none."""
        return split_type(self.name)[0]

    @cached_property
    def words(self) -> list[str]:
        """The words of the name in normal form, the type of street left out."""
        return normal_form(split_type(self.name)[1]).split()

    @cached_property
    def patterns(self) -> list[str]:
        """For every word a regular expression that finds a word beginning so (PostgreSQL's \\m).

        A title is found however it is written: "gen" and "generala" find each other.
        """
        return [rf"\m({'|'.join(dict.fromkeys(spellings(word)))})" for word in self.words]

    def meets(self, name: str, locality: str) -> bool:
        """What sql/search_features.sql asks of a feature, for a name that is none."""
        own, around = normal_form(name), normal_form(locality)
        regexes = [re.sub(r"\\[mM]", r"\\b", pattern) for pattern in self.patterns]
        found = [bool(re.search(regex, own)) for regex in regexes]
        return any(found) and all(
            here or re.search(regex, around) for here, regex in zip(found, regexes, strict=True)
        )


def spellings(word: str) -> Iterator[str]:
    yield word
    if word in ABBREVIATIONS:
        yield ABBREVIATIONS[word]
    for long, short in _LONG.items():
        # "general" while it is being typed; two letters would mean anything.
        if len(word) > 2 and long.startswith(word):
            yield rf"{short}\M"


def readings(query: str) -> list[Reading]:
    """Every reading of what was typed, the name alone first; [] where there is no word in it.

    "3 Maja 12" is a name without a number, "3 Maja" number 12, and "Maja 12" number 3.
    """
    text = _FLAT.sub("", _POSTCODE.sub(" ", query[:QUERY_MAX]))
    words = [word for word in (part.strip(",;") for part in text.split()) if word]
    found = [Reading(" ".join(words))]
    for start, end in numbers(words):
        rest = " ".join(words[:start] + words[end:])
        found.append(Reading(rest, number_key(" ".join(words[start:end]))))
    return [reading for reading in found if reading.words]


def numbers(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where in the words a house number may stand, the longest and the last first."""
    for start in reversed(range(len(words))):
        if not words[start][0].isdigit():
            continue
        end = start + 1
        while end < len(words) and _NUMBER_GOES_ON.fullmatch(words[end]):
            end += 1
        for stop in range(end, start, -1):
            yield start, stop


def number_key(number: str) -> str:
    """House numbers are equal when they are so without spaces and capitals: "12 a", "12A"."""
    return "".join(number.split()).upper()


def tier(reading: Reading, label: str, locality: str) -> Tier:
    """How well a thing called `label`, in `locality` where that is known, answers a reading."""
    asked = reading.name
    names = [label, f"{label} {locality}", f"{locality} {label}"] if locality else [label]
    typed = {asked, street_label(asked)}
    if typed & set(names):
        return Tier.EXACT
    if folded(typed) & folded(names):
        return Tier.SAME_LETTERS
    wanted, offered = canonical(typed), canonical(names)
    if wanted & offered:
        return Tier.SAME
    if any(name.startswith(tuple(wanted)) for name in offered):
        return Tier.BEGINS
    return Tier.HAS_ALL_WORDS


def letters_apart(reading: Reading, label: str) -> int:
    """How many letters are written otherwise: 5 in "GŁÓWNA" for "Główna"; all, if longer."""
    typed = street_label(reading.name)
    if len(typed) != len(label):
        return len(label)
    return sum(a != b for a, b in zip(typed, label, strict=True))


def folded(texts: Sequence[str] | set[str]) -> set[str]:
    return {text.casefold() for text in texts}


def canonical(texts: Sequence[str] | set[str]) -> set[str]:
    """Normal forms with every title in its short form."""
    return {" ".join(_LONG.get(w, w) for w in normal_form(text).split()) for text in texts}
