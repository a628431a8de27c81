"""Runs the package's SQL files by name, with bound parameters only."""

from functools import cache
from importlib.resources import files
from typing import Any

from django.db import connection


@cache
def text(name: str) -> str:
    """The text of sql/{name}.sql."""
    return (files("dispatch") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def joined(*names: str) -> str:
    """The texts of several files that go on from one another."""
    return "".join(map(text, names))


def rows(name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows that sql/{name}.sql returns, each as {column: value}."""
    with connection.cursor() as cursor:
        cursor.execute(text(name), parameters)
        columns = [column.name for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def tuples(name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows that sql/{name}.sql returns, bare: for those that come by the hundred thousand."""
    with connection.cursor() as cursor:
        cursor.execute(text(name), parameters)
        return list(cursor.fetchall())


def run(name: str, **parameters: Any) -> int:
    """How many rows sql/{name}.sql changed."""
    with connection.cursor() as cursor:
        cursor.execute(text(name), parameters)
        return int(cursor.rowcount)
