"""Where things lie, and which way imports go."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Top to bottom, as docs/architecture.md draws it.
ORDER = ["config", "dispatch", "residents", "gis_layers", "teryt", "audit", "accounts"]
ATTICS = {"utils.py", "helpers.py", "managers.py", "misc.py", "common.py"}


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


TEXTS = ("*.py", "*.sql", "*.md", "*.ts", "*.svelte", "*.html", "*.toml", "*.yaml")
DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
ADDRESS = re.compile(r"https?://\S+")


def test_every_document_that_a_text_names_is_here():
    """By its path from the root or from the text, or by its bare name: a reader can open it."""
    names = {path.name for path in committed("*.md")}
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in committed(*TEXTS)
        for name in DOCUMENT.findall(ADDRESS.sub("", path.read_text(encoding="utf-8")))
        if not ((ROOT / name).is_file() or (path.parent / name).is_file() or name in names)
    ]
    assert lost == []


def test_platform_is_a_source_root_and_no_package():
    assert not (ROOT / "platform" / "__init__.py").exists()
    import platform

    assert platform.python_version()  # the standard library's module is the one found


def test_nobody_imports_through_the_source_root():
    for path in committed("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("platform."), path


def test_the_import_contract_names_every_package_in_order():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert config["root_packages"] == ORDER
    assert [c["layers"] for c in config["contracts"] if c["type"] == "layers"] == [ORDER]


def test_imports_point_one_way():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_supervisor_needs_nothing_but_the_standard_library():
    """ops/ runs before .venv exists."""
    allowed = sys.stdlib_module_names | {"ops"}
    for path in committed("ops/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.split(".")[0] for name in names} <= allowed, path


@pytest.mark.parametrize("package", ORDER)
def test_no_package_keeps_an_attic(package):
    found = {path.name for path in committed(f"{package}/*.py", f"platform/{package}/*.py")}
    assert found, f"{package} has no files"
    assert not found & ATTICS


def test_every_sql_file_says_what_it_returns():
    for path in committed("*.sql"):
        assert path.read_text(encoding="utf-8").startswith("--"), f"{path} has no head comment"


def test_the_map_of_dispatch_shows_every_room_and_no_other():
    """docs/architecture.md groups the package's files by what a reader looks for."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = text.split("### The rooms of `dispatch`")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", rooms)) - {"dispatch"}
    assert named == {path.stem for path in (ROOT / "dispatch").glob("*.py")} - {"__init__"}
