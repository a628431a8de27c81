"""Counters of sending: written with each landing, added up, never falling."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import lease, tally
from dispatch.models import Batch, Tally
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message

pytestmark = pytest.mark.django_db
O = Outcome  # noqa: E741


@pytest.fixture
def message():
    alert = make_alert(make_gmina(), severity="emergency")
    return make_message(alert, [make_device() for _ in range(4)])


def test_a_landing_counts_what_deliveries_got_by_severity(message):
    codes = [O.ACCEPTED, O.ACCEPTED, O.RETRY, O.WAITING]
    assert lease.finish(lease.claim(), codes, [None] * 4, waits_s=[0] * 4)
    assert tally.totals() == {(0, O.ACCEPTED): 2, (0, O.RETRY): 1}


def test_what_was_settled_before_does_not_count_again(message):
    lease.finish(
        lease.claim(), [O.ACCEPTED, O.TOKEN_DEAD, O.RETRY, O.RETRY], [None] * 4, waits_s=[0] * 4
    )
    lease.finish(lease.claim(), [O.ACCEPTED, O.TOKEN_DEAD, O.RETRY, O.ACCEPTED], [None] * 4)
    assert tally.totals() == {(0, O.ACCEPTED): 2, (0, O.TOKEN_DEAD): 1, (0, O.RETRY): 3}


def test_who_lost_the_lease_counts_nothing_and_the_lease_does(message):
    claim = lease.claim()
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lease.sweep() == 1
    assert not lease.finish(claim, [O.ACCEPTED] * 4, [None] * 4)
    assert tally.totals() == {(0, Tally.LEASE_EXPIRED): 1}


def test_rolling_up_keeps_every_sum_and_the_minutes_of_late(message):
    now = timezone.now()
    for minutes in (0, 3, 3, 200, 300):
        Tally.objects.create(
            at=now - timedelta(minutes=minutes),
            message_id=message.pk,
            priority=1,
            code=O.ACCEPTED,
            n=10,
        )
    before = (tally.totals(), tally.lately(timedelta(hours=1)))
    tally.roll_up()
    tally.roll_up()
    assert (tally.totals(), tally.lately(timedelta(hours=1))) == before
    assert before == ({(1, O.ACCEPTED): 50}, {(1, O.ACCEPTED): 30})
    assert Tally.objects.filter(at=None).count() == 1
    assert Tally.objects.count() == 3
