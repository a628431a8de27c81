"""Normal form of Polish names, so that "zrod", "Źródlana" and "ul. ŹRÓDLANA" meet."""

import re
import unicodedata

# Letters that NFD doesn't take apart.
_FOLD = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ß": "ss"})

# Kinds of street as people write them, in normal form -> as a label has them. Source: the CECHA
# column of ULIC (GUS) and its usual long forms.
STREET_TYPES = {
    "ul": "ul.",
    "ulica": "ul.",
    "al": "al.",
    "aleja": "al.",
    "aleje": "al.",
    "pl": "pl.",
    "plac": "pl.",
    "os": "os.",
    "osiedle": "os.",
}
# First words that say themselves what the thing is: such a name is never "ul. …".
OWN_TYPES = re.compile(
    r"(alejka|bulwary?|deptak|droga|estakada|kladka|most|obwodnica|ogrody?|ogrodki|park|pasaz"
    r"|planty|promenada|rondo|rynek|schody|skwer|szosa|sciezka|trakt|trasa|wiadukt|wybrzeze"
    r"|zaulek)\b"
)
# Titles that are as often shortened as not; in normal form. Shortenings that are how the word
# begins need no entry: "gen" finds "generala" as it is.
ABBREVIATIONS = {
    "abp": "arcybiskupa",
    "bp": "biskupa",
    "dr": "doktora",
    "hm": "harcmistrza",
    "im": "imienia",
    "ks": "ksiedza",
    "mjr": "majora",
    "plk": "pulkownika",
    "ppor": "podporucznika",
    "ppr": "podporucznika",
    "rtm": "rotmistrza",
    "gen": "generala",
    "kard": "kardynala",
    "kpt": "kapitana",
    "marsz": "marszalka",
    "por": "porucznika",
    "prof": "profesora",
    "sw": "swietego",
}


def normal_form(name: str) -> str:
    """Lower case, no diacritics, everything but letters and digits as one space.

    >>> normal_form("ul. Źródlana")
    'ul zrodlana'
    """
    folded = unicodedata.normalize("NFD", name.translate(_FOLD).lower())
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", letters).strip()


def split_type(name: str) -> tuple[str, str]:
    """A street's type as a label has it and the rest of its name; ("", name) without a type word.

    >>> split_type("Aleja Główna"), split_type("al. Główna"), split_type("Główna")
    (('al.', 'Główna'), ('al.', 'Główna'), ('', 'Główna'))
    """
    first, _space, rest = name.strip().partition(" ")
    kind = STREET_TYPES.get(normal_form(first), "")
    return (kind, rest.strip()) if kind and rest.strip() else ("", name.strip())


def street_label(name: str) -> str:
    """A street as people read it: "ul. Główna", "al. Główna"; "Rynek" and "Rondo …" stay.

    >>> street_label("Główna"), street_label("Aleja Główna"), street_label("Rondo Klimzowiec")
    ('ul. Główna', 'al. Główna', 'Rondo Klimzowiec')
    """
    kind, rest = split_type(name)
    own = OWN_TYPES.match(normal_form(rest))
    if not kind:
        return rest if own else f"ul. {rest}"
    return f"{kind} {rest}"
