"""One alert from the officer's draft to the phones and back, over every real part there is."""

import json
from datetime import timedelta
from itertools import chain

import pytest
import requests
from django.utils import timezone

from dispatch import compose, funnel
from dispatch.models import Alert, Batch
from residents.tokens import decrypt_push, encrypt_text
from tests.builders import (
    at,
    line,
    make_device,
    make_gmina,
    make_kind,
    make_place,
    make_resident,
    make_street,
    make_user,
)
from tests.processes import manage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(emulator, queue_server):
    """Twelve people on ul. Sekretna, one who only works there, three on the next street."""
    gmina = make_gmina("zmyslowo", name="Zmyślowo")
    make_kind(gmina, "woda")
    told = make_street(gmina, "Sekretna", geom=line((0, 0), (200, 0)))
    other = make_street(gmina, "Boczna", geom=line((0, 100), (200, 100)))
    inside = [living(gmina, told, n, phones=1 + n % 2) for n in range(12)]
    worker = living(gmina, other, 1)
    make_place(worker[0].resident, gmina, at=at(100, 3), street=told, kind="work")
    outside = [living(gmina, other, n) for n in range(2, 5)]
    return gmina, told, [*chain(*inside), *worker], [*chain(*outside)]


def living(gmina, street, number, *, phones=1):
    """The devices of a new resident of the street."""
    resident = make_resident()
    point = at(10 * number, 103 if street.name == "Boczna" else 3)
    address = encrypt_text(f"{street.name} {number}/7, Zmyślowo")
    make_place(resident, gmina, at=point, street=street, address_encrypted=address)
    return [make_device(resident) for _ in range(phones)]


def send(gmina, street, **fields):
    """Draft, submit, approve by two people."""
    editor = make_user("anna@a.example", "editor", gmina=gmina)
    approver = make_user("bartek@a.example", "approver", gmina=gmina)
    data = {
        "kind": "woda",
        "severity": "important",
        "texts": {"pl": {"title": "Brak wody", "body": "Do 18:00 nie będzie wody."}},
        "parts": [{"kind": "feature", "fid": street.fid, "reach": "addresses"}],
        "expires_at": timezone.now() + timedelta(hours=6),
    }
    alert = compose.create_draft(gmina, data | fields, by=editor)
    return compose.approve(compose.submit(alert, by=editor), by=approver), approver


def work():
    """A worker process that goes on until its queues are empty."""
    assert manage("worker", "emergency", "normal", "--burst").wait(timeout=60) == 0


def inbox(emulator, device):
    return emulator.inbox(decrypt_push(device.push_value_encrypted))


def everything_stored_after(emulator, last):
    """All that the emulator keeps, as it would lie in a foreign country's log."""
    count = emulator.get("/stats")["accepted"] - last
    with requests.get(f"{emulator.url}/stream?after={last}", stream=True, timeout=5) as stream:
        lines = stream.iter_lines()
        return [json.loads(next(lines)) for _ in range(count)]


def test_exactly_the_streets_people_get_it_once_and_it_ends_for_exactly_them(town, emulator, phone):
    gmina, street, told, others = town
    message, approver = send(gmina, street)
    assert message.residents == 13
    assert message.devices == len(told) == 19
    work()
    assert {len(inbox(emulator, device)) for device in told} == {1}
    assert {len(inbox(emulator, device)) for device in others} == {0}
    alert = Alert.objects.get()
    assert alert.state == Alert.State.ACTIVE

    for device in told[:5]:
        [push] = inbox(emulator, device)
        answer = phone(device).report(push["data"]["delivery_id"], "opened")
        assert answer["accepted"] == 1
        [shown] = phone(device).get("alerts/active").json()
        assert shown["ref"] == push["data"]["alert_ref"]
    assert phone(others[0]).get("alerts/active").json() == []
    counts = funnel.counted(alert.messages.get())["residents"]
    assert (counts["selected"], counts["accepted"]) == (13, 13)
    assert counts["received"] == counts["opened"] == len({d.resident_id for d in told[:5]})

    compose.all_clear(alert, by=approver, texts={})
    work()
    assert {len(inbox(emulator, device)) for device in told} == {2}
    assert {len(inbox(emulator, device)) for device in others} == {0}
    assert phone(told[0]).get("alerts/active").json() == []
    ended = phone(told[0]).get(f"alerts/{alert.ref}").json()
    assert (ended["ended"], ended["message_kind"]) == (True, "all_clear")


def test_what_leaves_the_server_names_no_place_no_address_and_no_resident(town, emulator):
    gmina, street, told, _others = town
    last = emulator.get("/stats")["accepted"]
    send(gmina, street)
    work()
    stored = everything_stored_after(emulator, last)
    assert len(stored) == len(told)
    text = json.dumps(stored, ensure_ascii=False)
    for secret in ("Sekretna", "Boczna", "Zmyślowo", "/7", "home", "work", "Urząd"):
        assert secret not in text, secret
    for device in told:
        assert str(device.public_id) not in text
        assert str(device.resident.public_id) not in text
    for entry in stored:
        keys = "v alert_ref message_id delivery_id kind severity lang title body"
        assert set(entry["message"]["data"]) == set(keys.split())


def test_an_alert_withdrawn_before_its_turn_reaches_nobody(town, emulator):
    gmina, street, told, _others = town
    message, approver = send(gmina, street)
    compose.withdraw(message.alert, by=approver, texts={})
    work()
    assert {len(inbox(emulator, device)) for device in told} == {0}
    assert set(Batch.objects.get(message_id=message.pk).codes) == {8}
    assert Alert.objects.get().state == Alert.State.ENDED
