"""Streets whose parts lie far from one another: perhaps two streets of one name."""

from collections.abc import Iterable, Iterator

import shapely
from django.contrib.gis.geos import GEOSGeometry

from gis_layers.cases import Case

FAR_M = 500


def cases(rows: Iterable[tuple[int, str, str]]) -> Iterator[Case]:
    """Those of (fid, name, lines as EWKB in EPSG:2180) that need a jump longer than FAR_M."""
    for fid, place, ewkb in rows:
        geom = GEOSGeometry(ewkb)
        gap_m = widest_gap_m(geom)
        if gap_m > FAR_M:
            yield Case("parts_far_apart", place, {"gap_m": gap_m}, fid=fid, geom=geom)


def widest_gap_m(geom: GEOSGeometry) -> float:
    """The longest jump needed to reach all parts of a geometry, in metres: 0 for one part.

    The longest edge of the shortest tree that joins the parts (Prim's algorithm).
    """
    parts = list(shapely.get_parts(shapely.from_wkb(bytes(geom.wkb))))
    reached = parts.pop()
    away = {n: shapely.distance(part, reached) for n, part in enumerate(parts)}
    widest = 0.0
    while away:
        nearest = min(away, key=lambda n: away[n])
        widest = max(widest, away.pop(nearest))
        for n in away:
            away[n] = min(away[n], shapely.distance(parts[n], parts[nearest]))
    return widest
