"""Guessing passwords: limits per person and network, answered in Polish."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.lockout import (
    NETWORK,
    PERSON,
    PERSON_AND_NETWORK,
    Locked,
    count_attempt,
    forget_attempt,
    network_of,
)
from accounts.models import SignInCounter
from tests.builders import make_user

ANNA, HOME = "anna@example.pl", "192.0.2.1/32"
pytestmark = pytest.mark.django_db


def fail(times, *, email=ANNA, network=HOME):
    for _attempt in range(times):
        count_attempt(email, network)


def age(**passed):
    SignInCounter.objects.update(since=timezone.now() - timedelta(**passed))


def test_the_sixth_failure_of_a_person_at_a_network_is_not_looked_at():
    fail(PERSON_AND_NETWORK.attempts)
    with pytest.raises(Locked) as locked:
        fail(1)
    wait_s = (locked.value.until - timezone.now()).total_seconds()
    assert wait_s == pytest.approx(PERSON_AND_NETWORK.window_s, abs=5)


def test_a_stranger_elsewhere_cannot_lock_an_officer_out():
    with pytest.raises(Locked):
        fail(20, network="203.0.113.9/32")
    fail(1)  # Anna at her own desk


def test_the_window_passes():
    fail(PERSON_AND_NETWORK.attempts)
    age(seconds=PERSON_AND_NETWORK.window_s + 1)
    fail(1)


def test_one_network_cannot_try_many_people():
    for number in range(NETWORK.attempts):
        fail(1, email=f"{number}@example.pl")
    with pytest.raises(Locked):
        fail(1, email="next@example.pl")


def test_many_networks_cannot_try_one_person_for_ever():
    for number in range(PERSON.attempts):
        fail(1, network=f"198.51.100.{number}/32")
    with pytest.raises(Locked):
        fail(1, network="203.0.113.9/32")


def test_a_right_password_wipes_the_slate_and_is_not_counted_elsewhere():
    fail(4)
    fail(1)
    forget_attempt(ANNA, HOME)
    fail(PERSON_AND_NETWORK.attempts)
    counted = sorted(SignInCounter.objects.values_list("failures", flat=True))
    assert counted == [5, 9, 9]  # person at network; network; person


def test_counters_name_nobody_and_old_ones_go():
    fail(1, email="old@example.pl", network="2001:db8::/64")
    age(days=2)
    fail(1)
    forget_attempt(ANNA, HOME)
    assert SignInCounter.objects.count() == 3
    assert all(b"example" not in bytes(c.key) for c in SignInCounter.objects.all())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_a_network_is_an_address_or_the_64_of_it(rf, address, network):
    assert network_of(rf.get("/", REMOTE_ADDR=address)) == network


def test_a_forwarded_address_is_believed_only_behind_the_proxy(rf, settings):
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="1.1.1.1, 198.51.100.4")
    assert network_of(request) == "192.0.2.7/32"
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert network_of(request) == "198.51.100.4/32"


def test_the_page_says_until_when_and_refuses_even_the_right_password(client):
    make_user(ANNA)
    step = {"sign_in_view-current_step": "auth", "auth-username": ANNA}
    for _attempt in range(PERSON_AND_NETWORK.attempts):
        page = client.post("/account/login/", {**step, "auth-password": "zgaduję"})
        assert "Zły e-mail lub hasło." in page.content.decode()
    page = client.post("/account/login/", {**step, "auth-password": "hasło-testowe-123"})
    until = timezone.localtime(SignInCounter.objects.latest("since").since)
    assert "Za dużo prób" in page.content.decode()
    assert f"{until + timedelta(seconds=900):%H:%M}" in page.content.decode()
    assert "_auth_user_id" not in client.session
