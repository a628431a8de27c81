"""What an edition changes, as a list: with names, and the metres by which a shape moved."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db.models import Q

from gis_layers import editions
from gis_layers.crs import to_lonlat
from gis_layers.difference_kinds import KINDS
from gis_layers.hausdorff import hausdorff_m
from gis_layers.models import SRID, Difference, Edition, Feature, FeatureChange, LayerKind
from gis_layers.search import address_label
from teryt.models import Locality
from teryt.names import street_label

Op = FeatureChange.Op
CONFLICT = "conflict"


@dataclass(frozen=True)
class Row:
    """One change as people read it. `kinds`: of KINDS, and "conflict".

    `hausdorff_m`: the farthest that a point of one shape is from the other; None where the shape
    stays or there are not two. `bbox` is in EPSG:4326, around both.
    """

    id: int
    fid: int
    kinds: list[str]
    label: str
    label_before: str
    code: str
    hausdorff_m: float | None
    bbox: list[float] | None


def conflicts(edition: Edition) -> list[int]:
    """Fids of a staged edition that a newer one changed: with them it cannot be published."""
    if edition.state != Edition.State.STAGED:
        return []
    return editions.run("edition_conflicts.sql", edition)


def rows(edition: Edition, kind: str, *, after: int, limit: int) -> list[Row]:
    """The changes of a kind ("" for all) whose id is above `after`, in order of id."""
    clashing = conflicts(edition)
    found = Difference.objects.filter(edition=edition, id__gt=after).order_by("id")
    if kind:
        found = found.filter(Q(fid__in=clashing) if kind == CONFLICT else KINDS[kind])
    page = list(found[:limit])
    labels = Labels(edition.layer.kind, page)
    return [_row(one, labels, clashing) for one in page]


def extent(edition: Edition) -> list[float] | None:
    """The box around all that changes, in EPSG:4326; None for nothing."""
    found = Difference.objects.filter(edition=edition).aggregate(
        before=Extent("geom_before", default=None), after=Extent("geom_after", default=None)
    )
    boxes = [Polygon.from_bbox(box) for box in found.values() if box]
    return _box(boxes)


class Labels:
    """How the features of some changes are called, before and after."""

    def __init__(self, layer_kind: str, found: Sequence[Difference]) -> None:
        self.kind = layer_kind
        self.streets = street_names({one.street_fid for one in found if one.street_fid})
        simcs = {one.simc for one in found}
        self.localities = dict(Locality.objects.filter(simc__in=simcs).values_list("simc", "name"))

    def of(self, one: Difference, name: str) -> str:
        if not name or self.kind not in {LayerKind.ADDRESS, LayerKind.STREET}:
            return name
        if self.kind == LayerKind.STREET:
            return street_label(name)
        street = self.streets.get(one.street_fid or 0, one.street_name)
        where = street_label(street) if street else self.localities.get(one.simc, "")
        return address_label(where, name).strip()


def street_names(fids: Collection[int]) -> dict[int, str]:
    """The latest name of each street, whether it is shown now or not."""
    states = Feature.objects.filter(fid__in=fids).order_by("fid", "-since").distinct("fid")
    return dict(states.values_list("fid", "name"))


def _row(one: Difference, labels: Labels, clashing: Collection[int]) -> Row:
    shapes = [geom for geom in (one.geom_before, one.geom_after) if geom]
    return Row(
        id=one.pk,
        fid=one.fid,
        kinds=_kinds(one) + ([CONFLICT] if one.fid in clashing else []),
        label=labels.of(one, one.name_after or one.name_before),
        label_before=labels.of(one, one.name_before) if one.is_renamed else "",
        code=one.code,
        hausdorff_m=hausdorff_m(*shapes) if one.is_moved and len(shapes) == 2 else None,
        bbox=_box(shapes),
    )


def _kinds(one: Difference) -> list[str]:
    is_so = {
        "added": one.op == Op.ADD,
        "removed": one.op == Op.REMOVE,
        "moved": one.is_moved,
        "renamed": one.is_renamed,
        "other": one.is_other,
    }
    return [kind for kind in KINDS if is_so[kind]]


def _box(shapes: Iterable[GEOSGeometry]) -> list[float] | None:
    """The box around shapes in EPSG:2180, in EPSG:4326; None for none."""
    boxes = [Polygon.from_bbox(shape.extent) for shape in shapes]
    if not boxes:
        return None
    around = MultiPolygon(boxes, srid=SRID)
    return list(to_lonlat(around).extent)
