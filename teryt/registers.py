"""The three registers: their columns in GUS's files, in our tables, and how a row is read.

Column names of GUS's files are known here only. Source: https://eteryt.stat.gov.pl, "pliki pełne"
and "pliki aktualizacyjne", descriptions of their structures; the official (urzędowe) and the
address version (adresowe) have the same columns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from teryt.codes import parse_simc, parse_terc, parse_ulic
from teryt.models import Locality, StreetName, Unit
from teryt.names import normal_form

Fields = Mapping[str, str]


def unit(row: Fields) -> tuple[Any, ...]:
    terc = parse_terc(row["WOJ"] + row["POW"] + row["GMI"] + row["RODZ"])
    return str(terc), terc.terc6, needed(row, "NAZWA"), row["NAZWA_DOD"], state(row)


def locality(row: Fields) -> tuple[Any, ...]:
    terc = parse_terc(row["WOJ"] + row["POW"] + row["GMI"] + row["RODZ_GMI"])
    name = needed(row, "NAZWA")
    return (
        parse_simc(row["SYM"]),
        terc.terc6,
        terc.rodz,
        needed(row, "RM"),
        name,
        parse_simc(row["SYMPOD"]),
        normal_form(name),
        state(row),
    )


def street_name(row: Fields) -> tuple[Any, ...]:
    return (
        parse_simc(row["SYM"]),
        parse_ulic(row["SYM_UL"]),
        row["CECHA"],
        needed(row, "NAZWA_1"),
        row["NAZWA_2"],
        state(row),
    )


def needed(row: Fields, column: str) -> str:
    if not row[column]:
        raise ValueError(_("{column} is empty").format(column=column))
    return row[column]


def state(row: Fields) -> date:
    try:
        return date.fromisoformat(row["STAN_NA"])
    except ValueError:
        raise ValueError(_("{value} is not a date").format(value=row["STAN_NA"])) from None


@dataclass(frozen=True)
class Register:
    """One of the three registers: its columns in a file, and in our table (key first)."""

    name: str
    model: type[Model]
    columns: Sequence[str]
    stored: Sequence[str]
    key_width: int  # how many of `stored` are the key
    named_by: Sequence[str]  # which of `stored` are its name
    parse: Callable[[Fields], tuple[Any, ...]]
    # Each column's name in a file of changes, without its "Przed" or "Po".
    changing: Mapping[str, str]

    def key(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return row[: self.key_width]


UNIT_CHANGING = {"WOJ": "Woj", "POW": "Pow", "GMI": "Gmi", "STAN_NA": "Stan"}
REGISTERS = (
    Register(
        "TERC",
        Unit,
        ("WOJ", "POW", "GMI", "RODZ", "NAZWA", "NAZWA_DOD", "STAN_NA"),
        ("terc", "terc6", "name", "kind_name", "state_on"),
        1,
        ("name",),
        unit,
        UNIT_CHANGING | {"RODZ": "Rodz", "NAZWA": "Nazwa", "NAZWA_DOD": "NazwaDodatkowa"},
    ),
    Register(
        "SIMC",
        Locality,
        ("WOJ", "POW", "GMI", "RODZ_GMI", "RM", "NAZWA", "SYM", "SYMPOD", "STAN_NA"),
        ("simc", "terc6", "rodz", "rm", "name", "parent_simc", "search_name", "state_on"),
        1,
        ("name",),
        locality,
        UNIT_CHANGING
        | {
            "RODZ_GMI": "Rodz",
            "RM": "RodzajMiejscowosci",
            "NAZWA": "Nazwa",
            "SYMPOD": "IdentyfikatorMiejscowosciPodstawowej",
        },
    ),
    Register(
        "ULIC",
        StreetName,
        ("SYM", "SYM_UL", "CECHA", "NAZWA_1", "NAZWA_2", "STAN_NA"),
        ("simc", "ulic", "cecha", "name_1", "name_2", "state_on"),
        2,
        ("cecha", "name_1", "name_2"),
        street_name,
        UNIT_CHANGING
        | {
            "SYM": "IdentyfikatorMiejscowosci",
            "SYM_UL": "IdentyfikatorNazwyUlicy",
            "CECHA": "Cecha",
            "NAZWA_1": "Nazwa1",
            "NAZWA_2": "Nazwa2",
        },
    ),
)
