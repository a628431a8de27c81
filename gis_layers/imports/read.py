"""A layer file to features in EPSG:2180, read by a process of its own (reading/).

Nothing of the file is opened here. Local files only; what a file refers to on the web is refused
or not followed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings

from gis_layers.imports.batch import Batch, Flaw
from gis_layers.imports.file_errors import DiskFull, FileChanged, FileInUse, FileMissing
from gis_layers.imports.process import Reader, reader
from gis_layers.imports.reading import wire
from gis_layers.imports.reading.refusals import FULL
from gis_layers.imports.reading.wire import Request
from gis_layers.imports.workspace import workspace

Pair = tuple[float, float]


@dataclass
class Source:
    """An opened table: what it is, its columns with their types, and its features, once.

    `srid` is None for a system without an EPSG number. `dimension` is that of its first geometry
    (0 point, 1 line, 2 polygon), `count` the number of features where it is known without reading.
    `changed` is filled at the end of reading: what was changed without loss (heights_dropped,
    curves_drawn) in how many geometries.
    """

    name: str
    table: str
    driver: str
    srid: int | None
    columns: Mapping[str, str]
    dimension: int | None
    encoding: str
    encoding_guessed: bool
    count: int | None
    _reader: Reader
    changed: Mapping[str, int] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The reading process."""
        return self._reader.pid

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """Every feature with its values of `columns`, at most 2,000 at a time. To be called once.

        Raises LayerFileErrors, also late.
        """
        self._reader.ask(wire.dumped(list(columns)))
        row = 1
        for frame in self._reader.frames():
            batch = unpacked(frame, columns, row)
            row += len(batch)
            yield batch
        self.changed = self._reader.ending


@dataclass(frozen=True)
class Table:
    """A table as the chooser shows it.

    `refused` is the code of what has to be said first (crs_missing); `sample` holds the first
    rows; `places` and `turned` where the first features lie in EPSG:2180, read as they stand and
    with x and y exchanged; `fitting`, where that is not in the country, the SRIDs, each with
    whether axes are exchanged, by which all of them do.
    """

    name: str
    driver: str
    srid: int | None
    columns: Mapping[str, str]
    dimension: int | None
    encoding: str
    encoding_guessed: bool
    count: int | None
    refused: str
    sample: Sequence[Mapping[str, object]]
    places: Sequence[Pair]
    turned: Sequence[Pair]
    fitting: Sequence[tuple[int, bool]]


@dataclass(frozen=True)
class Inspection:
    """What a file holds, before anything is imported."""

    name: str
    tables: Sequence[Table]


@contextmanager
def open_source(
    path: Path,
    *,
    table: str = "",
    srid: int | None = None,
    swap_axes: bool = False,
    encoding: str = "",
) -> Iterator[Source]:
    """Open a GeoPackage, zipped Shapefile, GML, GeoJSON or FlatGeobuf file, also in .gz or .zip.

    `table` chooses among several; `srid` and `encoding` (UTF-8 or windows-1250) overrule what the
    file says; `swap_axes` reads every pair of coordinates the other way round. Raises
    LayerFileErrors, FileChanged also at the end.
    """
    asked = {"table": table, "srid": srid, "swap_axes": swap_axes, "encoding": encoding}
    with reading(path, **asked) as process:
        about = wire.parsed(process.answer(wire.HEADER))
        about["table"] = about.pop("name")
        yield Source(name=path.name, _reader=process, **about)


def inspect(path: Path, *, srid: int | None = None, encoding: str = "") -> Inspection:
    """What the file holds, table by table. Raises LayerFileErrors."""
    with reading(path, inspect=True, srid=srid, encoding=encoding) as process:
        tables = wire.parsed(process.answer(wire.HEADER))
    return Inspection(path.name, [Table(**about) for about in tables])


@contextmanager
def reading(path: Path, **asked: Any) -> Iterator[Reader]:
    """A process that reads the file, its temporary files, and the file's rest meanwhile."""
    path = local(path)
    before = state(path)
    with ExitStack() as stack:
        yield started(stack, path, asked)
    if state(path) != before:
        raise FileChanged(details={"file": path.name})


def started(stack: ExitStack, path: Path, asked: Mapping[str, Any]) -> Reader:
    """A reader at work in a folder of its own, both of which end with the stack."""
    try:
        folder = stack.enter_context(workspace())
        return stack.enter_context(reader(request(path, folder, **asked), path.name))
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(details={"file": path.name}) from error
        raise


def local(path: Path) -> Path:
    """The file itself, which is there and complete."""
    path = path.resolve()
    if not path.is_file():
        raise FileMissing(details={"file": path.name})
    log = path.with_name(f"{path.name}-wal")  # SQLite's, of what is not yet in the file
    if log.is_file() and log.stat().st_size:
        raise FileInUse(details={"file": path.name})
    return path


def state(path: Path) -> tuple[int, ...]:
    try:
        now = path.stat()
    except FileNotFoundError:
        return ()
    return now.st_ino, now.st_size, now.st_mtime_ns


def request(path: Path, folder: Path, **asked: Any) -> Request:
    return Request(
        path=str(path),
        folder=str(folder),
        max_bytes=settings.IMPORT_MAX_BYTES,
        max_columns=settings.IMPORT_MAX_COLUMNS,
        max_text=settings.IMPORT_MAX_TEXT,
        max_vertices=settings.IMPORT_MAX_VERTICES,
        max_memory=settings.IMPORT_READER_MEMORY,
        max_seconds=settings.IMPORT_READER_SECONDS,
        country=settings.COUNTRY_ENVELOPE_2180,
        **asked,
    )


def unpacked(frame: bytes, columns: Sequence[str], first_row: int) -> Batch:
    """A frame of the reading process (reading/stream.py) as a batch."""
    with pa.ipc.open_stream(frame) as stream:
        batch = stream.read_next_batch()

    def numbers(*names: str) -> Any:
        return np.column_stack([batch.column(name).to_numpy() for name in names])

    told = enumerate(batch.column("flaws").to_pylist())
    return Batch(
        first_row=first_row,
        fids=batch.column("fid").to_pylist(),
        wkb=batch.column("wkb").to_pylist(),
        places=numbers("x", "y"),
        turned=numbers("turned_x", "turned_y"),
        centres=numbers("middle_x", "middle_y"),
        values={name: batch.column(str(n)).to_pylist() for n, name in enumerate(columns)},
        flaws={n: flaws(json.loads(text)) for n, text in told if text},
    )


def flaws(told: Sequence[dict[str, Any]]) -> Sequence[Flaw]:
    return [Flaw(one.pop("code"), one) for one in told]
