"""In which encoding a file's texts are: what it says where that is true, else a guess, told.

A text is UTF-8 where its bytes are; what is not is windows-1250, as Polish offices' software
writes. Text formats are rewritten to UTF-8 where they are not, since GDAL knows no windows-1250
there; a Shapefile is read with the encoding named.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from gis_layers.imports.reading.formats import Format
from gis_layers.imports.reading.refusals import Refused, disk_watched

UTF_8, WINDOWS_1250 = "UTF-8", "windows-1250"
CHUNK = 1024**2
DECLARED = re.compile(rb"""(<\?xml[^>]*?encoding\s*=\s*["'])([\w.:-]+)""")
FEATURE = b'"Feature"'  # of GeoJSON
LANGUAGE_BYTE = 29  # of a .dbf: its code page
LANGUAGES = {0xC8: WINDOWS_1250}  # others are what software writes unasked, such as 1252
SAMPLE_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Decoded:
    """A file GDAL can read, and how its texts are encoded.

    `guessed`: neither said by the file nor by the officer. `features`: how many there are by the
    look of the text, where that was counted.
    """

    path: Path
    encoding: str = UTF_8
    guessed: bool = False
    features: int | None = None


def known(name: str) -> str:
    """An encoding by any of its names. Raises Refused for one that is not read."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = ""
    found = {"utf-8": UTF_8, "utf-8-sig": UTF_8, "cp1250": WINDOWS_1250, "ascii": UTF_8}.get(codec)
    if found is None:
        raise Refused("encoding_unknown", encoding=name)
    return found


def decoded(path: Path, kind: Format, said: str) -> Decoded:
    """The file as GDAL reads it. `said` by the officer overrules what the file says.

    Raises Refused: encoding_unknown, encoding_wrong, disk_full, file_too_large.
    """
    wanted = known(said) if said else ""
    if kind == Format.SHAPEFILE:
        return of_shapefile(path, wanted)
    if kind in (Format.GEOJSON, Format.GML):
        return of_text(path, wanted)
    return Decoded(path)


def of_text(path: Path, wanted: str) -> Decoded:
    declared, text = declared_in(path), looked_through(path)
    if wanted == UTF_8 and not text.utf_8:
        raise Refused("encoding_wrong", encoding=UTF_8)
    encoding = wanted or (UTF_8 if text.utf_8 else WINDOWS_1250)
    guessed = not wanted and not text.ascii and encoding != (declared or UTF_8)
    if encoding == UTF_8 and declared != WINDOWS_1250:
        return Decoded(path, features=text.features)
    return Decoded(rewritten(path, encoding), encoding, guessed, text.features)


def declared_in(path: Path) -> str:
    """The encoding that an XML declaration names; "" where there is none."""
    with path.open("rb") as file:
        found = DECLARED.search(file.read(200))
    return known(found[2].decode("ascii", "replace")) if found else ""


@dataclass
class Text:
    """What a file's bytes are, and how many features it seems to have."""

    utf_8: bool = True
    ascii: bool = True
    features: int = 0


def looked_through(path: Path) -> Text:
    found, tail = Text(), b""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.ascii = found.ascii and chunk.isascii()
            found.utf_8 = found.utf_8 and decodes(decoder, chunk)
            text = tail + chunk
            tail = text[-len(FEATURE) + 1 :]
            found.features += text.count(FEATURE)
    found.utf_8 = found.utf_8 and not decoder.getstate()[0]
    return found


def decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def rewritten(path: Path, encoding: str) -> Path:
    """A copy in UTF-8 that says so of itself."""
    copy = path.parent / "utf-8" / path.name
    copy.parent.mkdir()
    with path.open("rb") as source, copy.open("wb") as out, disk_watched():
        out.write(recoded(DECLARED.sub(rb"\1UTF-8", source.read(CHUNK), count=1), encoding))
        while chunk := source.read(CHUNK):
            out.write(recoded(chunk, encoding))
    return copy


def recoded(chunk: bytes, encoding: str) -> bytes:
    if encoding == UTF_8:
        return chunk
    try:
        return chunk.decode("cp1250").encode()
    except UnicodeDecodeError as error:
        raise Refused("encoding_wrong", encoding=WINDOWS_1250) from error


def of_shapefile(path: Path, wanted: str) -> Decoded:
    """The .cpg or the .dbf's own mark, where its texts are not plainly something else."""
    if wanted:
        return Decoded(path, wanted)
    with path.with_suffix(".dbf").open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    declared = code_page(path, sample)
    texts = sample[32:]
    if texts.isascii() or (declared == WINDOWS_1250 and not looks_utf_8(texts)):
        return Decoded(path, declared or UTF_8)
    likely = UTF_8 if looks_utf_8(texts) else WINDOWS_1250
    return Decoded(path, likely, guessed=likely != declared)


def code_page(path: Path, dbf: bytes) -> str:
    """What a Shapefile says of its encoding; "" where that is nothing or nothing we trust."""
    page = path.with_suffix(".cpg")
    if page.is_file():
        name = page.read_text("ascii", "replace").strip()[:40]
        try:
            return known(f"cp{name}" if name.isdigit() else name)
        except Refused:
            return ""
    return LANGUAGES.get(dbf[LANGUAGE_BYTE], "") if len(dbf) > LANGUAGE_BYTE else ""


def looks_utf_8(texts: bytes) -> bool:
    """Whether most letters beyond ASCII are UTF-8: a field's end may cut one in two."""
    letters = [c for c in texts.decode("utf-8", "replace") if not c.isascii()]
    return letters.count("\ufffd") * 2 < len(letters)
