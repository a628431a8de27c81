"""One line of a list of addresses: a street, and which of its numbers.

Główna                         all of the street
ul. Główna 1-15 nieparzyste    odd numbers from 1 to 15, 15a among them
Polna 2, 4, 6a                 exactly these
Leśna od 16, parzyste do 14    from 16 on, and even ones up to 14
Kowale: Główna 1-15            the street of that name in Kowale
Kowale 7                       a house of a village without streets
"""

import re
from dataclasses import dataclass

PARITIES = {"parzyste": 0, "nieparzyste": 1}
DASHES = str.maketrans("‐‑‒–—−", "------")
FILLERS = re.compile(r"\b(nr|numer|numery|nry|domy)\b\.?")
WHOLE = {"", "cała", "całość", "w całości", "wszystkie"}
# "od 1 do 15", "1-15", "od 16", "do 14", "parzyste", each with a parity before or after.
SPAN = re.compile(
    r"(?P<before>(?:nie)?parzyste)?\s*"
    r"(?:(?:od\s+)?(?P<low>\d{1,5})\s*(?:-|do)\s*(?P<high>\d{1,5})"
    r"|od\s+(?P<from>\d{1,5})|do\s+(?P<to>\d{1,5}))?"
    r"\s*(?P<after>(?:nie)?parzyste)?"
)
ONE = re.compile(r"\d{1,5} ?[a-z]{0,2}(?:/\d{1,5} ?[a-z]?)?")


@dataclass(frozen=True)
class Span:
    """House numbers from `low` to `high` (None: on and on); of one parity, or of both."""

    low: int = 0
    high: int | None = None
    parity: int | None = None

    def holds(self, number: int) -> bool:
        fits = self.parity is None or number % 2 == self.parity
        return fits and self.low <= number and (self.high is None or number <= self.high)


@dataclass(frozen=True)
class Numbers:
    """Which of a street's houses are meant; nothing said: all."""

    exact: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()

    @property
    def is_all(self) -> bool:
        return not self.exact and not self.spans

    def hold(self, number: str) -> bool:
        """Whether a house number is meant: "15a" lies in a span as 15 does."""
        first = re.match(r"\d+", number)
        return (
            self.is_all
            or plain(number) in self.exact
            or (first is not None and any(span.holds(int(first[0])) for span in self.spans))
        )


def plain(number: str) -> str:
    return number.casefold().replace(" ", "")


def numbers_of(text: str) -> Numbers | None:
    """The numbers that a line's end names; None where it is not understood."""
    said = " ".join(FILLERS.sub(" ", text.casefold().translate(DASHES)).split())
    if said in WHOLE:
        return Numbers()
    exact: set[str] = set()
    spans: list[Span] = []
    for token in re.split(r"\s*[,;]\s*|\s+i\s+|\s+oraz\s+", said.strip(" ,;")):
        if ONE.fullmatch(token):
            exact.add(plain(token))
        elif span := span_of(token):
            spans.append(span)
        else:
            return None
    return Numbers(frozenset(exact), tuple(spans))


def span_of(token: str) -> Span | None:
    """The span that a token means; None for anything else and for one that ends too early."""
    found = SPAN.fullmatch(token)
    if not token or found is None or (found["before"] and found["after"]):
        return None
    low = int(found["low"] or found["from"] or 0)
    end = found["high"] or found["to"]
    high = int(end) if end else None
    if high is not None and high < low:
        return None
    return Span(low, high, PARITIES.get(found["before"] or found["after"] or ""))


def lines_of(text: str) -> list[str]:
    """The lines that say something, in their order, each once."""
    said = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in said if line))
