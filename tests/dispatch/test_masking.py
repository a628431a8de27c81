"""What is shown of small groups: nothing from which their size could be read or worked out."""

import itertools

import pytest

from dispatch.audiences import PartCount, Preview
from dispatch.masking import Count, masked, shown
from dispatch.parts import PartSpec

STREET = PartSpec("feature", fid=1)
AROUND = PartSpec("feature", fid=1, reach="metres", reach_m=30.0)
DRAWN = PartSpec("drawn", reach="metres")


def counted(residents, *parts, devices=None, unreachable=0, muted=0):
    devices = residents if devices is None else devices
    return Preview(residents, devices, unreachable, muted, parts, hash="")


def lives(residents, alone=None):
    """A part whose people all live there."""
    return PartCount(residents, residents, 0, residents if alone is None else alone)


@pytest.mark.parametrize(
    ("part", "count", "expected"),
    [
        (STREET, 0, Count(0)),
        (STREET, 1, Count(None, 5)),
        (STREET, 4, Count(None, 5)),
        (STREET, 5, Count(5)),
        (AROUND, 19, Count(None, 20)),
        (AROUND, 20, Count(20)),
        (DRAWN, 0, Count(0)),
        (DRAWN, 1, Count(None, 20)),
        (DRAWN, 19, Count(None, 20)),
        (DRAWN, 20, Count(20)),
    ],
)
def test_counts_below_the_limit_are_masked_and_nought_is_told(part, count, expected):
    assert masked(counted(count, lives(count)), [part]).residents == expected


def test_with_a_masked_count_its_phones_and_the_rest_are_masked_too():
    figures = masked(counted(3, lives(3), devices=7, unreachable=6, muted=0), [STREET])
    assert figures.devices == Count(None, 15)
    assert figures.unreachable == Count(None, 15)
    assert figures.muted == Count(0)
    assert figures.parts[0].home == Count(None, 5)


def test_a_masked_larger_count_leaves_as_many_possible_values_as_the_limit():
    for limit, count in itertools.product((5, 20), range(20, 200)):
        told = shown(count, limit, hide=True)
        possible = [other for other in range(500) if shown(other, limit, hide=True) == told]
        assert count in possible
        assert len(possible) == limit


def test_a_small_part_hides_the_other_from_which_it_could_be_worked_out():
    figures = masked(counted(342, lives(340), lives(2)), [STREET, STREET])
    assert [part.residents.count for part in figures.parts] == [None, None]


def test_a_total_that_tells_how_many_a_small_part_adds_is_masked():
    with_small = masked(counted(342, lives(340), lives(2)), [STREET, STREET])
    assert with_small.residents.count is None
    assert with_small.residents.below > 342
    overlapping = masked(counted(340, lives(340, 320), lives(20, 0)), [STREET, STREET])
    assert overlapping.residents == Count(340)


def test_of_many_parts_one_masked_takes_the_smallest_other_with_it():
    parts = [lives(100), lives(3), lives(40), lives(60)]
    figures = masked(counted(203, *parts), [STREET] * 4)
    assert [part.residents.count for part in figures.parts] == [100, None, None, 60]


def test_a_part_that_holds_nearly_everybody_hides_the_rest():
    figures = masked(counted(103, lives(100, 3), lives(100, 3)), [STREET, STREET])
    assert [part.residents.count for part in figures.parts] == [None, None]


def test_homes_are_masked_where_they_would_tell_who_only_works_there():
    two_only_work = PartCount(residents=340, home=338, work=40, alone=340)
    figures = masked(counted(340, two_only_work), [STREET])
    assert figures.residents == Count(340)
    assert figures.parts[0].residents == Count(340)
    assert (figures.parts[0].home.count, figures.parts[0].work.count) == (None, None)


def test_figures_that_single_nobody_out_are_told_in_full():
    street = PartCount(residents=340, home=310, work=45, alone=340)
    figures = masked(counted(340, street, devices=402, unreachable=12, muted=9), [STREET])
    assert figures.to_json() == {
        "residents": {"count": 340, "masked": False, "below": None},
        "devices": {"count": 402, "masked": False, "below": None},
        "unreachable": {"count": 12, "masked": False, "below": None},
        "muted": {"count": 9, "masked": False, "below": None},
        "parts": [
            {
                "residents": {"count": 340, "masked": False, "below": None},
                "home": {"count": 310, "masked": False, "below": None},
                "work": {"count": 45, "masked": False, "below": None},
            }
        ],
    }


def test_a_free_shape_beside_a_street_masks_the_total_at_its_own_limit():
    figures = masked(counted(359, lives(340), lives(19)), [STREET, DRAWN])
    assert figures.residents.count is None
    assert figures.parts[1].residents == Count(None, 20)


def test_no_two_shown_figures_differ_by_less_than_the_limit():
    """Two parts of disjoint people, every size: whatever is shown, no difference is small."""
    sizes = [0, 1, 4, 5, 6, 9, 50, 53]
    for a, b in itertools.product(sizes, repeat=2):
        figures = masked(counted(a + b, lives(a), lives(b)), [STREET, STREET])
        told = [figures.residents.count, *(part.residents.count for part in figures.parts)]
        known = [count for count in told if count is not None]
        for one, other in itertools.product(known, repeat=2):
            difference = one - other
            is_small_group = difference in (a, b) and 0 < difference < 5
            assert not is_small_group, (a, b, told)
