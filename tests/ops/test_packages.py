"""apt may install, but what it installs must not start, nor may it change what was there."""

import pytest

from ops import packages
from ops.local import Failure


def test_a_package_that_dpkg_does_not_know_is_missing():
    assert packages.missing(["dpkg", "no-such-package-of-ours"]) == ["no-such-package-of-ours"]


def test_nothing_is_installed_when_nothing_is_missing(monkeypatch):
    monkeypatch.setattr(packages, "as_root", lambda absent: pytest.fail("asked for root"))
    packages.ensure(["dpkg"])


def test_without_root_and_sudo_the_command_to_run_is_named(monkeypatch):
    monkeypatch.setattr(packages.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(packages.shutil, "which", lambda name: None if name == "sudo" else name)
    with pytest.raises(Failure, match=r"apt-get install .* redis-server gdal-bin"):
        packages.as_root(["redis-server", "gdal-bin"])


def test_a_file_put_in_place_is_gone_afterwards(tmp_path):
    path = tmp_path / "etc" / "policy"
    with packages.file_in_place(path, "ours", 0o755):
        assert path.read_text() == "ours"
        assert path.stat().st_mode & 0o777 == 0o755
    assert list(path.parent.iterdir()) == []


def test_a_file_that_stood_there_comes_back_even_after_an_error(tmp_path):
    path = tmp_path / "policy"
    path.write_text("theirs")
    with pytest.raises(ZeroDivisionError), packages.file_in_place(path, "ours", 0o644):
        raise ZeroDivisionError
    assert path.read_text() == "theirs"


def test_a_run_that_was_killed_costs_nobody_their_file(tmp_path):
    path = tmp_path / "policy"
    path.write_text("theirs")
    killed = packages.file_in_place(path, "ours", 0o644)
    killed.__enter__()  # and never left
    with packages.file_in_place(path, "ours again", 0o644):
        pass
    assert path.read_text() == "theirs"
    del killed
