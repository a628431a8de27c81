"""What may be wrong with a feature, or with features together; no check is silent."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon

from gis_layers.crs import STORED, in_country, to_lonlat
from gis_layers.imports.drafts import ID_ATTR, Draft
from gis_layers.imports.raw import RawFeature
from gis_layers.imports.repair import changed_share, fault_of, of_type, repaired
from gis_layers.imports.report import Report
from gis_layers.outlines import Outline
from teryt.names import normal_form

FAR_M = 500  # parts of one street farther apart than this are worth a look
OVERLAP_SHARE = 0.01  # of the smaller of two areas; less is how borders are drawn
MOSTLY = 0.5  # share of a file's features
EDGE_NOISE = 0.001  # metres or square metres beyond the edge that are but rounding
AREA_DIMS = 2


def shape(raw: RawFeature, geometry_type: str, where: str, report: Report) -> GEOSGeometry | None:
    """The feature's valid geometry of the layer's type; None, with its reason in the report."""
    if raw.geom is None:
        report.add("geometry_missing", where)
        return None
    valid = whole(raw.geom, geometry_type, where, report)
    typed = of_type(valid, geometry_type) if valid else None
    if valid and typed is None:
        report.add("geometry_wrong_type", where, type=raw.geom.geom_type)
    return typed


def whole(
    geom: GEOSGeometry, geometry_type: str, where: str, report: Report
) -> GEOSGeometry | None:
    """The geometry itself where it is valid, else its repair; None: beyond repair."""
    fault = fault_of(geom)
    if fault is None:
        return geom
    mended = repaired(geom, geometry_type)
    at = to_lonlat(fault.at or geom.centroid)
    told = {"reason": fault.reason, "lon": at.x, "lat": at.y}
    if mended is None:
        report.add("geometry_broken", where, **told)
    else:
        report.add("geometry_repaired", where, **told, changed=changed_share(geom, mended))
    return mended


def misplaced(raw: RawFeature, expected: Polygon | None, where: str, report: Report) -> bool:
    """Whether the feature lies where no feature of this file should, and why: swapped axes."""
    if raw.centre is None:
        return False
    here, there = point(raw.place), point(raw.turned)
    if expected and there and there.intersects(expected) and not fits(raw, expected):
        report.add("axes_swapped", where)
        return True
    if here is None or not in_country(here):
        swapped = there is not None and in_country(there)
        report.add("axes_swapped" if swapped else "not_in_country", where)
        return True
    return False


def point(pair: tuple[float, float] | None) -> Point | None:
    return Point(*pair, srid=STORED) if pair else None


def fits(raw: RawFeature, expected: Polygon) -> bool:
    return raw.geom is not None and raw.geom.intersects(expected)


def without_duplicates(drafts: Iterable[Draft], report: Report) -> list[Draft]:
    """The drafts, each content once."""
    seen, kept = set(), []
    for draft in drafts:
        *texts, attrs, wkb = draft.content()
        content = (*texts, repr(sorted(attrs.items())), wkb)
        if draft.geom and content in seen:
            report.add("duplicate", draft.where)
            continue
        seen.add(content)
        kept.append(draft)
    return kept


def identifiers(drafts: Sequence[Draft], report: Report) -> None:
    """Ids and codes that stand for several features: nobody could tell which is meant."""
    ids = Counter(d.attrs[ID_ATTR] for d in drafts if d.attrs.get(ID_ATTR))
    codes = Counter(d.code for d in drafts if d.code)
    for value, count in [*ids.items(), *codes.items()]:
        if count > 1:
            report.add("id_twice", value)


def pieces(drafts: Sequence[Draft], report: Report) -> None:
    """Streets that still stand in several features of the same name and locality."""
    for (_simc, name), count in Counter((d.simc, d.name) for d in drafts).items():
        if name and count > 1:
            report.add("street_in_pieces", name, pieces=count)


def localities(drafts: Sequence[Draft], report: Report) -> None:
    for draft in drafts:
        if not draft.simc:
            report.add("locality_missing", draft.where)


def alike(drafts: Sequence[Draft], report: Report) -> None:
    """Names in one locality that a hurried reader takes for the same."""
    names = defaultdict(set)
    for draft in drafts:
        names[draft.simc, normal_form(draft.name)].add(draft.name)
    for some in names.values():
        first, *others = sorted(some)
        for other in others:
            report.add("names_alike", first, other=other)


def far_parts(draft: Draft, report: Report) -> None:
    """A street whose lines fall into groups farther than FAR_M apart."""
    gap_m = widest_gap_m(draft.geom) if draft.geom else 0.0
    if gap_m > FAR_M:
        report.add("parts_far_apart", draft.where, gap_m=gap_m)


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


def against_outline(drafts: Sequence[Draft], outline: Outline, report: Report) -> None:
    """Features that cross the gmina's edge or lie beyond it."""
    area = outline.geom.prepared
    outside = 0
    for draft, geom in placed(drafts):
        if area.covers(geom):
            continue
        beyond, unit = size_outside(geom, outline)
        if not area.intersects(geom) and outline.geom.distance(geom) > outline.accuracy_m:
            outside += 1
            report.add("outside_gmina", draft.where)
        elif beyond > EDGE_NOISE:
            report.add("crosses_edge", draft.where, outside=beyond, unit=unit)
    if outside > MOSTLY * len(placed(drafts)):
        report.add("mostly_elsewhere", f"{outside} / {len(placed(drafts))}")


def placed(drafts: Iterable[Draft]) -> list[tuple[Draft, GEOSGeometry]]:
    """The drafts that were not left out, each with its geometry."""
    return [(draft, draft.geom) for draft in drafts if draft.geom]


def size_outside(geom: GEOSGeometry, outline: Outline) -> tuple[float, str]:
    """How much lies beyond the outline, and in which unit."""
    beyond = geom.difference(outline.geom)
    return (beyond.area, "m²") if geom.dims == AREA_DIMS else (beyond.length, "m")


def overlaps(drafts: Sequence[Draft], report: Report) -> None:
    """Districts that claim the same ground, as a whole city listed among its districts does."""
    where = [draft.where for draft, _geom in placed(drafts)]
    shapes = np.array(
        [shapely.from_wkb(bytes(g.wkb)) for _draft, g in placed(drafts)], dtype=object
    )
    others = defaultdict(list)
    for one, two in zip(*shapely.STRtree(shapes).query(shapes, "intersects"), strict=True):
        shared = shapely.area(shapely.intersection(shapes[one], shapes[two])) if one != two else 0
        if shared > OVERLAP_SHARE * min(shapes[one].area, shapes[two].area):
            others[one].append(where[two])
    for one, names in others.items():
        report.add("overlap", where[one], others=", ".join(sorted(names)))
