"""When a duty that is not for every tick is done."""

import pytest

from dispatch.periodic import Periodic


class Calendar:
    period = 1

    def __call__(self):
        return self.period


def test_it_is_done_at_once_and_then_once_in_each_period():
    done, calendar = [], Calendar()

    def duty():
        done.append(calendar.period)

    periodic = Periodic(duty, calendar)
    for period in (1, 1, 2, 2, 3):
        calendar.period = period
        periodic()
    assert done == [1, 2, 3]


def test_one_that_failed_is_tried_again_in_the_same_period():
    tries = []

    def duty():
        tries.append("try")
        if len(tries) == 1:
            raise OSError("no room on the disk")

    periodic = Periodic(duty, Calendar())
    with pytest.raises(OSError, match="no room"):
        periodic()
    periodic()
    periodic()
    assert len(tries) == 2
