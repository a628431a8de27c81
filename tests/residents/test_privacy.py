"""Erasure, export and retention."""

import json
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from audit.models import Event
from residents import privacy, tokens
from residents.models import Device, JoinCode, Mute, Place, Resident
from residents.signals import resident_erased, resident_exported
from tests.builders import at, make_device, make_gmina, make_place, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def listening():
    """Connects receivers for one test."""
    connected = []

    def connect(signal, receiver):
        signal.connect(receiver)
        connected.append((signal, receiver))

    yield connect
    for signal, receiver in connected:
        signal.disconnect(receiver)


def furnish(resident: Resident) -> Place:
    """A home in words, a mute and a join code for a resident."""
    Mute.objects.create(resident=resident, kind="kultura")
    JoinCode.objects.create(resident=resident, code_hash=b"x", expires_at=timezone.now())
    return make_place(
        resident,
        make_gmina(),
        at=at(10, 20),
        accuracy_m=5,
        address_encrypted=tokens.encrypt_text("Główna 12a"),
    )


def test_erasure_leaves_nothing_of_the_resident_and_all_of_others():
    device, other = make_device(), make_device()
    furnish(device.resident)
    kept = make_place(other.resident, None, at=at(0, 0))
    privacy.erase(device.resident)
    assert list(Resident.objects.all()) == [other.resident]
    assert list(Device.objects.all()) == [other]
    assert list(Place.objects.all()) == [kept]
    assert not Mute.objects.exists()
    assert not JoinCode.objects.exists()


def test_erasure_tells_receivers_while_the_rows_are_still_there(listening):
    device = make_device()
    told = []

    def receive(sender, resident_id, device_ids, **_rest):
        told.append((resident_id, device_ids, Device.objects.filter(pk__in=device_ids).count()))

    listening(resident_erased, receive)
    privacy.erase(device.resident)
    assert told == [(device.resident_id, [device.pk], 1)]


def test_a_failing_receiver_undoes_the_whole_erasure(listening):
    device = make_device()

    def fail(sender, **_rest):
        raise RuntimeError("dispatch could not let go")

    listening(resident_erased, fail)
    with pytest.raises(RuntimeError):
        privacy.erase(device.resident)
    assert Device.objects.filter(pk=device.pk).exists()
    assert not Event.objects.exists()


def test_erasure_is_audited_by_public_id_alone():
    resident = make_device().resident
    furnish(resident)
    privacy.erase(resident)
    event = Event.objects.get(verb="resident_erased")
    assert (event.target_id, event.data, event.gmina_id) == (str(resident.public_id), {}, None)


def test_the_export_holds_everything_readable():
    device = make_device(token="token-1")
    furnish(device.resident)
    exported = json.loads(json.dumps(privacy.export(device.resident)))
    assert exported["resident_id"] == str(device.resident.public_id)
    assert exported["mutes"] == ["kultura"]
    assert exported["devices"][0]["push_value"] == "token-1"
    home = exported["places"][0]
    assert (home["address"], home["gmina"], home["accuracy_m"]) == ("Główna 12a", "testowo", 5)
    assert home["lat"] == pytest.approx(50.29, abs=0.5)  # degrees: the test gmina's corner
    assert home["lon"] == pytest.approx(19.0, abs=0.5)


def test_the_export_holds_every_column_of_devices_and_places():
    """A column added later must be exported or be named here with the reason it is not."""
    device = make_device()
    furnish(device.resident)
    exported = privacy.export(device.resident)
    elsewhere = {
        "id": "internal number",
        "resident": "the export is the resident's",
        "secret_hash": "says nothing about the person",
        "push_hash": "follows from push_value",
    }
    renamed = {
        "push_value_encrypted": "push_value",
        "address_encrypted": "address",
        "geom": "lon",
    }
    for model, shown, own_id in (
        (Device, exported["devices"][0], "device_id"),
        (Place, exported["places"][0], "place_id"),
    ):
        columns = {field.name for field in model._meta.concrete_fields} - elsewhere.keys()
        columns = {renamed.get(name, name) for name in columns}
        assert {own_id if name == "public_id" else name for name in columns} <= shown.keys()


def test_other_packages_add_their_sections_to_the_export(listening):
    device = make_device()

    def add(sender, resident_id, **_rest):
        return {"deliveries": [resident_id]}

    listening(resident_exported, add)
    assert privacy.export(device.resident)["deliveries"] == [device.resident_id]


def silent_for(days: int, **fields: object) -> Device:
    return make_device(last_seen_at=timezone.now() - timedelta(days=days), **fields)


def test_devices_silent_for_270_days_go_and_residents_with_their_last_one():
    gone, kept = silent_for(271), silent_for(269)
    second = make_device(silent_for(300).resident)
    assert privacy.erase_silent(timezone.now()) == 2
    assert set(Device.objects.all()) == {kept, second}
    assert not Resident.objects.filter(pk=gone.resident_id).exists()


def test_the_command_erases_by_the_public_id():
    device = make_device()
    furnish(device.resident)
    out = StringIO()
    with translation.override("pl"):
        call_command("erase_resident", str(device.resident.public_id), stdout=out)
    assert out.getvalue() == "Mieszkaniec usunięty. Urządzenia: 1, miejsca: 1.\n"
    assert not Resident.objects.exists()


def test_the_command_refuses_an_unknown_id():
    make_resident()
    with pytest.raises(CommandError, match="Nie ma mieszkańca"):
        call_command("erase_resident", str(uuid.uuid4()))
    assert Resident.objects.count() == 1
