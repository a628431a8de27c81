"""One broken row is recorded and left; a lost connection is not taken for one."""

import pytest
from django.db import OperationalError

from dispatch import severally


def refuse(numbers, error):
    def act(number):
        if number in numbers:
            raise error
        return number > 1

    return act


def test_the_others_have_their_turn_and_are_counted(caplog):
    assert severally.each(refuse({2}, ValueError("on purpose")), [1, 2, 3, 4]) == 2
    [line] = caplog.records
    assert (line.levelname, line.id) == ("ERROR", 2)


def test_a_lost_connection_ends_the_round():
    with pytest.raises(OperationalError):
        severally.each(refuse({1}, OperationalError()), [1, 2])
