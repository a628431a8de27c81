"""What becomes of deliveries whose turn will never come."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from dispatch import lease
from dispatch.closing import close_finished, end_waiting
from dispatch.models import Alert, Batch, Message, Tally
from dispatch.outcomes import Outcome
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident

pytestmark = pytest.mark.django_db(transaction=True)
O = Outcome  # noqa: E741
LATER = timedelta(hours=1)


def waiting(codes, **fields):
    """A message whose only batch waits for a later hour with these outcomes."""
    devices = [make_device(make_resident()) for _ in codes]
    message = make_message(make_alert(make_gmina()), devices, **fields)
    Batch.objects.update(codes=codes, not_before=timezone.now() + LATER)
    return message


def end(message, reason="all_clear"):
    Alert.objects.filter(pk=message.alert_id).update(state="ended", end_reason=reason)


def test_an_ended_alert_is_final_at_once_also_where_it_waited_for_a_retry():
    message = waiting([O.ACCEPTED, O.RETRY, O.WAITING, O.CREDENTIALS, O.TOKEN_DEAD])
    end(message)
    assert end_waiting() == 1
    batch = Batch.objects.get()
    assert batch.codes == [O.ACCEPTED, O.STOPPED, O.STOPPED, O.STOPPED, O.TOKEN_DEAD]
    assert (batch.state, batch.not_before) == (Batch.State.DONE, None)
    assert [(row.code, row.n) for row in Tally.objects.all()] == [(O.STOPPED, 3)]
    assert close_finished() == 1


def test_an_expired_message_has_given_up():
    waiting([O.RETRY, O.ACCEPTED])
    Message.objects.update(expires_at=timezone.now())
    assert end_waiting() == 1
    assert Batch.objects.get().codes == [O.GAVE_UP, O.ACCEPTED]


def test_a_halted_message_has_stopped_though_its_alert_goes_on():
    waiting([O.WAITING], halted_reason="payload_refused")
    assert end_waiting() == 1
    assert Batch.objects.get().codes == [O.STOPPED]


@pytest.mark.parametrize("kind", ["all_clear", "withdrawal"])
def test_what_tells_of_the_end_still_waits_for_its_turn(kind):
    end(waiting([O.RETRY], kind=kind))
    assert end_waiting() == 0
    assert Batch.objects.get().codes == [O.RETRY]


def test_a_running_alert_is_left_alone():
    waiting([O.RETRY, O.WAITING])
    assert end_waiting() == 0


def test_a_batch_that_is_with_a_sender_is_the_senders():
    message = waiting([O.WAITING])
    Batch.objects.update(not_before=None)
    assert lease.claim() is not None
    end(message)
    assert end_waiting() == 0


def test_nobody_is_waited_for():
    message = waiting([O.WAITING])
    end(message)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT FROM dispatch_batch FOR UPDATE")
            assert end_waiting() == 0
    finally:
        other.rollback()
        other.close()
    assert end_waiting() == 1
