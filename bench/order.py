"""What the sending order gains: seconds until 90 % of the phones that ever answer have a message.

The order is that of a real freezing of the whole gmina; the phones are simulated, from a seed.
Model: apps were installed evenly over INSTALLED_WITHIN_DAYS. A third of them is gone within a year,
and of half of those Firebase has told us, so that their target is not here any more. While one is
there it is heard of (an alert received, the app opened) at a rate of its own, once in HEARD_OF_DAYS
on average. OFF_SHARE of the phones, and more of those silent for long, are off or out of coverage
and come back within hours; the others have a message in seconds. All senders together hand over
RATE messages a second. These figures are assumptions; that next to nothing reaches a phone which
was away for a month is FCM's own rule (docs/fcm.md).
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Gmina
from bench.harness import Result
from dispatch import queries, quiet
from dispatch.areas import parse_parts, resolve
from dispatch.audiences import Question
from dispatch.models import Severity
from residents.models import Device

SEED = 4
RATE = 600
SHARE = 0.9
INSTALLED_WITHIN_DAYS, KEPT_DAYS = 540, 270
GONE_IN_A_YEAR, NOTICED_SHARE = 1 / 3, 1 / 2
HEARD_OF_DAYS, RATE_SHAPE = 7.0, 0.7
OFF_SHARE, OFF_PER_SILENT_DAY, OFF_MOST, BACK_WITHIN_S = 0.03, 0.0025, 0.5, 7200
ONLINE_S, ONLINE_SPREAD = 1.5, 0.6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Phones:
    """`silent_days` since each was heard of; whether it will ever answer, and how soon."""

    silent_days: Floats
    answers: NDArray[np.bool_]
    delay_s: Floats


def run(dataset: str) -> list[Result]:
    gmina = Gmina.objects.get(slug="chorzow")
    dice = np.random.default_rng(SEED)
    pks = np.array(Device.objects.exclude(push_hash=None).order_by("pk").values_list("pk"))[:, 0]
    phones = draw(len(pks), dice)
    with transaction.atomic():
        _be_silent(pks, phones.silent_days)
        sent = np.searchsorted(pks, _order(gmina))
        transaction.set_rollback(True)
    by_chance = dice.permutation(sent)
    return [
        Result(
            name="order_gain",
            value=seconds(phones, sent),
            unit=f"s until {SHARE:.0%} of those that answer have it",
            reference="the same phones in an order of chance",
            reference_value=seconds(phones, by_chance),
            goal=0.95,
            better="lower",
        )
    ]


def draw(count: int, dice: np.random.Generator) -> Phones:
    """So many phones whose push target we have."""
    made = 3 * count
    age = dice.uniform(0, INSTALLED_WITHIN_DAYS, made)
    life = dice.exponential(-365 / np.log(1 - GONE_IN_A_YEAR), made)
    every = HEARD_OF_DAYS * dice.gamma(RATE_SHAPE, 1 / RATE_SHAPE, made)
    answers = life > age
    silent = np.minimum(dice.exponential(every) + np.where(answers, 0, age - life), age)
    kept = (answers | (dice.random(made) >= NOTICED_SHARE)) & (silent < KEPT_DAYS)
    silent, answers = silent[kept][:count], answers[kept][:count]
    is_off = dice.random(count) < np.minimum(OFF_SHARE + OFF_PER_SILENT_DAY * silent, OFF_MOST)
    online_s = dice.lognormal(np.log(ONLINE_S), ONLINE_SPREAD, count)
    return Phones(
        silent, answers, np.where(is_off, dice.exponential(BACK_WITHIN_S, count), online_s)
    )


def seconds(phones: Phones, sent: NDArray[np.int64]) -> float:
    """From the first message until SHARE of those sent to that ever answer have theirs."""
    arrived = np.arange(len(sent)) / RATE + phones.delay_s[sent]
    return float(np.quantile(arrived[phones.answers[sent]], SHARE))


def _be_silent(pks: NDArray[np.int64], silent_days: Floats) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE residents_device device
            SET last_seen_at = now() - make_interval(secs => 86400 * silent.days)
            FROM unnest(%s::bigint[], %s::float8[]) AS silent(id, days)
            WHERE device.id = silent.id
            """,
            [pks.tolist(), silent_days.tolist()],
        )


def _order(gmina: Gmina) -> list[int]:
    """Ids of the phones of the whole gmina in sending order."""
    area = resolve(gmina, parse_parts(gmina, [{"kind": "gmina"}]))
    question = Question(gmina, area, None, Severity.EMERGENCY)
    now = timezone.now()
    held = quiet.held(Severity.EMERGENCY, now, now + timedelta(hours=1))
    sql = queries.joined("freeze_reached", "freeze_endpoints")
    rows = question.run(f"{sql} SELECT endpoint_id FROM endpoint ORDER BY n", held=held.names)
    return [row[0] for row in rows]
