"""An edition's report as staff see it: groups of findings, cases, one case on the map."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Count, Q

from accounts.models import User
from gis_layers import findings
from gis_layers.cases import text_of
from gis_layers.crs import to_lonlat
from gis_layers.editions import rows_at
from gis_layers.errors import FeatureUnknown
from gis_layers.finding_kinds import KINDS
from gis_layers.models import Acknowledgement, Edition, Finding
from gis_layers.states import state_of

DIGITS = 7  # of a degree: a centimetre
NEAR_M = 20  # what a single point is shown with around it


@dataclass(frozen=True)
class Group:
    """The findings of one code: how many there are and can be listed, and who must still act.

    `accepted_by` is empty where the command line accepted them; `accepted_at` None: nobody did.
    """

    code: str
    level: str
    headline: str
    count: int
    kept: int
    known: int
    needs_acceptance: bool
    accepted_by: str
    accepted_at: datetime | None


@dataclass(frozen=True)
class Row:
    """One finding in words, and where to look for it (EPSG:4326)."""

    id: int
    fid: int | None
    row: int | None
    text: str
    known: bool
    repaired: bool
    bbox: list[float] | None


def groups(edition: Edition) -> list[Group]:
    """What was found, worst first, in the active language."""
    found, unseen = findings.found_in(edition), findings.unacknowledged(edition)
    counted = edition.findings.values("code").order_by()
    counted = counted.annotate(rows=Count("pk"), old=Count("pk", Q(known=True)))
    kept = {row["code"]: (row["rows"], row["old"]) for row in counted}
    accepted = {row.code: row for row in edition.acknowledgements.all()}
    names = names_of(accepted.values())
    return [
        Group(
            code=code,
            level=kind.level,
            headline=str(kind.headline % {"count": found[code]}),
            count=found[code],
            kept=kept.get(code, (0, 0))[0],
            known=kept.get(code, (0, 0))[1],
            needs_acceptance=code in unseen,
            accepted_by=names.get(code, ""),
            accepted_at=accepted[code].at if code in accepted else None,
        )
        for code, kind in KINDS.items()
        if code in found
    ]


def names_of(accepted: Iterable[Acknowledgement]) -> dict[str, str]:
    """Code -> the name of the person who accepted it; none for the command line."""
    by = {row.code: row.by_id for row in accepted if row.by_id is not None}
    names = dict(User.objects.filter(pk__in=by.values()).values_list("pk", "name"))
    return {code: names.get(user_id, "") for code, user_id in by.items()}


def rows(edition: Edition, code: str, *, after: int, limit: int) -> list[Row]:
    """Cases of a code, in the order in which they were found; those after the id `after`."""
    some = edition.findings.filter(code=code, pk__gt=after).order_by("pk")
    return [row_of(finding) for finding in some[:limit]]


def row_of(finding: Finding) -> Row:
    return Row(
        id=finding.pk,
        fid=finding.fid,
        row=finding.row,
        text=text_of(finding.code, finding.where, finding.details),
        known=finding.known,
        repaired=finding.after is not None,
        bbox=bbox_4326(finding.after or finding.geom),
    )


def bbox_4326(geom: GEOSGeometry | None) -> list[float] | None:
    """Box of a geometry in EPSG:2180, widened where it is but a point: west, south, east, north."""
    if geom is None or geom.empty:
        return None
    around = geom.envelope.buffer(NEAR_M, 1).envelope if geom.envelope.area == 0 else geom.envelope
    return [round(side, DIGITS) for side in to_lonlat(around).extent]


def geojson(finding: Finding) -> dict[str, Any]:
    """The finding with the features it is about: a FeatureCollection whose `role` tells them apart.

    Roles: feature, before, after, problem; drawn in this order.
    """
    shapes = [
        *(("feature", geom) for geom in shapes_about(finding)),
        ("before", finding.before),
        ("after", finding.after),
        ("problem", finding.geom),
    ]
    features = [feature(role, geom) for role, geom in shapes if geom is not None]
    return {"type": "FeatureCollection", "features": features}


def feature(role: str, geom: GEOSGeometry) -> dict[str, Any]:
    shape = json.loads(to_lonlat(geom).json)
    return {"type": "Feature", "properties": {"role": role}, "geometry": shape}


def shapes_about(finding: Finding) -> Iterator[GEOSGeometry]:
    """The features that the finding names, as its edition shows or showed them."""
    fids = [fid for fid in (finding.fid, finding.details.get("other_fid")) if fid is not None]
    return shown(finding.edition, fids)


def shown(edition: Edition, fids: Iterable[int]) -> Iterator[GEOSGeometry]:
    if edition.number is not None:
        rows = rows_at(edition.layer, edition.number).filter(fid__in=fids)
        yield from rows.values_list("geom", flat=True)
        return
    for fid in fids:
        try:
            geom = state_of(edition, fid)[0].content.geom
        except FeatureUnknown:  # taken away since the check
            continue
        if geom is not None:
            yield geom
