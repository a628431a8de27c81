"""Wall time, zone and fold on one side, instants on the other.

A wall time is what an officer means: "7:00 on 28 March", as text "2027-03-28T07:00" or as a naive
datetime. An instant is an aware datetime in UTC. Once a year a wall time is skipped, once it comes
twice: `fold` 0 is the first of two, 1 the second, as in PEP 495.
"""

import re
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.errors import WallTimeInvalid, WallTimeMissing, WallTimeTwice

ZONE = "Europe/Warsaw"
POLAND = ZoneInfo(ZONE)
MINUTE = timedelta(minutes=1)
WALL = re.compile(r"[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}")
FORMAT = "%Y-%m-%dT%H:%M"


def instant(wall: str, zone: str = ZONE, fold: int | None = None) -> datetime:
    """When a clock in `zone` shows `wall`; `fold` decides between two such moments.

    Raises WallTimeInvalid; WallTimeMissing, with the last minute before and the first after the
    skipped hour; WallTimeTwice where there are two and `fold` is None, with both.
    """
    shown, place = parse(wall), ZoneInfo(zone)
    found = instants(shown, place)
    if not found:
        raise WallTimeMissing(field="send_wall", details=_neighbours(shown, place))
    if len(found) == 2 and fold is None:
        raise WallTimeTwice(field="send_fold", details={"choices": _choices(found, place)})
    return found[min(fold or 0, len(found) - 1)]


def parse(wall: str) -> datetime:
    """ "2027-03-28T07:00" as a naive datetime; raises WallTimeInvalid."""
    try:
        if WALL.fullmatch(wall):
            return datetime.strptime(wall, FORMAT)
    except ValueError:
        pass
    raise WallTimeInvalid(field="send_wall", details={"wall": wall[:40]})


def text(wall: datetime) -> str:
    return wall.strftime(FORMAT)


def wall_of(moment: datetime, zone: ZoneInfo = POLAND) -> datetime:
    """What a clock in `zone` shows, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None)


def instants(wall: datetime, zone: ZoneInfo = POLAND) -> list[datetime]:
    """The moments at which a clock in `zone` shows `wall`, earliest first: one, none or two."""
    both = (_assumed(wall, zone, fold) for fold in (0, 1))
    return sorted({moment for moment in both if wall_of(moment, zone) == wall})


def next_existing(wall: datetime, zone: ZoneInfo = POLAND) -> datetime:
    """When a clock first shows `wall`; of a time that is skipped, the minute after the gap."""
    found = instants(wall, zone)
    return found[0] if found else _end_of_gap(wall, zone)


def transition_between(start: datetime, end: datetime, zone: ZoneInfo = POLAND) -> datetime | None:
    """The first minute with the offset of `end`; None where that is the offset of `start` too."""
    then = end.astimezone(zone).utcoffset()
    if start.astimezone(zone).utcoffset() == then:
        return None
    minutes = range(round((end - start) / MINUTE) + 1)
    first = bisect_left(
        minutes, True, key=lambda n: (start + n * MINUTE).astimezone(zone).utcoffset() == then
    )
    return start + first * MINUTE


def _assumed(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """A skipped time read by the offset after the gap lies before it, and the other way round."""
    end = transition_between(_assumed(wall, zone, 1), _assumed(wall, zone, 0), zone)
    if end is None:
        raise ValueError(f"{wall} is not skipped in {zone}")
    return end


def _neighbours(wall: datetime, zone: ZoneInfo) -> dict[str, str]:
    end = _end_of_gap(wall, zone)
    return {
        "before": text(wall_of(end - MINUTE, zone)),
        "after": text(wall_of(end, zone)),
    }


def _choices(found: list[datetime], zone: ZoneInfo) -> list[dict[str, object]]:
    """The two moments of a doubled wall time, told apart by their offset from UTC."""
    return [
        {
            "fold": fold,
            "offset": moment.astimezone(zone).isoformat()[-6:],
            "at": moment.isoformat(),
        }
        for fold, moment in enumerate(found)
    ]
