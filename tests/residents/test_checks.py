"""FIELD_KEYS are looked at when the system starts, not when the first phone comes."""

from cryptography.fernet import Fernet

from residents.checks import field_keys_are_usable


def test_good_keys_pass(settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    assert field_keys_are_usable(None) == []


def test_no_key_is_an_error_that_says_how_to_make_one(settings):
    settings.FIELD_KEYS = []
    [error] = field_keys_are_usable(None)
    assert error.id == "residents.E001"
    assert "Fernet.generate_key" in error.hint


def test_a_broken_key_is_named_by_its_place_and_not_shown(settings):
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), "c2VjcmV0"]
    [error] = field_keys_are_usable(None)
    assert error.id == "residents.E002"
    assert "number 2" in error.msg
    assert "c2VjcmV0" not in error.msg
