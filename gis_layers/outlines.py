"""Outlines of gminas, own or of the national layer, and whose a point is."""

from dataclasses import dataclass
from importlib.resources import files

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection

from accounts.models import Gmina

OWN_SLUG = "granica"  # the layer of a gmina's own outline
SQL = files("gis_layers") / "sql"
OUTLINE_SQL = (SQL / "gmina_outline.sql").read_text(encoding="utf-8")
GMINAS_AT_SQL = (SQL / "gminas_at.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Outline:
    """A gmina's area in EPSG:2180 and how far its line may be from the true one."""

    geom: GEOSGeometry
    accuracy_m: float


@dataclass(frozen=True)
class GminaCandidate:
    """A tenant that a point may belong to; `certain` where no other answer is possible."""

    gmina: Gmina
    certain: bool


def gmina_outline(gmina: Gmina) -> Outline | None:
    """The gmina's own published outline, else that of the national layer, else None."""
    with connection.cursor() as cursor:
        cursor.execute(OUTLINE_SQL, {"gmina": gmina.pk, "own_slug": OWN_SLUG})
        row = cursor.fetchone()
    return Outline(GEOSGeometry(row[0]), row[1]) if row else None


def gminas_at(point_2180: Point, accuracy_m: float) -> list[GminaCandidate]:
    """The tenants that a point of this accuracy may belong to, likeliest first; [] outside all.

    A tenant's own outline that holds the point settles it, unless the point is so inaccurate that
    it may as well be in the next tenant's. Otherwise an outline is doubted as far from its edge as
    it or the point is inaccurate (docs/layers.md, "Whose a place is").
    """
    with connection.cursor() as cursor:
        cursor.execute(
            GMINAS_AT_SQL,
            {"point": point_2180.hexewkb.decode(), "accuracy": accuracy_m, "own_slug": OWN_SLUG},
        )
        rows = cursor.fetchall()
    gminas = Gmina.objects.in_bulk([gmina_id for gmina_id, _certain in rows])
    return [GminaCandidate(gminas[gmina_id], certain) for gmina_id, certain in rows]
