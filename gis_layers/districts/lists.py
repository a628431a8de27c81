"""The lists of a district layer: kept, and drawn together into the layer's open change set.

All lists of a layer are drawn at once, so that neighbours share their borders. Districts that have
borders of their own keep their ground; nothing that is published is touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from accounts.models import Gmina, User
from audit.record import record
from audit.verbs import Verb
from gis_layers.changesets import current_changeset, open_changeset
from gis_layers.content import Content
from gis_layers.districts.book import Book
from gis_layers.districts.cells import districts
from gis_layers.districts.members import NOBODY, Members, Problem, members_of
from gis_layers.edits import to_geom, to_shape
from gis_layers.errors import FeatureUnknown, LayerError, NoAddresses, OutlineUnknown
from gis_layers.models import DistrictList, EditStep, Layer
from gis_layers.outlines import gmina_outline
from gis_layers.states import shown_of, state_of
from gis_layers.steps import Step, step


@dataclass(frozen=True)
class Outcome:
    """What the lists mean now: members of each, and what stands against drawing them."""

    lists: Sequence[DistrictList]
    book: Book
    members: Members
    problems: Sequence[Problem]


class ListsUnclear(LayerError):
    """The lists cannot be drawn as they stand; `outcome` says why, line by line."""

    code = "lists_unclear"
    message = _("{count} lines of the lists are unclear. Nothing was changed.")

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(field="lines", details={"count": len(outcome.problems)})
        self.outcome = outcome


def outcome(layer: Layer, lists: Sequence[DistrictList]) -> Outcome:
    """Raises NoAddresses where the gmina has none."""
    book = Book.of(gmina_of(layer))
    if not book.addresses:
        raise NoAddresses
    members = members_of(lists, book)
    inside = inside_borders(lists, members, book, taken(layer, lists))
    return Outcome(lists, book, members, [*members.problems, *inside])


@transaction.atomic
def save(row: DistrictList, by: User | None) -> Outcome:
    """Keep a new or changed list, and draw all lists of its layer.

    Raises ListsUnclear, whose `outcome` has the problems, and what `draw` raises; nothing is
    kept then. IntegrityError where another list of the layer has its name.
    """
    layer = Layer.objects.select_for_update().get(pk=row.layer_id)
    row.changed_by_id, row.changed_at = by.pk if by else None, timezone.now()
    row.save()
    audit(Verb.DISTRICT_LIST_SAVED, layer, row, by)
    found = draw(layer, by)
    row.refresh_from_db(fields=["fid"])
    return found


@transaction.atomic
def draw(layer: Layer, by: User | None) -> Outcome:
    """Bring the shapes of all the layer's lists into its change set, as addresses are now.

    Raises ListsUnclear, NoAddresses, OutlineUnknown.
    """
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    lists = list(layer.district_lists.all())
    found = outcome(layer, lists)
    if found.problems:
        raise ListsUnclear(found)
    shapes = shapes_of(layer, found)
    if nowhere := [row for n, row in enumerate(lists) if n not in shapes]:
        outside = [Problem("district_outside", row.name) for row in nowhere]
        raise ListsUnclear(replace(found, problems=outside))
    edition = open_changeset(layer, by)
    with step(edition, by, EditStep.Kind.PUT) as now:
        for position, row in enumerate(lists):
            put(now, row, shapes[position])
    return found


@transaction.atomic
def remove(row: DistrictList, by: User | None, *, with_feature: bool) -> None:
    """Forget a list; its district stays as it is drawn, or goes with it in the change set."""
    layer = Layer.objects.select_for_update().get(pk=row.layer_id)
    if with_feature and row.fid is not None:
        edition = open_changeset(layer, by)
        with step(edition, by, EditStep.Kind.REMOVE) as now:
            if shown_content(now, row.fid):
                now.remove(row.fid)
    audit(Verb.DISTRICT_LIST_REMOVED, layer, row, by, with_district=with_feature)
    row.delete()


def shapes_of(layer: Layer, found: Outcome) -> dict[int, BaseGeometry]:
    """Position of a list -> its district, on the gmina's ground. Raises OutlineUnknown."""
    outline = gmina_outline(gmina_of(layer))
    if outline is None:
        raise OutlineUnknown
    ground = shapely.difference(to_shape(outline.geom), taken(layer, found.lists))
    points = np.array([(address.x, address.y) for address in found.book.addresses])
    return districts(points, found.members.owner, ground)


def put(now: Step, row: DistrictList, shape: BaseGeometry) -> None:
    """The list's feature with this shape: the one it had, where that is still there."""
    before = shown_content(now, row.fid)
    content = replace(
        before or Content(),
        name=row.name,
        simc=row.localities[0] if len(row.localities) == 1 else "",
        geom=to_geom(shape),
    )
    fid = now.put(row.fid if before else None, content).fid
    if fid != row.fid:
        row.fid = fid
        row.save(update_fields=["fid"])


def shown_content(now: Step, fid: int | None) -> Content | None:
    """The feature as the change set shows it; None where it shows none."""
    if fid is None:
        return None
    try:
        return state_of(now.edition, fid)[0].content
    except FeatureUnknown:
        return None


def taken(layer: Layer, lists: Sequence[DistrictList]) -> BaseGeometry:
    """The ground of the layer's districts that have borders of their own (EPSG:2180)."""
    drawn = {row.fid for row in lists}
    states = shown_of(layer, current_changeset(layer))
    shapes = [to_shape(state.content.geom) for state in states if state.fid not in drawn]
    return shapely.union_all(shapes)


def inside_borders(
    lists: Sequence[DistrictList], members: Members, book: Book, borders: BaseGeometry
) -> list[Problem]:
    """Addresses of a list that lie in a district with borders of its own."""
    shapely.prepare(borders)
    return [
        Problem("inside_border", lists[owner].name, book.label(address, numbered=True))
        for address, owner in zip(book.addresses, members.owner, strict=True)
        if owner != NOBODY and shapely.intersects_xy(borders, address.x, address.y)
    ]


def gmina_of(layer: Layer) -> Gmina:
    """Whose lists they are. Raises ValueError for a national layer, which has none."""
    if layer.gmina is None:
        raise ValueError(f"{layer} has no lists")
    return layer.gmina


def audit(verb: Verb, layer: Layer, row: DistrictList, by: User | None, **data: object) -> None:
    record(
        verb,
        by=by,
        gmina=layer.gmina,
        target_kind="district_list",
        target_id=row.pk,
        layer=layer.slug,
        name=row.name,
        **data,
    )
