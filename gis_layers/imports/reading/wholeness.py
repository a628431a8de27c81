"""Whether a file is whole, where GDAL would read on and say nothing."""

import mmap
import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from urllib.parse import quote
from xml.parsers import expat

from gis_layers.imports.reading.formats import Format, refuse_doctype
from gis_layers.imports.reading.refusals import Refused

# A "crs" member that names a web address, which GDAL would fetch (GeoJSON 2008, "link").
LINKED_CRS = re.compile(rb'"crs"\s*:\s*\{[^{}]*(\{[^{}]*)?"(link|url|href)"', re.IGNORECASE)


def refuse_broken(path: Path, kind: Format) -> None:
    """Look through the file before GDAL does. Raises Refused: file_damaged, xml_doctype,
    crs_linked."""
    if kind == Format.GML:
        refuse_broken_xml(path)
    elif kind == Format.GEOPACKAGE:
        refuse_broken_database(path)
    elif kind == Format.SHAPEFILE:
        refuse_short_shapefile(path)
    elif kind == Format.GEOJSON and linked_crs(path):
        raise Refused("crs_linked")


def refuse_broken_xml(path: Path) -> None:
    """To GDAL a document that is cut off is a shorter one."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        raise Refused("file_damaged") from error


def refuse_broken_database(path: Path) -> None:
    """Have SQLite look at every page: a damaged one else is a row less."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            (told,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise Refused("file_damaged") from error
    if told != "ok":
        raise Refused("file_damaged")


def refuse_short_shapefile(path: Path) -> None:
    """GDAL gives the rows of a .shp or .dbf that ends too soon without shape or values."""
    for suffix, head_bytes, length in PARTS:
        part = path.with_suffix(suffix)
        with part.open("rb") as file:
            head = file.read(head_bytes)
        if len(head) < head_bytes or part.stat().st_size < length(head):
            raise Refused("file_damaged")


def shape_length(head: bytes) -> int:
    """Bytes of a .shp or .shx by its header, which counts them in pairs."""
    return 2 * int.from_bytes(head[24:28], "big")


def table_length(head: bytes) -> int:
    """Bytes of a .dbf by its header: its own length, and rows of one length each."""
    rows, header, row = struct.unpack_from("<IHH", head, 4)
    return header + rows * row


# Of a Shapefile: suffix, bytes of the header, and what the whole file's length is by it.
PARTS = ((".shp", 100, shape_length), (".shx", 100, shape_length), (".dbf", 32, table_length))


def linked_crs(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return bool(LINKED_CRS.search(content))
