"""How far each part of an area has come: floors that pin no small group down.

For the limit k (masking.py) and W = 2k, the rules that docs/privacy.md gives the reasons of:

1. Everybody counts for one followed part only, the one of fewest people among theirs. So what is
   told of parts is told of groups without anybody in common.
2. A part is followed where its people are told, are LEAST * k or more, and nearly all of them
   count for it: of each group of people in other parts too only few don't, of all fewer than W.
3. Told is the largest multiple of W that so many have come to, not above its people less 3k:
   whether all have, and what rule 2 leaves open, is never seen in it. Each step has its bounds one
   higher than the step before, so that no few between two steps stand out.
4. Where all or none of the whole are told, the same is told of each part.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.audiences import Group
from dispatch.masking import NOT_TOLD, Count, Shown

STEPS = ("accepted", "received", "opened")
LEAST = 5
Parts = frozenset[int]


@dataclass(frozen=True)
class PartFigures:
    """Of one followed part: who was aimed at, and at least how many came to each step."""

    position: int
    selected: Count
    accepted: Count
    received: Count
    opened: Count

    def to_json(self) -> dict[str, Any]:
        figures = {name: getattr(self, name).to_json() for name in ("selected", *STEPS)}
        return {"position": self.position} | figures

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PartFigures":
        figures = {name: Count.from_json(kept[name]) for name in ("selected", *STEPS)}
        return cls(kept["position"], **figures)


def followed(groups: Iterable[Group], shown: Shown, limit: int) -> dict[str, int]:
    """The people of each part that may be followed, by its position as text (JSON's keys are).

    Nobody follows the parts of an area that has only one.
    """
    if len(shown.parts) == 1:
        return {}
    counts = [part.residents.count or 0 for part in shown.parts]
    people = {n: count for n, count in enumerate(counts) if count >= LEAST * limit}
    by_parts: Counter[Parts] = Counter()
    for group in groups:
        by_parts[frozenset(group.parts)] += group.residents
    return {str(n): people[n] for n in people if _is_nearly_own(n, people, by_parts, limit)}


def _is_nearly_own(n: int, people: Mapping[int, int], by_parts: Counter[Parts], limit: int) -> bool:
    own = sum(count for parts, count in by_parts.items() if home_of(parts, people) == n)
    others = [
        count for parts, count in by_parts.items() if n in parts and home_of(parts, people) != n
    ]
    return max(others, default=0) < limit and people[n] - own < 2 * limit


def home_of(parts: Parts, people: Mapping[int, int]) -> int | None:
    """The one followed part that people in all of these count for."""
    there = [(people[n], n) for n in parts if n in people]
    return min(there)[1] if there else None


def told(
    counts: Mapping[int, Mapping[str, int]],
    people: Mapping[int, int],
    settled: Mapping[str, bool | None],
    limit: int,
) -> tuple[PartFigures, ...]:
    """What may be told of the followed parts.

    `counts`: of each those who count for it, by step; `settled`: at which steps all
    of the whole are told to be, or none (False).
    """
    return tuple(
        PartFigures(
            n,
            Count(people[n]),
            **{
                step: Count(people[n] if settled[step] else 0)
                if settled[step] is not None
                else floor(counts.get(n, {}).get(step, 0) - lead, people[n], limit)
                for lead, step in enumerate(STEPS)
            },
        )
        for n in sorted(people)
    )


def floor(count: int, people: int, limit: int) -> Count:
    """Rule 3: what is told of `count` people of a part of so many."""
    width = 2 * limit
    most = (people - 3 * limit) // width
    steps = min(count // width, most)
    return Count(steps * width) if steps > 0 else NOT_TOLD


def kept(figures: Sequence[PartFigures]) -> list[dict[str, Any]]:
    return [part.to_json() for part in figures]


def read(figures: Iterable[Mapping[str, Any]]) -> tuple[PartFigures, ...]:
    """What `kept` made."""
    return tuple(PartFigures.from_json(part) for part in figures)
