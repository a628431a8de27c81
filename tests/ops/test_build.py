"""Steps are skipped only when what they were made from is the same and whole."""

import pytest

from ops import build
from ops.local import Failure, digest, is_stamped


def test_a_digest_depends_on_names_contents_and_extras(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    digests = {digest([one]), digest([two]), digest([one], "3.11")}
    one.write_text("y")
    digests.add(digest([one]))
    assert len(digests) == 4


def test_a_digest_does_not_depend_on_the_order_of_files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    assert digest([one, two]) == digest([two, one])


def test_a_stamp_holds_only_for_its_own_value(tmp_path):
    stamp = tmp_path / ".stamp"
    assert not is_stamped(stamp, "a")
    stamp.write_text("a")
    assert is_stamped(stamp, "a")
    assert not is_stamped(stamp, "b")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A .venv of the stamp and the steps that would be taken for it."""
    lock, venv = tmp_path / "lock", tmp_path / ".venv"
    lock.write_text("django==5.2")
    monkeypatch.setattr(build, "LOCK", lock)
    monkeypatch.setattr(build, "VENV", venv)
    monkeypatch.setattr(build, "runs", lambda python: (venv / "pip").exists())
    steps = []

    def run(argv, **rest):
        steps.append("make" if "venv" in argv else "install")
        venv.mkdir(exist_ok=True)
        (venv / "pip").touch()

    monkeypatch.setattr(build, "run", run)
    return steps, lock, venv


def test_the_environment_is_made_then_left_alone(environment):
    steps, _, _ = environment
    build.python()
    build.python()
    assert steps == ["make", "install"]


def test_a_changed_lock_installs_into_the_environment_there_is(environment):
    steps, lock, _ = environment
    build.python()
    lock.write_text("django==5.2.1")
    build.python()
    assert steps == ["make", "install", "install"]


def test_an_interrupted_installation_is_made_anew(environment, monkeypatch):
    steps, _, venv = environment
    venv.mkdir()
    (venv / "pip").touch()
    (venv / ".unfinished").touch()
    build.python()
    assert steps == ["make", "install"]
    assert not (venv / ".unfinished").exists()


def test_an_old_node_is_refused_with_the_version_needed(monkeypatch):
    class Old:
        stdout = "v18.19.0\n"

    monkeypatch.setattr(build.subprocess, "run", lambda *args, **rest: Old())
    with pytest.raises(Failure, match=r"Node 20 or newer is needed; this is v18\.19\.0"):
        build.node_version()
