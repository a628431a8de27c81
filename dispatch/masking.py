"""Which figures of an audience may be told, so that no small group can be read off or worked out.

Rules, for the limit k = settings.MASK_BELOW (settings.MASK_BELOW_DRAWN for shapes and reaches that
the officer set freely); "small" is 1 to k - 1. docs/privacy.md says why, and what they can't do.

1. A total is exact where no group of it is small. Groups are people in exactly the same parts, told
   and muted apart: so whatever is added and subtracted of exact totals, no remainder is small.
2. Where only the muted, or only those whom an emergency reaches by a second candidate street, are
   small groups, the total is that of the area whatever the kind and severity: the same figure with
   and without a kind, in an emergency and not.
3. Else it is told as less than a sum of what each part tells alone, which is told anyway.

Nought is told. Devices go with their people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from dispatch.audiences import Group, PartCount, Preview
from dispatch.parts import PartSpec


@dataclass(frozen=True)
class Count:
    """A figure as it may be told: `count`, or that it is `below` something, or neither."""

    count: int | None
    below: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "masked": self.masked, "below": self.below}

    @classmethod
    def from_json(cls, figure: Mapping[str, Any]) -> "Count":
        return cls(figure["count"], figure["below"])

    @property
    def masked(self) -> bool:
        return self.count is None

    @property
    def most(self) -> int | None:
        """The largest number it can be, as far as it tells."""
        if self.count is not None:
            return self.count
        return None if self.below is None else self.below - 1


NOT_TOLD = Count(None)


@dataclass(frozen=True)
class ShownPart:
    residents: Count
    home: Count
    work: Count

    def to_json(self) -> dict[str, Any]:
        figures = {"residents": self.residents, "home": self.home, "work": self.work}
        return {name: figure.to_json() for name, figure in figures.items()}


@dataclass(frozen=True)
class Told:
    """The four figures of an audience as they may be told; kept with alerts and messages."""

    residents: Count
    devices: Count
    unreachable: Count
    muted: Count

    def to_json(self) -> dict[str, Any]:
        figures = {
            "residents": self.residents,
            "devices": self.devices,
            "unreachable": self.unreachable,
            "muted": self.muted,
        }
        return {name: figure.to_json() for name, figure in figures.items()}

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> "Told":
        """What `to_json` made; nothing is told of what it lacks."""
        names = ("residents", "devices", "unreachable", "muted")
        return cls(
            *(Count.from_json(figures[name]) if name in figures else NOT_TOLD for name in names)
        )


@dataclass(frozen=True)
class Shown(Told):
    """A preview as it may be shown: the area's figures and those of its parts."""

    parts: tuple[ShownPart, ...]

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "parts": [part.to_json() for part in self.parts]}

    @property
    def told(self) -> Told:
        return Told(self.residents, self.devices, self.unreachable, self.muted)


def limit_of(parts: Iterable[PartSpec]) -> int:
    """Counts from 1 to one less are not told of an area of these parts."""
    is_free = any(part.is_free for part in parts)
    return settings.MASK_BELOW_DRAWN if is_free else settings.MASK_BELOW


def shown(count: int, limit: int) -> Count:
    """A figure of one group of people: masked where it is small."""
    return Count(None, limit) if _is_small(count, limit) else Count(count)


def masked(preview: Preview, parts: Sequence[PartSpec]) -> Shown:
    """What an officer may see of a preview of these parts."""
    limits = [limit_of([part]) for part in parts]
    apart = [_of_part(preview.groups, n) for n in range(len(parts))]
    alone = [_told_alone(groups, limit) for groups, limit in zip(apart, limits, strict=True)]
    told = alone[0] if len(parts) == 1 else _told(preview.groups, limit_of(parts), alone)
    return Shown(
        told.residents,
        told.devices,
        told.unreachable,
        told.muted,
        parts=tuple(
            _part(count, sure, figures.residents, limit)
            for count, [sure, _unsure], figures, limit in zip(
                preview.parts, apart, alone, limits, strict=True
            )
        ),
    )


def _is_small(count: int, limit: int) -> bool:
    return 0 < count < limit


def _has_small(counts: Iterable[int], limit: int) -> bool:
    return any(_is_small(count, limit) for count in counts)


def _of_part(groups: Sequence[Group], n: int) -> list[Group]:
    """The groups that a preview of this part alone would have: those for sure, and the others."""
    sure = [group for group in groups if n in group.sure_parts]
    unsure = [group for group in groups if n in group.parts and n not in group.sure_parts]
    return [_sum(sure, Group()), _sum(unsure, Group(sure_parts=()))]


def _sum(groups: Iterable[Group], total: Group) -> Group:
    for group in groups:
        total = replace(
            total,
            residents=total.residents + group.residents,
            devices=total.devices + group.devices,
            muted=total.muted + group.muted,
            muted_devices=total.muted_devices + group.muted_devices,
            unreachable=total.unreachable + group.unreachable,
        )
    return total


class _Figures:
    """Sums of groups, and which of the rules hold for them."""

    def __init__(self, groups: Sequence[Group], limit: int):
        self.limit = limit
        self.sure = _merged(group for group in groups if group.sure_parts)
        unsure = [group for group in groups if not group.sure_parts]
        self.residents = sum(group.residents for group in groups)
        self.devices = sum(group.devices for group in groups)
        self.muted = sum(group.muted for group in groups)
        self.unreachable = sum(group.unreachable for group in self.sure)
        # Whatever the kind and the severity.
        self.usual = sum(group.residents + group.muted for group in self.sure)
        self.usual_devices = sum(group.devices + group.muted_devices for group in self.sure)
        told_and_muted = [count for group in groups for count in (group.residents, group.muted)]
        self.is_exact = not _has_small(told_and_muted, limit)
        self.has_few_extras = all(_few_muted(group, limit) for group in self.sure) and all(
            group.residents < limit for group in unsure
        )

    @property
    def is_usual(self) -> bool:
        """Rule 2: the extras are few, and the usual total is exact and somebody."""
        usual = [group.residents + group.muted for group in self.sure]
        return self.usual > 0 and self.has_few_extras and not _has_small(usual, self.limit)

    def tell(self, residents: Count, unreachable: Count, muted: Count) -> Told:
        """The figures, the three given being the bounds of what must be masked."""
        return Told(
            residents=self._people(self.residents, self.usual, residents),
            devices=self._people(self.devices, self.usual_devices, NOT_TOLD),
            unreachable=self._unreachable(unreachable),
            muted=Count(self.muted) if self.is_exact or not self.muted else muted,
        )

    def _people(self, exact: int, usual: int, bound: Count) -> Count:
        if self.is_exact:
            return Count(exact)
        return Count(usual) if self.is_usual else bound

    def _unreachable(self, bound: Count) -> Count:
        is_hidden = _has_small((group.unreachable for group in self.sure), self.limit)
        return bound if is_hidden else Count(self.unreachable)


def _few_muted(group: Group, limit: int) -> bool:
    """Whether those who muted are left in the figure.

    Of so few people that those who muted and those who didn't cannot both be many they always are:
    which of the two is small would narrow both down, to one size in the end.
    """
    return group.muted < limit or group.residents + group.muted < 2 * limit - 1


def _merged(groups: Iterable[Group]) -> list[Group]:
    """One group for the same sure parts, whatever the others."""
    by_parts: dict[tuple[int, ...], list[Group]] = {}
    for group in groups:
        by_parts.setdefault(group.sure_parts, []).append(group)
    return [_sum(same, Group(parts, parts)) for parts, same in by_parts.items()]


def _told_alone(groups: Sequence[Group], limit: int) -> Told:
    """The figures of an area of one part."""
    figures = _Figures(groups, limit)
    [sure, unsure] = groups
    # Small by itself; or few who are told, many who muted; or few for sure, many who may be.
    small_sure = limit - 1 if _has_small([sure.residents, sure.muted], limit) else sure.residents
    small_unsure = limit - 1 if _is_small(unsure.residents, limit) else unsure.residents
    most = max(small_sure + small_unsure, limit - 1)
    usual = figures.usual
    is_muted_many = usual >= limit and (sure.muted >= limit or usual < 2 * limit - 1)
    return figures.tell(
        residents=Count(None, most + 1),
        unreachable=Count(None, limit),
        muted=Count(None, usual if is_muted_many else limit),
    )


def _told(groups: Sequence[Group], limit: int, alone: Sequence[Told]) -> Told:
    """The figures of an area of several parts, of each of which `alone` would be told."""
    return _Figures(groups, limit).tell(
        residents=_less_than_all(told.residents for told in alone),
        unreachable=_less_than_all(told.unreachable for told in alone),
        muted=_less_than_all(told.muted for told in alone),
    )


def _less_than_all(figures: Iterable[Count]) -> Count:
    """Less than one more than all together."""
    return Count(None, 1 + sum(figure.most or 0 for figure in figures))


def _part(count: PartCount, sure: Group, residents: Count, limit: int) -> ShownPart:
    """Home and work are masked together where living, working, both or neither is a small group."""
    both = count.home_and_work
    neither = sure.residents + sure.muted - (count.home + count.work - both)
    is_hidden = residents.count is None or _has_small(
        [count.home - both, count.work - both, both, neither], limit
    )
    return ShownPart(
        residents=residents,
        home=_home_or_work(count.home, limit, is_hidden=is_hidden),
        work=_home_or_work(count.work, limit, is_hidden=is_hidden),
    )


def _home_or_work(count: int, limit: int, *, is_hidden: bool) -> Count:
    return NOT_TOLD if is_hidden and count >= limit else shown(count, limit)
