"""A file is what its bytes say; a name convinces nobody."""

from pathlib import Path

import pytest

from gis_layers.imports.reading.formats import Format, format_of, is_prg, root_of
from gis_layers.imports.reading.refusals import Refused

PRG = Path(__file__).resolve().parents[2] / "fixtures/prg"
GML = b'<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2"/>'


@pytest.fixture
def file(tmp_path):
    def make(content: bytes) -> Path:
        path = tmp_path / "layer.gpkg"
        path.write_bytes(content)
        return path

    return make


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"SQLite format 3\0", Format.GEOPACKAGE),
        (b"fgb\x03fgb\x00", Format.FLATGEOBUF),
        (b"\0\0\x27\x0a", Format.SHAPEFILE),
        (b' \n{"type"', Format.GEOJSON),
        (b'\xef\xbb\xbf{"type"', Format.GEOJSON),
        (GML, Format.GML),
        (b"\xef\xbb\xbf" + GML, Format.GML),
        (b'<?xml version="1.0" encoding="windows-1250"?>\n<!-- \xb9 -->' + GML, Format.GML),
        ('<?xml version="1.0" encoding="UTF-16"?><FeatureCollection/>'.encode("utf-16"), None),
        (b"<OGRVRTDataSource/>", None),
        (b"<kml/>", None),
        (b"<html>", None),
        (b"PK", None),
        (b"", None),
    ],
)
def test_the_first_bytes_decide(file, content, found):
    if found:
        assert format_of(file(content)) == found
    else:
        with pytest.raises(Refused, match="not_a_layer"):
            format_of(file(content))


def test_a_document_type_is_refused_wherever_it_leads(file):
    bomb = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + GML
    with pytest.raises(Refused, match="xml_doctype"):
        format_of(file(bomb))


def test_the_root_is_found_in_a_beginning():
    assert root_of(GML[:-2] + b" a='1") == ""
    assert root_of(GML[:-2] + b"><a><b").endswith(" FeatureCollection")


def test_prg_is_known_by_the_namespaces_it_declares(file):
    assert all(is_prg(path) for path in PRG.iterdir())
    assert not is_prg(file(GML))
    assert not is_prg(file(GML + b"<!-- gugik:specyfikacje:gmlas:panstwowyRejestr -->"))
