"""The real pairs of register and map names in two halves by locality, and how well they meet."""

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from teryt.matching import Match, match

FILE = Path("fixtures/teryt/street_names.csv.gz")
SEED = 20261124


@dataclass(frozen=True)
class Town:
    """One locality: the register's names by code, and what the map calls each of them."""

    register: dict[str, str]
    on_map: dict[str, str]

    @property
    def names(self) -> dict[str, str]:
        """What is on the map, each name once."""
        return {name: name for name in sorted(set(self.on_map.values()))}


@dataclass(frozen=True)
class Score:
    entries: int
    right: int
    wrong: int
    ambiguous: int
    # Entries that were matched with another street where their own was not on the map.
    astray: int
    methods: dict[str, int]

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / self.entries


def develop_half() -> list[Town]:
    """The half to look at."""
    return _halves()[0]


def check_half() -> list[Town]:
    """The half to measure on, whose pairs nobody looks at."""
    return _halves()[1]


def score(towns: Sequence[Town]) -> Score:
    right = wrong = ambiguous = astray = 0
    methods: Counter[str] = Counter()
    for town in towns:
        for found in match(town.register, town.names):
            right += found.key == town.on_map[found.code]
            wrong += found.key not in (None, town.on_map[found.code])
            ambiguous += bool(found.rivals)
            methods[found.method] += found.key is not None
        astray += sum(_without_its_own(town, code).key is not None for code in town.register)
    entries = sum(len(town.register) for town in towns)
    return Score(entries, right, wrong, ambiguous, astray, dict(methods))


def _without_its_own(town: Town, code: str) -> Match[str, str]:
    others = {key: name for key, name in town.names.items() if key != town.on_map[code]}
    [found] = match({code: town.register[code]}, others)
    return found


def _halves() -> tuple[list[Town], list[Town]]:
    towns: defaultdict[str, Town] = defaultdict(lambda: Town({}, {}))
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            town, code = towns[row["teryt_simc_code"]], row["teryt_ulic_code"]
            town.register[code] = row["teryt_street_name"]
            town.on_map[code] = row["osm_street_name"]
    order = sorted(towns)
    random.Random(SEED).shuffle(order)
    middle = len(order) // 2
    return [towns[simc] for simc in order[:middle]], [towns[simc] for simc in order[middle:]]
