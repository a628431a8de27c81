"""What a file is, by its first bytes, never by its name: nothing else may reach GDAL."""

import re
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from xml.parsers import expat

from gis_layers.imports.reading.refusals import Refused

HEAD_BYTES = 64 * 1024
BOM = b"\xef\xbb\xbf"
# Roots of GML documents: WFS and GUGiK write the first, GDAL the last.
ROOTS = ("FeatureCollection", "SimpleFeatureCollection")
PRG = ("gugik:specyfikacje:gmlas:panstwowyRejestrGranicAdresy", "geoportal.gov.pl/schemas/prgad")


class Format(StrEnum):
    """The formats read; the value is GDAL's name of the driver."""

    GEOPACKAGE = "GPKG"
    GEOJSON = "GeoJSON"
    FLATGEOBUF = "FlatGeobuf"
    SHAPEFILE = "ESRI Shapefile"
    GML = "GML"


# How the reader's copy is called: some drivers look at the name as well.
SUFFIX = {
    Format.GEOPACKAGE: ".gpkg",
    Format.GEOJSON: ".geojson",
    Format.FLATGEOBUF: ".fgb",
    Format.SHAPEFILE: ".shp",
    Format.GML: ".gml",
}
MAGIC = (
    (b"SQLite format 3\0", Format.GEOPACKAGE),
    (b"fgb\x03", Format.FLATGEOBUF),
    (b"\0\0\x27\x0a", Format.SHAPEFILE),
)


def format_of(path: Path) -> Format:
    """The file's format. Raises Refused: not_a_layer, xml_doctype."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"{"):
        return Format.GEOJSON
    if text.startswith(b"<") and root_of(head).rpartition(" ")[2] in ROOTS:
        return Format.GML
    raise Refused("not_a_layer")


def root_of(head: bytes) -> str:
    """The root element of an XML document as "namespace name"; "" where there is none.

    Raises Refused where the document declares a type: entities are how XML bombs are made.
    """
    found: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _attributes: found.append(name)
    parser.StartDoctypeDeclHandler = refuse_doctype
    with suppress(expat.ExpatError):  # what came before the fault is known
        parser.Parse(head, False)
    return found[0] if found else ""


def refuse_doctype(*_about: object) -> None:
    raise Refused("xml_doctype")


def is_prg(path: Path) -> bool:
    """Whether a GML document is GUGiK's address register, by the namespaces it declares."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES).decode("utf-8", "replace")
    declared = re.findall(r"""xmlns:[\w-]+\s*=\s*["']([^"']*)["']""", head)
    return any(space in name for name in declared for space in PRG)
