"""A layer file to features in EPSG:2180. GDAL through Django; local files and two drivers only.

GDAL would follow a web address inside a file; what makes it do so is refused before it opens.
"""

import gzip
import mmap
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import shapely
from django.conf import settings
from django.contrib.gis.gdal import CoordTransform, DataSource, OGRGeometry, SpatialReference
from django.contrib.gis.gdal.error import GDALException
from django.contrib.gis.gdal.feature import Feature as GdalFeature
from django.contrib.gis.gdal.layer import Layer as GdalLayer
from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.encoding import DjangoUnicodeDecodeError
from django.utils.translation import gettext_lazy as _

from gis_layers.crs import STORED
from gis_layers.errors import LayerError

DRIVERS = ("GeoJSON", "GPKG")
GEOPACKAGE = b"SQLite format 3\0"
# A "crs" member that names a web address, which GDAL would fetch (GeoJSON 2008, "link").
LINKED_CRS = re.compile(rb'"crs"\s*:\s*\{[^{}]*(\{[^{}]*)?"(link|url|href)"', re.IGNORECASE)


class LayerFileError(LayerError):
    """The file as a whole cannot be read; no edition is staged."""


class FileMissing(LayerFileError):
    """There is no such local file."""

    code = "file_missing"
    message = _("There is no file {file}.")


class FileTooLarge(LayerFileError):
    """The file, unpacked, is above settings.IMPORT_MAX_BYTES."""

    code = "file_too_large"
    message = _("{file} is larger than {limit_mb} MB unpacked.")


class NotALayer(LayerFileError):
    """Neither GeoJSON nor GeoPackage, or one without a layer."""

    code = "not_a_layer"
    message = _("{file} is not a layer: GeoJSON or GeoPackage is expected.")


class FileEmpty(LayerFileError):
    """There is a layer and nothing in it."""

    code = "file_empty"
    message = _("{file} holds no features.")


class FileDamaged(LayerFileError):
    """The file begins as a layer and cannot be read to its end."""

    code = "file_damaged"
    message = _("{file} is damaged or cut off: it cannot be read to its end.")


class SeveralLayers(LayerFileError):
    """The file holds several layers and none was chosen."""

    code = "several_layers"
    message = _("{file} holds several layers: {layers}. Choose one with --source-layer.")


class CrsMissing(LayerFileError):
    """The file does not say in which coordinate system it is."""

    code = "crs_missing"
    message = _("{file} does not say its coordinate system. Give it with --srid.")


class CrsLinked(LayerFileError):
    """The file refers to a coordinate system on the web."""

    code = "crs_linked"
    message = _("{file} refers to a coordinate system by a web address, which is not followed.")


class FieldMissing(LayerFileError):
    """A column was named that the file does not have."""

    code = "field_missing"
    message = _("There is no column {name}; the file has: {columns}.")


@dataclass(frozen=True)
class RawFeature:
    """A feature as it stands in the file; `geom` 2D in EPSG:2180, None where there is none.

    `row` counts from 1; `centre` is the middle of its box in the file's own coordinates.
    """

    row: int
    file_id: int
    values: dict[str, object]
    geom: GEOSGeometry | None
    centre: tuple[float, float] | None


@dataclass(frozen=True)
class Source:
    """An opened layer: what it is, its columns, and its way to EPSG:2180."""

    name: str
    driver: str
    srid: int | None
    columns: tuple[str, ...]
    layer: GdalLayer
    transform: CoordTransform
    swap_axes: bool

    def features(self, columns: Sequence[str]) -> Iterator[RawFeature]:
        """Every feature with its values of `columns`. Raises FileDamaged where the file ends."""
        try:
            for row, feature in enumerate(self.layer, start=1):
                yield self.raw(row, feature, columns)
        except (GDALException, DjangoUnicodeDecodeError) as error:
            raise FileDamaged(details={"file": self.name}) from error

    def raw(self, row: int, feature: GdalFeature, columns: Sequence[str]) -> RawFeature:
        values = {name: feature.get(name) for name in columns}
        try:
            shape = feature.geom
        except GDALException:  # how Django's Feature says that there is no geometry
            return RawFeature(row, feature.fid, values, None, None)
        if shape.empty:
            return RawFeature(row, feature.fid, values, None, None)
        west, south, east, north = shape.extent
        centre = ((west + east) / 2, (south + north) / 2)
        return RawFeature(row, feature.fid, values, self.to_2180(shape), centre)

    def to_2180(self, shape: OGRGeometry) -> GEOSGeometry | None:
        """The shape, 2D, in EPSG:2180; None where it has no place there or cannot be built."""
        shape = flat(shape)
        if self.swap_axes:
            shape = swapped(shape)
        try:
            shape.transform(self.transform)
            return GEOSGeometry(memoryview(shape.wkb), srid=STORED)
        except (GDALException, ValueError):
            return None

    def place(self, x: float, y: float) -> Point | None:
        """The point of EPSG:2180 for coordinates of the file."""
        found = self.to_2180(OGRGeometry(f"POINT ({x!r} {y!r})"))
        return found if isinstance(found, Point) else None


def flat(shape: OGRGeometry) -> OGRGeometry:
    """A copy without heights and measures, arcs drawn as lines."""
    copy = shape.get_linear_geometry() if shape.has_curve else shape.clone()
    copy.set_3d(False)
    copy.set_measured(False)
    return copy


def swapped(shape: OGRGeometry) -> OGRGeometry:
    """A copy with x and y exchanged."""
    turned = shapely.transform(shapely.from_wkb(bytes(shape.wkb)), lambda xy: xy[:, ::-1])
    return OGRGeometry(memoryview(shapely.to_wkb(turned)))


@contextmanager
def open_source(
    path: Path, *, layer: str = "", srid: int | None = None, swap_axes: bool = False
) -> Iterator[Source]:
    """Open a GeoJSON or GeoPackage file, .gz or not. Raises the LayerFileErrors above.

    `layer` chooses among several; `srid` overrules what the file says of its coordinates;
    `swap_axes` reads every pair of coordinates the other way round.
    """
    with unpacked(path) as plain:
        refuse_foreign(plain, path.name)
        try:
            data = DataSource(plain)
        except GDALException as error:
            raise unreadable(plain, path.name) from error
        if data.driver.name not in DRIVERS:
            raise NotALayer(details={"file": path.name})
        found = chosen(data, layer, path.name)
        srs = SpatialReference(srid) if srid else found.srs
        if srs is None or not (srs.geographic or srs.projected):
            raise CrsMissing(details={"file": path.name})
        yield Source(
            name=path.name,
            driver=data.driver.name,
            srid=srs.srid,
            columns=tuple(found.fields),
            layer=found,
            transform=CoordTransform(srs, SpatialReference(STORED)),
            swap_axes=swap_axes,
        )


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or a temporary copy of what a .gz holds, within the limit of size."""
    path = path.resolve()
    if not path.is_file():
        raise FileMissing(details={"file": path.name})
    limit = settings.IMPORT_MAX_BYTES
    too_large = FileTooLarge(details={"file": path.name, "limit_mb": limit // 1024**2})
    if path.suffix != ".gz":
        if path.stat().st_size > limit:
            raise too_large
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as out:
                while chunk := packed.read(1024**2):
                    if out.tell() + len(chunk) > limit:
                        raise too_large
                    out.write(chunk)
        except (EOFError, gzip.BadGzipFile) as error:
            raise FileDamaged(details={"file": path.name}) from error
        yield plain


def refuse_foreign(plain: Path, name: str) -> None:
    """Let nothing but GeoPackage and GeoJSON reach GDAL, and no GeoJSON with a linked CRS."""
    if plain.stat().st_size == 0:
        raise NotALayer(details={"file": name})
    with plain.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[:16] == GEOPACKAGE:
            return
        if content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
            raise NotALayer(details={"file": name})
        if LINKED_CRS.search(content):
            raise CrsLinked(details={"file": name})


def unreadable(plain: Path, name: str) -> LayerFileError:
    """Why GDAL would not open it: a layer that is cut off, or no layer at all."""
    with plain.open("rb") as file:
        head = file.read(2000)
    begins = head[:16] == GEOPACKAGE or b'"Feature' in head or b'"coordinates"' in head
    return (FileDamaged if begins else NotALayer)(details={"file": name})


def chosen(data: DataSource, layer: str, name: str) -> GdalLayer:
    """The layer asked for, or the only one; it has features."""
    names = [data[n].name for n in range(len(data))]
    if (layer and layer not in names) or not names:
        raise NotALayer(details={"file": name})
    if len(names) > 1 and not layer:
        raise SeveralLayers(details={"file": name, "layers": ", ".join(names)})
    found = data[layer or names[0]]
    if len(found) == 0:
        raise FileEmpty(details={"file": name})
    return found
