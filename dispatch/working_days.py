"""Working days in Poland: Monday to Saturday without public holidays.

Source: Ustawa z dnia 18 stycznia 1951 r. o dniach wolnych od pracy, art. 1 (holidays, all Sundays;
24 December since 2025), and Kodeks pracy, art. 151⁹ § 1, which takes free days from there. Neither
frees Saturdays: whoever means Monday to Friday says so in the rule (BYDAY=MO,TU,WE,TH,FR).
The moving feasts come from the `holidays` library; a new law needs its next version.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays

SUNDAY = 6
ONE_DAY = timedelta(days=1)


def is_public_holiday(day: date) -> bool:
    return day in _public_holidays(day.year)


def is_free_day(day: date) -> bool:
    """Whether it is a Sunday or a public holiday."""
    return day.weekday() == SUNDAY or is_public_holiday(day)


def working_day_before(day: date) -> date:
    return _nearest_working_day(day, -ONE_DAY)


def working_day_after(day: date) -> date:
    return _nearest_working_day(day, ONE_DAY)


def _nearest_working_day(day: date, step: timedelta) -> date:
    day += step
    while is_free_day(day):
        day += step
    return day


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("PL", years=year))
