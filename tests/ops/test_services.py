"""Services run as long as somebody needs them, and no longer unless they are to be kept."""

import pytest

from ops import local, processes, services
from ops.local import Failure


@pytest.fixture
def stops(tmp_path, monkeypatch):
    """A checkout of its own in which `up` and `stop` are only counted."""
    for module in (local, processes):
        for name in ("RUN", "LOG"):
            monkeypatch.setattr(module, name, tmp_path / name.lower())
    monkeypatch.setattr(local, "LOCAL", tmp_path)
    monkeypatch.setattr(services, "KEPT", tmp_path / "run" / "kept")
    counted: list[str] = []
    monkeypatch.setattr(services, "up", lambda: None)
    monkeypatch.setattr(services, "stop", lambda: counted.append("stopped"))
    return counted


def test_the_only_user_stops_them_when_it_ends(stops):
    with services.borrowed("test"):
        assert stops == []
        assert len(services.users()) == 1
    assert stops == ["stopped"]
    assert services.users() == []


def test_they_are_stopped_after_an_error_too(stops):
    with pytest.raises(ZeroDivisionError), services.borrowed("test"):
        raise ZeroDivisionError
    assert stops == ["stopped"]


def test_the_first_to_end_leaves_them_to_the_other(stops):
    with services.borrowed("demo"):
        with services.borrowed("test"):
            pass
        assert stops == []
    assert stops == ["stopped"]


def test_those_that_make_up_asked_for_stay(stops):
    local.make_folders()
    services.KEPT.touch()
    with services.borrowed("test"):
        pass
    assert stops == []


def test_down_ends_what_was_kept(stops):
    local.make_folders()
    services.KEPT.touch()
    services.down()
    assert stops == ["stopped"]
    assert not services.KEPT.exists()


def test_a_user_that_died_counts_no_more(stops, monkeypatch):
    local.make_folders()
    (processes.RUN / "make-demo.1.json").write_text('{"name": "x", "pid": 1, "started": 0}')
    with services.borrowed("test"):
        pass
    assert stops == ["stopped"]


def test_a_second_demo_is_refused_and_the_first_left_alone(stops):
    with services.borrowed("demo", alone=True):
        with pytest.raises(Failure, match="make demo` runs already"):
            services.borrowed("demo", alone=True).__enter__()
        assert len(services.users("demo")) == 1
        assert stops == []
