"""Quiet hours: who sleeps when, and until when. What freezing makes of it: test_freeze_quiet.py."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.quiet import Hours, held_until, is_quiet
from dispatch.schedule import MINUTE, instant
from tests.dispatch.test_schedule import CHANGES

USUAL = Hours(time(22), time(6), time(22), time(8))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
hours_of_any_kind = st.builds(Hours, clocks, clocks, clocks, clocks)
moments = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.integers(-36 * 3600, 12 * 3600),
    ),
)


@settings(deadline=None)
@given(hours_of_any_kind, moments)
# Free for a minute a day, and that minute is in the hour skipped in March.
@example(Hours(time(2, 31), time(2, 30), time(2, 31), time(2, 30)), instant("2027-03-27T03:00"))
def test_quiet_lasts_until_the_first_moment_that_is_not_quiet(hours, moment):
    end = held_until(hours, moment)
    assert (end is not None) == is_quiet(hours, moment)
    if end is not None:
        assert end > moment
        assert not is_quiet(hours, end)
        between = int((end - moment) / MINUTE)
        before = [end - MINUTE * n for n in (1, *range(2, between + 1, 7))]
        assert all(is_quiet(hours, minute) for minute in before if minute >= moment)


@given(clocks, clocks, moments)
def test_equal_ends_mean_no_quiet_hours(clock, free_clock, moment):
    assert held_until(Hours(clock, clock, free_clock, free_clock), moment) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T21:59", None),
        ("2026-11-24T22:00", "2026-11-25T06:00"),  # Tuesday
        ("2026-11-25T05:59", "2026-11-25T06:00"),
        ("2026-11-25T06:00", None),
        ("2026-11-28T23:00", "2026-11-29T08:00"),  # into Sunday
        ("2026-11-29T07:00", "2026-11-29T08:00"),
        ("2026-11-29T23:00", "2026-11-30T06:00"),  # into Monday
        ("2026-12-23T23:00", "2026-12-24T08:00"),  # into a holiday on Thursday
        ("2027-03-27T22:30", "2027-03-28T08:00"),  # over the lost hour
        ("2026-10-24T22:30", "2026-10-25T08:00"),  # over the double hour
    ],
)
def test_a_night_ends_when_the_morning_it_leads_to_says(now, until):
    assert held_until(USUAL, instant(now)) == (until and instant(until))


def test_hours_within_a_day_and_on_free_days_only():
    siesta = Hours(time(12), time(12), time(13), time(15))
    assert held_until(siesta, instant("2026-11-29T14:00")) == instant("2026-11-29T15:00")
    assert held_until(siesta, instant("2026-11-30T14:00")) is None


def test_who_switched_them_off_or_never_on_is_told_at_any_time():
    assert held_until(None, instant("2026-11-25T03:00")) is None
