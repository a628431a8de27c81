"""A plan as an officer reads it: "every week on Mondays at 07:00, 10 times"."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil import rrule
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dispatch import recurrence, schedule
from dispatch.models import Alert
from dispatch.recurrence import Rule

DATE, DATE_AND_TIME = "j E Y", "j E Y, H:i"
WEEKDAYS = (
    gettext_lazy("on Mondays"),
    gettext_lazy("on Tuesdays"),
    gettext_lazy("on Wednesdays"),
    gettext_lazy("on Thursdays"),
    gettext_lazy("on Fridays"),
    gettext_lazy("on Saturdays"),
    gettext_lazy("on Sundays"),
)
FREE_DAYS = {
    Alert.OnHoliday.SEND: "",
    Alert.OnHoliday.SKIP: gettext_lazy("left out on Sundays and holidays"),
    Alert.OnHoliday.PREVIOUS: gettext_lazy("instead of Sundays and holidays a working day before"),
    Alert.OnHoliday.NEXT: gettext_lazy("instead of Sundays and holidays the working day after"),
}


def plan(alert: Alert) -> str:
    """ "" where it goes out once it is approved."""
    if alert.rrule:
        return series(alert)
    return moment(alert.send_at, alert.send_zone) if alert.send_at else ""


def moment(at: datetime, zone: str = schedule.ZONE) -> str:
    """ "25 November 2026, 07:00" by the clock there."""
    return date_format(schedule.wall_of(at, ZoneInfo(zone)), DATE_AND_TIME)


def series(alert: Alert) -> str:
    """How often, at what time, what of free days, until when."""
    zone = ZoneInfo(alert.send_zone)
    rule, start = recurrence.parse(alert.rrule, zone), schedule.parse(alert.send_wall)
    often = _("%(often)s at %(time)s") % {
        "often": _often(rule, start) or _("by the rule %(rule)s") % {"rule": alert.rrule},
        "time": date_format(start, "H:i"),
    }
    parts = [often, str(FREE_DAYS[Alert.OnHoliday(alert.on_holiday)]), _end(rule)]
    return ", ".join(part for part in parts if part)


def _often(rule: Rule, start: datetime) -> str:
    """ "" for rules that the composer doesn't offer: those are shown as they are."""
    options = dict(rule.options)
    freq, interval = options.pop("freq"), options.pop("interval", 1)
    options.pop("wkst", None)
    if freq == rrule.DAILY and not options:
        return ngettext("every day", "every %(n)d days", interval) % {"n": interval}
    if freq == rrule.WEEKLY and not options.keys() - {"byweekday"}:
        return _weekly(interval, [day.weekday for day in options.get("byweekday", [])], start)
    if freq == rrule.MONTHLY and not options.keys() - {"bymonthday"}:
        return _monthly(interval, options.get("bymonthday", [start.day]))
    return ""


def _weekly(interval: int, weekdays: list[int], start: datetime) -> str:
    often = ngettext("every week", "every %(n)d weeks", interval) % {"n": interval}
    days = [str(WEEKDAYS[day]) for day in sorted(weekdays or [start.weekday()])]
    return f"{often} {', '.join(days)}"


def _monthly(interval: int, days: list[int]) -> str:
    often = ngettext("every month", "every %(n)d months", interval) % {"n": interval}
    shown = [_("on the last day") if day == -1 else _("on day %(n)d") % {"n": day} for day in days]
    return f"{often} {', '.join(shown)}"


def _end(rule: Rule) -> str:
    if rule.until:
        return _("until %(day)s") % {"day": date_format(rule.until, DATE)}
    return ngettext("%(n)d time", "%(n)d times", rule.count or 0) % {"n": rule.count}
