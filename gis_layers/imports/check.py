"""What may be wrong with a feature of a file; no check is silent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point, Polygon

from gis_layers.crs import STORED, in_country, to_lonlat
from gis_layers.imports.drafts import ID_ATTR, Draft
from gis_layers.imports.raw import RawFeature
from gis_layers.imports.repair import changed_share, fault_of, of_type, repaired
from gis_layers.imports.report import Report


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
    told: dict[str, Any] = {"reason": fault.reason, "lon": at.x, "lat": at.y}
    if mended is None:
        report.add("geometry_broken", where, geom=fault.at, before=geom, **told)
    else:
        told["changed"] = changed_share(geom, mended)
        report.add("geometry_repaired", where, geom=fault.at, before=geom, after=mended, **told)
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
    """Ids that stand for several features: nobody could tell which is meant."""
    ids = Counter(d.attrs[ID_ATTR] for d in drafts if d.attrs.get(ID_ATTR))
    for value, count in ids.items():
        if count > 1:
            report.add("id_twice", value)
