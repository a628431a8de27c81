"""Registration, take-over, join codes and removal, on the functions the API calls."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from residents import enrolment, privacy, tokens
from residents.authentication import secret_hash
from residents.enrolment import PushTarget, Registration
from residents.errors import JoinCodeInvalid, TooManyDevices
from residents.models import Device, JoinCode, Resident
from residents.signals import resident_erased
from tests.builders import at, make_device, make_place

pytestmark = pytest.mark.django_db
PHONE = PushTarget("token", "phone-1")


def register(push: PushTarget | None = PHONE, **fields: str | None) -> Registration:
    return enrolment.register(platform="android", lang="pl", push=push, **fields)


def test_registration_makes_a_resident_and_keeps_only_the_hash_of_the_secret():
    done = register()
    assert len(done.secret) >= 43  # 256 bits in base 64
    assert bytes(done.device.secret_hash) == secret_hash(done.secret)
    assert done.device.resident == Resident.objects.get()


def test_the_push_target_is_encrypted_at_rest():
    device = register().device
    device.refresh_from_db()
    assert b"phone-1" not in bytes(device.push_value_encrypted)
    assert tokens.decrypt_push(device.push_value_encrypted) == "phone-1"


def test_a_device_without_push_registers_and_is_unreachable():
    assert register(None).device.push_hash is None


def test_the_same_target_again_takes_the_device_over():
    first = register()
    make_place(first.device.resident, None, at=at(0, 0))
    second = register()
    assert second.device.pk == first.device.pk
    assert second.device.resident.places.count() == 1
    assert Device.objects.count() == Resident.objects.count() == 1
    second.device.refresh_from_db()
    assert (
        bytes(second.device.secret_hash) == secret_hash(second.secret) != secret_hash(first.secret)
    )


def test_the_same_value_of_another_kind_is_another_target():
    register(PushTarget("token", "x"))
    register(PushTarget("fid", "x"))
    assert Device.objects.count() == 2


def test_a_target_written_under_the_old_key_is_taken_over_under_the_new(settings):
    old_key, new_key = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old_key]
    first = register()
    settings.FIELD_KEYS = [new_key, old_key]
    second = register()
    assert second.device.pk == first.device.pk
    assert bytes(second.device.push_hash) == tokens.push_hash("token", "phone-1")


def test_reporting_a_new_target_replaces_the_old():
    device = register().device
    enrolment.report_push(device, PushTarget("token", "phone-1b"))
    device.refresh_from_db()
    assert tokens.decrypt_push(device.push_value_encrypted) == "phone-1b"
    enrolment.report_push(device, None)
    device.refresh_from_db()
    assert device.push_hash is None


def test_reporting_anothers_target_removes_the_older_installation_and_its_lonely_resident():
    older, device = register().device, register(None).device
    enrolment.report_push(device, PHONE)
    assert list(Device.objects.all()) == [device]
    assert not Resident.objects.filter(pk=older.resident_id).exists()


def test_reporting_anothers_target_leaves_a_resident_who_has_another_device():
    older, device = register().device, register(None).device
    make_device(older.resident)
    enrolment.report_push(device, PHONE)
    assert not Device.objects.filter(pk=older.pk).exists()
    assert Resident.objects.filter(pk=older.resident_id).exists()


def test_reporting_use_notes_the_time_and_the_language():
    device = make_device(last_seen_at=timezone.now() - timedelta(days=40))
    enrolment.report_use(device, lang="en")
    device.refresh_from_db()
    assert device.lang == "en"
    assert timezone.now() - device.last_seen_at < timedelta(minutes=1)


def test_a_second_device_joins_by_code():
    resident = register().device.resident
    code, expires_at = enrolment.offer_join_code(resident)
    joined = register(PushTarget("token", "tablet"), join_code=code)
    assert joined.device.resident == resident
    assert timedelta(0) < expires_at - timezone.now() <= timedelta(minutes=10)


def test_a_code_is_read_as_people_write_it():
    resident = register().device.resident
    code, _expires_at = enrolment.offer_join_code(resident)
    spoken = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert register(None, join_code=spoken).device.resident == resident


def test_a_code_works_once():
    code, _expires_at = enrolment.offer_join_code(register().device.resident)
    register(None, join_code=code)
    with pytest.raises(JoinCodeInvalid):
        register(None, join_code=code)


def test_a_code_ends():
    code, _expires_at = enrolment.offer_join_code(register().device.resident)
    JoinCode.objects.update(expires_at=timezone.now())
    with pytest.raises(JoinCodeInvalid):
        register(None, join_code=code)


def test_a_new_code_voids_the_one_before():
    resident = register().device.resident
    before, _expires_at = enrolment.offer_join_code(resident)
    enrolment.offer_join_code(resident)
    with pytest.raises(JoinCodeInvalid):
        register(None, join_code=before)


def test_a_wrong_code_registers_nothing():
    with pytest.raises(JoinCodeInvalid) as caught:
        register(join_code="00000-00000")
    assert caught.value.field == "join_code"
    assert not Device.objects.exists()


def test_a_code_that_met_a_full_resident_still_works_afterwards(settings):
    resident = register().device.resident
    code, _expires_at = enrolment.offer_join_code(resident)
    settings.DEVICES_MAX = 1
    with pytest.raises(TooManyDevices):
        register(None, join_code=code)
    settings.DEVICES_MAX = 2
    assert register(None, join_code=code).device.resident == resident


def test_a_known_phone_that_joins_moves_and_its_empty_resident_is_erased():
    phone = register().device
    resident = make_device().resident
    code, _expires_at = enrolment.offer_join_code(resident)
    moved = register(join_code=code)
    assert (moved.device.pk, moved.device.resident) == (phone.pk, resident)
    assert not Resident.objects.filter(pk=phone.resident_id).exists()


def test_with_the_last_device_the_resident_goes():
    device = register().device
    second = make_device(device.resident)
    privacy.remove_device(device)
    assert Resident.objects.filter(pk=device.resident_id).exists()
    privacy.remove_device(second)
    assert not Resident.objects.exists()


def run_at_once(work: Callable[[], object], times: int = 2) -> list[object]:
    """`work` in that many threads, each with its own connection, released together."""
    gate, results = threading.Barrier(times), []

    def one() -> None:
        try:
            gate.wait()
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_one_phone_registering_four_times_at_once_is_one_device():
    results = run_at_once(register, times=4)
    assert [type(result) for result in results] == [Registration] * 4
    device = Device.objects.get()
    assert Resident.objects.count() == 1
    right = [
        result for result in results if secret_hash(result.secret) == bytes(device.secret_hash)
    ]
    assert len(right) == 1


@pytest.mark.django_db(transaction=True)
def test_one_code_used_twice_at_once_lets_one_device_in():
    resident = register().device.resident
    code, _expires_at = enrolment.offer_join_code(resident)
    results = run_at_once(lambda: register(None, join_code=code))
    assert sorted(type(result).__name__ for result in results) == [
        "JoinCodeInvalid",
        "Registration",
    ]
    assert resident.devices.count() == 2


@pytest.mark.django_db(transaction=True)
def test_both_devices_removed_at_once_leave_no_resident_behind():
    first = register().device
    second = make_device(first.resident)
    queue = [first, second]
    results = run_at_once(lambda: privacy.remove_device(queue.pop()))
    assert results == [None, None]
    assert not Resident.objects.exists()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["register", "report", "clear", "remove"]),
        st.integers(0, 3),  # which device, where one is meant
        st.sampled_from(["t1", "t2", "t3"]),
        st.sampled_from(["token", "fid"]),
    ),
    max_size=14,
)


class AnyHistoryOfEnrolment(TestCase):
    """What holds after any order of registrations, reports and removals."""

    @hypothesis_settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(STEPS)
    def test_a_target_is_on_one_device_and_every_resident_has_one(self, steps):
        erased: list[int] = []
        made: set[int] = set()

        def note(sender: object, resident_id: int, **_rest: object) -> None:
            erased.append(resident_id)

        resident_erased.connect(note)
        try:
            for step, which, value, kind in steps:
                self.apply(step, which, PushTarget(kind, value))
                made |= set(Resident.objects.values_list("pk", flat=True))
        finally:
            resident_erased.disconnect(note)
        hashes = [bytes(d.push_hash) for d in Device.objects.exclude(push_hash=None)]
        assert len(hashes) == len(set(hashes))
        left = set(Resident.objects.values_list("pk", flat=True))
        assert left == set(Device.objects.values_list("resident_id", flat=True))
        assert made - left <= set(erased)

    @staticmethod
    def apply(step: str, which: int, push: PushTarget) -> None:
        if step == "register":
            done = register(push)
            assert tokens.decrypt_push(done.device.push_value_encrypted) == push.value
            return
        devices = list(Device.objects.order_by("pk"))
        if not devices:
            return
        device = devices[which % len(devices)]
        if step == "remove":
            privacy.remove_device(device)
        else:
            enrolment.report_push(device, push if step == "report" else None)
            assert Device.objects.filter(pk=device.pk).exists()
