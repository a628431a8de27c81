"""The suite cannot leave this machine: a test that would is refused, not slow or flaky."""

import socket
import urllib.request

import pytest

OUTSIDE = "192.0.2.1"  # TEST-NET-1, RFC 5737: reaches nobody even if the block failed


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_a_connection_to_another_machine_is_refused(call):
    with socket.socket() as link, pytest.raises(AssertionError, match="stay on this machine"):
        getattr(link, call)((OUTSIDE, 443))


def test_a_datagram_to_another_machine_is_refused():
    with (
        socket.socket(type=socket.SOCK_DGRAM) as link,
        pytest.raises(AssertionError, match="stay on this machine"),
    ):
        link.sendto(b"x", (OUTSIDE, 9))


def test_looking_up_a_name_is_refused():
    with pytest.raises(AssertionError, match=r"example\.invalid"):
        socket.getaddrinfo("example.invalid", 443)


def test_the_refusal_passes_through_code_that_swallows_network_errors():
    with pytest.raises(AssertionError):
        urllib.request.urlopen(f"http://{OUTSIDE}/", timeout=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost"])
def test_loopback_is_open(host):
    with socket.socket() as server:
        server.bind((host if host != "localhost" else "127.0.0.1", 0))
        server.listen()
        with socket.create_connection((host, server.getsockname()[1]), timeout=2) as link:
            assert link.getpeername()[1] == server.getsockname()[1]
