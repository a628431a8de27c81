"""Figures that stay: folded, folded again, read for the page, while details come and go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch import funnel, statistics
from dispatch.models import Batch, Delivery, Message, MessageFigures, Receipt
from tests.builders import make_alert, make_device, make_gmina, make_message

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def message():
    """Accepted by 12 phones, two seconds after it was frozen a minute ago."""
    frozen_at = timezone.now() - timedelta(minutes=1)
    phones = [make_device() for _ in range(12)]
    message = make_message(make_alert(make_gmina()), phones, frozen_at=frozen_at, sent_at=frozen_at)
    done_at = frozen_at + timedelta(seconds=2)
    Batch.objects.update(codes=[1] * 12, state=Batch.State.DONE, done_at=done_at)
    return message


def receives(message, n):
    deliveries = Delivery.objects.filter(message_id=message.pk).order_by("pos")[:n]
    for delivery in deliveries:
        Receipt.objects.get_or_create(
            month=message.month,
            message_id=message.pk,
            endpoint_id=delivery.endpoint_id,
            event="received",
            defaults={"resident_id": delivery.resident_id, "at": timezone.now()},
        )


def end(message, ago=timedelta()):
    alert = message.alert
    alert.state, alert.end_reason, alert.ended_at = "ended", "expired", timezone.now() - ago
    alert.save()


def folded_at(message, at):
    MessageFigures.objects.filter(message=message).update(folded_at=at)


def forget(message):
    for model in (Delivery, Receipt, Batch):
        model.objects.all().delete()


def test_what_is_kept_reads_as_what_was_live(message):
    receives(message, 7)
    assert statistics.fold(message)
    kept = MessageFigures.objects.get()
    assert statistics.read(kept) == funnel.live(message)
    assert kept.seconds_to_99 == pytest.approx(2, abs=0.01)


def test_folding_again_replaces_and_adds_nothing(message):
    receives(message, 7)
    assert statistics.fold(message)
    assert statistics.fold(message)
    receives(message, 12)
    assert statistics.fold(message)
    kept = MessageFigures.objects.get()
    assert statistics.read(kept).residents["received"].count == 12


def test_only_what_may_be_told_is_kept(message):
    receives(message, 11)
    statistics.fold(message)
    assert MessageFigures.objects.get().told["residents"]["received"]["count"] == 7


def test_without_details_what_is_kept_stays(message):
    statistics.fold(message)
    before = MessageFigures.objects.get().told
    forget(message)
    assert not statistics.fold(message)
    assert MessageFigures.objects.get().told == before
    assert statistics.figures_of(message).residents["accepted"].count == 12


def test_without_details_and_without_figures_there_is_nothing_to_tell(message):
    forget(message)
    assert statistics.figures_of(message) is None


def test_the_page_reads_live_figures_until_the_last_folding(message):
    statistics.fold(message)
    receives(message, 12)
    assert statistics.figures_of(message).residents["received"].count == 12
    end(message, ago=statistics.SETTLED_AFTER + DAY)
    statistics.fold(message)
    Receipt.objects.all().delete()
    message.refresh_from_db()
    assert statistics.figures_of(message).residents["received"].count == 12


def test_it_is_folded_when_sent_daily_at_the_end_and_once_settled(message):
    def is_due():
        return list(statistics.due()) == [message]

    assert is_due()
    Message.objects.update(sent_at=timezone.now() - 200 * DAY)
    assert statistics.fold_due() == 1
    assert not is_due()
    folded_at(message, timezone.now() - DAY - timedelta(minutes=1))
    assert is_due()
    statistics.fold(message)
    end(message)
    assert is_due()
    statistics.fold(message)
    assert not is_due()
    end(message, ago=2 * DAY)
    folded_at(message, timezone.now() - timedelta(hours=1))
    assert not is_due()
    end(message, ago=statistics.SETTLED_AFTER + timedelta(minutes=1))
    assert is_due()
    statistics.fold(message)
    assert not is_due()
    end(message, ago=100 * DAY)
    folded_at(message, timezone.now() - 90 * DAY)
    assert not is_due()


def test_it_is_folded_again_where_more_was_sent_later(message):
    statistics.fold(message)
    folded_at(message, timezone.now() - timedelta(minutes=5))
    assert list(statistics.due()) == [message]


def test_nothing_is_folded_while_it_is_being_sent(message):
    message.sent_at = None
    message.save()
    assert statistics.fold_due() == 0
