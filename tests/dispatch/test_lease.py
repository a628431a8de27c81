"""Claims: one owner at a time, the urgent first, nothing lost by a crash."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dispatch import lease
from dispatch.models import Batch
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident

pytestmark = pytest.mark.django_db(transaction=True)
OPEN, ACCEPTED, RETRY = int(Outcome.WAITING), int(Outcome.ACCEPTED), int(Outcome.RETRY)


@pytest.fixture
def gmina():
    return make_gmina()


def message(gmina, *, devices=1, batch=100, **alert):
    resident = make_resident()
    phones = [make_device(resident) for _ in range(devices)]
    return make_message(make_alert(gmina, **alert), phones, batch=batch)


def only_batch():
    return Batch.objects.get()


def expire(claim):
    Batch.objects.filter(id=claim.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_claimed_batch_is_nobody_elses(gmina):
    message(gmina, devices=3, batch=2)
    first, second = lease.claim(), lease.claim()
    assert {first.no, second.no} == {1, 2}
    assert first.owner != second.owner
    assert lease.claim() is None


def test_a_claim_lasts_for_the_lease_and_counts_the_attempt(gmina, settings):
    message(gmina)
    before = timezone.now()
    claim = lease.claim()
    lasts = only_batch().lease_until - before
    assert settings.LEASE_S <= lasts.total_seconds() <= settings.LEASE_S + 5
    assert claim.attempt == 1


def test_an_emergency_goes_before_what_was_frozen_earlier(gmina):
    info = message(gmina, severity="info")
    important = message(gmina, severity="important")
    emergency = message(gmina, severity="emergency")
    claimed = [lease.claim().message_id for _ in range(3)]
    assert claimed == [emergency.pk, important.pk, info.pk]


def test_within_a_severity_the_order_of_freezing_holds(gmina):
    message(gmina, devices=5, batch=1)
    assert [lease.claim().no for _ in range(5)] == [1, 2, 3, 4, 5]


def test_a_finished_batch_is_done_and_carries_its_outcomes(gmina):
    message(gmina, devices=2)
    claim = lease.claim()
    assert lease.finish(claim, [ACCEPTED, Outcome.TOKEN_DEAD], ["projects/p/1", None])
    batch = only_batch()
    assert (batch.state, batch.codes) == (Batch.State.DONE, [1, 3])
    assert batch.fcm_ids == ["projects/p/1", None]
    assert batch.done_at is not None
    assert (batch.owner, batch.lease_until) == (None, None)
    assert lease.claim() is None


def test_a_batch_with_open_deliveries_comes_back_after_its_delay(gmina):
    message(gmina, devices=2)
    before = timezone.now()
    assert lease.finish(lease.claim(), [ACCEPTED, RETRY], ["a", None], waits_s=[None, 12])
    batch = only_batch()
    assert (batch.state, batch.done_at) == (Batch.State.WAITING, None)
    assert 12 <= (batch.not_before - before).total_seconds() <= 17
    assert lease.claim() is None
    Batch.objects.update(not_before=timezone.now())
    again = lease.claim()
    assert (again.attempt, again.codes, again.fcm_ids) == (2, [ACCEPTED, RETRY], ["a", None])


def test_an_expired_lease_goes_back_by_the_sweep_and_a_running_one_stays(gmina):
    message(gmina, devices=2, batch=1)
    dead, alive = lease.claim(), lease.claim()
    expire(dead)
    assert lease.sweep() == 1
    assert lease.claim().no == dead.no
    assert lease.finish(alive, [ACCEPTED], ["a"])


def test_a_lease_that_ends_later_than_any_can_goes_back_too(gmina):
    """The machine's clock was put back after it was given."""
    message(gmina)
    claim = lease.claim()
    Batch.objects.update(lease_until=timezone.now() + timedelta(hours=4))
    assert lease.sweep() == 1
    assert lease.claim().no == claim.no


def test_a_wait_that_was_ordered_in_the_future_is_over(gmina):
    """The machine's clock was put back after it: otherwise phones would wait that many hours."""
    message(gmina)
    lease.finish(lease.claim(), [RETRY], [None], waits_s=[60])
    in_four_hours = timezone.now() + timedelta(hours=4)
    Batch.objects.update(
        not_before=in_four_hours,
        put_back_at=in_four_hours - timedelta(minutes=1),
        retry_since=in_four_hours,
        wake_at=[in_four_hours],
    )
    assert lease.sweep() == 1
    claim = lease.claim()
    assert claim.due() == [0]
    assert claim.retry_since <= timezone.now()


def test_a_hold_that_was_ordered_in_the_future_is_over(gmina):
    message(gmina)
    lease.hold(60)
    assert lease.sweep() == 0
    Batch.objects.update(put_back_at=timezone.now() + timedelta(hours=4))
    assert lease.sweep() == 1
    assert lease.claim()


def test_whoever_lost_the_lease_writes_nothing(gmina):
    message(gmina)
    late = lease.claim()
    expire(late)
    lease.sweep()
    current = lease.claim()
    assert not lease.finish(late, [ACCEPTED], ["late"])
    assert only_batch().owner == current.owner
    assert lease.finish(current, [ACCEPTED], ["current"])
    assert only_batch().fcm_ids == ["current"]
    assert not lease.finish(late, [RETRY], [None], waits_s=[10])
    assert only_batch().state == Batch.State.DONE


def test_an_expired_lease_that_nobody_swept_may_still_be_finished(gmina):
    message(gmina)
    claim = lease.claim()
    expire(claim)
    assert lease.finish(claim, [ACCEPTED], ["a"])


def test_a_batch_that_was_not_tried_is_due_at_once_and_counts_no_attempt(gmina):
    message(gmina)
    assert lease.finish(lease.claim(), [OPEN], [None], waits_s=[0], tried=False)
    assert lease.claim().attempt == 1


def test_each_delivery_of_a_batch_waits_for_its_own_time(gmina):
    message(gmina, devices=3)
    lease.finish(lease.claim(), [RETRY, ACCEPTED, OPEN], [None, "a", None], waits_s=[30, None, 0])
    claim = lease.claim()
    assert claim.open() == [0, 2]
    assert claim.due() == [2]
    assert 25 < claim.waits_s(0) <= 30


def test_the_soonest_delivery_wakes_the_batch(gmina):
    message(gmina, devices=2)
    before = timezone.now()
    lease.finish(lease.claim(), [RETRY, RETRY], [None, None], waits_s=[3600, 12])
    assert 12 <= (only_batch().not_before - before).total_seconds() <= 17


def test_a_lease_is_renewed_for_its_owner_only(gmina, settings):
    message(gmina, devices=2, batch=1)
    mine, lost = lease.claim(), lease.claim()
    Batch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    Batch.objects.filter(id=lost.id).update(owner=mine.owner)  # swept, and claimed by another
    assert lease.renew([mine, lost]) == {mine.id}
    left = Batch.objects.get(id=mine.id).lease_until - timezone.now()
    assert settings.LEASE_S - 5 < left.total_seconds() <= settings.LEASE_S
    assert lease.sweep() == 1


def test_a_hold_delays_what_waits_but_never_brings_anything_forward(gmina):
    message(gmina, devices=3, batch=1)
    claimed = lease.claim()
    later = timezone.now() + timedelta(hours=1)
    Batch.objects.filter(no=3).update(not_before=later)
    assert lease.hold(60) == 1
    assert lease.claim() is None
    assert Batch.objects.get(no=3).not_before == later
    assert lease.finish(claimed, [ACCEPTED], ["a"])


def test_what_is_due_names_its_highest_severity(gmina):
    assert lease.most_urgent_due() is None
    message(gmina, severity="info")
    assert lease.most_urgent_due() == 2
    message(gmina, severity="emergency")
    assert lease.most_urgent_due() == 0
    lease.hold(60)
    assert lease.most_urgent_due() is None


def test_claims_at_the_same_time_never_meet(gmina):
    message(gmina, devices=60, batch=1)
    taken, start = [], threading.Barrier(4)

    def take():
        start.wait()
        while (claim := lease.claim()) is not None:
            taken.append(claim.no)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 61))


def test_a_claim_does_not_wait_for_a_row_that_another_session_holds(gmina):
    """Two connections: one in the middle of its claim, the other takes the next batch."""
    message(gmina, devices=2, batch=1)
    held, free = threading.Event(), threading.Event()

    def hold_first():
        connection.set_autocommit(False)
        lease.claim()
        held.set()
        free.wait(timeout=10)
        connection.rollback()
        connection.close()

    thread = threading.Thread(target=hold_first)
    thread.start()
    assert held.wait(timeout=10)
    assert lease.claim().no == 2
    free.set()
    thread.join()
    assert lease.claim().no == 1


class Leases(RuleBasedStateMachine):
    """Any order of claim, finish, renewal, expiry, sweep, giving back, against who owns what."""

    devices: list = []

    def __init__(self):
        super().__init__()
        Batch.objects.all().delete()
        make_message(self.alert, self.devices, batch=1)
        self.owned, self.lost, self.done, self.expired = {}, [], set(), set()

    @rule()
    def claim(self):
        claim = lease.claim()
        free = len(self.devices) - len(self.owned) - len(self.done)
        assert (claim is not None) == (free > 0)
        if claim is not None:
            assert claim.id not in self.owned
            assert claim.id not in self.done
            self.owned[claim.id] = claim

    @rule()
    def expire_oldest(self):
        for claim in list(self.owned.values())[:1]:
            expire(claim)
            self.expired.add(claim.id)

    @rule()
    def sweep(self):
        assert lease.sweep() == len(self.expired)
        self.lost += [self.owned.pop(batch) for batch in self.expired]
        self.expired.clear()

    @rule()
    def finish_oldest(self):
        for claim in list(self.owned.values())[:1]:
            assert lease.finish(claim, [ACCEPTED], [str(claim.owner)])
            self._gone(claim)
            self.done.add(claim.id)

    @rule()
    def retry_oldest(self):
        for claim in list(self.owned.values())[:1]:
            assert lease.finish(claim, [RETRY], [None], waits_s=[0])
            self._gone(claim)

    @rule()
    def renew_all(self):
        claims = [*self.owned.values(), *self.lost]
        assert lease.renew(claims) == set(self.owned)
        self.expired.clear()

    @rule()
    def give_back_oldest(self):
        for claim in list(self.owned.values())[:1]:
            assert lease.finish(claim, [OPEN], [None], waits_s=[0], tried=False)
            self._gone(claim)

    @rule()
    def those_who_lost_it_come_back(self):
        for claim in self.lost:
            assert not lease.finish(claim, [ACCEPTED], ["late"])

    @invariant()
    def the_database_agrees(self):
        rows = Batch.objects.values_list("id", "state", "owner")
        owners = {batch: owner for batch, state, owner in rows if state == Batch.State.CLAIMED}
        assert owners == {batch: claim.owner for batch, claim in self.owned.items()}
        assert {batch for batch, state, _ in rows if state == Batch.State.DONE} == self.done
        assert not Batch.objects.filter(fcm_ids=["late"]).exists()

    def _gone(self, claim):
        del self.owned[claim.id]
        self.expired.discard(claim.id)


def test_no_order_of_events_gives_a_batch_two_owners(gmina):
    Leases.alert = make_alert(gmina)
    Leases.devices = [make_device() for _ in range(3)]
    run_state_machine_as_test(
        Leases,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
