"""Receipts through the REST API: one's own, once, at a believable time."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Receipt
from tests.builders import make_alert, make_device, make_gmina, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(phone):
    """A message frozen an hour ago to anna's and bartek's phone."""
    anna, bartek = make_device(), make_device()
    frozen_at = timezone.now() - timedelta(hours=1)
    message = make_message(make_alert(make_gmina()), [anna, bartek], frozen_at=frozen_at)
    return message, phone(anna), phone(bartek)


def stored():
    return [(r.endpoint_id, r.event) for r in Receipt.objects.order_by("endpoint_id", "event")]


def refused(answer):
    return [(item["index"], item["code"]) for item in answer["refused"]]


def test_a_phone_reports_its_own_delivery(sent):
    message, anna, _bartek = sent
    answer = anna.report(f"{message.pk}.1.1", "received")
    assert answer == {"accepted": 1, "refused": []}
    receipt = Receipt.objects.get()
    assert receipt.message_id == message.pk
    assert receipt.month == message.month
    assert receipt.endpoint_id == anna.device.pk
    assert receipt.resident_id == anna.device.resident_id


def test_a_receipt_for_anothers_delivery_is_refused_like_one_that_never_was(sent):
    message, anna, _bartek = sent
    foreign = anna.report(f"{message.pk}.1.2", "opened")
    made_up = anna.report(f"{message.pk}.9.1", "opened")
    no_message = anna.report(f"{message.pk + 1000}.1.1", "opened")
    assert foreign == made_up == no_message
    assert foreign == {"accepted": 0, "refused": [{"index": 0, "code": "unknown_delivery"}]}
    assert stored() == []


def test_one_bad_receipt_does_not_hide_the_good_ones(sent):
    message, anna, _bartek = sent
    mine = f"{message.pk}.1.1"
    now = timezone.now().isoformat()
    items = [
        {"delivery_id": mine, "event": "received", "at": now},
        {"delivery_id": mine, "event": "swallowed", "at": now},
        {"delivery_id": "abc", "event": "received", "at": now},
        "nonsense",
        {"delivery_id": f"{message.pk}.1.2", "event": "received", "at": now},
        {"delivery_id": mine, "event": "opened", "at": "yesterday"},
        {"delivery_id": mine, "event": "shown"},
    ]
    answer = anna.post("receipts", {"receipts": items})
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 2
    assert refused(answer.json()) == [
        (1, "unknown_event"),
        (2, "bad_delivery_id"),
        (3, "malformed"),
        (4, "unknown_delivery"),
        (5, "bad_time"),
    ]
    assert stored() == [(anna.device.pk, "received"), (anna.device.pk, "shown")]


@pytest.mark.parametrize(
    "delivery_id",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "a.b.c",
        " 1.1.1",
        "-1.1.1",
        "1.1.99999",
        "9" * 19 + ".1.1",
        7,
        None,
    ],
)
def test_a_delivery_id_that_is_none_is_named(sent, delivery_id):
    _message, anna, _bartek = sent
    assert refused(anna.report(delivery_id, "received")) == [(0, "bad_delivery_id")]


@pytest.mark.parametrize(
    "at",
    ["2026-11-24T12:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "", 17e8, {}],
)
def test_a_time_without_offset_or_sense_is_refused(sent, at):
    message, anna, _bartek = sent
    assert refused(anna.report(f"{message.pk}.1.1", "received", at=at)) == [(0, "bad_time")]


def test_repeats_are_taken_and_the_first_report_counts(sent):
    message, anna, _bartek = sent
    first = timezone.now() - timedelta(minutes=30)
    later = timezone.now() - timedelta(minutes=10)
    anna.report(f"{message.pk}.1.1", "received", at=first.isoformat())
    again = anna.report(f"{message.pk}.1.1", "received", at=later.isoformat())
    assert again == {"accepted": 1, "refused": []}
    assert Receipt.objects.get().at == first


def test_repeats_within_one_request_are_stored_once(sent):
    message, anna, _bartek = sent
    item = {"delivery_id": f"{message.pk}.1.1", "event": "received"}
    assert anna.post("receipts", {"receipts": [item] * 3}).json()["accepted"] == 3
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(("hours", "within"), [(-5, "frozen"), (5, "now")])
def test_a_wrong_clock_is_put_between_freezing_and_now(sent, hours, within):
    message, anna, _bartek = sent
    before = timezone.now()
    at = before + timedelta(hours=hours)
    anna.report(f"{message.pk}.1.1", "received", at=at.isoformat())
    stored_at = Receipt.objects.get().at
    if within == "frozen":
        assert stored_at == message.frozen_at
    else:
        assert abs(stored_at - before) < timedelta(seconds=60)


def test_a_request_takes_500_receipts_and_not_one_more(sent):
    message, anna, _bartek = sent
    item = {"delivery_id": f"{message.pk}.1.1", "event": "received"}
    assert anna.post("receipts", {"receipts": [item] * 500}).json()["accepted"] == 500
    answer = anna.post("receipts", {"receipts": [item] * 501})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_many_receipts"
    assert answer.json()["field"] == "receipts"


@pytest.mark.parametrize("body", [{}, [], {"receipts": None}, {"receipts": {"a": 1}}, '"text"'])
def test_a_body_without_a_list_of_receipts_is_bad(sent, body):
    _message, anna, _bartek = sent
    answer = anna.post("receipts", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_nothing_is_taken_without_a_devices_secret(sent):
    message, anna, _bartek = sent
    body = {"receipts": [{"delivery_id": f"{message.pk}.1.1", "event": "received"}]}
    wrong = Client(headers={"Authorization": f"Device {anna.device.public_id}:wrong"})
    for client in (Client(), wrong):
        answer = client.post("/api/v1/receipts", body, content_type="application/json")
        assert answer.status_code == 401
    assert stored() == []


def test_a_batch_of_receipts_is_one_statement(sent, django_assert_max_num_queries):
    message, anna, _bartek = sent
    items = [
        {"delivery_id": f"{message.pk}.1.{n % 2 + 1}", "event": event}
        for n in range(100)
        for event in Receipt.Event.values
    ]
    anna.get("mutes")  # the request before has noted that the device is in use
    with django_assert_max_num_queries(3):
        anna.post("receipts", {"receipts": items})
    assert len(stored()) == 4
