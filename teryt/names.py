"""Normal form of Polish names, so that "zrod", "Źródlana" and "ul. ŹRÓDLANA" meet."""

import re
import unicodedata

# Letters that NFD doesn't take apart.
_FOLD = str.maketrans({"ł": "l", "Ł": "l", "đ": "d", "ß": "ss"})


def normal_form(name: str) -> str:
    """Lower case, no diacritics, everything but letters and digits as one space.

    >>> normal_form("ul. Źródlana")
    'ul zrodlana'
    """
    folded = unicodedata.normalize("NFD", name.translate(_FOLD).lower())
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[^\w]+|_", " ", letters).strip()
