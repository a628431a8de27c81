"""Duties of the clock that are due once a minute, an hour or a day, not at every tick."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import timezone


def this_minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def today() -> date:
    return timezone.localdate()


class Periodic:
    """A duty done once in each `period` and after each start; one that fails is tried again.

    `period` names the present one: the duty is due as soon as the answer changes.
    """

    def __init__(self, duty: Callable[[], object], period: Callable[[], object]) -> None:
        self.duty, self.period = duty, period
        self.__name__ = duty.__name__  # for the log
        self._done_in: object = None

    def __call__(self) -> None:
        now = self.period()
        if self._done_in != now:
            self.duty()
            self._done_in = now
