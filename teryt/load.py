"""A register file into its table: all of it or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from psycopg.sql import SQL, Composable, Composed, Identifier

from accounts.models import User
from audit.record import record
from audit.verbs import Verb
from teryt.errors import OlderThanHeld, TooManyVanish
from teryt.reader import Register, open_register

STAGED = Identifier("teryt_staged")
# A whole file that lacks more of the rows in force than this is more likely cut off than true.
VANISH_SHARE = 0.05


@dataclass(frozen=True)
class Loaded:
    """What a file did to its register; `closed` rows are kept, no longer in force."""

    register: str
    state_on: date
    rows: int
    added: int
    changed: int
    closed: int


@transaction.atomic
def load_files(paths: Iterable[Path], *, by: User | None, force: bool = False) -> list[Loaded]:
    """Take in whole TERC, SIMC and ULIC files, all of them or none.

    Rows that a file lacks are closed with its state date, never deleted: addresses may refer to
    them. Raises NotARegister, BrokenRow and, unless `force`, OlderThanHeld and TooManyVanish.
    """
    return [load_file(path, by=by, force=force) for path in paths]


def load_file(path: Path, *, by: User | None, force: bool) -> Loaded:
    with open_register(path) as (register, rows):
        count = stage(register, rows)
    state_on = staged_state()
    if not force:
        refuse_older(register, state_on, path)
    added, changed, closed = merge(register, state_on)
    if not force and closed > VANISH_SHARE * (count + closed):
        raise TooManyVanish(details={"file": path.name, "count": closed})
    done = Loaded(register.name, state_on, count, added, changed, closed)
    record(
        Verb.TERYT_IMPORTED,
        by=by,
        gmina=None,
        target_kind="register",
        target_id=register.name,
        state_on=state_on.isoformat(),
        rows=count,
        added=added,
        changed=changed,
        closed=closed,
    )
    return done


def stage(register: Register, rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY the rows into a table of this transaction; how many."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(STAGED))
        cursor.execute(statement("stage.sql", register))
        copying = SQL("COPY {} ({}) FROM STDIN").format(STAGED, names(register.stored))
        with cursor.copy(copying) as copy:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the result
                copy.write_row(row)
        # Nobody else looks after a temporary table's statistics; without them closing takes hours.
        cursor.execute(SQL("ANALYZE {}").format(STAGED))
    return count


def staged_state() -> date:
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT max(state_on) FROM {}").format(STAGED))
        return cursor.fetchone()[0]


def refuse_older(register: Register, state_on: date, path: Path) -> None:
    held = register.model._default_manager.aggregate(held=Max("state_on"))["held"]
    if held and state_on < held:
        raise OlderThanHeld(
            details={"file": path.name, "file_date": str(state_on), "held_date": str(held)}
        )


def merge(register: Register, state_on: date) -> tuple[int, int, int]:
    """Added, changed and closed rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement("merge.sql", register))
        added = [row[0] for row in cursor.fetchall()]
        cursor.execute(SQL("ANALYZE {}").format(Identifier(register.model._meta.db_table)))
        cursor.execute(statement("close.sql", register), {"on": state_on})
        return sum(added), len(added) - sum(added), cursor.rowcount


def statement(name: str, register: Register) -> Composed:
    """A statement of this package with the register's own table and columns in it."""
    key = register.stored[: register.key_width]
    text = (files("teryt") / "sql" / name).read_text(encoding="utf-8")
    return SQL(text).format(
        table=Identifier(register.model._meta.db_table),
        staged=STAGED,
        columns=names(register.stored),
        key=names(key),
        held=names(register.stored, "held"),
        excluded=names(register.stored, "excluded"),
        staged_key=names(key, "staged"),
        held_key=names(key, "held"),
    )


def names(columns: Sequence[str], table: str = "") -> Composable:
    qualified = [Identifier(table, name) if table else Identifier(name) for name in columns]
    return SQL(", ").join(qualified)
