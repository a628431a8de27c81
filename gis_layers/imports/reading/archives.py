"""What a .gz or .zip holds, unpacked into the reader's folder within the limit of size."""

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from gis_layers.imports.reading.formats import SUFFIX, Format, format_of
from gis_layers.imports.reading.refusals import Refused, disk_watched

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
CHUNK = 1024**2
MEMBERS_MAX = 1_000
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")  # of a Shapefile; .sbn, .qix and others are not
NEEDED = (".shp", ".shx", ".dbf")
LAYERS = (".gpkg", ".geojson", ".json", ".fgb", ".gml", ".xml")
ENCRYPTED = 0x1  # the flag of a member
DAMAGE = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError)


def unpacked(path: Path, folder: Path, max_bytes: int) -> list[Path]:
    """The layer files of `path`, each in `folder` by a name of ours; a plain file is linked.

    Raises Refused: file_too_large, file_damaged, archive_unsafe, archive_encrypted,
    shapefile_incomplete, not_a_layer, disk_full.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    try:
        with disk_watched():
            if magic == ZIP:
                return from_zip(path, folder, max_bytes)
            if magic[:2] == GZIP:
                return [named(from_gzip(path, folder, max_bytes))]
    except DAMAGE as error:
        raise Refused("file_damaged") from error
    if path.suffix in (".gz", ".zip"):
        raise Refused("file_damaged")
    return [linked(path, folder, max_bytes)]


def linked(path: Path, folder: Path, max_bytes: int) -> Path:
    """The file under a name of ours, so that GDAL sees no file beside it and leaves none there."""
    if path.stat().st_size > max_bytes:
        raise Refused("file_too_large")
    kind = format_of(path)
    if kind == Format.SHAPEFILE:
        raise Refused("shapefile_incomplete", missing=", ".join(NEEDED[1:]))
    link = folder / f"{safe_name(path.stem)}{SUFFIX[kind]}"
    link.symlink_to(path)
    return link


def named(path: Path) -> Path:
    """The unpacked file with the suffix of its format."""
    kind = format_of(path)
    if kind == Format.SHAPEFILE:
        raise Refused("shapefile_incomplete", missing=", ".join(NEEDED[1:]))
    return path.rename(path.with_name(f"{path.stem}{SUFFIX[kind]}"))


def from_gzip(path: Path, folder: Path, max_bytes: int) -> Path:
    plain = folder / safe_name(path.name.partition(".")[0])
    with gzip.open(path) as packed, plain.open("wb") as out:
        copy(packed, out, max_bytes)
    return plain


def from_zip(path: Path, folder: Path, max_bytes: int) -> list[Path]:
    """Shapefiles, each with its parts, or files of other formats."""
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.filename.endswith("/")]
        refuse_unsafe(members)
        if sum(member.file_size for member in members) > max_bytes:
            raise Refused("file_too_large")
        found: list[Path] = []
        for n, group in enumerate(layers_in(members)):
            room = folder / str(n)
            room.mkdir()
            stem = safe_name(PurePosixPath(group[0].filename).stem)
            for member in group:
                extract(archive, member, room / stem, max_bytes)
            found.append(room / f"{stem}.shp" if len(group) > 1 else only(room))
    if not found:
        raise Refused("not_a_layer")
    return found


def refuse_unsafe(members: Sequence[zipfile.ZipInfo]) -> None:
    """Names that leave the folder, links, two members of one name, locked ones."""
    names = [member.filename.casefold() for member in members]
    if len(members) > MEMBERS_MAX or len(set(names)) < len(names):
        raise Refused("archive_unsafe")
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or is_link(member):
            raise Refused("archive_unsafe")
        if member.flag_bits & ENCRYPTED:
            raise Refused("archive_encrypted")


def is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def layers_in(members: Sequence[zipfile.ZipInfo]) -> Iterator[list[zipfile.ZipInfo]]:
    """The members of each layer: the parts of a Shapefile together, others alone."""
    shapes: dict[str, list[zipfile.ZipInfo]] = {}
    for member in members:
        if hidden(member):
            continue
        path = PurePosixPath(member.filename)
        if path.suffix.lower() in PARTS:
            shapes.setdefault(str(path.with_suffix("")).casefold(), []).append(member)
        elif path.suffix.lower() in LAYERS:
            yield [member]
    for parts in shapes.values():
        there = {PurePosixPath(part.filename).suffix.lower() for part in parts}
        if ".shp" in there:
            if missing := [suffix for suffix in NEEDED if suffix not in there]:
                raise Refused("shapefile_incomplete", missing=", ".join(missing))
            yield parts


def hidden(member: zipfile.ZipInfo) -> bool:
    """What macOS adds to every archive."""
    parts = PurePosixPath(member.filename).parts
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")


def extract(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, max_bytes: int
) -> None:
    """One member as `target` with the member's suffix, in lower case as GDAL looks for it."""
    suffix = PurePosixPath(member.filename).suffix.lower()
    with archive.open(member) as packed, Path(f"{target}{suffix}").open("xb") as out:
        copy(packed, out, max_bytes)


def safe_name(stem: str) -> str:
    """The layer's name as people know it, without what a path could make of it."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in stem).strip(". ")
    return kept[:100] or "layer"


def only(room: Path) -> Path:
    (path,) = room.iterdir()
    return named(path)


def copy(packed: IO[bytes] | gzip.GzipFile, out: IO[bytes], max_bytes: int) -> None:
    """Copy by chunks; what an archive says of its sizes is not believed."""
    while chunk := packed.read(CHUNK):
        if out.tell() + len(chunk) > max_bytes:
            raise Refused("file_too_large")
        out.write(chunk)
