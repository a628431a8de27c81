"""Secrets are made once, ports kept unless taken; the caller's own transport never leaks in."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.fernet import Fernet

from ops import environment, ports


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "env"
    monkeypatch.setattr(environment, "FILE", path)
    monkeypatch.setattr(environment.read, "__defaults__", (path,))
    monkeypatch.setattr(environment.write, "__defaults__", (path,))
    return path


@contextmanager
def taken(port: str, host: str = "127.0.0.1") -> Iterator[None]:
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind((host, int(port)))
        stranger.listen()
        yield


def test_values_are_made_once_and_kept_to_their_owner(file):
    first = environment.load()
    assert environment.load() == first
    assert environment.read() == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(first["SECRET_KEY"]) >= 50
    Fernet(first["FIELD_KEYS"])  # raises on a key of another shape


def test_each_service_has_a_port_of_its_own():
    values = environment.load()
    chosen = [values[name] for name in environment.PORTS]
    assert len(set(chosen)) == len(chosen)
    assert f":{values['POSTGRES_PORT']}/sao" in values["DATABASE_URL"]
    assert f":{values['REDIS_PORT']}/0" in values["REDIS_URL"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_a_stranger_holds_is_chosen_again_with_its_address(host):
    before = environment.load()
    with taken(before["WEB_PORT"], host):
        moved = environment.usable_port("WEB_PORT")
    after = environment.load()
    assert moved == after["WEB_PORT"] != before["WEB_PORT"]
    assert after["BASE_URL"] == f"http://localhost:{moved}"
    assert after["REDIS_PORT"] == before["REDIS_PORT"]


def test_a_free_port_stays():
    before = environment.load()
    assert environment.usable_port("WEB_PORT") == before["WEB_PORT"]


def test_a_copied_checkout_keeps_its_secrets_and_takes_other_ports():
    original = environment.load()
    environment.write(original | {"CHECKOUT": "/somewhere/else"})
    with taken(original["WEB_PORT"]):
        copy = environment.load()
    assert copy["FIELD_KEYS"] == original["FIELD_KEYS"]
    assert copy["WEB_PORT"] != original["WEB_PORT"]


def test_two_checkouts_start_from_different_ports():
    assert ports.choose(0, checkout="000000000001") != ports.choose(0, checkout="000000000002")


def test_demo_tests_and_benches_use_different_redis_databases():
    used = {environment.for_process(use)["REDIS_URL"] for use in ("demo", "test", "bench")}
    assert len(used) == 3


@pytest.mark.parametrize("name", sorted(environment.TRANSPORT))
def test_a_transport_set_in_the_shell_does_not_reach_our_processes(monkeypatch, name):
    monkeypatch.setenv(name, "elsewhere")
    assert "elsewhere" not in environment.for_process().values()


def test_the_demo_is_given_its_emulator_and_tests_none():
    emulator = f"http://127.0.0.1:{environment.load()['EMULATOR_PORT']}"
    assert environment.for_process("demo")["FCM_EMULATOR_URL"] == emulator
    assert "FCM_EMULATOR_URL" not in environment.for_process("test")
