"""Settings of the build's machine go in as secrets, and nothing of a checkout goes in at all."""

import subprocess
from pathlib import Path

from ops import image

ROOT = Path(__file__).resolve().parents[2]


def test_the_first_file_that_exists_is_mounted(tmp_path, monkeypatch):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    theirs.touch()
    places = {"ca": (str(mine), str(theirs)), "npm": (str(tmp_path / "absent"),)}
    monkeypatch.setattr(image, "SECRETS", places)
    assert image.secrets() == [f"--secret=id=ca,src={theirs}"]
    mine.touch()
    assert image.secrets() == [f"--secret=id=ca,src={mine}"]


def test_every_secret_of_the_dockerfile_is_offered_and_no_other():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert set(image.SECRETS) == {
        part.split(",")[0] for part in dockerfile.split("type=secret,id=")[1:]
    }


def test_a_client_without_an_engine_is_no_docker(monkeypatch):
    monkeypatch.setattr(image.shutil, "which", lambda name: f"/usr/bin/{name}")
    refused = subprocess.CompletedProcess(["docker", "info"], 1)
    monkeypatch.setattr(image.subprocess, "run", lambda *args, **rest: refused)
    assert not image.has_docker()


def test_values_of_settings_stay_out_of_the_process_list(tmp_path, monkeypatch):
    values = {name: f"value of {name}" for name in image.SETTINGS}
    monkeypatch.setattr(image, "STORE", tmp_path / "store")
    monkeypatch.setattr(image.environment, "load", lambda: values)
    monkeypatch.setattr(image, "has_docker", lambda: True)
    with image.container() as command:
        assert "SECRET_KEY_FILE=/run/settings/SECRET_KEY" in command
        assert not set(values.values()) & set(command)
    assert (tmp_path / "store" / "settings" / "SECRET_KEY").read_text() == values["SECRET_KEY"]
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700


def test_the_context_is_a_list_of_what_may_enter():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not allowed & {".", ".local", ".git", ".venv", "secrets", "tests"}
    assert all((ROOT / name).exists() for name in allowed)
