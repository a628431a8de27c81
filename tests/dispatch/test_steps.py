"""Groups of those who are not reached: no few stand out, also beside the steps of the whole."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.masking import Count
from dispatch.steps import breakdown, rounded_down, stepped

K = 5


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, ()),
        ({"dead": 0}, ()),
        ({"dead": 3}, (("mixed", Count(None, 5)),)),
        ({"dead": 12}, (("dead", Count(10)),)),
        ({"dead": 12, "stopped": 7}, (("dead", Count(10)), ("stopped", Count(5)))),
        ({"dead": 12, "stopped": 7, "gave_up": 1}, (("dead", Count(10)), ("mixed", Count(5)))),
        ({"dead": 12, "stopped": 4, "gave_up": 3}, (("dead", Count(10)), ("mixed", Count(5)))),
        ({"dead": 12, "gave_up": 3}, (("mixed", Count(15)),)),
    ],
)
def test_few_of_a_kind_go_together_and_never_alone(counts, told):
    assert breakdown(counts, K, rest="mixed") == told


NAMES = ("a", "b", "c")
GROUPS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 14))


@given(GROUPS)
def test_a_group_that_stands_for_itself_is_no_few(counts):
    told = breakdown(counts, K, rest="mixed")
    few = [name for name, _ in told if name != "mixed" and counts[name] < K]
    assert few == []
    assert sum(count.count or 0 for _, count in told) <= sum(counts.values())


@settings(max_examples=40, deadline=None)
@given(GROUPS, st.integers(0, 40))
def test_groups_beside_the_whole_leave_no_few_a_single_possible_number(counts, reached):
    """Who knows the audience, the steps of the reached and the groups can't work out a few."""
    selected = reached + sum(counts.values())
    if selected < K:
        return

    def tell(groups):
        rest = selected - sum(groups.values())
        return stepped(rest, Count(selected), K), breakdown(groups, K, rest="mixed")

    told = tell(counts)
    possible: dict[str, set[int]] = {name: set() for name in NAMES}
    for world in product(range(16), repeat=len(NAMES)):
        groups = dict(zip(NAMES, world, strict=True))
        if sum(world) <= selected and tell(groups) == told:
            for name, count in groups.items():
                possible[name].add(count)
    for name in NAMES:
        few = 0 < counts.get(name, 0) < K
        assert not few or len(possible[name]) > 1


def test_rounded_down_is_none_few_or_a_step():
    assert [rounded_down(n, K) for n in (0, 1, 4, 5, 11)] == [
        Count(0),
        Count(None, 5),
        Count(None, 5),
        Count(5),
        Count(10),
    ]
