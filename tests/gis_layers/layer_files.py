"""Layer files for tests: small GeoJSON written here, GeoPackages made of it by GDAL's ogr2ogr."""

import json
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from gis_layers.crs import to_lonlat


def feature(geom: GEOSGeometry | None, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature of a geometry in EPSG:2180."""
    shape = json.loads(to_lonlat(geom).json) if geom else None
    return {"type": "Feature", "properties": properties, "geometry": shape}


def write(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    """A GeoJSON file of the features, with further members such as `crs`."""
    collection = {"type": "FeatureCollection", "features": list(features)} | members
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def geopackage(source: Path, *options: str) -> Path:
    """The same layer as GeoPackage, made with ogr2ogr's options (`-t_srs EPSG:2180`)."""
    return converted(source, "GPKG", ".gpkg", *options)


def converted(source: Path, driver: str, suffix: str, *options: str) -> Path:
    """The same layer in another of GDAL's formats."""
    target = source.with_suffix(suffix)
    subprocess.run(["ogr2ogr", "-f", driver, *options, target, source], check=True)
    return target


def shapefile(source: Path, *options: str, without: Sequence[str] = ()) -> Path:
    """The same layer as a Shapefile in a .zip, without the parts of these suffixes."""
    return packed(converted(source, "ESRI Shapefile", ".shp", *options), without)


def packed(shape: Path, without: Sequence[str] = ()) -> Path:
    """A Shapefile's parts in a .zip."""
    target = shape.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            if suffix not in without and shape.with_suffix(suffix).exists():
                archive.write(shape.with_suffix(suffix), shape.with_suffix(suffix).name)
    return target
