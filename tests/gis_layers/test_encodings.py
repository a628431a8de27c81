"""Polish letters come out right, and nobody is told an encoding that was only guessed."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.imports.reading import encodings
from gis_layers.imports.reading.encodings import Decoded, decoded, looks_utf_8
from gis_layers.imports.reading.formats import Format
from gis_layers.imports.reading.refusals import Refused

PANGRAM = "Pchnąć w tę łódź jeża lub ośm skrzyń fig"
XML = '<?xml version="1.0" encoding="{}"?>\n<FeatureCollection>{}</FeatureCollection>'


@pytest.fixture
def file(tmp_path):
    def make(content: bytes, name: str = "x.geojson") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return make


def told(found: Decoded) -> tuple[str, bool]:
    return found.encoding, found.guessed


class TestTexts:
    def test_utf_8_is_left_as_it_is(self, file):
        path = file(PANGRAM.encode())
        assert decoded(path, Format.GEOJSON, "") == Decoded(path, "UTF-8", False, 0)

    def test_windows_1250_is_guessed_and_said_to_be(self, file):
        found = decoded(file(PANGRAM.encode("cp1250")), Format.GEOJSON, "")
        assert told(found) == ("windows-1250", True)
        assert found.path.read_text("utf-8") == PANGRAM

    def test_what_the_officer_says_is_no_guess(self, file):
        found = decoded(file(PANGRAM.encode("cp1250")), Format.GEOJSON, "cp1250")
        assert told(found) == ("windows-1250", False)

    @pytest.mark.parametrize("said", ["utf8", "UTF-8"])
    def test_a_wrong_word_of_the_officer_is_refused(self, file, said):
        with pytest.raises(Refused, match="encoding_wrong"):
            decoded(file(PANGRAM.encode("cp1250")), Format.GEOJSON, said)

    @pytest.mark.parametrize("said", ["koi8-r", "latin-2", "nonsense", "\0"])
    def test_other_encodings_are_refused_by_name(self, file, said):
        with pytest.raises(Refused, match="encoding_unknown"):
            decoded(file(b"{}"), Format.GEOJSON, said)

    def test_bytes_that_are_neither_are_refused(self, file):
        with pytest.raises(Refused, match="encoding_wrong"):
            decoded(file(b'{"a": "\x81\x98"}'), Format.GEOJSON, "")

    def test_a_letter_cut_by_the_chunk_stays_whole(self, file, monkeypatch):
        monkeypatch.setattr(encodings, "CHUNK", 3)
        assert told(decoded(file(PANGRAM.encode()), Format.GEOJSON, "")) == ("UTF-8", False)

    def test_a_letter_cut_by_the_end_is_no_utf_8(self, file):
        found = decoded(file("żą".encode()[:-1]), Format.GEOJSON, "")
        assert told(found) == ("windows-1250", True)

    def test_features_are_counted_over_the_chunks(self, file, monkeypatch):
        monkeypatch.setattr(encodings, "CHUNK", 7)
        text = b'{"type": "FeatureCollection", "features": [' + b'{"type": "Feature"},' * 9 + b"]}"
        assert decoded(file(text), Format.GEOJSON, "").features == 9

    def test_xml_is_rewritten_with_its_declaration(self, file):
        path = file(XML.format("windows-1250", PANGRAM).encode("cp1250"), "x.gml")
        found = decoded(path, Format.GML, "")
        assert told(found) == ("windows-1250", False)
        assert found.path.read_text("utf-8") == XML.format("UTF-8", PANGRAM)

    def test_xml_that_says_utf_8_wrongly_is_guessed(self, file):
        path = file(XML.format("utf-8", PANGRAM).encode("cp1250"), "x.gml")
        found = decoded(path, Format.GML, "")
        assert told(found) == ("windows-1250", True)
        assert PANGRAM in found.path.read_text("utf-8")

    def test_xml_that_says_windows_1250_wrongly_is_guessed(self, file):
        path = file(XML.format("windows-1250", PANGRAM).encode(), "x.gml")
        found = decoded(path, Format.GML, "")
        assert told(found) == ("UTF-8", True)
        assert found.path.read_text("utf-8") == XML.format("UTF-8", PANGRAM)

    def test_xml_without_letters_needs_no_guess(self, file):
        found = decoded(file(XML.format("windows-1250", "x").encode(), "x.gml"), Format.GML, "")
        assert told(found) == ("UTF-8", False)

    @given(text=st.text(st.sampled_from("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ aZ{}"), min_size=1))
    @settings(derandomize=True, max_examples=50, deadline=None)
    def test_polish_text_comes_out_the_same_whichever_way(self, tmp_path_factory, text):
        for codec in ("utf-8", "cp1250"):
            path = tmp_path_factory.mktemp("text") / "x.geojson"
            path.write_bytes(text.encode(codec))
            said = "" if codec == "utf-8" else codec
            found = decoded(path, Format.GEOJSON, said)
            if text.encode(codec) != text.encode("utf-8") or codec == "utf-8":
                assert found.path.read_text("utf-8") == text


class TestShapefiles:
    """A .dbf's header is 32 bytes, its texts follow; the 30th byte is a code page."""

    def told(self, file, texts: bytes, page: str = "", mark: int = 0, said: str = "") -> object:
        file(bytes(29) + bytes([mark, 0, 0]) + texts, "x.dbf")
        if page:
            file(page.encode(), "x.cpg")
        return told(decoded(file(b"", "x.shp"), Format.SHAPEFILE, said))

    @pytest.mark.parametrize("page", ["1250", "CP1250", "windows-1250", " Windows-1250\n"])
    def test_the_cpg_is_believed(self, file, page):
        assert self.told(file, PANGRAM.encode("cp1250"), page) == ("windows-1250", False)

    def test_the_mark_of_the_table_is_believed(self, file):
        assert self.told(file, PANGRAM.encode("cp1250"), mark=0xC8) == ("windows-1250", False)

    @pytest.mark.parametrize("page", ["", "UTF-8", "1252", "nonsense"])
    def test_what_is_unsaid_or_wrong_is_guessed(self, file, page):
        assert self.told(file, PANGRAM.encode("cp1250"), page) == ("windows-1250", True)

    @pytest.mark.parametrize(("page", "guessed"), [("UTF-8", False), ("", True), ("1250", True)])
    def test_utf_8_is_known_by_its_letters(self, file, page, guessed):
        assert self.told(file, PANGRAM.encode(), page) == ("UTF-8", guessed)

    def test_ascii_needs_no_guess(self, file):
        assert self.told(file, b"Rynek 1") == ("UTF-8", False)

    def test_the_officer_overrules_the_file(self, file):
        assert self.told(file, PANGRAM.encode(), "UTF-8", said="cp1250") == ("windows-1250", False)


def test_utf_8_cut_by_a_fields_end_still_looks_like_it():
    cut = "Łódź Żółć".encode()[:-1]
    assert looks_utf_8(cut)
    assert not looks_utf_8(PANGRAM.encode("cp1250"))
