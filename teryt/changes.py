"""GUS's files of changes ("pliki aktualizacyjne", XML) onto the rows in force.

Each <zmiana> has the columns of its row before ("…Przed") and after ("…Po"): D adds a row, U takes
one away, M, and in SIMC Z and P, change one; of the row after, a change has only what changed, and
codes and names whole. Source: eteryt.stat.gov.pl, "Pliki aktualizacyjne - struktury".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from teryt.reader import Line, broken, row_of
from teryt.registers import REGISTERS, Fields, Register

KIND = "TypKorekty"
ADDED, REMOVED, CHANGED = "D", "U", frozenset("MZP")
LOCALITY = "Identyfikator"  # SIMC's own code, which has no before and after
# Columns that are given together as soon as one of them changes.
TOGETHER = (("WOJ", "POW", "GMI", "RODZ", "RODZ_GMI"), ("CECHA", "NAZWA_1", "NAZWA_2"))
TELLING = {"TERC": "NazwaDodatkowa", "SIMC": LOCALITY, "ULIC": "IdentyfikatorNazwyUlicy"}


@dataclass(frozen=True)
class Change:
    """One row's change: rows as our table stores them, null where there is none."""

    line: int
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None


def is_of_changes(fields: Fields) -> bool:
    return KIND in fields


def register_of(fields: Fields) -> Register | None:
    """The register that a change is of."""
    for register in REGISTERS:
        telling = TELLING[register.name]
        if fields.keys() & {telling, f"{telling}Przed", f"{telling}Po"}:
            return register
    return None


def changes(register: Register, lines: Iterable[Line], path: Path) -> Iterator[Change]:
    """The file's changes in order. Raises BrokenRow with the line."""
    for line, fields in lines:
        kind, before, after = fields.get(KIND, ""), None, None
        if kind not in CHANGED | {ADDED, REMOVED}:
            raise broken(path, line, _("{kind} is no kind of change").format(kind=kind))
        if kind != ADDED:
            before = row_of(register, line, side(register, fields, "Przed"), path)
        if kind != REMOVED:
            row = side(register, fields, "Po")
            if kind != ADDED:
                row = laid_over(side(register, fields, "Przed"), row)
            after = row_of(register, line, row, path)
        yield Change(line, before, after)


def side(register: Register, fields: Fields, suffix: str) -> dict[str, str]:
    """One side of a change under the names of the whole file's columns."""
    row = {
        column: fields.get(f"{name}{suffix}") or fields.get(underscored(f"{name}{suffix}"), "")
        for column, name in register.changing.items()
    }
    if LOCALITY in fields:
        row["SYM"] = fields[LOCALITY]
    return row


def underscored(name: str) -> str:
    """GUS's description writes Nazwa_1Po, its files Nazwa1Po."""
    return name.replace("Nazwa1", "Nazwa_1").replace("Nazwa2", "Nazwa_2")


def laid_over(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The row after a change, of which `after` has only what changed."""
    whole = {
        column
        for columns in TOGETHER
        if any(after.get(column) for column in columns)
        for column in columns
    }
    return {
        column: after[column] if after[column] or column in whole else value
        for column, value in before.items()
    }
