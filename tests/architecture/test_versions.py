"""The same versions everywhere, and lock files that hold hashes and no addresses."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection

from ops.packages import NEEDED, POSTGRES_MAJOR

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PINNED = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE | re.IGNORECASE)


def pinned(name: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / name).read_text()))


@pytest.mark.parametrize("name", LOCKS)
def test_python_locks_hold_a_hash_for_each_package_and_no_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(pinned(name)) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_development_adds_packages_and_changes_no_version():
    product, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert product.items() <= development.items()
    assert "pytest" in development
    assert "pytest" not in product


def test_the_front_ends_lock_holds_no_download_address():
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    fetched = {name: entry for name, entry in packages.items() if name.startswith("node_modules/")}
    assert len(fetched) > 20
    assert [name for name, entry in fetched.items() if "resolved" in entry] == []
    assert [name for name, entry in fetched.items() if "integrity" not in entry] == []


@pytest.mark.django_db
def test_tests_installation_and_compose_share_one_postgresql():
    compose = (ROOT / "compose.yaml").read_text()
    images = re.findall(r"image:\s*\S*postgis/postgis:(\d+)-", compose)
    assert images == [str(POSTGRES_MAJOR)]
    assert f"postgresql-{POSTGRES_MAJOR}" in NEEDED
    assert connection.pg_version // 10_000 == POSTGRES_MAJOR


def test_every_stage_of_the_image_stands_on_debian_12():
    stages = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    names = re.findall(r"^FROM \S+ AS (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert stages
    assert {stage for stage in stages if stage not in names} == {"debian:bookworm-slim"}
