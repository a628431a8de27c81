"""Figures that move while people watch: told in steps, so that nobody can be followed.

How many of an audience have received an alert rises by one whenever somebody's phone wakes. Told
exactly, and asked every second, it would show single people; and against the whole it would show
the few who are left. So it is told in steps down from the whole, each of as many possible counts as
the limit of masking.py has; only nought and all are told as they are.
"""

from collections import Counter
from collections.abc import Mapping

from dispatch import parts
from dispatch.masking import NOT_TOLD, Count, limit_of
from dispatch.models import Alert


def step_of(alert: Alert, residents: Count) -> int:
    """The step of the alert's figures, its audience being told as `residents`.

    Where that is a bound only, it is off by a few for each part, and the step that much wider.
    """
    chosen = [parts.from_row(row) for row in alert.parts.all()]
    width = 1 if residents.count is not None else len(chosen)
    return limit_of(chosen) * max(width, 1)


def stepped(count: int, whole: Count, step: int) -> Count:
    """A count of the whole, told in steps: 12, 7 or fewer than 7 of 12 in steps of 5."""
    if not count:
        return Count(0)
    if whole.count is not None and count >= whole.count:
        return whole
    if whole.most is None:
        return NOT_TOLD
    top = whole.count or whole.most + 1
    lowest = top % step + step
    down = max(-(-(top - count) // step), 1) * step
    return Count(None, lowest) if top - down < lowest else Count(top - down)


def stepped_around(count: int, whole: Count, step: int) -> Count:
    """A count of the whole and of newcomers: what is beyond the whole goes by steps up from it."""
    if whole.count is None or count <= whole.count:
        return stepped(count, whole, step)
    return Count(whole.count + (count - whole.count) // step * step)


def rounded_down(count: int, step: int) -> Count:
    """A count of few, told in steps up from nought."""
    return Count(None, step) if 0 < count < step else Count(count - count % step)


def difference(whole: Count, part: Count, *, audience: Count, step: int) -> Count:
    """What one told figure of an audience leaves of another.

    Worked out of what is told alone, so it tells nothing more, and is right to a step.
    """
    if whole.count is None or part.count is None:
        return Count(0) if whole.count == 0 else Count(None, whole.most and whole.most + 1)
    left = whole.count - part.count
    is_certain = left > 0 or whole.count in (0, audience.count)
    return Count(left) if is_certain else Count(None, step)


def total(one: Count, other: Count) -> Count:
    """Of two told figures, as far as they tell it."""
    if one.count is not None and other.count is not None:
        return Count(one.count + other.count)
    if one.most is None or other.most is None:
        return NOT_TOLD
    return Count(None, one.most + other.most + 1)


def breakdown(counts: Mapping[str, int], step: int, *, rest: str) -> tuple[tuple[str, Count], ...]:
    """Groups that together are few or many, told so that no small one stands out; largest first.

    Groups of less than `step` go together as `rest`, with the smallest large one where they are
    still few: beside the steps of the whole, a few of one kind could be worked out.
    """
    groups = Counter({name: count for name, count in counts.items() if count})
    large = {name: count for name, count in groups.items() if count >= step}
    small = groups.total() - sum(large.values())
    if 0 < small < step and large:
        least = min(large, key=lambda name: (large[name], name))
        small += large.pop(least)
    told = [*sorted(large.items(), key=lambda item: -item[1]), *([(rest, small)] if small else [])]
    return tuple((name, rounded_down(count, step)) for name, count in told)
