"""An edition's findings as a GeoPackage: opened beside the source, mended there."""

from collections.abc import Iterator
from pathlib import Path

from django.contrib.gis.geos import GEOSGeometry, MultiPoint
from django.db.models import Func, IntegerField, Q, QuerySet

from gis_layers.cases import text_of
from gis_layers.geopackage import Row, Table, write
from gis_layers.models import Edition, Finding, Layer

COLUMNS = {"code": str, "level": str, "fid": int, "file_row": int, "feature": str, "finding": str}
BATCH = 1_000  # rows of one fetch
# One type a table, as QGIS wants it: name, type, dimension of the geometry.
PLACED = (
    ("findings_points", Layer.GeometryType.POINT, 0),
    ("findings_lines", Layer.GeometryType.LINE, 1),
    ("findings_areas", Layer.GeometryType.POLYGON, 2),
)
REPAIRED = "repaired"


def write_findings(path: Path, edition: Edition) -> None:
    """All findings that are kept, in the active language, at `path`, where no file is.

    A table for each type of geometry; those without a place stand among the points. `repaired`
    holds what became of invalid geometries.
    """
    found = edition.findings.annotate(
        dimension=Func("geom", function="ST_Dimension", output_field=IntegerField())
    ).order_by("pk")
    tables = [
        Table(name, kind, COLUMNS, placed(found.filter(of_dimension(dimension))))
        for name, kind, dimension in PLACED
    ]
    mended = found.exclude(after=None)
    layer_type = edition.layer.geometry_type
    write(path, [*tables, Table(REPAIRED, layer_type, COLUMNS, repaired(mended))])


def of_dimension(dimension: int) -> Q:
    return Q(dimension=dimension) | Q(geom=None) if dimension == 0 else Q(dimension=dimension)


def placed(findings: QuerySet[Finding]) -> Iterator[Row]:
    for finding in findings.defer("before", "after").iterator(BATCH):
        for geom in single_points(finding.geom):
            yield geom, values(finding)


def single_points(geom: GEOSGeometry | None) -> list[GEOSGeometry | None]:
    """The geometry; of several points each, for a table of points holds no more."""
    return list(geom) if isinstance(geom, MultiPoint) else [geom]


def repaired(findings: QuerySet[Finding]) -> Iterator[Row]:
    for finding in findings.defer("geom", "before").iterator(BATCH):
        yield finding.after, values(finding)


def values(finding: Finding) -> list[object]:
    text = text_of(finding.code, finding.where, finding.details)
    return [finding.code, finding.level, finding.fid, finding.row, finding.where, text]
