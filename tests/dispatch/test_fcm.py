"""firebase-admin as we set it up, against the emulator over HTTP."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from firebase_admin import messaging
from google.oauth2.service_account import Credentials

from dispatch import fcm
from dispatch.errors import FcmNotConfigured
from dispatch.outcomes import Outcome
from tests.emulator import EmulatorProcess, free_port


def message(token):
    return messaging.Message(token=token, data={"title": "Brak wody"})


def submit(*tokens, seconds=20.0):
    deadline = time.monotonic() + seconds
    futures = fcm.submit([message(token) for token in tokens], deadline=deadline)
    return [future.result(timeout=30) for future in futures]


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
        fcm.submit([message("a")], deadline=time.monotonic() + 1)


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
        fcm.submit([message("a")], deadline=time.monotonic() + 1)


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


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        ("UNREGISTERED", Outcome.TOKEN_DEAD, "UNREGISTERED"),
        ("INVALID_TOKEN", Outcome.TOKEN_DEAD, "INVALID_ARGUMENT"),
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
    ],
)
def test_each_answer_of_fcm_has_its_outcome(emulator, error, outcome, code):
    emulator.inject(error, token="answer")
    [result] = submit("answer")
    assert (result.outcome, result.code) == (outcome, code)
    assert emulator.inbox("answer") == []


@pytest.mark.parametrize("error", ["NOT_JSON", "JSON_LIST", "NO_NAME"])
def test_one_senseless_answer_costs_one_delivery(emulator, error):
    emulator.inject(error, token="senseless")
    outcomes = [result.outcome for result in submit("before", "senseless", "after")]
    assert outcomes == [Outcome.ACCEPTED, Outcome.RETRY, Outcome.ACCEPTED]


def test_an_unexpected_answer_is_logged_by_its_class_alone(emulator, caplog):
    emulator.inject("JSON_LIST", token="secret-token")
    submit("secret-token")
    [logged] = [one for one in caplog.records if one.message == "unexpected answer from FCM"]
    assert (logged.levelname, logged.error) == ("ERROR", "TypeError")
    assert logged.exc_info is None
    assert "secret-token" not in caplog.text


@pytest.mark.parametrize("error", ["UNAVAILABLE", "INTERNAL", "QUOTA_EXCEEDED"])
def test_a_failed_call_is_not_repeated_by_the_sdk_nor_slept_out(emulator, error):
    emulator.inject(error, token="once", retry_after_s=20)
    before, started = answered(emulator, error), time.monotonic()
    [result] = submit("once")
    assert answered(emulator, error) - before == 1
    assert time.monotonic() - started < 5
    assert result.retry_after_s == 20


def test_a_reset_connection_is_not_tried_again_at_once(emulator):
    emulator.inject("RESET", token="reset-once", times=1)
    [result] = submit("reset-once")
    assert result.outcome == Outcome.RETRY
    assert emulator.inbox("reset-once") == []


def test_a_hanging_call_ends_by_its_time_limit(emulator, settings):
    settings.FCM_TIMEOUT_S = 1
    fcm.reset()
    emulator.inject("HANG", token="hangs")
    [result] = submit("hangs")
    assert (result.outcome, result.code) == (Outcome.RETRY, "DEADLINE_EXCEEDED")


def test_calls_that_could_not_begin_in_time_are_not_sent(emulator):
    results = submit("late-1", "late-2", seconds=-1)
    assert [result.outcome for result in results] == [Outcome.WAITING] * 2
    assert emulator.inbox("late-1") == []


def test_refused_credentials_spare_the_other_calls(emulator, settings):
    settings.SEND_THREADS = 1
    fcm.reset()
    emulator.inject("PERMISSION_DENIED", token="denied")
    results = submit("denied", *[f"spared-{n}" for n in range(5)])
    assert [result.outcome for result in results] == [Outcome.CREDENTIALS] + [Outcome.WAITING] * 5


def test_a_key_that_the_server_does_not_know_is_credentials_trouble(emulator, settings, tmp_path):
    from dispatch.emulator import account

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


def test_a_restarted_emulator_is_logged_into_again(settings, tmp_path):
    process = EmulatorProcess(tmp_path / "log.ndjson")
    settings.FCM_CREDENTIALS, settings.FCM_EMULATOR_URL = "", process.url
    try:
        assert submit("before")[0].outcome == Outcome.ACCEPTED
        process.stop()
        process.start()
        assert submit("after")[0].outcome == Outcome.ACCEPTED
    finally:
        process.stop()
        fcm.reset()


def test_connections_end_where_an_event_loop_runs_already(emulator):
    submit("t-1")

    async def within_a_loop():
        fcm.reset()

    with ThreadPoolExecutor(1) as thread:  # browser tests leave a loop in this one
        thread.submit(asyncio.run, within_a_loop()).result()
    assert not fcm._clients
    assert [result.outcome for result in submit("t-2")] == [Outcome.ACCEPTED]


def test_a_demonstration_asks_google_nothing(emulator, monkeypatch):
    asked = []
    monkeypatch.setattr(
        Credentials, "_lookup_regional_access_boundary", lambda *args, **_: asked.append(args)
    )
    fcm.reset()
    [result] = submit("t-1")
    time.sleep(0.2)  # the question would come from a thread of its own
    assert (result.outcome, asked) == (Outcome.ACCEPTED, [])


def test_the_sdk_still_has_what_we_set(emulator):
    submit("guard")
    [client] = fcm._clients.values()
    service = messaging._get_messaging_service(client._app)
    assert service._fcm_url.startswith(emulator.url)
    adapter = service._client.session.get_adapter(service._fcm_url)
    assert adapter.max_retries.total == 0
    assert isinstance(service._client.session, requests.Session)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("20", 20), ("99999", 3600), ("soon", None), ("", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after_is_read_as_seconds_or_date(value, seconds):
    response = requests.Response()
    response.headers["Retry-After"] = value
    assert fcm._retry_after_s(response) == seconds
