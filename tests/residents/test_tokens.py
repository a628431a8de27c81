"""Encryption at rest, the keyed hash, and both through a rotation of keys."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from residents import tokens
from residents.models import Device
from tests.builders import make_device

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_text_comes_back_and_is_not_readable_at_rest():
    encrypted = tokens.encrypt_text("ul. Źródlana 12a")
    assert "Źródlana".encode() not in encrypted
    assert tokens.decrypt_text(encrypted) == "ul. Źródlana 12a"
    assert tokens.decrypt_text(memoryview(encrypted)) == "ul. Źródlana 12a"


def test_the_newest_key_encrypts_and_every_key_decrypts(settings):
    settings.FIELD_KEYS = [OLD]
    old = tokens.encrypt_text("a")
    settings.FIELD_KEYS = [NEW, OLD]
    new = tokens.encrypt_text("b")
    assert (tokens.decrypt_text(old), tokens.decrypt_text(new)) == ("a", "b")
    settings.FIELD_KEYS = [NEW]
    assert tokens.decrypt_text(new) == "b"
    with pytest.raises(InvalidToken):
        tokens.decrypt_text(old)


def test_the_hash_tells_kinds_and_values_apart_and_needs_the_key(settings):
    settings.FIELD_KEYS = [OLD]
    one = tokens.push_hash("token", "abc")
    assert len(one) == 32
    assert one == tokens.push_hash("token", "abc")
    assert one != tokens.push_hash("fid", "abc")
    assert one != tokens.push_hash("token", "abd")
    settings.FIELD_KEYS = [NEW]
    assert one != tokens.push_hash("token", "abc")


def test_a_target_is_written_under_the_newest_key_and_looked_for_under_all(settings):
    settings.FIELD_KEYS = [OLD]
    old = tokens.push_hash("token", "abc")
    settings.FIELD_KEYS = [NEW, OLD]
    assert tokens.push_hashes("token", "abc") == [tokens.push_hash("token", "abc"), old]


def test_the_hash_key_is_not_the_encryption_key(settings):
    import hmac

    settings.FIELD_KEYS = [OLD]
    assert tokens.push_hash("token", "abc") != hmac.digest(OLD.encode(), b"token:abc", "sha256")


@pytest.mark.django_db
def test_a_dead_target_is_forgotten_and_the_device_stays():
    device = make_device(token="dead")
    assert tokens.retire_push(device.pk, tokens.push_hash("token", "dead"))
    device.refresh_from_db()
    assert (device.push_kind, device.push_value_encrypted, device.push_hash) == (None, None, None)


@pytest.mark.django_db
def test_a_target_reported_since_the_sending_is_kept():
    device = make_device(token="fresh")
    assert not tokens.retire_push(device.pk, tokens.push_hash("token", "the one sent to"))
    assert Device.objects.get(pk=device.pk).push_hash is not None
