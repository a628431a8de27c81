"""FCM's client against the emulator over HTTP: who is logged in, what each answer becomes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import firebase_admin
import pytest
import requests
from firebase_admin import credentials, messaging

from dispatch import fcm, fcm_login, payload
from dispatch.emulator import account
from dispatch.errors import FcmNotConfigured
from dispatch.outcomes import Outcome
from tests.emulator import EmulatorProcess, free_port


def message(token):
    return messaging.Message(token=token, data={"title": "Brak wody"})


def submit(*tokens):
    return fcm.send([message(token) for token in tokens])


def answered(emulator, code):
    return emulator.get("/stats")["answers"].get(code, 0)


@pytest.mark.parametrize(
    ("key", "emulator_url", "transport"),
    [("/key.json", "", "fcm"), ("", "http://127.0.0.1:1", "emulator")],
)
def test_exactly_one_setting_chooses_the_transport(settings, key, emulator_url, transport):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = key, emulator_url
    assert fcm.transport() == transport


@pytest.mark.parametrize(("key", "emulator_url"), [("", ""), ("/key.json", "http://127.0.0.1:1")])
def test_neither_or_both_settings_send_nothing(settings, key, emulator_url):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = key, emulator_url
    with pytest.raises(FcmNotConfigured):
        fcm.transport()
    with pytest.raises(FcmNotConfigured):
        fcm.send([message("a")])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9",
        "http://127.9.9.9:9",
        "http://[::1]:9",
        "http://localhost:9",
        "https://LOCALHOST",
        "http://fcm-emulator:9099",
    ],
)
def test_an_emulator_is_on_this_machine_or_a_service_beside_it(settings, url):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", url
    assert fcm.transport() == "emulator"


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "http://10.0.0.7:9",
        "http://8.8.8.8",
        "http://134744072",  # 8.8.8.8 as one number
        "http://0x08080808",
        "http://[2001:db8::1]",
        "http://0.0.0.0:9",
        "ftp://localhost",
        "localhost:9",
        "http://",
        "http://[::1",
    ],
)
def test_an_emulator_anywhere_else_is_no_configuration(settings, url):
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", url
    with pytest.raises(FcmNotConfigured):
        fcm.transport()
    with pytest.raises(FcmNotConfigured):
        fcm.send([message("a")])


def test_each_message_has_its_own_result_in_order(emulator):
    emulator.inject("UNREGISTERED", token="fcm-2")
    first, second, third = submit("fcm-1", "fcm-2", "fcm-3")
    assert [result.outcome for result in (first, second, third)] == [
        Outcome.ACCEPTED,
        Outcome.TOKEN_DEAD,
        Outcome.ACCEPTED,
    ]
    assert first.fcm_id.startswith("projects/")
    assert first.fcm_id != third.fcm_id
    assert emulator.inbox("fcm-1") == [{"token": "fcm-1", "data": {"title": "Brak wody"}}]


ANSWERS = [
    ("UNREGISTERED", Outcome.TOKEN_DEAD, "UNREGISTERED"),
    ("INVALID_TOKEN", Outcome.TOKEN_DEAD, "INVALID_TOKEN"),
    ("INVALID_ARGUMENT", Outcome.PAYLOAD_REFUSED, "INVALID_ARGUMENT"),
    ("SENDER_ID_MISMATCH", Outcome.TOKEN_DEAD, "SENDER_ID_MISMATCH"),
    ("THIRD_PARTY_AUTH_ERROR", Outcome.CREDENTIALS, "THIRD_PARTY_AUTH_ERROR"),
    ("UNAUTHENTICATED", Outcome.CREDENTIALS, "UNAUTHENTICATED"),
    ("PERMISSION_DENIED", Outcome.CREDENTIALS, "PERMISSION_DENIED"),
    ("QUOTA_EXCEEDED", Outcome.RETRY, "QUOTA_EXCEEDED"),
    ("UNAVAILABLE", Outcome.RETRY, "UNAVAILABLE"),
    ("INTERNAL", Outcome.RETRY, "INTERNAL"),
    ("BAD_GATEWAY", Outcome.RETRY, "UNKNOWN"),
    ("RESET", Outcome.RETRY, "UNAVAILABLE"),
    ("NOT_JSON", Outcome.RETRY, "UNKNOWN"),
    ("JSON_LIST", Outcome.RETRY, "UNKNOWN"),
    ("NO_NAME", Outcome.RETRY, "UNKNOWN"),
]


@pytest.mark.parametrize(("error", "outcome", "code"), ANSWERS)
def test_each_answer_of_fcm_has_its_outcome(emulator, error, outcome, code):
    emulator.inject(error, token="answer")
    [result] = submit("answer")
    assert (result.outcome, result.code) == (outcome, code)
    assert emulator.inbox("answer") == []


# What firebase-admin raises, and what that means for a delivery.
MEANING = {
    messaging.UnregisteredError: {Outcome.TOKEN_DEAD},
    messaging.SenderIdMismatchError: {Outcome.TOKEN_DEAD},
    messaging.ThirdPartyAuthError: {Outcome.CREDENTIALS},
    messaging.QuotaExceededError: {Outcome.RETRY},
    firebase_admin.exceptions.InvalidArgumentError: {Outcome.TOKEN_DEAD, Outcome.PAYLOAD_REFUSED},
    firebase_admin.exceptions.UnauthenticatedError: {Outcome.CREDENTIALS},
    firebase_admin.exceptions.PermissionDeniedError: {Outcome.CREDENTIALS},
    firebase_admin.exceptions.UnavailableError: {Outcome.RETRY},
    firebase_admin.exceptions.InternalError: {Outcome.RETRY},
    firebase_admin.exceptions.UnknownError: {Outcome.RETRY},
}
SDK_READS = [error for error, *_ in ANSWERS if error not in {"NOT_JSON", "JSON_LIST", "NO_NAME"}]


@pytest.fixture
def sdk(emulator):
    """firebase-admin itself, aimed at the emulator; its retries off, or 503 takes seven seconds."""
    key = credentials.Certificate(emulator.get("/service-account.json"))
    app = firebase_admin.initialize_app(key, name="reference")
    service = messaging._get_messaging_service(app)
    service._credential._set_regional_access_boundary(
        {"encodedLocations": "0x0", "expiry": datetime.max}
    )
    service._fcm_url = f"{emulator.url}/v1/projects/{account.PROJECT}/messages:send"
    service._client.session.mount(emulator.url, requests.adapters.HTTPAdapter(max_retries=0))
    yield app
    # In a thread of its own: it calls asyncio.run, and a browser's test may have left a loop here.
    with ThreadPoolExecutor(1) as closer:
        closer.submit(firebase_admin.delete_app, app).result()


@pytest.mark.parametrize("error", SDK_READS)
def test_an_answer_means_what_firebase_admin_makes_of_it(emulator, sdk, error):
    emulator.inject(error, token="same")
    with pytest.raises(firebase_admin.exceptions.FirebaseError) as raised:
        messaging.send(message("same"), app=sdk)
    [result] = submit("same")
    assert result.outcome in MEANING[type(raised.value)]


@pytest.mark.parametrize("error", ["NOT_JSON", "JSON_LIST", "NO_NAME"])
def test_one_senseless_answer_costs_one_delivery(emulator, error):
    emulator.inject(error, token="senseless")
    outcomes = [result.outcome for result in submit("before", "senseless", "after")]
    assert outcomes == [Outcome.ACCEPTED, Outcome.RETRY, Outcome.ACCEPTED]


def test_an_unexpected_answer_is_logged_without_its_words(emulator, caplog):
    emulator.inject("JSON_LIST", token="secret-token")
    submit("secret-token")
    [logged] = [one for one in caplog.records if one.message == "unexpected answer from FCM"]
    assert (logged.levelname, logged.http, logged.exc_info) == ("ERROR", 200, None)
    assert "secret-token" not in caplog.text


@pytest.mark.parametrize("error", ["UNAVAILABLE", "INTERNAL", "QUOTA_EXCEEDED", "RESET"])
def test_a_failed_call_is_not_repeated_at_once(emulator, error):
    once = f"once-{error}"
    emulator.inject(error, token=once, retry_after_s=20, delivered=True)
    [result] = submit(once)
    assert len(emulator.inbox(once)) == 1
    assert result.retry_after_s == (None if error == "RESET" else 20)


@pytest.mark.parametrize("error", ["HANG", "SLOW_BODY"])
def test_a_call_without_an_end_ends_by_its_time_limit(emulator, settings, error):
    settings.FCM_TIMEOUT_S = 1
    emulator.inject(error, token="endless")
    [result] = submit("endless")
    assert (result.outcome, result.code) == (Outcome.RETRY, "DEADLINE_EXCEEDED")


def test_a_refused_token_is_renewed_once_and_the_call_repeated(emulator):
    emulator.inject("UNAUTHENTICATED", token="stale", times=1)
    before = answered(emulator, "TOKEN")
    [result] = submit("stale")
    assert result.outcome == Outcome.ACCEPTED
    assert answered(emulator, "TOKEN") - before == 2


def test_many_refused_at_once_share_one_renewal(emulator):
    emulator.inject("UNAUTHENTICATED", rate=1, times=20)
    before = answered(emulator, "TOKEN")
    results = submit(*[f"stale-{n}" for n in range(20)])
    assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 20
    assert answered(emulator, "TOKEN") - before == 2


def test_a_token_refused_twice_is_our_trouble(emulator):
    emulator.inject("UNAUTHENTICATED", token="refused")
    before = answered(emulator, "TOKEN")
    [result] = submit("refused")
    assert result.shut_out
    assert answered(emulator, "TOKEN") - before == 2


def test_a_broken_apns_key_renews_nothing(emulator):
    emulator.inject("THIRD_PARTY_AUTH_ERROR", token="apns")
    before = answered(emulator, "TOKEN")
    submit("apns")
    assert answered(emulator, "TOKEN") - before == 1


def test_a_token_is_asked_for_once_and_again_before_it_runs_out(emulator):
    client = fcm.Client()
    before = answered(emulator, "TOKEN")
    for _ in range(3):
        client.log_in()
    assert answered(emulator, "TOKEN") - before == 1
    client._login._credential.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=2)
    client.log_in()
    assert answered(emulator, "TOKEN") - before == 2
    client.close()


def test_a_key_that_the_server_does_not_know_is_credentials_trouble(
    emulator, settings, tmp_path, monkeypatch
):
    stranger = account.load_or_make(tmp_path / "account.json")
    key = tmp_path / "key.json"
    key.write_text(json.dumps(stranger.credentials(f"{emulator.url}/token")))
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = str(key), ""
    [result] = submit("stranger")
    assert result.shut_out


@pytest.mark.parametrize("content", [None, "", "not json", '{"type": "authorized_user"}'])
def test_a_missing_or_broken_key_file_is_credentials_trouble(settings, tmp_path, content):
    key = tmp_path / "key.json"
    if content is not None:
        key.write_text(content)
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = str(key), ""
    [result] = submit("nobody")
    assert result.shut_out


def test_an_emulator_that_is_away_is_a_passing_trouble(settings):
    settings.FCM_CREDENTIALS = ""
    settings.FCM_EMULATOR_URL = f"http://127.0.0.1:{free_port()}"
    [result] = submit("away")
    assert (result.outcome, result.code) == (Outcome.RETRY, "UNAVAILABLE")


def test_whoever_gives_up_does_not_wait_for_a_token(emulator):
    with pytest.raises(fcm_login.LoginFailed) as failed:
        fcm.Client(give_up=lambda: True)
    assert failed.value.result.code == "UNAVAILABLE"


def test_a_restarted_emulator_is_logged_into_again(settings, tmp_path):
    process = EmulatorProcess(tmp_path / "log.ndjson")
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", process.url
    try:
        client = fcm.Client()
        client.log_in()
        process.stop()
        process.start()
        client.begin(payload.encoded(message("after")), "tag")
        [(_tag, result)] = collected(client)
        assert result.outcome == Outcome.ACCEPTED
        client.close()
    finally:
        process.stop()


def collected(client):
    while not (results := client.collect(1.0)):
        pass
    return results


def test_what_is_abandoned_may_have_been_taken(emulator):
    emulator.inject("HANG", token="left")
    client = fcm.Client()
    client.log_in()
    client.begin(payload.encoded(message("left")), "tag")
    client.collect(0.2)
    [(tag, result)] = client.abandon()
    assert (tag, result.outcome) == ("tag", Outcome.RETRY)
    assert client.room == 200
    client.close()
