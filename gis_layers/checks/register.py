"""Streets against ULIC, the register of street names."""

import re
from collections.abc import Iterable, Iterator

from gis_layers.cases import Case
from gis_layers.checks.rows import RegisterRow
from teryt.models import StreetName
from teryt.names import ABBREVIATIONS, STREET_TYPES, normal_form

# A shortening in normal form, in whatever case it stands: "plk", "kmdr", "bpa", "dra", "wlkp".
SHORTENED = re.compile("[bcdfghjklmnprstwz]{2,4}a?$")


def cases(rows: Iterable[RegisterRow], *, names: bool) -> Iterator[Case]:
    """Codes that the register does not have and, of streets, names that contradict it."""
    loaded = StreetName.objects.filter(closed_on=None).exists()
    for row in rows:
        if not loaded:
            yield Case("no_ulic", "ULIC")
            return
        told = " ".join(filter(None, [row.cecha, row.name_2, row.name_1]))
        if not row.in_register:
            yield Case("ulic_unknown", row.place, {"value": row.code}, fid=row.fid, geom=row.geom)
        elif names and not agree(row.place, told):
            details = {"value": row.code, "register": told}
            yield Case("ulic_name_differs", row.place, details, fid=row.fid, geom=row.geom)


def agree(name: str, register: str) -> bool:
    """Whether two spellings may be one street's: the words of one are all among the other's.

    The type of the street, order, case and diacritics do not count; an initial stands for its
    word, "gen." for "Generała"; given names and titles may be left out.

    >>> agree("Generała Józefa Bema", "ul. gen. J. Bema"), agree("Bema", "Józefa Bema")
    (True, True)
    >>> agree("Józefa Bema", "Józefa Piłsudskiego")
    False
    """
    fewer, more = sorted((words_of(name), words_of(register)), key=len)
    left, open_words = list(more), []
    for word in fewer:  # equal words first, lest "k" takes the place of another
        if word in left:
            left.remove(word)
        else:
            open_words.append(word)
    return all(taken(word, left) for word in sorted(open_words, key=len, reverse=True))


def taken(word: str, left: list[str]) -> bool:
    """Whether one of the words left may be this one; it is then used up."""
    match = next((other for other in left if same(word, other)), None)
    if match is not None:
        left.remove(match)
    return match is not None


def words_of(name: str) -> list[str]:
    """The words of a name in normal form, its type left out."""
    words = normal_form(name).split()
    return words[1:] if words and words[0] in STREET_TYPES else words


def same(one: str, two: str) -> bool:
    """Equal, or the shorter stands for the longer: its beginning, or its consonants in order."""
    short, long = sorted((one, two), key=len)
    begins = long.startswith((short, ABBREVIATIONS.get(short, short)))
    return begins or bool(SHORTENED.match(short) and skips_to(short, long))


def skips_to(short: str, long: str) -> bool:
    """Whether the letters of one are letters of the other in order, from the first on."""
    letters = iter(long)
    return short[0] == long[0] and all(letter in letters for letter in short)
