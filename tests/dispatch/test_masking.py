"""What is told of small groups: nothing from which their size could be read or worked out."""

import itertools
from collections import defaultdict
from dataclasses import replace

import pytest

from dispatch.audiences import Group, PartCount, Preview
from dispatch.masking import NOT_TOLD, Count, Told, masked
from dispatch.parts import PartSpec

STREET = PartSpec("feature", fid=1)
AROUND = PartSpec("feature", fid=1, reach="metres", reach_m=30.0)
DRAWN = PartSpec("drawn", reach="metres")
K = 5


def group(residents, *parts, **more):
    """People in exactly these parts (in the first, where none is named), a phone each."""
    parts = parts or (0,)
    phones = {"devices": residents, "muted_devices": more.get("muted", 0)}
    return Group(parts, more.pop("sure", parts), residents, **{**phones, **more})


def counted(*groups):
    """A preview in which everybody lives where they are."""
    length = 1 + max(n for each in groups for n in each.parts)
    parts = []
    for n in range(length):
        members = [each for each in groups if n in each.parts]
        sure = sum(each.residents + each.muted for each in members if n in each.sure_parts)
        parts.append(PartCount(sum(each.residents for each in members), home=sure))
    return Preview(groups, tuple(parts), hash="")


def told(*groups, of=STREET):
    length = 1 + max(n for each in groups for n in each.parts)
    return masked(counted(*groups), [of] * length)


# ── One part ───────────────────────────────────────────────────────────────────────────────────


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
    assert told(group(count), of=part).residents == expected


def test_figures_that_single_nobody_out_are_told_in_full():
    street = group(340, devices=402, unreachable=12, muted=9)
    preview = Preview((street,), (PartCount(340, home=310, work=45, home_and_work=6),), hash="")
    assert masked(preview, [STREET]).to_json() == {
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


def test_of_a_small_group_not_even_the_phones_are_told():
    figures = told(group(3, devices=7))
    assert (figures.residents, figures.devices) == (Count(None, 5), NOT_TOLD)
    assert figures.parts[0].home == Count(None, 5)


def test_a_few_who_muted_are_not_taken_off_the_figure_nor_their_phones():
    figures = told(group(338, devices=400, muted=2, muted_devices=2))
    assert (figures.residents, figures.devices, figures.muted) == (
        Count(340),
        Count(402),
        Count(None, 5),
    )


def test_where_few_are_left_who_did_not_mute_it_is_they_who_are_masked():
    figures = told(group(2, muted=8))
    assert figures.residents == Count(None, 5)
    assert figures.muted == Count(None, 10)


def test_a_few_of_a_second_candidate_street_are_not_added_to_an_emergency():
    few, many = (told(group(340), group(n, 0, sure=())) for n in (3, 6))
    assert (few.residents, many.residents) == (Count(340), Count(346))
    assert told(group(0), group(3, 0, sure=())).residents == Count(None, 5)


@pytest.mark.parametrize(
    ("home", "work", "both", "is_told"),
    [
        (310, 45, 15, True),
        (338, 40, 38, False),  # two only work there
        (310, 33, 3, False),  # three live and work there
        (310, 28, 0, False),  # two do neither
        (340, 0, 0, True),
    ],
)
def test_home_and_work_are_told_where_no_group_of_them_is_small(home, work, both, is_told):
    preview = Preview((group(340),), (PartCount(340, home, work, both),), hash="")
    [part] = masked(preview, [STREET]).parts
    assert part.residents == Count(340)
    assert (part.home.count is not None, part.work.count is not None) == (is_told, is_told)


# ── Several parts ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_a_small_part_turns_the_total_into_a_bound_that_is_the_same_whatever_its_size(small):
    figures = told(group(341, 0), group(small, 1))
    assert figures.residents == Count(None, 346)  # 341 and fewer than 5
    assert figures.devices == NOT_TOLD
    assert [part.residents for part in figures.parts] == [Count(341), Count(None, 5)]


@pytest.mark.parametrize("shared", [1, 2, 3, 4])
def test_so_does_a_small_group_that_two_parts_share(shared):
    figures = told(group(100 - shared, 0), group(50 - shared, 1), group(shared, 0, 1))
    assert figures.residents == Count(None, 151)


def test_a_group_between_two_parts_that_no_part_has_to_itself_is_hidden_too():
    figures = told(group(341, 0), group(2, 1, 2))
    assert figures.residents.count is None


def test_a_part_that_adds_enough_or_nobody_leaves_the_total_exact():
    assert told(group(320, 0), group(20, 0, 1)).residents == Count(340)
    assert told(group(320, 0), group(20, 1)).residents == Count(340)


def test_a_free_shape_beside_a_street_masks_the_total_at_its_own_limit():
    preview = counted(group(340, 0), group(19, 1))
    figures = masked(preview, [STREET, DRAWN])
    assert figures.residents == Count(None, 360)
    assert figures.parts[1].residents == Count(None, 20)


# ── Nothing can be worked out ──────────────────────────────────────────────────────────────────
#
# In each small world somebody asks everything there is to ask. Wherever a group of it is small,
# the same answers must come from another world, in which it has another size.


def test_one_street_asked_with_and_without_a_kind():
    def answers(willing, muted):
        return told(group(willing, muted=muted)), told(group(willing + muted))

    cannot_be_worked_out(answers, willing=range(20), muted=range(20))


def test_one_street_asked_in_an_emergency_and_not():
    def answers(sure, unsure):
        return told(group(sure)), told(group(sure), group(unsure, 0, sure=()))

    cannot_be_worked_out(answers, sure=range(20), unsure=range(20))


def test_two_streets_asked_alone_and_together():
    def answers(first, second, both):
        alone = told(group(first + both)), told(group(second + both))
        return *alone, told(group(first, 0), group(second, 1), group(both, 0, 1))

    cannot_be_worked_out(answers, first=range(18), second=range(18), both=range(18))


def test_phones_that_cannot_be_reached_of_two_streets_asked_alone_and_together():
    def answers(first, second):
        one, two = group(50, 0, unreachable=first), group(50, 1, unreachable=second)
        return told(one), told(replace(two, parts=(0,), sure_parts=(0,))), told(one, two)

    cannot_be_worked_out(answers, first=range(12), second=range(12))


@pytest.mark.parametrize(("first", "muted_1"), [(50, 0), (50, 2), (50, 9), (7, 3), (3, 3), (2, 9)])
def test_two_streets_asked_with_and_without_a_kind_by_somebody_who_knows_one(first, muted_1):
    def answers(second, muted_2):
        willing = group(first, 0, muted=muted_1), group(second, 1, muted=muted_2)
        everybody = group(first + muted_1, 0), group(second + muted_2, 1)
        here = {"parts": (0,), "sure_parts": (0,)}
        return [
            told(*asked)
            for one, two in (willing, everybody)
            for asked in ([one], [replace(two, **here)], [one, two])
        ]

    cannot_be_worked_out(answers, second=range(16), muted_2=range(16))


def cannot_be_worked_out(answers, **sizes):
    """Fails where some answers leave a small group only one possible size.

    Worlds near the upper edge are possibilities only: what else they could be is not in range.
    """
    worlds = defaultdict(list)
    for world in itertools.product(*sizes.values()):
        worlds[str(answers(*world))].append(world)
    inner = min(size.stop for size in sizes.values()) - K
    for same in worlds.values():
        if any(max(world) < inner for world in same):
            for name, possible in zip(sizes, zip(*same, strict=True), strict=True):
                assert len(set(possible)) > 1 or not 0 < possible[0] < K, (name, same)


def test_what_was_told_is_kept_and_read_again():
    figures = told(group(338, muted=2), group(3, 1)).told
    assert Told.from_json(figures.to_json()) == figures
    assert Told.from_json({}).residents == NOT_TOLD
