"""A register file into its table: a release, all of it or nothing.

What a file says is staged first: a whole file as it is, changes on top of the rows in force. What
differs is written down (Difference), then the staged rows take the table's place.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Composed, Identifier

from accounts.models import User
from audit.record import record
from audit.verbs import Verb
from teryt import gmina_codes
from teryt.changes import Change, changes, is_of_changes, register_of
from teryt.errors import FromTheFuture, OlderThanHeld, OrphanRow, OtherRegister, TooManyVanish
from teryt.models import Difference, Release
from teryt.reader import Line, broken, open_lines, row_of, unlike
from teryt.registers import REGISTERS, Register

STAGED = Identifier("teryt_staged")
# A whole file that lacks more of the rows in force than this is more likely cut off than true.
VANISH_SHARE = 0.05
Op = Difference.Op
Recodes = Mapping[str, str]  # a row's key now -> before


@dataclass(frozen=True)
class Loaded:
    """What a file did to its register.

    `added` and `removed` rows, the latter kept as no longer in force; `counts` of all differences
    by Difference.Op, empty for a first release. `warnings` are sentences.
    """

    release: Release
    added: int
    removed: int
    counts: Mapping[str, int]
    warnings: Sequence[str] = field(default=())


@transaction.atomic
def load_files(
    paths: Iterable[Path], *, by: User | None, force: bool = False, expected: str = ""
) -> list[Loaded]:
    """Take in files of TERC, SIMC and ULIC, whole or of changes: all of them or none.

    Rows that are gone are closed with the file's state date, never deleted: addresses may refer to
    them. `expected` is the register that the files should be, if it matters. Raises NotARegister,
    OtherRegister, BrokenRow, OrphanRow, FromTheFuture and, unless `force`, OlderThanHeld and
    TooManyVanish.
    """
    return [load_file(path, by=by, force=force, expected=expected) for path in paths]


def load_file(path: Path, *, by: User | None, force: bool, expected: str) -> Loaded:
    """One of load_files' files, in a transaction of the caller's; others wait for its end."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE teryt_release IN SHARE ROW EXCLUSIVE MODE")
    with open_lines(path) as lines:
        register, of_changes, lines = recognised(lines, path)
        if expected not in ("", register.name):
            names = {"file": path.name, "expected": expected, "found": register.name}
            raise OtherRegister(details=names)
        recodes: Recodes = {}
        if of_changes:
            count, recodes = stage_changes(register, changes(register, lines, path), path)
        else:
            count = stage(register, parsed(register, lines, path))
    release = Release(
        register=register.name,
        kind=Release.Kind.CHANGES if of_changes else Release.Kind.WHOLE,
        state_on=staged_state(),
        file_name=path.name[:200],
        sha256=digest(path),
        rows=count,
        loaded_by_id=by.pk if by else None,
    )
    return take_in(register, release, path, recodes, by=by, force=force)


def take_in(
    register: Register,
    release: Release,
    path: Path,
    recodes: Recodes,
    *,
    by: User | None,
    force: bool,
) -> Loaded:
    """Make the staged rows the register's, if nothing stands against it."""
    refuse_future(release, path)
    if not force:
        refuse_older(release, path)
    refuse_orphans(register, path)
    release.save()
    was_empty = not register.model._default_manager.exists()
    if not was_empty:
        release.counts = write_differences(register, release, recodes)
        release.save(update_fields=["counts"])
    added, removed = merge(register, release.state_on)
    is_cut = removed > VANISH_SHARE * (release.rows + removed)
    if is_cut and release.kind == Release.Kind.WHOLE and not force:
        raise TooManyVanish(details={"file": path.name, "count": removed})
    followed = gmina_codes.follow(release, by=by) if register.name == "TERC" else []
    warnings = [*followed, *differing_kinds(register)]
    tell(release, by, added, removed)
    return Loaded(release, added, removed, release.counts, warnings)


def recognised(lines: Iterator[Line], path: Path) -> tuple[Register, bool, Iterator[Line]]:
    """Which register the rows are of, whether they are changes, and all of the rows."""
    first = next(lines)
    fields, all_lines = first[1], chain([first], lines)
    if is_of_changes(fields):
        register = register_of(fields)
    else:
        has = (one for one in REGISTERS if set(one.columns) <= fields.keys())
        register = next(has, None)
    if register is None:
        raise unlike(path, _("its columns are {names}").format(names=", ".join(fields)))
    return register, is_of_changes(fields), all_lines


def parsed(register: Register, lines: Iterable[Line], path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows as our table stores them, each key once."""
    seen = set()
    for line, fields in lines:
        row = row_of(register, line, fields, path)
        if register.key(row) in seen:
            raise broken(path, line, _("this code came before"))
        seen.add(register.key(row))
        yield row


def stage(register: Register, rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY the rows into a table of this transaction; how many."""
    count = 0
    with connection.cursor() as cursor:
        empty_stage(register)
        copying = SQL("COPY {} ({}) FROM STDIN").format(STAGED, names(register.stored))
        with cursor.copy(copying) as copy:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the result
                copy.write_row(row)
        # Nobody else looks after a temporary table's statistics; without them closing takes hours.
        cursor.execute(SQL("ANALYZE {}").format(STAGED))
    return count


def stage_changes(register: Register, found: Iterable[Change], path: Path) -> tuple[int, Recodes]:
    """The rows in force with the changes made to them; how many changes, and who has a new key."""
    empty_stage(register)
    recodes: dict[str, str] = {}
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(statement("stage_held.sql", register))
        for count, change in enumerate(found, start=1):  # noqa: B007 - the count is the result
            apply(register, change, path)
            if change.before and change.after:
                before, after = (joined(register, row) for row in (change.before, change.after))
                if before != after:
                    recodes[after] = recodes.pop(before, before)
        cursor.execute(SQL("ANALYZE {}").format(STAGED))
    return count, recodes


def apply(register: Register, change: Change, path: Path) -> None:
    """One change onto the staged rows; what it changes has to be there, and only that."""
    with connection.cursor() as cursor:
        if change.before:
            cursor.execute(statement("unstage.sql", register), register.key(change.before))
            if not cursor.rowcount:
                raise broken(path, change.line, _("the row that it changes is not held"))
        if change.after:
            cursor.execute(statement("stage_row.sql", register), change.after)
            if not cursor.rowcount:
                raise broken(path, change.line, _("there is a row with this code already"))


def joined(register: Register, row: tuple[Any, ...]) -> str:
    """A row's key as Difference has it."""
    return "/".join(map(str, register.key(row)))


def empty_stage(register: Register) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(STAGED))
        cursor.execute(statement("stage.sql", register))


def staged_state() -> date:
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT max(state_on) FROM {}").format(STAGED))
        return cursor.fetchone()[0]


def refuse_future(release: Release, path: Path) -> None:
    if release.state_on > timezone.localdate():
        raise FromTheFuture(details={"file": path.name, "date": str(release.state_on)})


def refuse_older(release: Release, path: Path) -> None:
    releases = Release.objects.filter(register=release.register)
    held = releases.aggregate(held=Max("state_on"))["held"]
    if held and release.state_on < held:
        raise OlderThanHeld(
            details={
                "file": path.name,
                "file_date": str(release.state_on),
                "held_date": str(held),
            }
        )


def refuse_orphans(register: Register, path: Path) -> None:
    """Localities of no gmina, streets of no locality: one of the files is not what it seems.

    Nothing to say where the register above is not loaded.
    """
    parent = PARENTS.get(register.name)
    if parent is None or not parent[0].model._default_manager.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(statement("orphans.sql", register))
        orphan = cursor.fetchone()
    if orphan:
        details = {"file": path.name, "key": orphan[0], "parent": orphan[1]}
        raise OrphanRow(details=details)


def differing_kinds(register: Register) -> list[str]:
    """How many localities have their gmina's kind otherwise than TERC: the files' dates differ."""
    if register.name != "SIMC":
        return []
    with connection.cursor() as cursor:
        cursor.execute((files("teryt") / "sql" / "differing_kinds.sql").read_text("utf-8"))
        [count] = cursor.fetchone()
    told = _("%(count)d localities have another RODZ than TERC; only the first six digits count.")
    return [told % {"count": count}] if count else []


def write_differences(register: Register, release: Release, recodes: Recodes) -> dict[str, int]:
    """Write down what the staged rows change; how many of each kind."""
    with connection.cursor() as cursor:
        cursor.execute(statement("differences.sql", register), {"release": release.pk})
        counts = dict(cursor.fetchall())
    for key, before in recodes.items():
        gone = release.differences.filter(key=before, op=Op.REMOVED).first()
        new = release.differences.filter(key=key, op=Op.ADDED).first()
        if gone and new:
            gone.delete()
            new.op, new.key_before = Op.RECODED, before
            new.before, new.terc6_before = gone.before, gone.terc6_before
            new.save()
            for op, change in ((Op.REMOVED, -1), (Op.ADDED, -1), (Op.RECODED, 1)):
                counts[op] = counts.get(op, 0) + change
    return {op: count for op, count in counts.items() if count}


def merge(register: Register, state_on: date) -> tuple[int, int]:
    """Added and closed rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement("merge.sql", register))
        [(added,)] = cursor.fetchall()
        cursor.execute(SQL("ANALYZE {}").format(Identifier(register.model._meta.db_table)))
        cursor.execute(statement("close.sql", register), {"on": state_on})
        return added, cursor.rowcount


def tell(release: Release, by: User | None, added: int, removed: int) -> None:
    record(
        Verb.TERYT_IMPORTED,
        by=by,
        gmina=None,
        target_kind="register",
        target_id=release.register,
        state_on=release.state_on.isoformat(),
        rows=release.rows,
        added=added,
        closed=removed,
        counts=release.counts,
    )


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def statement(name: str, register: Register) -> Composed:
    """A statement of this package with the register's own table and columns in it."""
    key = register.stored[: register.key_width]
    text = (files("teryt") / "sql" / name).read_text(encoding="utf-8")
    parent = PARENTS.get(register.name)
    return SQL(text).format(
        table=Identifier(register.model._meta.db_table),
        staged=STAGED,
        columns=names(register.stored),
        values=SQL(", ").join(SQL("%s") for _column in register.stored),
        key=names(key),
        key_values=SQL(", ").join(SQL("%s") for _column in key),
        held=names(register.stored, "held"),
        excluded=names(register.stored, "excluded"),
        staged_key=names(key, "staged"),
        held_key=names(key, "held"),
        staged_name=names(register.named_by, "staged"),
        held_name=names(register.named_by, "held"),
        staged_gmina=gmina_of(register, "staged"),
        held_gmina=gmina_of(register, "held"),
        parents=Identifier(parent[0].model._meta.db_table if parent else ""),
        parent=Identifier(parent[1] if parent else ""),
    )


def gmina_of(register: Register, table: str) -> Composable:
    """WOJ+POW+GMI of a row; a street has that of its locality."""
    if register.name != "ULIC":
        return Identifier(table, "terc6")
    locality = SQL("(SELECT terc6 FROM teryt_locality AS locality WHERE locality.simc = {})")
    return locality.format(Identifier(table, "simc"))


def names(columns: Sequence[str], table: str = "") -> Composable:
    qualified = [Identifier(table, name) if table else Identifier(name) for name in columns]
    return SQL(", ").join(qualified)


# Register -> the one that its rows hang on, and by which column.
PARENTS = {"SIMC": (REGISTERS[0], "terc6"), "ULIC": (REGISTERS[1], "simc")}
