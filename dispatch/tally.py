"""Counters of sending over all gminas: what deliveries became, how often a lease ran out.

Written in the statement that lands a batch (sql/finish.sql, sql/sweep.sql), so they are as true as
the batches and cost no round trip of their own. Read by metrics.py and operations.py.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from dispatch import queries
from dispatch.models import Tally
from dispatch.outcomes import OPEN, Outcome

MINUTES_KEPT = timedelta(hours=2)  # so long the minutes stay apart

Key = tuple[int, int]  # priority, code


def parameters(before: Sequence[int], after: Sequence[int]) -> dict[str, list[int]]:
    """What a landing changed, for finish.sql: a delivery that was not even tried counts nowhere."""
    found = Counter(
        int(new)
        for old, new in zip(before, after, strict=True)
        if old in OPEN and new != Outcome.WAITING
    )
    return {"tally_codes": list(found), "tally_counts": list(found.values())}


def roll_up() -> None:
    """A duty of the clock: keep the table small."""
    queries.run("tally_roll_up", since=timezone.now() - MINUTES_KEPT)


def totals() -> dict[Key, int]:
    """All that ever was counted."""
    return _sums(Tally.objects.all())


def lately(span: timedelta) -> dict[Key, int]:
    """What was counted within `span` until now, at most MINUTES_KEPT; whole minutes."""
    return _sums(Tally.objects.filter(at__gte=timezone.now() - span))


def _sums(rows: QuerySet[Tally]) -> dict[Key, int]:
    found = rows.values_list("priority", "code").annotate(total=Sum("n"))
    return {(priority, code): total for priority, code, total in found}
