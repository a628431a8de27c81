"""GUS's register files, CSV or XML, plain or zipped, to rows. Column names are known here only.

Files: https://eteryt.stat.gov.pl, "pliki pełne", urzędowe. CSV is UTF-8 with a BOM and ";".
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.db.models import Model
from django.utils.translation import gettext as _

from teryt.codes import parse_simc, parse_terc, parse_ulic
from teryt.errors import BrokenRow, MalformedCode, NotARegister
from teryt.models import Locality, StreetName, Unit
from teryt.names import normal_form

UNPACKED_MAX = 256 * 1024**2  # bytes; SIMC, the largest file, has 29 MB as XML
XML_CHUNK = 64 * 1024
Fields = Mapping[str, str]
Line = tuple[int, Fields]  # where a row stands, and its columns


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
    parse: Callable[[Fields], tuple[Any, ...]]


REGISTERS = (
    Register(
        "TERC",
        Unit,
        ("WOJ", "POW", "GMI", "RODZ", "NAZWA", "NAZWA_DOD", "STAN_NA"),
        ("terc", "terc6", "name", "kind_name", "state_on"),
        1,
        unit,
    ),
    Register(
        "SIMC",
        Locality,
        ("WOJ", "POW", "GMI", "RODZ_GMI", "RM", "NAZWA", "SYM", "SYMPOD", "STAN_NA"),
        ("simc", "terc6", "rodz", "rm", "name", "parent_simc", "search_name", "state_on"),
        1,
        locality,
    ),
    Register(
        "ULIC",
        StreetName,
        ("SYM", "SYM_UL", "CECHA", "NAZWA_1", "NAZWA_2", "STAN_NA"),
        ("simc", "ulic", "cecha", "name_1", "name_2", "state_on"),
        2,
        street_name,
    ),
)


@contextmanager
def open_register(path: Path) -> Iterator[tuple[Register, Iterator[tuple[Any, ...]]]]:
    """Which register a file is, and its rows as our table stores them.

    Raises NotARegister at once and BrokenRow, with the line, while the rows are read.
    """
    with ExitStack() as stack:
        file = stack.enter_context(content(path))
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
        file.seek(0)
        lines = xml_lines(file, path) if start.startswith(b"<") else csv_lines(file, path)
        first = next(lines, None)
        if first is None:
            raise unlike(path, _("it has no rows"))
        register = recognised(first, path)
        yield register, parsed(register, chain([first], lines), path)


@contextmanager
def content(path: Path) -> Iterator[IO[bytes]]:
    """The file, or the CSV, else the XML, of a zip."""
    if not path.is_file():
        raise unlike(path, _("there is no such file"))
    if not zipfile.is_zipfile(path):
        with path.open("rb") as plain:
            yield plain
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(("csv", "xml")))
        if not names or archive.getinfo(names[0]).file_size > UNPACKED_MAX:
            raise unlike(path, _("the archive holds no CSV or XML of a plausible size"))
        with archive.open(names[0]) as packed:
            yield io.BytesIO(packed.read(UNPACKED_MAX))


def csv_lines(file: IO[bytes], path: Path) -> Iterator[Line]:
    """Rows of a CSV file with their line numbers."""
    reader = csv.reader(codecs.iterdecode(file, "utf-8-sig"), delimiter=";")
    try:
        header = next(reader, [])
        for row in filter(None, reader):  # the files end with an empty line
            if len(row) != len(header):
                reason = _("it has {there} columns, not {needed}")
                told = reason.format(there=len(row), needed=len(header))
                raise broken(path, reader.line_num, told)
            yield reader.line_num, dict(zip(header, map(str.strip, row), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise broken(path, reader.line_num, _("it cannot be read as CSV in UTF-8")) from error


def xml_lines(file: IO[bytes], path: Path) -> Iterator[Line]:
    """<row>s of an XML file with their line numbers; a document type is refused (entity bombs)."""
    found: list[Line] = []
    row: dict[str, str] = {}
    text: list[str] = []
    parser = expat.ParserCreate()

    def start(tag: str, _attributes: Mapping[str, str]) -> None:
        text.clear()
        if tag == "row":
            row.clear()

    def end(tag: str) -> None:
        if tag == "row":
            found.append((parser.CurrentLineNumber, dict(row)))
        else:
            row[tag] = "".join(text).strip()

    def refuse(*_declaration: object) -> None:
        raise broken(path, parser.CurrentLineNumber, _("a document type is not allowed"))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text.append, refuse
    try:
        while chunk := file.read(XML_CHUNK):
            parser.Parse(chunk, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise broken(path, error.lineno, _("it cannot be read as XML")) from error


def recognised(first: Line, path: Path) -> Register:
    """The register whose columns the first row has."""
    for register in REGISTERS:
        if set(register.columns) <= first[1].keys():
            return register
    raise unlike(path, _("its columns are {names}").format(names=", ".join(first[1])))


def parsed(register: Register, lines: Iterable[Line], path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows as our table stores them, each key once."""
    seen = set()
    for line, fields in lines:
        try:
            row = register.parse(fields)
        except MalformedCode as error:
            raise broken(path, line, error.text) from error
        except KeyError as error:
            told = _("{column} is missing").format(column=error.args[0])
            raise broken(path, line, told) from error
        except ValueError as error:
            raise broken(path, line, str(error)) from error
        key = row[: register.key_width]
        if key in seen:
            raise broken(path, line, _("this code came before"))
        seen.add(key)
        yield row


def unlike(path: Path, reason: str) -> NotARegister:
    return NotARegister(details={"file": path.name, "reason": reason})


def broken(path: Path, line: int, reason: str) -> BrokenRow:
    return BrokenRow(details={"file": path.name, "line": line, "reason": reason})
