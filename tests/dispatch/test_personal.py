"""Erasure and export of what dispatch knows of a resident."""

import threading

import pytest
from django.db import connection, transaction

from dispatch import funnel, personal, sender
from dispatch.models import Batch, Delivery, Receipt
from dispatch.outcomes import Outcome
from residents import privacy
from tests.builders import make_alert, make_device, make_gmina, make_message, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    """A resident with two phones."""
    resident = make_resident()
    return resident, [make_device(resident), make_device(resident)]


@pytest.fixture
def others():
    return [make_device() for _ in range(5)]


def accepted(gmina, devices):
    message = make_message(make_alert(gmina), devices)
    Batch.objects.filter(message_id=message.pk).update(
        state=Batch.State.DONE, codes=[Outcome.ACCEPTED] * len(devices)
    )
    return message


def test_an_erased_resident_is_in_no_delivery_and_no_receipt(anna, others, phone):
    resident, phones = anna
    gmina = make_gmina()
    messages = [accepted(gmina, [*others, *phones]) for _ in range(2)]
    for message in messages:
        for number, device in enumerate(phones, start=6):
            phone(device).report(f"{message.pk}.1.{number}", "opened")
    before = [funnel.counted(message) for message in messages]
    privacy.erase(resident)
    assert [funnel.counted(message) for message in messages] == before
    for model in (Delivery, Receipt):
        assert not model.objects.filter(resident_id=resident.pk).exists()
        assert not model.objects.filter(endpoint_id__in=[device.pk for device in phones]).exists()
        people = model.objects.values_list("message_id", "resident_id").distinct()
        assert len([pair for pair in people if pair[1] < 0]) == 2


def test_an_erasure_leaves_the_others_alone(anna, others, phone):
    resident, phones = anna
    message = accepted(make_gmina(), [*phones, *others])
    phone(others[0]).report(f"{message.pk}.1.3", "received")
    kept = Delivery.objects.filter(endpoint_id__in=[device.pk for device in others])
    before = list(kept.order_by("pos").values_list("pos", "endpoint_id", "resident_id"))
    privacy.erase(resident)
    assert list(kept.order_by("pos").values_list("pos", "endpoint_id", "resident_id")) == before
    assert Receipt.objects.get().endpoint_id == others[0].pk


def test_two_erased_residents_of_one_message_stay_two(anna, others):
    resident, phones = anna
    message = accepted(make_gmina(), [*phones, *others])
    privacy.erase(resident)
    privacy.erase(others[0].resident)
    counts = funnel.counted(message)
    assert (counts["residents"]["selected"], counts["devices"]["selected"]) == (6, 7)


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_while_their_alert_is_frozen_is_swept_out(anna, others):
    """Two connections: the freezing commits after the erasure, which could not see it."""
    resident, phones = anna
    alert = make_alert(make_gmina())
    written, erased = threading.Event(), threading.Event()

    def freeze():
        with transaction.atomic():
            make_message(alert, [*phones, *others])
            written.set()
            erased.wait(timeout=30)
        connection.close()

    freezing = threading.Thread(target=freeze)
    freezing.start()
    assert written.wait(timeout=30)
    privacy.erase(resident)
    erased.set()
    freezing.join(timeout=30)
    left = Delivery.objects.filter(resident_id=resident.pk)
    assert left.count() == 2
    kept = list(Delivery.objects.filter(pos__gt=2).order_by("pos").values_list("resident_id"))
    assert personal.forget_missed() == 1
    assert not left.exists()
    assert Delivery.objects.filter(resident_id__lt=0, endpoint_id__lt=0).count() == 2
    others_now = Delivery.objects.filter(pos__gt=2).order_by("pos")
    assert list(others_now.values_list("resident_id")) == kept
    assert personal.forget_missed() == 0


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_before_their_turn_is_not_sent_to(emulator, others):
    message = make_message(make_alert(make_gmina()), others)
    privacy.erase(others[0].resident)
    sender.drain(lambda: False)
    codes = Batch.objects.get(message_id=message.pk).codes
    assert codes == [Outcome.UNREACHABLE, *[Outcome.ACCEPTED] * 4]


def test_an_export_lists_the_alerts_and_what_the_phones_said(anna, others, phone):
    resident, phones = anna
    message = accepted(make_gmina(), [*others, *phones])
    phone(phones[0]).report(f"{message.pk}.1.6", "received")
    first, second = privacy.export(resident)["alerts"]
    assert first.pop("receipts").keys() == {"received"}
    assert first == {
        "ref": message.alert.ref,
        "message_id": str(message.pk),
        "message_kind": "alert",
        "sent_at": message.frozen_at.isoformat(),
        "because_of": "home",
        "outcome": "accepted",
    }
    assert second["receipts"] == {}
    assert privacy.export(make_resident())["alerts"] == []
