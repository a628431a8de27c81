from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from firebase_admin.messaging import _MessagingService as Sdk
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import payload
from dispatch.errors import PayloadTooLarge

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONTENT = payload.Content(
    alert_ref="chorzow-2026-7",
    message_id=41,
    kind="woda",
    severity="important",
    lang="pl",
    title="Brak wody",
    body="Do 18:00 nie będzie wody.",
    expires_at=NOW + timedelta(hours=6),
)
DATA = {
    "v": "1",
    "alert_ref": "chorzow-2026-7",
    "message_id": "41",
    "delivery_id": "41.3.17",
    "kind": "woda",
    "severity": "important",
    "lang": "pl",
    "title": "Brak wody",
    "body": "Do 18:00 nie będzie wody.",
}


def built(platform="android", content=CONTENT, kind="token"):
    target = payload.Target(platform, kind, "abc")
    return payload.wire(payload.build(content, target, payload.delivery_id(41, 3, 17), now=NOW))


def test_android_gets_data_only_at_high_priority_until_the_message_expires():
    assert built("android") == {
        "token": "abc",
        "data": DATA,
        "android": {"priority": "high", "ttl": "21600s"},
    }


def test_web_gets_data_only():
    assert built("web") == {
        "token": "abc",
        "data": DATA,
        "webpush": {"headers": {"Urgency": "high", "TTL": "21600"}},
    }


def test_ios_shows_an_alert_that_the_extension_may_change():
    message = built("ios")
    assert message["data"] == DATA
    assert message["apns"]["payload"]["aps"] == {
        "alert": {"title": "Brak wody", "body": "Do 18:00 nie będzie wody."},
        "sound": "default",
        "mutable-content": 1,
        "interruption-level": "active",
    }
    assert message["apns"]["headers"] == {
        "apns-priority": "10",
        "apns-push-type": "alert",
        "apns-expiration": str(int((NOW + timedelta(hours=6)).timestamp())),
        "apns-collapse-id": "41",
    }


def test_an_emergency_breaks_through_a_focus_on_ios():
    message = built("ios", replace(CONTENT, severity="emergency"))
    assert message["apns"]["payload"]["aps"]["interruption-level"] == "time-sensitive"


def test_a_phone_known_by_its_installation_is_addressed_by_it():
    message = built(kind="fid")
    assert message["fid"] == "abc"
    assert "token" not in message


@pytest.mark.parametrize(
    ("expires_in", "ttl"), [(timedelta(seconds=-5), "0s"), (timedelta(weeks=9), "2419200s")]
)
def test_time_to_live_stays_within_what_fcm_takes(expires_in, ttl):
    message = built(content=replace(CONTENT, expires_at=NOW + expires_in))
    assert message["android"]["ttl"] == ttl


def test_a_long_body_is_cut_between_words_on_the_lock_screen_only():
    body = "słowo " * 100
    message = built("ios", replace(CONTENT, body=body))
    shown = message["apns"]["payload"]["aps"]["alert"]["body"]
    assert message["data"]["body"] == body
    assert shown.endswith("słowo…")
    assert len(shown) <= payload.LEAD_CHARS


def test_size_counts_utf8_bytes_of_keys_and_values_but_no_delivery_options():
    message = {
        "token": "x" * 200,
        "data": {"v": "1", "title": "ąę"},  # 1 + 1 + 5 + 4 bytes
        "android": {"priority": "high", "ttl": "60s"},
        "apns": {"headers": {"apns-priority": "10"}, "payload": {"aps": {"mutable-content": 1}}},
    }
    assert payload.size_bytes(message) == 11 + len("aps") + len("mutable-content") + 1


def test_size_counts_a_notification():
    assert payload.size_bytes({"notification": {"title": "abc"}}) == 8


def limit_of(letter):
    """The longest body of one letter that passes."""
    fits, too_long = 0, 5_000
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        try:
            payload.check({"pl": {"title": "T", "body": letter * middle}})
            fits = middle
        except PayloadTooLarge:
            too_long = middle
    return fits


def test_polish_letters_count_twice():
    # Without a space both leads are a bare "…", so only the body differs.
    assert limit_of("ą") == limit_of("a") // 2


def test_what_passes_the_check_fits_with_real_ids_on_every_platform():
    body = "a" * limit_of("a")
    content = replace(CONTENT, title="T", body=body)
    sizes = [payload.size_bytes(built(platform, content)) for platform in ("android", "ios", "web")]
    assert max(sizes) <= 4096
    # The reserve for longer ids is small: nobody loses a tenth of a text to it.
    assert max(sizes) > 3850


def test_a_text_over_the_limit_names_language_field_and_bytes():
    texts = {"pl": {"title": "Brak", "body": "woda"}, "en": {"title": "No", "body": "x" * 4096}}
    with pytest.raises(PayloadTooLarge) as caught:
        payload.check(texts)
    assert caught.value.field == "texts.en.body"
    details = caught.value.details
    assert details["limit"] == 4096
    assert details["over"] == details["bytes"] - 4096 > 0
    payload.check(texts | {"en": {"title": "No", "body": "x" * (4096 - details["over"])}})


def test_a_title_longer_than_the_body_is_the_one_to_shorten():
    with pytest.raises(PayloadTooLarge) as caught:
        payload.check({"pl": {"title": "x" * 4096, "body": "y"}})
    assert caught.value.field == "texts.pl.title"


def sdks_body(message):
    """The bytes that firebase-admin hands to the network for a message."""
    data = {"message": Sdk.encode_message(message)}
    return requests.Request("POST", "http://fcm", json=data).prepare().body


ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1)
TRICKY = st.sampled_from(['"delivery_id": "0"', '"token": "', '", "ttl": "0s', "\\", '"0"', "%s{}"])
WORDS = st.lists(ANY_TEXT | TRICKY, min_size=1).map("".join)


@settings(deadline=None)
@given(
    title=WORDS,
    body=WORDS,
    target=WORDS,
    platform=st.sampled_from(["android", "ios", "web"]),
    kind=st.sampled_from(["token", "fid"]),
    lasts_s=st.floats(-60, 5_000_000),
    ids=st.tuples(st.integers(1, 2**63 - 1), st.integers(1, 2**31 - 1), st.integers(1, 32_767)),
    is_drill=st.booleans(),
)
def test_a_filled_mould_is_what_firebase_admin_sends(
    title, body, target, platform, kind, lasts_s, ids, is_drill
):
    content = replace(
        CONTENT,
        message_id=ids[0],
        title=title,
        body=body,
        expires_at=NOW + timedelta(seconds=lasts_s),
        is_drill=is_drill,
    )
    delivery = payload.delivery_id(*ids)
    mould = payload.Mould(content, platform, kind)
    whole = payload.build(content, payload.Target(platform, kind, target), delivery, now=NOW)
    assert mould.fill(target, delivery, now=NOW) == sdks_body(whole) == payload.encoded(whole)
