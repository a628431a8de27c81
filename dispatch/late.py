"""Late arrivals: who comes into the area of a running alert gets its current message, once.

A place that appears, moves or is attached anew, a phone that can be reached again, and a kind that
is unmuted leave an Arrival in the transaction that changed them. A maintenance job works arrivals
off by the thousand; the clock sees to it that none is left lying. Whatever is done twice finds the
deliveries of before and adds none.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.dispatch import receiver
from django.utils import timezone

from accounts import work_queue
from dispatch import areas, fanout, jobs, queries
from dispatch.models import Alert, Arrival, Message, Severity
from dispatch.states import RUNNING
from residents.models import Device, Place, Resident
from residents.signals import device_reachable, place_changed, resident_erased

logger = logging.getLogger(__name__)
AT_ONCE = 20_000  # arrivals in one transaction: a layer's republication may bring more
# These say what an alert is about now; of several the newest is the current one.
CURRENT = frozenset({Message.Kind.ALERT, Message.Kind.UPDATE, Message.Kind.EXTENSION})


@receiver(place_changed, sender=Place)
def note_places(place_ids: Sequence[int], **_signal: object) -> None:
    queries.run("late_note", places=list(place_ids))
    _wake()


@receiver(device_reachable, sender=Device)
def note_device(resident_id: int, **_signal: object) -> None:
    """A second phone, or one that came back."""
    note_resident(resident_id)


def note_resident(resident_id: int) -> None:
    """The resident can be told more than before. Without a place: noted with the first."""
    if Place.objects.filter(resident=resident_id).exists():
        Arrival.objects.create(resident_id=resident_id)
        _wake()


@receiver(resident_erased, sender=Resident)
def forget(resident_id: int, **_signal: object) -> None:
    Arrival.objects.filter(resident_id=resident_id).delete()


def catch_up() -> None:
    """A duty of the clock: have arrivals worked off, by ourselves while Redis is away."""
    if Arrival.objects.exists() and not work_queue.put(work):
        work()


def work() -> int:
    """RQ's entry point: tell those who arrived; how many phones. Safe to run twice, at any time.

    Where an alert is being frozen or ended just now, its arrivals are left for the next time.
    """
    told = last = 0
    while step := _work_some(after=last):
        told, last = told + step.devices, step.last
    return told


@dataclass(frozen=True)
class _Step:
    """What one transaction worked off: id of its last arrival, phones told."""

    last: int
    devices: int


@transaction.atomic
def _work_some(*, after: int) -> _Step | None:
    """The order matters: who changed a place before we read the arrivals is seen either by us or
    by any freezing that we don't see under way after that (fanout.FREEZING).
    """
    taken = queries.tuples("late_take", after=after, most=AT_ONCE)
    if not taken:
        return None
    asked = {resident_id for _id, resident_id in taken}
    held = {row[0] for row in queries.tuples("late_residents", arrived=list(asked))}
    still_open, devices = asked - held, 0
    freezing = {"arrived": sorted(held), "freezing": fanout.FREEZING}
    for gmina_id, residents, is_freezing in queries.tuples("late_gminas", **freezing):
        told, is_whole = _tell_in(gmina_id, residents)
        devices += told
        if is_freezing or not is_whole:
            still_open |= set(residents)
    queries.run("late_done", ids=[row[0] for row in taken], open=list(still_open))
    return _Step(taken[-1][0], devices)


def _tell_in(gmina_id: int, residents: Sequence[int]) -> tuple[int, bool]:
    """Tell residents of the gmina's running alerts: how many phones, and whether of all of them.

    An alert that somebody else holds is about to end, or to get another message.
    """
    running = Alert.objects.filter(gmina=gmina_id, state__in=RUNNING).order_by("pk")
    there = set(running.values_list("pk", flat=True))
    free = running.select_for_update(skip_locked=True, of=("self",), no_key=True)
    alerts = list(free.select_related("gmina", "kind"))
    told = [_tell(alert, residents) for alert in alerts]
    is_whole = there <= {alert.pk for alert in alerts} and all(done for _n, done in told)
    return sum(n for n, _done in told), is_whole


def _tell(alert: Alert, residents: Sequence[int]) -> tuple[int, bool]:
    """Tell those whom the alert's area reaches now: how many phones, False: some must wait."""
    message = alert.messages.filter(kind__in=CURRENT).order_by("-pk").first()
    if message is None or message.halted_reason or message.expires_at <= timezone.now():
        return 0, True
    message.alert = alert
    key = {"month": message.month, "message": message.pk, "arrived": residents}
    [(opened, waiting)] = queries.tuples("late_reopen", **key)
    people, devices = fanout.add(message, areas.as_frozen(alert), residents)
    if devices or opened:
        counts = {"late_residents": F("late_residents") + people}
        counts |= {"late_devices": F("late_devices") + devices}
        Message.objects.filter(pk=message.pk).update(**counts)
        jobs.wake(fanout.PRIORITY[Severity(message.severity)])
        _log_once_kept(message, people, devices, opened)
    return devices + opened, not waiting


def _wake() -> None:
    """At once where an alert runs; else there is time until the clock's next round."""
    if Alert.objects.filter(state__in=RUNNING).exists():
        transaction.on_commit(lambda: work_queue.put(work), robust=True)


def _log_once_kept(message: Message, people: int, devices: int, opened: int) -> None:
    extra = {"alert_ref": message.alert.ref, "message_id": message.pk}
    extra |= {"residents": people, "devices": devices, "again": opened}
    transaction.on_commit(lambda: logger.info("late arrivals told", extra=extra), robust=True)
