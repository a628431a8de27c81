"""What phones say became of their deliveries: received, shown, opened, confirmed.

FCM tells none of that (docs/fcm.md), so the app reports it itself, in batches and with
repeats. Only a device's own deliveries count; a foreign one is answered like one that never was.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime

from dispatch import queries
from dispatch.errors import TooManyReceipts
from dispatch.models import Receipt
from residents.models import Device

DELIVERY_ID = re.compile(r"([0-9]{1,19})\.([0-9]{1,10})\.([0-9]{1,5})")
# Largest values of bigint, integer and smallint, which the three numbers are.
LIMITS = (2**63 - 1, 2**31 - 1, 2**15 - 1)


@dataclass(frozen=True)
class Report:
    """One receipt in good form; `at` is None where the phone didn't say."""

    message_id: int
    batch_no: int
    pos: int
    event: str
    at: datetime | None


@dataclass(frozen=True)
class Refusal:
    """Why the receipt at `index` of a request was not taken."""

    index: int
    code: str


def record(device: Device, items: Sequence[object]) -> tuple[int, list[Refusal]]:
    """Store a device's receipts; how many were taken (repeats included), and why others weren't.

    Codes: malformed, bad_delivery_id, unknown_event, bad_time, unknown_delivery (made up, or made
    to somebody else). Raises TooManyReceipts above settings.RECEIPTS_MAX.
    """
    if len(items) > settings.RECEIPTS_MAX:
        details = {"count": len(items), "limit": settings.RECEIPTS_MAX}
        raise TooManyReceipts(field="receipts", details=details)
    read = {index: _read(item) for index, item in enumerate(items)}
    reports = {index: item for index, item in read.items() if isinstance(item, Report)}
    taken = _store(device, reports)
    refused = {index: code for index, code in read.items() if isinstance(code, str)}
    refused |= dict.fromkeys(reports.keys() - taken, "unknown_delivery")
    return len(taken), [Refusal(index, refused[index]) for index in sorted(refused)]


def _store(device: Device, reports: Mapping[int, Report]) -> set[int]:
    """The indices that are the device's own deliveries."""
    rows = queries.rows(
        "record_receipts",
        device=device.pk,
        idxs=list(reports),
        message_ids=[report.message_id for report in reports.values()],
        batch_nos=[report.batch_no for report in reports.values()],
        poss=[report.pos for report in reports.values()],
        events=[report.event for report in reports.values()],
        ats=[report.at for report in reports.values()],
    )
    return {row["idx"] for row in rows}


def _read(item: object) -> Report | str:
    """The report, or the code of what is wrong with it."""
    if not isinstance(item, Mapping):
        return "malformed"
    numbers = _numbers(item.get("delivery_id"))
    if numbers is None:
        return "bad_delivery_id"
    if item.get("event") not in Receipt.Event.values:
        return "unknown_event"
    try:
        at = _time(item.get("at"))
    except ValueError:
        return "bad_time"
    return Report(*numbers, event=item["event"], at=at)


def _numbers(delivery_id: Any) -> tuple[int, int, int] | None:
    found = DELIVERY_ID.fullmatch(delivery_id) if isinstance(delivery_id, str) else None
    if found is None:
        return None
    message_id, batch_no, pos = (int(number) for number in found.groups())
    fits = all(n <= limit for n, limit in zip((message_id, batch_no, pos), LIMITS, strict=True))
    return (message_id, batch_no, pos) if fits else None


def _time(value: Any) -> datetime | None:
    """An ISO 8601 time with its offset, or nothing; raises ValueError."""
    if value is None:
        return None
    at = parse_datetime(value) if isinstance(value, str) else None
    if at is None or at.tzinfo is None:
        raise ValueError("a time with its offset is needed")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:  # in year 1 or 9999, and in UTC beyond it
        raise ValueError(value) from error
