"""The emulator against docs/fcm.md: what it answers and remembers, what it can be told to break."""

import json
import time

import pytest
import requests
from google.auth import crypt, jwt

from dispatch.emulator import account
from tests.emulator import EmulatorProcess

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@pytest.fixture(scope="module")
def key(emulator_process):
    return requests.get(f"{emulator_process.url}/service-account.json", timeout=5).json()


def assertion(key, **claims):
    now = int(time.time())
    body = {
        "iss": key["client_email"],
        "aud": key["token_uri"],
        "iat": now,
        "exp": now + 3600,
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
    }
    signer = crypt.RSASigner.from_string(key["private_key"])
    return jwt.encode(signer, body | claims).decode()


def exchange(key, assertion, grant=account.GRANT):
    form = {"grant_type": grant, "assertion": assertion}
    return requests.post(key["token_uri"], data=form, timeout=5)


@pytest.fixture(scope="module")
def bearer(key):
    return f"Bearer {exchange(key, assertion(key)).json()['access_token']}"


@pytest.fixture
def send(emulator, bearer):
    def call(message, *, authorization=bearer, project=account.PROJECT, **body):
        return requests.post(
            f"{emulator.url}/v1/projects/{project}/messages:send",
            json={"message": message, **body},
            headers={"Authorization": authorization},
            timeout=5,
        )

    return call


def error_of(answer):
    """(HTTP code, status, FCM's own code, fields complained of)."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    details = error.get("details", [])
    codes = [item["errorCode"] for item in details if item["@type"] == FCM_ERROR]
    fields = [
        violation["field"]
        for item in details
        if item["@type"] == BAD_REQUEST
        for violation in item["fieldViolations"]
    ]
    return error["code"], error["status"], codes[0] if codes else None, fields


# ── OAuth ───────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_assertion_is_exchanged_for_a_bearer_token_of_an_hour(key):
    answer = exchange(key, assertion(key)).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 3599


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "someone@else.example"},
        {"aud": "https://accounts.example/token"},
        {"exp": int(time.time()) - 600, "iat": int(time.time()) - 4200},
    ],
)
def test_an_assertion_of_another_issuer_audience_or_time_is_refused(key, claims):
    answer = exchange(key, assertion(key, **claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_assertion_signed_by_another_key_is_refused(key, tmp_path):
    stranger = account.load_or_make(tmp_path / "other.json").credentials(key["token_uri"])
    answer = exchange(key, assertion(stranger))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_another_grant_and_another_scope_are_refused(key):
    other_grant = exchange(key, assertion(key), grant="client_credentials")
    assert other_grant.json()["error"] == "unsupported_grant_type"
    other_scope = exchange(key, assertion(key, scope="https://www.googleapis.com/auth/drive"))
    assert other_scope.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("authorization", ["", "Bearer made-up", "Basic abc"])
def test_sending_without_a_good_bearer_token_is_unauthenticated(send, emulator, authorization):
    answer = send({"token": "oauth-1"}, authorization=authorization)
    assert error_of(answer) == (401, "UNAUTHENTICATED", None, [])
    assert emulator.inbox("oauth-1") == []


def test_another_project_is_forbidden(send):
    answer = send({"token": "a"}, project="somebody-else")
    assert error_of(answer) == (403, "PERMISSION_DENIED", None, [])


# ── messages:send ───────────────────────────────────────────────────────────────────────────────


def test_a_message_is_accepted_and_remembered_as_it_came(send, emulator):
    message = {"token": "ok-1", "data": {"title": "Brak wody"}, "android": {"priority": "high"}}
    answer = send(message)
    assert answer.status_code == 200
    assert answer.json()["name"].startswith(f"projects/{account.PROJECT}/messages/")
    assert emulator.inbox("ok-1") == [message]


def test_validate_only_is_answered_but_reaches_nobody(send, emulator):
    answer = send({"token": "dry-1", "data": {"a": "b"}}, validate_only=True)
    assert answer.json()["name"].endswith("/fake_message_id")
    assert emulator.inbox("dry-1") == []


INVALID = (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("message", "code", "fields"),
    [
        ({"data": {"a": "b"}}, "INVALID_ARGUMENT", ["message"]),
        ({"token": ""}, "INVALID_ARGUMENT", ["message"]),
        ({"token": "with space"}, "INVALID_ARGUMENT", ["message.token"]),
        ({"token": "a", "topic": "b"}, None, ["message"]),
        ({"token": "a", "colour": "red"}, None, ["message"]),
        ({"token": "a", "android": {"importance": "max"}}, None, ["message.android"]),
        ({"token": "a", "notification": "text"}, None, ["message.notification"]),
        ({"token": "a", "data": {"a": 1}}, None, ["message.data[0].value"]),
        ({"token": "a", "data": ["a"]}, None, ["message.data"]),
        ({"token": "a", "data": {"from": "x"}}, "INVALID_ARGUMENT", ["message.data"]),
        ({"token": "a", "data": {"google.x": "x"}}, "INVALID_ARGUMENT", ["message.data"]),
        ({"token": "a", "android": {"priority": "max"}}, None, ["message.android.priority"]),
        ({"token": "a", "android": {"ttl": "soon"}}, None, ["message.android.ttl"]),
        (
            {"token": "a", "android": {"ttl": "2419201s"}},
            "INVALID_ARGUMENT",
            ["message.android.ttl"],
        ),
        (
            {"token": "a", "fcm_options": {"analytics_label": "ul. Główna"}},
            "INVALID_ARGUMENT",
            ["message.fcm_options.analytics_label"],
        ),
    ],
)
def test_what_fcm_refuses_is_refused_with_its_field(send, message, code, fields):
    assert error_of(send(message)) == (*INVALID, code, fields)


def test_names_in_camel_case_are_known_too(send):
    assert send({"token": "a", "android": {"collapseKey": "k"}}).status_code == 200


def test_a_payload_of_4096_bytes_passes_and_one_more_is_refused_without_details(send):
    def sized(size):
        return {"token": "size", "data": {"k": "x" * (size - 1)}}

    assert send(sized(4096)).status_code == 200
    assert error_of(send(sized(4097))) == (*INVALID, None, [])


def test_a_topic_takes_half_of_that(send):
    assert send({"topic": "t", "data": {"k": "x" * 2048}}).status_code == 400


def test_broken_json_is_refused(emulator, bearer):
    answer = requests.post(
        f"{emulator.url}/v1/projects/{account.PROJECT}/messages:send",
        data=b"{",
        headers={"Authorization": bearer},
        timeout=5,
    )
    assert error_of(answer) == (*INVALID, None, [])


# ── Faults ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("UNREGISTERED", (404, "NOT_FOUND", "UNREGISTERED", [])),
        ("INVALID_TOKEN", (*INVALID, "INVALID_ARGUMENT", ["message.token"])),
        ("INVALID_ARGUMENT", (*INVALID, "INVALID_ARGUMENT", ["message.data"])),
        ("SENDER_ID_MISMATCH", (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", [])),
        ("THIRD_PARTY_AUTH_ERROR", (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", [])),
        ("QUOTA_EXCEEDED", (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", [])),
        ("UNAVAILABLE", (503, "UNAVAILABLE", "UNAVAILABLE", [])),
        ("INTERNAL", (500, "INTERNAL", "INTERNAL", [])),
    ],
)
def test_an_injected_error_has_fcms_body_and_reaches_nobody(send, emulator, error, expected):
    emulator.inject(error, token=f"fault-{error}")
    assert error_of(send({"token": f"fault-{error}"})) == expected
    assert emulator.inbox(f"fault-{error}") == []
    assert send({"token": "another"}).status_code == 200


def test_retry_after_is_sent_where_it_was_ordered(send, emulator):
    emulator.inject("QUOTA_EXCEEDED", token="slow", retry_after_s=20)
    answer = send({"token": "slow"})
    assert answer.headers["Retry-After"] == "20"
    assert any("QuotaFailure" in item["@type"] for item in answer.json()["error"]["details"])


def test_a_bad_gateway_answers_html(send, emulator):
    emulator.inject("BAD_GATEWAY", token="gateway")
    answer = send({"token": "gateway"})
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_reset_cuts_the_connection(send, emulator):
    emulator.inject("RESET", token="cut")
    with pytest.raises(requests.ConnectionError):
        send({"token": "cut"})


def test_a_hanging_call_is_never_answered(emulator, bearer):
    emulator.inject("HANG", token="hang")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{emulator.url}/v1/projects/{account.PROJECT}/messages:send",
            json={"message": {"token": "hang"}},
            headers={"Authorization": bearer},
            timeout=0.5,
        )


def test_an_error_may_be_answered_for_what_was_delivered(send, emulator):
    emulator.inject("UNAVAILABLE", token="ambiguous", delivered=True)
    assert send({"token": "ambiguous"}).status_code == 503
    assert len(emulator.inbox("ambiguous")) == 1


def test_an_error_ordered_twice_strikes_twice(send, emulator):
    emulator.inject("INTERNAL", token="twice", times=2)
    assert [send({"token": "twice"}).status_code for _ in range(3)] == [500, 500, 200]


def test_a_rate_strikes_its_share_and_repeats_by_seed(send, emulator):
    def struck():
        emulator.heal()
        emulator.inject("UNAVAILABLE", rate=0.3, seed=7)
        return [send({"token": "rate"}, validate_only=True).status_code == 503 for _ in range(60)]

    first = struck()
    assert 8 <= sum(first) <= 28
    assert struck() == first


@pytest.mark.parametrize(
    "order",
    [
        {"error": "NONSENSE", "token": "a"},
        {"error": "INTERNAL"},
        {"error": "INTERNAL", "token": "a", "rate": 0.1},
        {"error": "INTERNAL", "rate": 2},
        {"error": "INTERNAL", "token": "a", "colour": "red"},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(emulator, order):
    assert requests.post(f"{emulator.url}/inject", json=order, timeout=5).status_code == 400


# ── Memory ──────────────────────────────────────────────────────────────────────────────────────


def test_an_inbox_gives_what_is_newer_than_asked(send, emulator):
    for text in ("one", "two"):
        send({"token": "newer", "data": {"t": text}})
    first, second = emulator.get("/inbox/newer")["messages"]
    later = emulator.get(f"/inbox/newer?after={first['n']}")
    assert later["messages"] == [second]
    assert later["last"] >= second["n"]


def test_the_stream_tells_of_messages_as_they_are_accepted(send, emulator):
    last = emulator.get("/inbox/none")["last"]
    with requests.get(f"{emulator.url}/stream?after={last}", stream=True, timeout=5) as stream:
        send({"token": "streamed", "data": {"a": "1"}})
        line = next(line for line in stream.iter_lines() if line)
    entry = json.loads(line)
    assert (entry["n"], entry["token"]) == (last + 1, "streamed")


def test_a_restart_forgets_no_message_and_keeps_the_key(tmp_path):
    process = EmulatorProcess(tmp_path / "log.ndjson")
    try:
        key = requests.get(f"{process.url}/service-account.json", timeout=5).json()
        bearer = exchange(key, assertion(key)).json()["access_token"]
        requests.post(
            f"{process.url}/v1/projects/{account.PROJECT}/messages:send",
            json={"message": {"token": "kept"}},
            headers={"Authorization": f"Bearer {bearer}"},
            timeout=5,
        ).raise_for_status()
        process.stop()
        with process.log.open("ab") as log:
            log.write(b'{"n": 2, "cut sho')
        process.start()
        inbox = requests.get(f"{process.url}/inbox/kept", timeout=5).json()
        assert [entry["message"] for entry in inbox["messages"]] == [{"token": "kept"}]
        assert inbox["last"] == 1
        assert exchange(key, assertion(key)).status_code == 200
    finally:
        process.stop()
