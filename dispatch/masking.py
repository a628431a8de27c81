"""Which figures of an audience may be shown, so that no small group can be read off or worked out.

A count below the limit is never told, nor one that, set against another that is told, leaves fewer
than the limit: a part and the total, a part's homes and its residents, this preview and the one
without a part. Zero is told. The limit is settings.MASK_BELOW, for shapes and reaches that the
officer set freely settings.MASK_BELOW_DRAWN (DESIGN section 6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from dispatch.audiences import PartCount, Preview
from dispatch.parts import PartSpec


@dataclass(frozen=True)
class Count:
    """A figure as it may be shown: `count`, or only that it is `below` something."""

    count: int | None
    below: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"count": self.count, "masked": self.count is None, "below": self.below}


@dataclass(frozen=True)
class ShownPart:
    residents: Count
    home: Count
    work: Count

    def to_json(self) -> dict[str, Any]:
        figures = {"residents": self.residents, "home": self.home, "work": self.work}
        return {name: figure.to_json() for name, figure in figures.items()}


@dataclass(frozen=True)
class Shown:
    """A preview as it may be shown."""

    residents: Count
    devices: Count
    unreachable: Count
    muted: Count
    parts: tuple[ShownPart, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "residents": self.residents.to_json(),
            "devices": self.devices.to_json(),
            "unreachable": self.unreachable.to_json(),
            "muted": self.muted.to_json(),
            "parts": [part.to_json() for part in self.parts],
        }


def limit_of(parts: Iterable[PartSpec]) -> int:
    """Counts from 1 to one less are not told of an area of these parts."""
    is_free = any(part.is_free for part in parts)
    return settings.MASK_BELOW_DRAWN if is_free else settings.MASK_BELOW


def shown(count: int, limit: int, *, hide: bool = False) -> Count:
    """The count, masked where it is small, or where the caller says that it must be.

    A masked count says "below": the limit, or for a larger one a figure that leaves as many
    possible values as the limit has.
    """
    if 0 < count < limit:
        return Count(None, limit)
    if hide and count:
        return Count(None, (count // limit + 2) * limit)
    return Count(count)


def masked(preview: Preview, parts: Sequence[PartSpec]) -> Shown:
    """What an officer may see of a preview of these parts."""
    limit = limit_of(parts)
    limits = [limit_of([part]) for part in parts]
    # Without this part the officer would see so many fewer: the difference would tell.
    is_told_apart = len(parts) > 1 and any(
        _is_small(count.alone, part_limit)
        for count, part_limit in zip(preview.parts, limits, strict=True)
    )
    total = shown(preview.residents, limit, hide=is_told_apart)
    hide = total.count is None
    hidden = _hidden_parts(preview, limits)
    return Shown(
        residents=total,
        devices=shown(preview.devices, limit, hide=hide),
        unreachable=shown(preview.unreachable, limit, hide=hide),
        muted=shown(preview.muted, limit, hide=hide),
        parts=tuple(
            _part(count, part_limit, hide=n in hidden)
            for n, (count, part_limit) in enumerate(zip(preview.parts, limits, strict=True))
        ),
    )


def _is_small(difference: int, limit: int) -> bool:
    return 0 < difference < limit


def _hidden_parts(preview: Preview, limits: Sequence[int]) -> set[int]:
    """Positions whose count would give another one away, beside those that are small themselves.

    A part that holds nearly everybody shows the rest; and one masked part alone could be worked
    out from the total and the others, so the smallest of those is masked with it.
    """
    if len(limits) == 1:
        return set()
    counts = [part.residents for part in preview.parts]
    small = {n for n, count in enumerate(counts) if _is_small(count, limits[n])}
    hidden = {
        n for n, count in enumerate(counts) if _is_small(preview.residents - count, limits[n])
    }
    told = [n for n, count in enumerate(counts) if count and n not in small | hidden]
    if len(small | hidden) == 1 and told:
        hidden.add(min(told, key=lambda n: counts[n]))
    return hidden


def _part(count: PartCount, limit: int, *, hide: bool) -> ShownPart:
    """Home and work are masked together where either, or what it leaves of the whole, is small."""
    leavings = [count.residents - count.home, count.residents - count.work]
    hide_kinds = (
        hide
        or _is_small(count.residents, limit)
        or any(_is_small(figure, limit) for figure in [count.home, count.work, *leavings])
    )
    return ShownPart(
        residents=shown(count.residents, limit, hide=hide),
        home=shown(count.home, limit, hide=hide_kinds),
        work=shown(count.work, limit, hide=hide_kinds),
    )
