"""Temporary folders end with their user, however that ends."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gis_layers.imports.process import ROOT
from gis_layers.imports.workspace import PREFIX, workspace


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_afterwards(temporary):
    with workspace() as folder:
        (folder / "deep").mkdir()
        (folder / "deep/file").write_text("x")
    assert list(temporary.iterdir()) == []


def test_a_folder_is_gone_after_an_error_too(temporary):
    with pytest.raises(ValueError, match="no"), workspace():
        raise ValueError("no")
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next(temporary):
    program = (
        "import signal\nfrom gis_layers.imports.workspace import workspace\n"
        "with workspace() as folder:\n    print(folder, flush=True)\n    signal.pause()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, workspace():
        left = Path(process.stdout.readline().strip())
        with workspace():
            assert left.is_dir()  # its user is alive
        process.send_signal(signal.SIGKILL)
        process.wait()
        with workspace():
            assert not left.exists()


def test_a_folder_that_is_none_of_ours_stays(temporary):
    (temporary / f"{PREFIX}somebody").mkdir()
    with workspace():
        pass
    assert (temporary / f"{PREFIX}somebody").is_dir()


def test_a_folder_is_held_from_its_first_moment(temporary):
    with workspace() as folder:
        handle = os.open(folder / ".lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)
