"""manage.py rotate_keys: everything under the newest key, and every phone still on one device."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from residents import enrolment, tokens
from residents.enrolment import PushTarget
from residents.models import Device, Place
from residents.rotation import rotate_all
from tests.builders import at, make_device, make_place, make_resident

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def place(settings) -> Place:
    """A place with an address and a phone with a target, both under the old key."""
    settings.FIELD_KEYS = [OLD]
    device = make_device(token="phone")
    return make_place(
        device.resident, None, at=at(0, 0), address_encrypted=tokens.encrypt_text("Główna 1")
    )


def test_after_a_rotation_the_old_key_is_not_needed(place, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    assert rotate_all().rotated == 2
    settings.FIELD_KEYS = [NEW]
    place.refresh_from_db()
    device = Device.objects.get()
    assert tokens.decrypt_text(place.address_encrypted) == "Główna 1"
    assert tokens.push_of(device) == ("token", "phone")
    assert device.push_hash == tokens.push_hash("token", "phone")


def test_the_same_phone_after_a_rotation_is_still_one_device(place, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    rotate_all()
    settings.FIELD_KEYS = [NEW]
    enrolment.register(platform="android", lang="pl", push=PushTarget("token", "phone"))
    assert Device.objects.count() == 1


def test_a_second_rotation_changes_nothing(place, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    rotate_all()
    before = bytes(Device.objects.get().push_value_encrypted)
    assert rotate_all().rotated == 0
    assert bytes(Device.objects.get().push_value_encrypted) == before


def test_devices_without_a_target_and_places_without_an_address_are_passed_over(settings):
    settings.FIELD_KEYS = [NEW]
    make_device(token="")
    make_place(make_resident(), None, at=at(0, 0))
    assert rotate_all().rotated == 0


def test_a_double_that_a_server_without_the_old_key_let_in_is_ended(place, settings):
    settings.FIELD_KEYS = [NEW]
    make_device(token="phone")
    settings.FIELD_KEYS = [NEW, OLD]
    rotate_all()
    assert Device.objects.count() == 2
    assert Device.objects.exclude(push_hash=None).count() == 1


def test_the_command_counts_and_names_what_it_cannot_read(place, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "najnowszym kluczem: 2." in out.getvalue()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="2 wiersze są"):
        call_command("rotate_keys", stdout=StringIO())
