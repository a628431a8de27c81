"""Figures of an area's parts: true floors, and beside all else that is told no few stand out."""

from itertools import chain, combinations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch import part_figures
from dispatch.audiences import Group, PartCount, Preview
from dispatch.masking import NOT_TOLD, Count, masked
from dispatch.part_figures import floor, followed, home_of
from dispatch.parts import Kind, PartSpec
from dispatch.steps import stepped

K = 5
STREET = PartSpec(Kind.FEATURE, fid=1)


def people(**groups):
    """What is followed of an area with so many people in exactly these parts: A=30, AB=2."""
    rows = [group("ABCDE".index, parts, count) for parts, count in groups.items()]
    n = 1 + max(max(row.parts) for row in rows)
    preview = Preview(tuple(rows), tuple(PartCount() for _n in range(n)), hash="")
    return followed(preview.groups, masked(preview, [STREET] * n), K)


def group(number_of, parts, count):
    if isinstance(count, tuple):
        return group_of(tuple(map(number_of, parts)), *count)
    return group_of(tuple(map(number_of, parts)), count)


def group_of(parts, residents, muted=0):
    return Group(parts, parts, residents, residents, muted, muted)


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ({"A": 40}, {}),  # the whole has it all
        ({"A": 40, "B": 30}, {"0": 40, "1": 30}),
        ({"A": 40, "B": 24}, {"0": 40}),  # too few to be told a step
        ({"A": 40, "B": 30, "AB": 3}, {"0": 43, "1": 33}),
        ({"A": 90, "AB": 30}, {"1": 30}),  # the larger one is not its own
        ({"A": 40, "B": 30, "AB": 5}, {"1": 35}),
        ({"A": (37, 3), "B": 30}, {"0": 40, "1": 30}),  # three muted, in its figure all the same
    ],
)
def test_parts_are_followed_where_they_are_large_and_nearly_all_their_own(groups, found):
    assert people(**groups) == found


@pytest.mark.parametrize(("a", "b"), list(product(range(25, 33), repeat=2)))
def test_few_people_of_two_parts_are_not_seen_in_what_is_followed(a, b):
    """The parts' own figures are told anyway; how many are in both must not follow from these."""
    found = [people(A=a - both, B=b - both, AB=both) for both in range(1, K)]
    assert found == [found[0]] * len(found)


def test_everybody_counts_for_the_smallest_of_their_followed_parts():
    followed_parts = {0: 90, 1: 30, 2: 30}
    assert home_of(frozenset({0, 1}), followed_parts) == 1
    assert home_of(frozenset({1, 2}), followed_parts) == 1
    assert home_of(frozenset({7}), followed_parts) is None


@pytest.mark.parametrize(
    ("count", "expected"),
    [(9, NOT_TOLD), (10, Count(10)), (19, Count(10)), (299, Count(290)), (320, Count(300))],
)
def test_so_many_are_told_by_tens_and_never_the_last_few(count, expected):
    assert floor(count, 320, K) == expected


def test_all_and_none_of_the_whole_are_all_and_none_of_the_parts():
    settled = {"accepted": True, "received": None, "opened": False}
    [part] = part_figures.told({0: {"received": 31}}, {0: 50}, settled, K)
    assert (part.accepted, part.received, part.opened) == (Count(50), Count(30), Count(0))
    assert part_figures.read(part_figures.kept([part])) == (part,)


# ── What can be worked out ─────────────────────────────────────────────────────────────────────
# Who asks knows how many people count for each part, which is more than is told, and all figures
# of a step; possible are all numbers of people at the step that would be told the same.


def subsets(n):
    return chain.from_iterable(combinations(range(n), size) for size in range(1, n + 1))


@st.composite
def sendings(draw, limit, most):
    """People, those of them who count for it, those at the step: of parts, then of nobody's."""
    rows = []
    for _n in range(draw(st.integers(2, most))):
        n = draw(st.integers(5 * limit, 7 * limit))
        own = n - draw(st.integers(0, 2 * limit - 1))
        rows.append((n, own, own - draw(st.integers(0, 3 * limit) | st.integers(0, own))))
    others = draw(st.sampled_from([0, limit, 2 * limit + 1]))
    return [*rows, (0, others, draw(st.integers(0, others)))]


@st.composite
def two_steps(draw, limit, most):
    """`sendings`, each with those who came to a later step too."""
    rows = draw(sendings(limit, most))
    return [(row, row[2] - draw(st.integers(0, min(row[2], limit)))) for row in rows]


def tellings(n, own, limit, lead=0):
    """What is told of a part, for each number of people at the step."""
    return [floor(count - lead, n, limit) if n else None for count in range(own + 1)]


@settings(max_examples=25, deadline=None)
@given(rows=sendings(K, most=5), is_bound=st.booleans())
# One missing in each of five streets: beside "five or fewer of all", "some" in each would say so.
@example(rows=[*[(40, 40, 39)] * 5, (0, 0, 0)], is_bound=False)
def test_beside_the_whole_no_few_missing_or_reached_have_one_possible_number(rows, is_bound):
    size = sum(own for _n, own, _at in rows)
    whole = Count(None, size + 4) if is_bound else Count(size)
    step = K * (len(rows) - 1) if is_bound else K
    at = sum(count for *_sizes, count in rows)
    ways = []
    for n, own, count in rows:
        told = tellings(n, own, K)
        ways.append([other for other in range(own + 1) if told[other] == told[count]])
    for chosen in subsets(len(rows)):
        possible = {(0, 0)}
        for index, counts in enumerate(ways):
            possible = {
                (there + count * (index in chosen), total + count)
                for there, total in possible
                for count in counts
            }
        found = {
            there
            for there, total in possible
            if stepped(total, whole, step) == stepped(at, whole, step)
        }
        there, most = (sum(rows[n][column] for n in chosen) for column in (2, 1))
        few = 0 < there < K or 0 < most - there < K
        assert not few or len(found) > 1


@settings(max_examples=25, deadline=None)
@given(two_steps(3, most=3))
# At the edges of every figure at once, where one person lies between the steps in each part.
@example([((21, 21, 12), 11), ((22, 22, 12), 11)])
def test_between_two_steps_no_few_have_one_possible_number(found):
    rows, later = [row for row, _then in found], [then for _row, then in found]
    limit, size = 3, sum(own for _n, own, _at in rows)
    whole = Count(size)
    at = sum(count for *_sizes, count in rows), sum(later)
    seen = tuple(stepped(count, whole, limit) for count in at)
    ways = []
    for (n, own, count), then in zip(rows, later, strict=True):
        first, second = tellings(n, own, limit), tellings(n, own, limit, lead=1)
        ways.append(
            [
                (a, r)
                for a in range(own + 1)
                if first[a] == first[count]
                for r in range(a + 1)
                if second[r] == second[then]
            ]
        )
    for part, (_n, _own, count) in enumerate(rows):
        possible = {(0, 0, 0)}
        for index, pairs in enumerate(ways):
            possible = {
                (gap + (a - r) * (index == part), total + a, later_total + r)
                for gap, total, later_total in possible
                for a, r in pairs
            }
        found = {
            gap
            for gap, *totals in possible
            if tuple(stepped(total, whole, limit) for total in totals) == seen
        }
        few = 0 < count - later[part] < limit
        assert not few or len(found) > 1
