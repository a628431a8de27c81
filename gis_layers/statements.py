"""The package's SQL by name. Each file says what it returns and what its parameters are."""

from functools import cache
from importlib.resources import files

SQL = files("gis_layers") / "sql"


@cache
def statement(name: str) -> str:
    """The text of sql/{name}.sql."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")
