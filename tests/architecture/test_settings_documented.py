"""Every setting is in docs/settings.md, and nothing else is."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
READERS = {"env_str", "env_bool", "env_int", "env_list"}


def read_from_environment() -> set[str]:
    """The names that settings.py asks the environment for."""
    tree = ast.parse((ROOT / "platform" / "config" / "settings.py").read_text(encoding="utf-8"))
    return {
        str(ast.literal_eval(node.args[0]))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in READERS
    }


def documented(heading: str) -> set[str]:
    """Names in the first column of the tables under `## heading`."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z0-9_]+)`", section, re.MULTILINE))


def test_every_variable_that_is_read_is_documented_and_no_other():
    assert documented("From the environment") == read_from_environment()


def test_every_limit_named_on_the_page_is_a_setting():
    names = documented("Limits in the code")
    assert names
    assert [name for name in sorted(names) if not hasattr(settings, name)] == []


def test_every_limit_with_a_unit_is_on_the_page():
    """Our own numbers carry their unit or kind at the end of the name (STYLE: naming)."""
    units = ("_M", "_M2", "_S", "_MAX", "_BYTES", "_VERTICES", "_PARTS", "_DRAWN", "_BELOW")
    ours = {
        node.targets[0].id
        for node in ast.parse((ROOT / "platform/config/settings.py").read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, int | float)
    }
    limits = {name for name in ours if name.endswith(units)}
    assert limits <= documented("Limits in the code")
