"""Series of dates: rules, free days, the clocks' changes."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch.errors import (
    RecurrenceEmpty,
    RecurrenceEndless,
    RecurrenceInvalid,
    RecurrenceTooLong,
    WallTimeInvalid,
)
from dispatch.models import Alert
from dispatch.recurrence import occurrences
from dispatch.schedule import instant, instants, text, wall_of
from dispatch.working_days import is_free_day

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WEEK = timedelta(days=7)

starts = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(
    lambda wall: text(wall.replace(second=0))
)
frequencies = st.one_of(
    st.integers(1, 9).map(lambda n: f"FREQ=DAILY;INTERVAL={n}"),
    st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(
        lambda days: f"FREQ=WEEKLY;BYDAY={','.join(days)}"
    ),
    st.integers(1, 31).map(lambda day: f"FREQ=MONTHLY;BYMONTHDAY={day}"),
    st.tuples(st.sampled_from([1, 2, -1]), st.sampled_from(DAYS)).map(
        lambda one: f"FREQ=MONTHLY;BYDAY={one[0]}{one[1]}"
    ),
)
rules = st.builds(lambda rule, count: f"{rule};COUNT={count}", frequencies, st.integers(1, 40))
moving = st.sampled_from([Alert.OnHoliday.SKIP, Alert.OnHoliday.PREVIOUS, Alert.OnHoliday.NEXT])


def dates(rule, start="2026-11-24T07:00", **more):
    return [text(one.wall) for one in occurrences(rule, start, **more)]


def dates_or_none(rule, start, on_holiday):
    try:
        return occurrences(rule, start, on_holiday=on_holiday)
    except RecurrenceEmpty:
        assume(False)


@settings(deadline=None)
@given(rules, starts, st.sampled_from(Alert.OnHoliday.values))
def test_dates_rise_and_none_comes_twice(rule, start, on_holiday):
    found = dates_or_none(rule, start, on_holiday)
    assert all(one.at < other.at for one, other in pairwise(found))
    assert all(one.wall.date() < other.wall.date() for one, other in pairwise(found))
    assert len({one.key for one in found}) == len(found)


@settings(deadline=None)
@given(rules, starts, moving)
def test_no_date_is_free_where_free_days_are_avoided(rule, start, on_holiday):
    assert not any(is_free_day(one.wall.date()) for one in dates_or_none(rule, start, on_holiday))


@settings(deadline=None)
@given(rules, starts, moving)
def test_each_date_is_one_of_the_rule_or_moved_from_one_by_days(rule, start, on_holiday):
    by_rule = {text(one.wall) for one in occurrences(rule, start)}
    for one in dates_or_none(rule, start, on_holiday):
        assert one.key in by_rule
        own = datetime.fromisoformat(one.key)
        assert one.wall.time() == own.time()
        moved = one.wall - own
        if moved:
            assert is_free_day(own.date())
        assert {
            "skip": moved == timedelta(),
            "previous": -WEEK < moved <= timedelta(),
            "next": timedelta() <= moved < WEEK,
        }[on_holiday]


@settings(deadline=None)
@given(rules, starts)
def test_each_date_is_told_at_its_wall_time_unless_there_is_none(rule, start):
    for one in occurrences(rule, start):
        if instants(one.wall):
            assert wall_of(one.at) == one.wall
            assert one.at == instants(one.wall)[0]
        else:
            assert wall_of(one.at).minute == 0
            assert wall_of(one.at) - one.wall <= timedelta(hours=1)


def test_a_daily_series_goes_through_the_lost_and_the_double_hour_once_each():
    lost = occurrences("FREQ=DAILY;COUNT=3", "2027-03-27T02:30")
    assert [one.at for one in lost] == [
        instant("2027-03-27T02:30"),
        instant("2027-03-28T03:00"),
        instant("2027-03-29T02:30"),
    ]
    double = occurrences("FREQ=DAILY;COUNT=3", "2026-10-24T02:30")
    assert double[1].at == instant("2026-10-25T02:30", fold=0)
    assert len(double) == 3


@pytest.mark.parametrize(
    ("on_holiday", "expected"),
    [
        # Thursday 24 to Sunday 27 December 2026 are free.
        ("send", ["12-23", "12-24", "12-25", "12-26", "12-27", "12-28"]),
        ("skip", ["12-23", "12-28"]),
        ("previous", ["12-23", "12-28"]),
        ("next", ["12-23", "12-28"]),
    ],
)
def test_what_lands_on_one_day_is_one(on_holiday, expected):
    found = dates("FREQ=DAILY;COUNT=6", "2026-12-23T07:00", on_holiday=on_holiday)
    assert found == [f"2026-{day}T07:00" for day in expected]


def test_what_was_not_moved_keeps_its_own_name():
    [one, other] = occurrences("FREQ=DAILY;COUNT=6", "2026-12-23T07:00", on_holiday="next")
    assert (one.key, other.key) == ("2026-12-23T07:00", "2026-12-28T07:00")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", ["11-26", "11-30", "12-03"]),
        ("RRULE:FREQ=WEEKLY;COUNT=2", ["11-24", "12-01"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["11-27", "12-25"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=1", ["12-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1", ["11-30"]),
        # A date as UNTIL includes its day; a time counts by the minute.
        ("FREQ=DAILY;UNTIL=20261125", ["11-24", "11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T065900", ["11-24"]),
        ("FREQ=DAILY;UNTIL=20261125T060000Z", ["11-24", "11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T055900Z", ["11-24"]),
    ],
)
def test_the_rule_says_which_days(rule, expected):
    assert dates(rule) == [f"2026-{day}T07:00" for day in expected]


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("", ""),
        ("COUNT=3", "FREQ"),
        ("FREQ=HOURLY;COUNT=3", "FREQ=HOURLY"),
        ("FREQ=MINUTELY;COUNT=3", "FREQ=MINUTELY"),
        ("FREQ=DAILY;BYHOUR=7,8;COUNT=3", "BYHOUR=7,8"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=-1", "COUNT=-1"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "COUNT=4"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT, UNTIL"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=tomorrow"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL=20270230"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "BYDAY=XX"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "BYMONTHDAY=32"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,;COUNT=3", "BYMONTHDAY=1,"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", "INTERVAL=0"),
        ("FREQ=DAILY COUNT=3", "FREQ=DAILY COUNT=3"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY;COUNT=3", "DTSTART:20260101\nRRULE:FREQ=DAILY"),
    ],
)
def test_a_broken_rule_is_refused_by_its_part(rule, part):
    with pytest.raises(RecurrenceInvalid) as refused:
        dates(rule)
    assert refused.value.details == {"part": part}


def test_a_rule_must_end():
    with pytest.raises(RecurrenceEndless):
        dates("FREQ=DAILY")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=367",
        "FREQ=DAILY;UNTIL=20280101",
        "FREQ=YEARLY;UNTIL=20370101",
        "FREQ=YEARLY;COUNT=12",
    ],
)
def test_it_may_not_go_on_for_longer_than_the_settings_say(rule):
    with pytest.raises(RecurrenceTooLong) as refused:
        dates(rule)
    assert refused.value.details == {"limit": 366, "years": 10}


@pytest.mark.parametrize(
    ("rule", "on_holiday"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "send"),
        ("FREQ=DAILY;UNTIL=20261101", "send"),
        ("FREQ=WEEKLY;BYDAY=SU;COUNT=3", "skip"),
    ],
)
def test_a_rule_without_a_date_is_refused(rule, on_holiday):
    with pytest.raises(RecurrenceEmpty):
        dates(rule, on_holiday=on_holiday)


def test_its_start_must_be_a_wall_time():
    with pytest.raises(WallTimeInvalid):
        dates("FREQ=DAILY;COUNT=3", "soon")
