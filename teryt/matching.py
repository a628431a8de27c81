"""Names of the register (ULIC) against names on a map of the same locality.

Exactly, then in one canonical form, then one name as a part of the other (first names shortened or
left out), then by likeness with a score. A name that fits several equally well is never guessed:
it comes back with all of them, for a person to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from rapidfuzz.distance import Levenshtein

from teryt.names import normal_form
from teryt.street_words import (
    DROPPED,
    ORDINALS,
    ROMAN,
    SHORTENED,
    SOME_NAME,
    TELLING_APART,
    TITLES,
    TYPES,
)

Code = TypeVar("Code")
Key = TypeVar("Key")
# The least alike of two names' words has to be as alike as this, and so much more than in the next
# name. Both were set on the develop half of the real pairs (bench/matching.py measures the other).
LIKE = 0.85
CLEARLY = 0.03
INITIALS = 2  # letters that may stand for a first name: "J.", "Wł."


class Method(StrEnum):
    EXACT = "exact"
    NORMALISED = "normalised"
    PART = "part"
    FUZZY = "fuzzy"
    NONE = "none"


@dataclass(frozen=True)
class Match(Generic[Code, Key]):
    """What the map has for one entry of the register.

    `key` is null where nothing fits, or several do: then `rivals` names them, best first. `score`
    is 1 but for a likeness.
    """

    code: Code
    key: Key | None
    method: Method
    score: float = 0.0
    rivals: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Form:
    """A street's name taken apart: kind ("" for ul.), titles, and the words that are left."""

    kind: str
    titles: frozenset[str]
    words: tuple[str, ...]

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.words if word.isdigit())


def form_of(name: str) -> Form:
    """The parts of a name in which spellings of one street agree.

    >>> form_of("pl. gen. J. Bema") == form_of("Plac Generała J. Bema")
    True
    >>> form_of("1 Maja") == form_of("ul. Pierwszego Maja")
    True
    """
    kind, titles = "", set()
    words: list[str] = []
    for token in normal_form(name).split():
        if token in TITLES:
            titles.add(TITLES[token])
        elif token in TYPES and not words:
            kind = TYPES[token]
        elif token not in DROPPED:
            words.append(SHORTENED.get(token) or _number(token))
    return Form(kind, frozenset(titles), tuple(words or [kind]))


def match(register: Mapping[Code, str], on_map: Mapping[Key, str]) -> list[Match[Code, Key]]:
    """For each entry of one locality's register what the map has of it, in the register's order.

    Several codes may meet at one street of the map: registers do hold a street twice.
    """
    by_name: dict[str, list[Key]] = {}
    for key, name in on_map.items():
        by_name.setdefault(name.strip(), []).append(key)
    forms = {key: form_of(name) for key, name in on_map.items()}
    taken = {name.strip() for name in register.values()} & by_name.keys()
    free = {key: form for key, form in forms.items() if on_map[key].strip() not in taken}
    return [
        _exactly(code, by_name[name.strip()])
        if name.strip() in taken
        else _best(code, form_of(name), free)
        for code, name in register.items()
    ]


def _exactly(code: Code, keys: list[Key]) -> Match[Code, Key]:
    return _decided(code, keys, Method.EXACT)


def _best(code: Code, form: Form, forms: Mapping[Key, Form]) -> Match[Code, Key]:
    """The surest method that finds anything decides, even where it finds several."""
    near = {key: other for key, other in forms.items() if _may_be_one(form, other)}
    for method, fits in METHODS:
        found = [key for key, other in near.items() if fits(form, other)]
        if found:
            return _decided(code, found, method)
    return _likest(code, form, near)


def _decided(code: Code, keys: list[Key], method: Method) -> Match[Code, Key]:
    if len(keys) == 1:
        return Match(code, keys[0], method, 1.0)
    return Match(code, None, method, 1.0, tuple(keys))


def _likest(code: Code, form: Form, forms: Mapping[Key, Form]) -> Match[Code, Key]:
    scores = {key: likeness(form, other) for key, other in forms.items()}
    like = sorted((key for key in scores if scores[key] >= LIKE), key=lambda key: -scores[key])
    if not like:
        return Match(code, None, Method.NONE)
    best = scores[like[0]]
    if len(like) == 1 or best - scores[like[1]] >= CLEARLY:
        return Match(code, like[0], Method.FUZZY, best)
    return Match(code, None, Method.FUZZY, best, tuple(like))


def _may_be_one(one: Form, other: Form) -> bool:
    """Main street and Main avenue are two; so are a saint's street and a namesake's."""
    return (
        any(one.words)
        and one.kind == other.kind
        and one.titles & SOME_NAME == other.titles & SOME_NAME
    )


def _is_same(one: Form, other: Form) -> bool:
    """The same words, in whatever order a first name and a surname stand."""
    return sorted(one.words) == sorted(other.words)


def is_part(one: Form, other: Form) -> bool:
    """Whether one name is the other with first names shortened or left out.

    >>> is_part(form_of("J. Sobieskiego"), form_of("Jana III Sobieskiego"))
    True
    >>> is_part(form_of("Kolonia"), form_of("Nowa Kolonia"))
    False
    """
    short, long = sorted((one, other), key=lambda form: len(form.words))
    surname, left = short.words[-1], list(long.words)
    if len(surname) <= INITIALS or surname not in left[-len(left) + 1 :]:
        return False
    for word in short.words:
        found = next((each for each in left if _stands_for(word, each)), None)
        if found is None:
            return False
        left.remove(found)
    return not TELLING_APART.intersection(left) and not long.words[0].isdigit()


def _stands_for(word: str, other: str) -> bool:
    """The same word, or its beginning on either side where that is an initial."""
    if min(len(word), len(other)) <= INITIALS and not (word + other).isdigit():
        return word.startswith(other) or other.startswith(word)
    return word == other


def likeness(one: Form, other: Form) -> float:
    """From 0 to 1: how alike the least alike of two names' words are, taken in order or sorted.

    0 where they differ in a number or have not as many words.
    """
    if one.numbers != other.numbers or len(one.words) != len(other.words):
        return 0.0
    return max(
        min(map(_word_likeness, one.words, other.words)),
        min(map(_word_likeness, sorted(one.words), sorted(other.words))),
    )


def _word_likeness(word: str, other: str) -> float:
    return 1.0 if _stands_for(word, other) else Levenshtein.normalized_similarity(word, other)


def _number(token: str) -> str:
    """Numbers in digits, however they are written: "1863r", "pierwszego", "iii"."""
    digits = token.rstrip("r")
    return digits if digits.isdigit() else ORDINALS.get(token) or ROMAN.get(token) or token


def _with_titles(fits: Callable[[Form, Form], bool]) -> Callable[[Form, Form], bool]:
    return lambda one, other: one.titles == other.titles and fits(one, other)


# From the surest to the least sure. What agrees in its titles too comes first: a town may have a
# street of General Bem and one of Bem.
METHODS: tuple[tuple[Method, Callable[[Form, Form], bool]], ...] = (
    (Method.NORMALISED, _with_titles(_is_same)),
    (Method.NORMALISED, _is_same),
    (Method.PART, _with_titles(is_part)),
    (Method.PART, is_part),
)
