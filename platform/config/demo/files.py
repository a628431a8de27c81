"""GeoJSON files of `fixtures/`: WGS84 on disk (gzipped, 7 decimals, 1 cm), EPSG:2180 in memory."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from shapely import GeometryCollection
from shapely.geometry.base import BaseGeometry

from gis_layers.crs import LONLAT, to_2180, to_lonlat
from gis_layers.models import SRID

FIXTURES: Path = settings.ROOT / "fixtures"


@dataclass(frozen=True)
class Row:
    """One feature: its geometry in EPSG:2180 and its columns."""

    geom: BaseGeometry
    columns: dict[str, Any] = field(default_factory=dict)


def read_rows(path: Path) -> list[Row]:
    """The features of a FeatureCollection, or one row without columns for a bare geometry."""
    document = json.loads(gzip.decompress(path.read_bytes()))
    features = document.get("features", [{"geometry": document, "properties": {}}])
    geoms = [shapely.geometry.shape(each["geometry"]) for each in features]
    columns = [_columns(each) for each in features]
    return [Row(g, c) for g, c in zip(_moved(geoms, LONLAT, to_2180), columns, strict=True)]


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write a FeatureCollection, one feature a line; the same rows give the same bytes."""
    geoms = _moved([row.geom for row in rows], SRID, to_lonlat)
    lines = ",\n".join(
        _feature_line(geom, row.columns) for geom, row in zip(geoms, rows, strict=True)
    )
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _feature_line(geom_4326: BaseGeometry, columns: dict[str, Any]) -> str:
    geometry = shapely.geometry.mapping(geom_4326)
    geometry["coordinates"] = _rounded(geometry["coordinates"])
    feature = {"type": "Feature", "properties": columns, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False)


def _columns(feature: dict[str, Any]) -> dict[str, Any]:
    """The properties, and the feature's id beside them where it has one."""
    identity = {"id": feature["id"]} if "id" in feature else {}
    return identity | feature["properties"]


def _moved(
    geoms: Sequence[BaseGeometry], srid: int, transform: Callable[[GEOSGeometry], GEOSGeometry]
) -> list[BaseGeometry]:
    """All geometries through one transformation: setting it up costs more than using it."""
    together = GEOSGeometry(memoryview(shapely.to_wkb(GeometryCollection(geoms))), srid=srid)
    return list(shapely.get_parts(shapely.from_wkb(bytes(transform(together).wkb))))


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float):
        return round(coordinates, 7)
    return [_rounded(each) for each in coordinates]
