"""Layer files for tests: small GeoJSON written here, GeoPackages made of it by GDAL's ogr2ogr."""

import json
import subprocess
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
    target = source.with_suffix(".gpkg")
    subprocess.run(["ogr2ogr", "-f", "GPKG", *options, target, source], check=True)
    return target
