"""GUS's register files, CSV or XML, plain or zipped, to the rows as they stand.

Files: https://eteryt.stat.gov.pl. CSV is UTF-8 with a BOM and ";".
"""

import codecs
import csv
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from teryt.errors import BrokenRow, MalformedCode, NotARegister
from teryt.registers import Fields, Register

UNPACKED_MAX = 256 * 1024**2  # bytes; SIMC has 29 MB as XML, ULIC about 90
XML_CHUNK = 64 * 1024
ROWS = ("row", "zmiana")
Line = tuple[int, Fields]  # where a row stands, and its columns


@contextmanager
def open_lines(path: Path) -> Iterator[Iterator[Line]]:
    """The file's rows as they stand, at least one. Raises NotARegister; BrokenRow while reading."""
    with ExitStack() as stack:
        file = stack.enter_context(content(path))
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
        file.seek(0)
        lines = xml_lines(file, path) if start.startswith(b"<") else csv_lines(file, path)
        first = next(lines, None)
        if first is None:
            raise unlike(path, _("it has no rows"))
        yield chain([first], lines)


@contextmanager
def content(path: Path) -> Iterator[IO[bytes]]:
    """The file, or the CSV, else the XML, of a zip that holds one register."""
    if not path.is_file():
        raise unlike(path, _("there is no such file"))
    if not zipfile.is_zipfile(path):
        with path.open("rb") as plain:
            yield plain
        return
    try:
        with zipfile.ZipFile(path) as archive:
            name = only_register(archive, path)
            if archive.getinfo(name).file_size > UNPACKED_MAX:
                raise unlike(path, _("the archive holds no CSV or XML of a plausible size"))
            with archive.open(name) as packed:
                yield packed
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise unlike(path, _("the archive is damaged")) from error


def only_register(archive: zipfile.ZipFile, path: Path) -> str:
    """The CSV, else the XML, of an archive that has one register in either form or both."""
    names = sorted(name for name in archive.namelist() if name.lower().endswith((".csv", ".xml")))
    if not names:
        raise unlike(path, _("the archive holds no CSV or XML"))
    if len({name[:-4] for name in names}) > 1:
        raise unlike(path, _("the archive holds several: {names}").format(names=", ".join(names)))
    return names[0]


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
    """Rows of an XML file with their line numbers; a document type is refused (entity bombs)."""
    found: list[Line] = []
    row: dict[str, str] = {}
    text: list[str] = []
    parser = expat.ParserCreate()

    def start(tag: str, _attributes: Mapping[str, str]) -> None:
        text.clear()
        if tag in ROWS:
            row.clear()

    def end(tag: str) -> None:
        if tag in ROWS:
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


def row_of(register: Register, line: int, fields: Fields, path: Path) -> tuple[Any, ...]:
    """The row as our table stores it. Raises BrokenRow."""
    try:
        return register.parse(fields)
    except MalformedCode as error:
        raise broken(path, line, error.text) from error
    except KeyError as error:
        told = _("{column} is missing").format(column=error.args[0])
        raise broken(path, line, told) from error
    except ValueError as error:
        raise broken(path, line, str(error)) from error


def unlike(path: Path, reason: str) -> NotARegister:
    return NotARegister(details={"file": path.name, "reason": reason})


def broken(path: Path, line: int, reason: str) -> BrokenRow:
    return BrokenRow(details={"file": path.name, "line": line, "reason": reason})
