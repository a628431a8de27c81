from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Reasons are looked at in English, whatever the catalogue says."""
    with translation.override("en"):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a register file of the text given."""

    def make(text: str, name: str = "register.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make
