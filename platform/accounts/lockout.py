"""Limits on guessing passwords, counted in PostgreSQL so that a lost Redis lifts none of them.

Written here instead of taking django-axes: that stores the network address and browser of every
attempt, and has one limit for all keys. We keep counters under keyed hashes only, and three
limits, for a lock on the account alone would let anyone shut a crisis officer out from afar.
One-time codes are throttled by django-otp, per device, with growing pauses.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import SignInCounter


@dataclass(frozen=True)
class Limit:
    """At most `attempts` failures of one key in a window of `window_s` seconds."""

    name: str
    attempts: int
    window_s: int


PERSON_AND_NETWORK = Limit("person and network", attempts=5, window_s=900)
NETWORK = Limit("network", attempts=40, window_s=900)  # an office behind one address
PERSON = Limit("person", attempts=100, window_s=3600)  # guessing spread over many networks


class Locked(Exception):
    """Too many failures; `until` is when the next attempt will be looked at."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def network_of(request: HttpRequest) -> str:
    """The client's address (an IPv6 one by its /64), as DRF finds it behind NUM_PROXIES proxies."""
    text = BaseThrottle().get_ident(Request(request)) or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    prefix = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, prefix), strict=False))


def count_attempt(email: str, network: str) -> None:
    """Count an attempt before the password is looked at, so that parallel guesses count too.

    Raises Locked when one of the limits is passed; `forget_attempt` takes a right one back.
    """
    for limit, value in keys_of(email, network):
        counter = count(limit, value)
        if counter.failures > limit.attempts:
            raise Locked(counter.since + timedelta(seconds=limit.window_s))


def forget_attempt(email: str, network: str) -> None:
    """The password was right: the person's slate at this network is clean again."""
    for limit, value in keys_of(email, network):
        with transaction.atomic():
            counter = SignInCounter.objects.select_for_update().get(key=key_of(limit, value))
            counter.failures = 0 if limit is PERSON_AND_NETWORK else max(0, counter.failures - 1)
            counter.save()
    SignInCounter.objects.filter(since__lt=timezone.now() - timedelta(days=1)).delete()


def keys_of(email: str, network: str) -> list[tuple[Limit, str]]:
    return [
        (PERSON_AND_NETWORK, f"{email}|{network}"),
        (NETWORK, network),
        (PERSON, email),
    ]


def key_of(limit: Limit, value: str) -> bytes:
    return salted_hmac(f"accounts.lockout.{limit.name}", value, algorithm="sha256").digest()


@transaction.atomic
def count(limit: Limit, value: str) -> SignInCounter:
    """Add one failure; a window that has passed starts anew."""
    now = timezone.now()
    counter, _created = SignInCounter.objects.select_for_update().get_or_create(
        key=key_of(limit, value), defaults={"failures": 0, "since": now}
    )
    if counter.since < now - timedelta(seconds=limit.window_s):
        counter.failures, counter.since = 0, now
    counter.failures += 1
    counter.save()
    return counter
