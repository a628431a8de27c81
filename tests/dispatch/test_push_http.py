"""The transport against real servers on loopback: TLS, proxies, broken and endless answers."""

import time

import pytest

from bench import certificates
from dispatch import push_http
from dispatch.push_http import BODY_MAX_BYTES, Answer, Failure, PushHttp
from tests.emulator import free_port
from tests.servers import answer, proxying, reset, serving

HEADERS = ["Content-Type: application/json", "Expect:"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Certificates of an authority of our own."""
    folder = tmp_path_factory.mktemp("certificates")
    certificates.make(folder)
    return folder


@pytest.fixture(autouse=True)
def trusting(settings, folder, monkeypatch):
    """The authority is trusted, and no proxy of this machine is in the way."""
    settings.FCM_CA_BUNDLE = str(folder / "ca.pem")
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def http():
    client = PushHttp(in_flight=8, timeout_s=2)
    yield client
    client.close()


def send(http, url, *bodies):
    """Post the bodies, as many at a time as there is room; their answers in order."""
    answers, left = {}, list(enumerate(bodies))[::-1]
    while len(answers) < len(bodies):
        while left and http.room:
            index, body = left.pop()
            http.begin(url, HEADERS, body, index)
        answers.update(http.collect(1.0))
    return [answers[index] for index in range(len(bodies))]


def well(connection, _seen):
    return answer(connection, b'{"name": "n"}')


def test_each_request_has_its_answer_and_connections_are_kept(http, folder):
    with serving(well, folder) as (url, seen):
        bodies = [b"body %d" % n for n in range(40)]
        assert send(http, url, *bodies) == [Answer(200, b'{"name": "n"}')] * 40
    assert sorted(seen.bodies) == sorted(bodies)
    assert seen.connections <= 8


def test_a_server_that_nobody_vouches_for_gets_nothing(http, folder, settings, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    certificates.make(other)
    settings.FCM_CA_BUNDLE = str(other / "ca.pem")
    stranger = PushHttp(in_flight=1, timeout_s=2)
    with serving(well, folder) as (url, seen):
        assert send(stranger, url, b"secret") == [Answer(0, failure=Failure.UNREACHED)]
    stranger.close()
    assert seen.bodies == []


def test_without_a_bundle_of_our_own_the_public_authorities_are_asked(folder, settings):
    settings.FCM_CA_BUNDLE = ""
    client = PushHttp(in_flight=1, timeout_s=2)
    with serving(well, folder) as (url, seen):
        assert send(client, url, b"secret") == [Answer(0, failure=Failure.UNREACHED)]
    client.close()
    assert seen.bodies == []


def test_a_certificate_for_another_name_is_refused(http, folder):
    with serving(well, folder) as (url, seen):
        by_name = url.replace("127.0.0.1", "localhost")
        assert send(http, by_name, b"secret") == [Answer(0, failure=Failure.UNREACHED)]
    assert seen.bodies == []


def test_a_proxy_is_used_where_the_environment_names_one(folder, monkeypatch):
    with serving(well, folder) as (url, seen), proxying() as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        client = PushHttp(in_flight=2, timeout_s=2)
        assert [each.status for each in send(client, url, b"1", b"2", b"3")] == [200] * 3
        client.close()
    assert set(asked.lines) == {f"CONNECT {url.removeprefix('https://')} HTTP/1.1"}
    assert asked.connections == seen.connections <= 2


def test_no_proxy_is_used_for_what_the_environment_excepts(folder, monkeypatch):
    with serving(well, folder) as (url, _seen), proxying() as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
        client = PushHttp(in_flight=1, timeout_s=2)
        assert send(client, url, b"1")[0].status == 200
        client.close()
    assert asked.connections == 0


def test_a_proxy_that_is_away_reaches_nobody(folder, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    with serving(well, folder) as (url, seen):
        client = PushHttp(in_flight=1, timeout_s=2)
        assert send(client, url, b"1") == [Answer(0, failure=Failure.UNREACHED)]
        client.close()
    assert seen.connections == 0


def ending_after(requests, *, head):
    """A server that ends each connection after so many requests."""
    counts = {}

    def behave(connection, _seen):
        counts[connection] = counts.get(connection, 0) + 1
        is_last = counts[connection] == requests
        answer(connection, b"{}", head=head if is_last else "")
        return not is_last

    return behave


def test_it_goes_on_where_a_server_ends_connections_after_a_few_requests(http, folder):
    with serving(ending_after(3, head="Connection: close\r\n"), folder) as (url, seen):
        answers = send(http, url, *[b"%d" % n for n in range(80)])
    assert [each.status for each in answers] == [200] * 80
    assert len(seen.bodies) == len(set(seen.bodies)) == 80
    assert seen.connections >= 80 / 3


def test_connections_that_end_without_a_word_double_nothing(http, folder):
    """What went into a dead connection is left to the sender, which waits; the rest goes on."""
    with serving(ending_after(3, head=""), folder) as (url, seen):
        answers = send(http, url, *[b"%d" % n for n in range(80)])
    assert {each.status for each in answers} <= {0, 200}
    assert [each.status for each in answers].count(200) >= 40
    assert len(seen.bodies) == len(set(seen.bodies))
    assert all(each.failure is Failure.LOST for each in answers if each.status == 0)


def test_a_request_that_was_sent_is_not_sent_again_when_its_connection_breaks(http, folder):
    """libcurl would, on a kept connection; the message might come twice."""

    def breaks_at_the_second(connection, seen):
        return well(connection, seen) if len(seen.bodies) < 2 else reset(connection)

    with serving(breaks_at_the_second, folder) as (url, seen):
        assert send(http, url, b"first")[0].status == 200
        assert send(http, url, b"second") == [Answer(0, failure=Failure.LOST)]
    assert seen.bodies == [b"first", b"second"]


def test_a_slow_body_ends_at_the_deadline(http, folder):
    def drips(connection, _seen):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.1)
        return False

    with serving(drips, folder) as (url, _seen):
        started = time.monotonic()
        assert send(http, url, b"slow") == [Answer(0, failure=Failure.TIMEOUT)]
        assert time.monotonic() - started < 6


def test_an_endless_body_is_not_read(http, folder):
    def endless(connection, _seen):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    with serving(endless, folder) as (url, _seen):
        assert send(http, url, b"big") == [Answer(0, failure=Failure.LOST)]
    assert BODY_MAX_BYTES == 64 * 1024


def test_silence_is_a_timeout_and_others_are_not_held_up(http, folder):
    def silent(connection, seen):
        if seen.bodies[-1] == b"hang":
            time.sleep(3)
            return False
        return well(connection, seen)

    with serving(silent, folder) as (url, _seen):
        http.begin(url, HEADERS, b"hang", "hang")
        assert [each.status for each in send(http, url, *[b"%d" % n for n in range(20)])] == [
            200
        ] * 20
        [(tag, lost)] = wait_for(http)
    assert (tag, lost.failure) == ("hang", Failure.TIMEOUT)


def wait_for(http):
    while not (ended := http.collect(1.0)):
        pass
    return ended


def test_nobody_listening_means_that_nothing_left(http):
    url = f"https://127.0.0.1:{free_port()}"
    assert send(http, url, b"x") == [Answer(0, failure=Failure.UNREACHED)]
    assert not Failure.UNREACHED.is_ambiguous


def test_a_redirect_is_an_answer_like_any_other(http, folder):
    def away(connection, _seen):
        return answer(
            connection,
            b"",
            status="307 Temporary Redirect",
            head="Location: https://127.0.0.1:1/\r\n",
        )

    with serving(away, folder) as (url, seen):
        assert send(http, url, b"x") == [Answer(307)]
    assert len(seen.bodies) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 20", 20),
        ("Retry-After: soon", None),
        ("Retry-After: Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("X-Other: 1", None),
    ],
)
def test_retry_after_is_read_as_seconds(http, folder, header, seconds):
    def busy(connection, _seen):
        return answer(connection, b"", status="503 Busy", head=f"{header}\r\n")

    with serving(busy, folder) as (url, _seen):
        assert send(http, url, b"x") == [Answer(503, retry_after_s=seconds)]


def test_retry_after_is_read_as_a_date(http, folder):
    def busy(connection, _seen):
        later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 90))
        return answer(connection, b"", status="429 Slow", head=f"Retry-After: {later}\r\n")

    with serving(busy, folder) as (url, _seen):
        assert 80 < send(http, url, b"x")[0].retry_after_s <= 90


def test_what_is_abandoned_gives_its_places_back(http, folder):
    def silent(_connection, _seen):
        time.sleep(1)
        return False

    with serving(silent, folder) as (url, _seen):
        for n in range(8):
            http.begin(url, HEADERS, b"x", n)
        http.collect(0.3)
        assert http.room == 0
        assert sorted(http.abandon()) == list(range(8))
        assert http.room == 8
    with serving(well, folder) as (url, _seen):
        assert send(http, url, b"x")[0].status == 200


def alone(url, **more):
    options = {"timeout_s": 2, "give_up": lambda: False, **more}
    return push_http.request("GET", url, **options)


def test_a_single_request_has_the_same_rules(folder, settings):
    with serving(well, folder) as (url, seen):
        assert alone(url) == Answer(200, b'{"name": "n"}')
        settings.FCM_CA_BUNDLE = ""
        assert alone(url).failure is Failure.LOST
    assert seen.lines == ["GET / HTTP/1.1"]


def test_a_single_request_is_given_up_when_asked(folder):
    def silent(_connection, _seen):
        time.sleep(4)
        return False

    with serving(silent, folder) as (url, _seen):
        started = time.monotonic()
        assert alone(url, timeout_s=30, give_up=lambda: True).failure is Failure.LOST
        assert time.monotonic() - started < 3
