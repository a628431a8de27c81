"""Which days are free in Poland."""

from datetime import date, timedelta

import pytest

from dispatch.working_days import (
    is_free_day,
    is_public_holiday,
    working_day_after,
    working_day_before,
)


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        (date(2026, 4, 6), True),  # Easter Monday
        (date(2026, 5, 24), True),  # Whit Sunday
        (date(2026, 6, 4), True),  # Corpus Christi, sixty days after Easter
        (date(2027, 5, 27), True),
        (date(2024, 12, 24), False),
        (date(2025, 12, 24), True),  # by the law of 2024
        (date(2026, 11, 11), True),
        (date(2026, 11, 12), False),
        (date(2026, 5, 2), False),  # Flag Day is no holiday
        (date(2026, 11, 29), False),  # a Sunday, but no holiday
    ],
)
def test_the_library_knows_the_polish_holidays(day, is_holiday):
    assert is_public_holiday(day) == is_holiday


def test_sundays_are_free_and_saturdays_are_not():
    week = [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
    assert [is_free_day(day) for day in week] == [False] * 6 + [True]


def test_christmas_lies_between_two_working_days():
    days = [date(2026, 12, n) for n in (24, 25, 26, 27)]  # the last is a Sunday
    assert {working_day_before(day) for day in days} == {date(2026, 12, 23)}
    assert {working_day_after(day) for day in days} == {date(2026, 12, 28)}
