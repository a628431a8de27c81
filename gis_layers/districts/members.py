"""Which address belongs to which district, by all lists of a layer together.

The narrower word counts: a house's number before its street, a street before its locality. What two
lists claim alike is a problem, as is a line that is not understood: nothing is guessed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from gis_layers.districts.book import Address, Book, Unclear, lines_of
from gis_layers.models import DistrictList

NOBODY = -1


class Rank(IntEnum):
    """How narrowly an address is claimed; the higher wins."""

    LOCALITY = 1
    STREET = 2
    HOUSE = 3


@dataclass(frozen=True)
class Problem:
    """What stands against drawing the districts: `line` of the list `district`, or an address.

    `code`: line_unknown, locality_unknown, line_ambiguous, numbers_unclear, line_empty,
    claimed_twice, same_place, inside_border, district_empty, district_outside.
    """

    code: str
    district: str
    line: str = ""
    hint: str = ""


@dataclass
class Members:
    """`owner` has, for each of the book's addresses, the position of its list, or NOBODY."""

    owner: list[int]
    problems: list[Problem] = field(default_factory=list)

    def counts(self) -> Counter[int]:
        return Counter(self.owner)


def members_of(lists: Sequence[DistrictList], book: Book) -> Members:
    """The lists' addresses, and every problem that they have."""
    found = Members([NOBODY] * len(book.addresses))
    claims: dict[int, dict[Rank, set[int]]] = defaultdict(lambda: defaultdict(set))
    for position, row in enumerate(lists):
        for rank, addresses in claimed(row, book, found.problems):
            for address in addresses:
                claims[address][rank].add(position)
    for address, ranks in sorted(claims.items()):
        narrowest = ranks[max(ranks)]
        found.owner[address] = min(narrowest)
        if len(narrowest) > 1:
            found.problems.append(twice(lists, narrowest, book, book.addresses[address]))
    found.problems.extend(empty(lists, found))
    found.problems.extend(same_place(lists, found.owner, book))
    return found


def claimed(
    row: DistrictList, book: Book, problems: list[Problem]
) -> Iterator[tuple[Rank, Sequence[int]]]:
    """What one list claims; lines that are not understood are added to the problems."""
    whole = book.in_localities(row.localities)
    there = [n for n, address in enumerate(book.addresses) if address.simc in whole]
    yield Rank.LOCALITY, there
    for line in lines_of(row.lines):
        found = book.find(line, whole)
        if isinstance(found, Unclear):
            problems.append(Problem(found.code, row.name, line, found.hint))
        else:
            yield Rank.HOUSE if found.numbered else Rank.STREET, found.addresses


def twice(lists: Sequence[DistrictList], who: set[int], book: Book, address: Address) -> Problem:
    first, *others = sorted(who)
    names = ", ".join(lists[n].name for n in others)
    return Problem("claimed_twice", lists[first].name, book.label(address, numbered=True), names)


def empty(lists: Sequence[DistrictList], found: Members) -> Iterator[Problem]:
    counts = found.counts()
    unclear = {problem.district for problem in found.problems}
    for position, row in enumerate(lists):
        if not counts[position] and row.name not in unclear:
            yield Problem("district_empty", row.name)


def same_place(
    lists: Sequence[DistrictList], owner: Sequence[int], book: Book
) -> Iterator[Problem]:
    """Addresses of different districts on one point: no border can run between them."""
    seen: dict[tuple[int, int], int] = {}
    for n, address in enumerate(book.addresses):
        if owner[n] == NOBODY:
            continue
        other = seen.setdefault(spot(address), n)
        if owner[other] != owner[n]:
            label = book.label(address, numbered=True)
            beside = book.label(book.addresses[other], numbered=True)
            yield Problem("same_place", lists[owner[n]].name, label, beside)


def spot(address: Address) -> tuple[int, int]:
    """The address's place to 10 cm: nearer ones are one point."""
    return round(address.x * 10), round(address.y * 10)
