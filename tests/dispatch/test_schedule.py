"""Wall times and instants, over every change of the clocks in Poland from 1990 to 2040."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import schedule
from dispatch.errors import WallTimeInvalid, WallTimeMissing, WallTimeTwice
from dispatch.schedule import MINUTE, POLAND, instant, instants, next_existing, text, wall_of

HOUR = timedelta(hours=1)
FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2040, 12, 31, tzinfo=UTC)


def all_changes():
    """Every moment from 1990 to 2040 at which Poland's clocks change, by looking at each day."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days)]
    found = (schedule.transition_between(day, after) for day, after in pairwise(days))
    return [change for change in found if change is not None]


CHANGES = all_changes()
minutes = st.datetimes(datetime(1990, 1, 1), datetime(2040, 12, 31)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
# Around the changes, where all that can go wrong does; any other time is as likely.
near_changes = st.builds(
    lambda change, minutes: wall_of(change) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-180, 180),
)
walls = st.one_of(minutes, near_changes)
moments = st.one_of(
    minutes.map(lambda wall: wall.replace(tzinfo=UTC)),
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-180, 180),
    ),
)


def is_forward(change):
    return wall_of(change) - wall_of(change - MINUTE) > MINUTE


def test_poland_changes_its_clocks_twice_a_year_at_one_in_utc():
    assert len(CHANGES) == 2 * 51
    assert {change.hour for change in CHANGES} <= {1}
    assert [is_forward(change) for change in CHANGES] == [True, False] * 51


@given(moments)
def test_what_the_clock_shows_leads_back_to_the_moment(moment):
    shown = instants(wall_of(moment))
    assert moment in shown
    assert instant(text(wall_of(moment)), fold=shown.index(moment)) == moment


@given(walls)
def test_each_of_the_moments_shows_the_wall_time(wall):
    found = instants(wall)
    assert found == sorted(set(found))
    assert {wall_of(moment) for moment in found} <= {wall}


@given(walls, walls)
def test_later_on_the_wall_is_never_earlier_in_time(one, other):
    earlier, later = sorted([one, other])
    assert next_existing(earlier) <= next_existing(later)


@given(st.sampled_from(CHANGES), st.integers(-120, 119))
def test_exactly_the_hours_at_a_change_are_missing_or_double(change, minutes):
    """Counted from the wall time at which the change comes, as the clock before it shows."""
    at_change = wall_of(change - MINUTE) + MINUTE
    wall = at_change + timedelta(minutes=minutes)
    if is_forward(change):
        expected = 0 if 0 <= minutes < 60 else 1
    else:
        expected = 2 if -60 <= minutes < 0 else 1
    assert len(instants(wall)) == expected


@given(st.sampled_from([change for change in CHANGES if is_forward(change)]), st.integers(0, 59))
def test_in_the_lost_hour_both_neighbours_are_offered(change, minutes):
    wall = wall_of(change - MINUTE) + MINUTE * (1 + minutes)
    with pytest.raises(WallTimeMissing) as refused:
        instant(text(wall))
    assert refused.value.details == {
        "before": text(wall_of(change - MINUTE)),
        "after": text(wall_of(change)),
    }
    assert next_existing(wall) == change


@given(st.sampled_from([change for change in CHANGES if not is_forward(change)]))
def test_in_the_double_hour_is_asked_which(change):
    wall = text(wall_of(change))
    with pytest.raises(WallTimeTwice) as refused:
        instant(wall)
    assert [choice["fold"] for choice in refused.value.details["choices"]] == [0, 1]
    assert [choice["offset"] for choice in refused.value.details["choices"]] == ["+02:00", "+01:00"]
    assert instant(wall, fold=0) == change - HOUR
    assert instant(wall, fold=1) == change


def test_the_fold_of_a_time_that_comes_once_does_not_matter():
    assert instant("2026-11-24T07:00", fold=1) == datetime(2026, 11, 24, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "wall", ["", "2026-11-24", "2026-11-31T07:00", "2026-11-24T24:00", "2026-11-24 07:00", "x" * 99]
)
def test_what_is_no_wall_time_is_refused(wall):
    with pytest.raises(WallTimeInvalid):
        instant(wall)


def test_another_zone_has_its_own_changes():
    assert instant("2027-03-28T02:30", "Europe/London") == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    with pytest.raises(WallTimeMissing):
        instant("2027-03-28T01:30", "Europe/London")


def test_poland_is_the_zone_unless_told_otherwise():
    assert POLAND.key == schedule.ZONE == "Europe/Warsaw"
