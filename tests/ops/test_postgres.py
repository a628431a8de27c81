"""A stale pid file is told from a living server; half a cluster is never taken for whole."""

import os
import subprocess
import sys

import pytest

from ops import postgres
from ops.local import Failure


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def note(data, text: str) -> None:
    (data / "postmaster.pid").write_text(text)


@pytest.mark.parametrize("text", [None, "", "not a number\n", "4194305\n"], ids=str)
def test_no_server_where_the_file_is_absent_broken_or_of_the_dead(data, text):
    if text is not None:
        note(data, text)
    assert postgres.postmaster(data) is None


def test_a_pid_used_again_by_another_program_is_no_server(data):
    note(data, f"{os.getpid()}\n{data}\n")
    assert postgres.postmaster(data) is None


def test_a_process_that_works_in_the_folder_is_the_server(data):
    process = subprocess.Popen([sys.executable, "-c", "input()"], cwd=data, stdin=subprocess.PIPE)
    try:
        note(data, f"{process.pid}\n{data}\n")
        assert postgres.postmaster(data) == process.pid
    finally:
        process.communicate(b"\n")


def test_an_initdb_that_failed_leaves_no_cluster_and_no_password(tmp_path, monkeypatch):
    """And what an earlier, interrupted one left goes first."""
    leftover = tmp_path / "data.part" / "base"
    leftover.mkdir(parents=True)
    monkeypatch.setattr(postgres.environment, "load", lambda: {"POSTGRES_PASSWORD": "secret"})
    monkeypatch.setattr(
        postgres, "call", lambda argv: subprocess.CompletedProcess(argv, 1, "", "no space left")
    )
    with pytest.raises(Failure, match="no space left"):
        postgres.initialise(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the cluster to another user")
def test_where_the_owner_cannot_reach_the_folder_the_cluster_goes_to_var_tmp(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    (closed / "local").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(postgres, "LOCAL", closed / "local")
    assert postgres.home().parent.as_posix() == "/var/tmp"
