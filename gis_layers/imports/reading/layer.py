"""One table of a file, opened: what it is, and its features batch by batch."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyogrio.raw import open_arrow, read

from gis_layers.imports.reading import prg
from gis_layers.imports.reading.encodings import Decoded, decoded
from gis_layers.imports.reading.formats import Format, format_of, is_prg
from gis_layers.imports.reading.refusals import Refused
from gis_layers.imports.reading.wholeness import refuse_broken

TABLES_MAX = 100
BATCH = 2_000  # features; fewer where they are large (OGR_ARROW_MEM_LIMIT)
DAMAGE = (
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
    UnicodeDecodeError,
    pa.ArrowInvalid,
    OSError,  # how pyarrow tells what a stream's end says
)
SEVERAL = (Format.GEOPACKAGE, Format.GML)  # formats of several tables
COUNTED = (Format.SHAPEFILE, Format.FLATGEOBUF)  # formats that say truly how much they hold
BEGINS = (b'"Feature', b'"coordinates"')  # of a GeoJSON file, however it ends


@dataclass(frozen=True)
class Table:
    """A table with geometry in a file; `name` None where the format has but one."""

    encoded: Decoded
    kind: Format
    name: str | None = None

    @property
    def path(self) -> Path:
        return self.encoded.path

    @property
    def title(self) -> str:
        return self.name or self.path.stem


def tables(paths: Sequence[Path], encoding: str) -> list[Table]:
    """The tables with geometry of all files.

    Raises Refused: no_geometry, file_empty, too_many_tables, and what wholeness.py finds.
    """
    found: list[Table] = []
    bare = 0
    for path in paths:
        kind = format_of(path)
        encoded = decoded(path, kind, encoding)
        refuse_broken(encoded.path, kind)
        for name, geometry in listed(encoded.path, kind):
            if geometry is None:
                bare += 1
            else:
                found.append(Table(encoded, kind, name))
    if not found:
        raise Refused("no_geometry" if bare else "file_empty")
    if len(found) > TABLES_MAX:
        raise Refused("too_many_tables", count=len(found), limit=TABLES_MAX)
    return found


def listed(path: Path, kind: Format) -> Sequence[tuple[str | None, str | None]]:
    if kind not in SEVERAL:
        return [(None, "Unknown")]
    if kind == Format.GML and is_prg(path):
        pyogrio.set_gdal_config_options(prg.OPTIONS)
    try:
        return [(name, geometry) for name, geometry in pyogrio.list_layers(path)]
    except DAMAGE as error:
        raise Refused("file_damaged") from error


class Layer:
    """A table being read, once, from its first feature to its last."""

    def __init__(self, table: Table, max_columns: int) -> None:
        self.table = table
        self.path = table.path
        self.max_columns = max_columns
        self.register = prg.Register.of(self.path) if is_prg_gml(table) else None
        self.read = 0
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.meta, batches = self._open.enter_context(
                open_arrow(
                    self.path,
                    layer=self.table.name,
                    use_pyarrow=True,
                    return_fids=True,
                    batch_size=BATCH,
                    datetime_as_string=True,
                    **self.options,
                )
            )
            self.refuse_wide()
            self._batches: Iterator[pa.RecordBatch] = iter(batches)
            self.first = next(self._batches, None)
        except (*DAMAGE, IndexError) as error:  # the latter: a file without any table
            raise self.unreadable(str(error)) from error
        return self

    def __exit__(self, *about: Any) -> None:
        self._open.__exit__(*about)

    @property
    def options(self) -> dict[str, str]:
        """GDAL's options of opening."""
        if self.table.kind == Format.SHAPEFILE:
            return {"encoding": self.table.encoded.encoding}
        return {"IMMUTABLE": "YES"} if self.table.kind == Format.GEOPACKAGE else {}

    def refuse_wide(self) -> None:
        if (count := len(self.meta["fields"])) > self.max_columns:
            raise Refused("too_many_columns", count=count, limit=self.max_columns)

    def unreadable(self, told: str) -> Refused:
        """Why GDAL would not open it: a layer that is cut off, or no layer at all."""
        if "OGR_GEOJSON_MAX_OBJ_SIZE" in told:
            return Refused("feature_too_large")
        if self.table.kind == Format.GEOJSON:
            with self.path.open("rb") as file:
                head = file.read(2000)
            if not any(sign in head for sign in BEGINS):
                return Refused("not_a_layer")
        return Refused("file_damaged")

    def geometries(self, batch: pa.RecordBatch) -> pa.Array:
        return last(batch, self.meta["geometry_name"] or "wkb_geometry")

    @staticmethod
    def fids(batch: pa.RecordBatch) -> pa.Array:
        """GDAL's numbers of the features; a column of the file may have this one's name."""
        return batch.column(0).cast(pa.int64())

    @property
    def columns(self) -> dict[str, str]:
        """Column -> its type in words of ours; columns of bytes are none."""
        kinds = dict(zip(self.meta["fields"], self.meta["ogr_types"], strict=True))
        own = {str(name): TYPES[kind] for name, kind in kinds.items() if kind in TYPES}
        added = prg.added_columns(self.table.title) if self.register else ()
        return own | dict.fromkeys(added, "text")

    def count(self) -> int | None:
        """How many features there are, where that is known without reading them."""
        if self.table.kind == Format.GEOJSON:
            return self.table.encoded.features
        count = pyogrio.read_info(self.path, layer=self.table.name)["features"]
        return count if count >= 0 else None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Every batch once. Raises Refused: file_damaged where the file ends too soon."""
        batch = self.first
        try:
            while batch is not None:
                self.read += batch.num_rows
                yield batch
                batch = next(self._batches, None)
        except DAMAGE as error:
            raise Refused("file_damaged") from error
        self.refuse_short()

    def refuse_short(self) -> None:
        """GDAL ends some files without a word where their bytes end."""
        if self.table.kind in COUNTED and self.read < (self.count() or 0):
            raise Refused("file_damaged")

    def refuse_empty(self) -> None:
        if self.first is None or self.first.num_rows == 0:
            self.refuse_short()
            raise Refused("file_empty")

    def linear(self, fids: Sequence[int]) -> Sequence[bytes | None]:
        """The geometries of these features, arcs drawn as lines."""
        _meta, found, shapes, _fields = read(
            self.path,
            layer=self.table.name,
            columns=[],
            fids=sorted(set(fids)),
            return_fids=True,
            **self.options,
        )
        by_fid = dict(zip(found.tolist(), shapes, strict=True))
        return [by_fid.get(fid) for fid in fids]

    def values(self, batch: pa.RecordBatch, columns: Sequence[str]) -> list[pa.Array]:
        """The batch's columns by name, those included that only the register knows."""
        if self.register is None:
            return [last(batch, name) for name in columns]
        told = [self.register.told(self.table.title, row) for row in batch.to_pylist()]
        added = prg.added_columns(self.table.title)
        return [
            pa.array([row[name] for row in told], pa.string())
            if name in added
            else last(batch, name)
            for name in columns
        ]


# OGR's types -> ours. Bytes are left out: they are neither shown nor compared.
TYPES = {
    "OFTInteger": "integer",
    "OFTInteger64": "integer",
    "OFTReal": "number",
    "OFTString": "text",
    "OFTDate": "date",
    "OFTTime": "time",
    "OFTDateTime": "date and time",
    "OFTStringList": "texts",
    "OFTIntegerList": "texts",
    "OFTInteger64List": "texts",
    "OFTRealList": "texts",
}


def is_prg_gml(table: Table) -> bool:
    return table.kind == Format.GML and is_prg(table.path)


def last(batch: pa.RecordBatch, name: str) -> pa.Array:
    """The column of this name, of two the file's own: GDAL's number of the feature comes first."""
    return batch.column(batch.schema.get_all_field_indices(name)[-1])
