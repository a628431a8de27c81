"""Who lives and works where, with which phones: drawn from a seed, as arrays, in no database yet.

Whoever has no quota is spread by flats and work places, so that blocks are dense and parks empty.
A quota fixes one street's figures to the person, for a check that can be exact: `told` residents
live or work there, all of them reachable and none deaf to `heard_kind`; nobody else has a place
there, and none of them has one on `apart`, the other street of nearly the same name. Quotas grow
with the number of residents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from config.demo.doors import Doors

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Instead of a door: a place out of every demo gmina, and no place at all.
OUTSIDE, NOWHERE = -1, -2

WORK_SHARE = 0.62
WORK_OUTSIDE_SHARE = 0.14
OTHER_SHARE = 0.09
ELSEWHERE_SHARE = 0.01
LOCATED_SHARE = 0.10  # places given by a position instead of an address
LOCATED_WITHIN_M = 3.0  # of the door: so near that no other door is nearer
SECOND_PHONE_SHARE = 0.16
THIRD_PHONE_SHARE = 0.02
UNREACHABLE_SHARE = 0.04  # notifications refused, or an installation that is gone
OUTSIDE_BY_M = 5_000.0  # south-west of the town's south-western corner
OUTSIDE_SPREAD_M = 400.0

KINDS = ("home", "work", "other")
HOME, WORK, OTHER = range(3)
PLATFORMS, PLATFORM_SHARES = ("android", "ios", "web"), (0.70, 0.27, 0.03)
LANGS, LANG_SHARES = ("pl", "en"), (0.95, 0.05)
# Share of residents who don't want to hear of a kind.
MUTED_SHARES = {
    "kultura": 0.12, "sport": 0.10, "konsultacje": 0.08, "odpady": 0.05, "komunikacja": 0.04,
    "drogi": 0.03, "smog": 0.03, "gaz": 0.02, "prad": 0.01, "woda": 0.01,
}  # fmt: skip


@dataclass(frozen=True)
class Quota:
    """Exact figures of one street among `of` residents."""

    street: str
    apart: str
    told: int
    only_working: int  # of those told
    phones: int  # reachable phones of those told
    heard_kind: str
    of: int

    def scaled(self, residents: int) -> tuple[int, int, int]:
        """told, only_working, phones among so many residents."""
        times = residents / self.of
        return (
            round(self.told * times),
            round(self.only_working * times),
            round(self.phones * times),
        )


@dataclass(frozen=True)
class Places:
    """One element a place: whose, what, behind which door (of `doors[town]`), and where exactly."""

    resident: Ints
    kind: Ints
    town: Ints
    door: Ints
    located: Flags
    xy: Floats


@dataclass(frozen=True)
class Phones:
    resident: Ints
    platform: Ints
    lang: Ints
    reachable: Flags
    seen_h: Floats  # hours since it was last seen


@dataclass(frozen=True)
class People:
    """`count` residents, numbered from 0, and what is theirs."""

    count: int
    joined_days: Floats  # since when they have the app
    places: Places
    phones: Phones
    muted: Mapping[str, Ints]  # kind -> residents


def draw(towns: Sequence[Doors], *, count: int, seed: int, quota: Quota | None = None) -> People:
    """`count` residents of `towns[0]`; a few have a further place in the other towns.

    The same towns, count and seed give the same people.
    """
    dice = np.random.default_rng([seed, crc32(towns[0].label[0].encode()), count])
    told, only_working, phones = quota.scaled(count) if quota else (0, 0, 0)
    on_street = towns[0].street == quota.street if quota else np.zeros(len(towns[0]), dtype=bool)
    home = _homes(towns[0], on_street, count, told - only_working, dice)
    work = _work(towns[0], on_street, home, only_working, dice)
    if quota:
        work[on_street[home] & (work >= 0) & (towns[0].street[work] == quota.apart)] = OUTSIDE
    is_told = on_street[home] | ((work >= 0) & on_street[work])
    return People(
        count=count,
        joined_days=dice.uniform(1, 300, count),
        places=_places(towns, on_street, home, work, dice),
        phones=_phones(is_told, phones - told, dice),
        muted=_muted(is_told, quota.heard_kind if quota else "", dice),
    )


def _pick(weights: Floats, size: int, dice: np.random.Generator) -> Ints:
    """Doors drawn by weight; none may be drawn where all weights are 0."""
    if size == 0:
        return np.empty(0, dtype=np.int64)
    return dice.choice(len(weights), size=size, p=weights / weights.sum())


def _homes(
    town: Doors, on_street: Flags, count: int, quota: int, dice: np.random.Generator
) -> Ints:
    there = _pick(town.flats * on_street, quota, dice)
    elsewhere = _pick(town.flats * ~on_street, count - quota, dice)
    return dice.permutation(np.concatenate([there, elsewhere]))


def _work(
    town: Doors, on_street: Flags, home: Ints, only_working: int, dice: np.random.Generator
) -> Ints:
    """Where each works: a door, OUTSIDE or NOWHERE; `only_working` come to the street for it."""
    count = len(home)
    work = _pick(town.jobs * ~on_street, count, dice)
    work[dice.random(count) < WORK_OUTSIDE_SHARE] = OUTSIDE
    work[dice.random(count) >= WORK_SHARE] = NOWHERE
    neighbours = np.flatnonzero(on_street[home])
    # Some of those who live on the street work there too, and must be told once.
    for group, size in (
        (np.flatnonzero(~on_street[home]), only_working),
        (neighbours, len(neighbours) // 25),
    ):
        chosen = dice.choice(group, size=size, replace=False)
        work[chosen] = _pick(town.jobs * on_street, size, dice)
    return work


def _places(
    towns: Sequence[Doors],
    on_street: Flags,
    home: Ints,
    work: Ints,
    dice: np.random.Generator,
) -> Places:
    everyone = np.arange(len(home))
    workers = np.flatnonzero(work != NOWHERE)
    others = np.flatnonzero(dice.random(len(home)) < OTHER_SHARE)
    groups = [
        (everyone, HOME, 0, home),
        (workers, WORK, 0, work[workers]),
        (others, OTHER, 0, _pick(towns[0].flats * ~on_street, len(others), dice)),
    ]
    for number, town in enumerate(towns[1:], start=1):
        few = np.flatnonzero(dice.random(len(home)) < ELSEWHERE_SHARE)
        groups.append((few, OTHER, number, _pick(town.flats, len(few), dice)))
    resident, kind, town_no, door = (
        np.concatenate([np.broadcast_to(group[column], len(group[0])) for group in groups])
        for column in range(4)
    )
    located = (dice.random(len(door)) < LOCATED_SHARE) | (door == OUTSIDE)
    xy = _positions(towns, town_no, door, located, dice)
    return Places(resident, kind, town_no, door, located, xy)


def _positions(
    towns: Sequence[Doors],
    town_no: Ints,
    door: Ints,
    located: Flags,
    dice: np.random.Generator,
) -> Floats:
    """The door's own point, a few metres beside it where located, or well out of the first town."""
    xy = np.empty((len(door), 2))
    for number, town in enumerate(towns):
        here = (town_no == number) & (door != OUTSIDE)
        xy[here] = town.xy[door[here]]
    angle = dice.uniform(0, 2 * np.pi, len(door))
    away = dice.uniform(0, LOCATED_WITHIN_M, len(door))
    beside = np.stack([np.cos(angle), np.sin(angle)], axis=1) * away[:, None]
    xy[located] += beside[located]
    far = door == OUTSIDE
    outside = towns[0].xy.min(axis=0) - OUTSIDE_BY_M
    xy[far] = dice.normal(outside, OUTSIDE_SPREAD_M, (int(far.sum()), 2))
    return xy


def _phones(is_told: Flags, second_phones: int, dice: np.random.Generator) -> Phones:
    """A phone for everyone and further ones; exactly `second_phones` more for those told."""
    count = len(is_told)
    told, rest = np.flatnonzero(is_told), np.flatnonzero(~is_told)
    seconds = dice.choice(told, size=second_phones, replace=False)
    # An old installation that can't be reached any more counts for nobody.
    gone = dice.choice(told, size=len(told) // 50, replace=False)
    more = rest[dice.random(len(rest)) < SECOND_PHONE_SHARE]
    third = rest[dice.random(len(rest)) < THIRD_PHONE_SHARE]
    resident = np.concatenate([np.arange(count), seconds, more, third, gone])
    reachable = (dice.random(len(resident)) >= UNREACHABLE_SHARE) | is_told[resident]
    reachable[len(resident) - len(gone) :] = False
    # Most were seen within a day; those out of reach have been silent for long.
    seen_h = np.where(
        reachable, dice.exponential(14, len(resident)), dice.uniform(24, 4000, len(resident))
    )
    return Phones(
        resident=resident,
        platform=dice.choice(len(PLATFORMS), len(resident), p=PLATFORM_SHARES),
        lang=dice.choice(len(LANGS), len(resident), p=LANG_SHARES),
        reachable=reachable,
        seen_h=np.minimum(seen_h, 24 * 200),
    )


def _muted(is_told: Flags, heard_kind: str, dice: np.random.Generator) -> dict[str, Ints]:
    muted = {}
    for kind, share in MUTED_SHARES.items():
        deaf = dice.random(len(is_told)) < share
        muted[kind] = np.flatnonzero(deaf & ~is_told if kind == heard_kind else deaf)
    return muted
