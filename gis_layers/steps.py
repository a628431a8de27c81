"""One step by hand in a change set, of one feature or several, and the way back from it.

A step keeps, for each feature it touches, the change that was there before. Undoing swaps the two
sides, doing again swaps them back. Each officer takes back their own steps, last first; a step on
whose features somebody built since stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import BigIntegerField
from django.utils.translation import gettext as _

from accounts.models import User
from gis_layers import editions
from gis_layers.content import Content, checked
from gis_layers.editions import TABLES, Op, new_fids
from gis_layers.errors import EditionPlanned, FeatureUnknown, NothingToUndo, VersionStale
from gis_layers.models import Edition, EditStep, FeatureChange, Layer, LayerKind, StepState
from gis_layers.states import State, content_of_row, published, state_of

SAME_M = 0.001  # shapes that near to one another are one: degrees come rounded
SIDE = ("fid", "op", "code", "name", "simc", "search_name", "attrs", "geom", "base_number")


class Touch(NamedTuple):
    """Who changed something and when; None: a command."""

    by_id: int | None
    at: datetime | None


@dataclass
class Step:
    """A step being made, under the lock of its layer."""

    layer: Layer
    edition: Edition
    row: EditStep

    def put(self, fid: int | None, content: Content, expected: str | None = None) -> FeatureChange:
        """Make the feature so (None: a new one), as changesets.put has it."""
        if fid is None:
            return self.write(new_fids(1)[0], Op.ADD, checked(self.layer, content))
        content = checked(self.layer, content, self.expect(fid, expected).content)
        below = published(self.layer).filter(fid=fid).first()
        if below is not None and same(content, content_of_row(below)):
            return self.drop(fid, content)
        return self.write(fid, Op.REPLACE if below else Op.ADD, content)

    def remove(self, fid: int, expected: str | None = None) -> None:
        self.expect(fid, expected)
        if published(self.layer).filter(fid=fid).exists():
            self.write(fid, Op.REMOVE, Content())
        else:
            self.drop(fid, Content())

    def expect(self, fid: int, expected: str | None) -> State:
        """The feature's state, which must be the expected one. Raises VersionStale."""
        try:
            state, etag = state_of(self.edition, fid)
        except FeatureUnknown:
            if expected is None or (touch := last_touch(self.edition, fid)) is None:
                raise
            raise stale(self.edition, fid, touch) from None
        if expected not in (None, etag):
            raise stale(self.edition, fid, last_touch(self.edition, fid))
        return state

    def write(self, fid: int, op: str, content: Content) -> FeatureChange:
        self.drop(fid, content)
        return FeatureChange.objects.create(
            edition=self.edition,
            fid=fid,
            op=op,
            base_number=self.layer.edition_number,
            **content.columns(),
        )

    def drop(self, fid: int, content: Content) -> FeatureChange:
        """Delete the feature's change, remembered once a step; answers as if it were unchanged."""
        change = self.edition.changes.filter(fid=fid).first()
        if fid not in self.row.fids:
            self.row.fids.append(fid)
            StepState.objects.create(step=self.row, **side(change, fid))
        if change is not None:
            change.delete()
        return FeatureChange(edition=self.edition, fid=fid, op=Op.REPLACE, **content.columns())


@contextmanager
def step(edition: Edition, by: User | None, kind: str) -> Iterator[Step]:
    """A step in one transaction; steps that the officer had taken back can't be done again then."""
    with transaction.atomic():
        layer, edition = lock(edition)
        by_id = by.pk if by else None
        edition.steps.filter(by_id=by_id, undone=True).delete()
        row = EditStep.objects.create(edition=edition, by_id=by_id, kind=kind)
        yield Step(layer, edition, row)
        row.save(update_fields=["fids"])


def lock(edition: Edition) -> tuple[Layer, Edition]:
    """As editions.lock; refuses an edition that is planned for a day as it is."""
    layer, edition = editions.lock(edition)
    if edition.publish_on is not None:
        raise EditionPlanned
    return layer, edition


def undo(edition: Edition, by: User) -> list[int]:
    """Take the officer's last step back; the fids it touched.

    Raises NothingToUndo, and VersionStale where another step changed one of them since.
    """
    return turn(edition, by, undone=True)


def redo(edition: Edition, by: User) -> list[int]:
    """Do again what `undo` took back last; raises as it does."""
    return turn(edition, by, undone=False)


@transaction.atomic
def turn(edition: Edition, by: User, *, undone: bool) -> list[int]:
    _layer, edition = lock(edition)
    own = edition.steps.filter(by_id=by.pk, undone=not undone)
    row = own.order_by("-pk" if undone else "pk").first()
    if row is None:
        raise NothingToUndo
    refuse_built_on(edition, row)
    for fid in row.fids:
        swap(edition, row, fid)
    row.undone = undone
    row.save(update_fields=["undone"])
    return list(row.fids)


def refuse_built_on(edition: Edition, row: EditStep) -> None:
    later = edition.steps.filter(pk__gt=row.pk, undone=False, fids__overlap=row.fids)
    if built := later.order_by("-pk").first():
        fid = min(set(built.fids) & set(row.fids))
        raise stale(edition, fid, by_step(built))


def swap(edition: Edition, row: EditStep, fid: int) -> None:
    """Exchange the change set's side of a step for the kept one."""
    kept = row.states.get(fid=fid)
    change = edition.changes.filter(fid=fid).first()
    now = side(change, fid)
    if change is not None:
        change.delete()
    if kept.op:
        FeatureChange.objects.create(
            edition=edition, **{name: getattr(kept, name) for name in SIDE}
        )
    for name, value in now.items():
        setattr(kept, name, value)
    kept.save()


def side(change: FeatureChange | None, fid: int) -> dict[str, object]:
    """A change as StepState keeps it; without one, its absence."""
    if change is None:
        return {"fid": fid, "op": "", "attrs": {}, "geom": None}
    return {name: getattr(change, name) for name in SIDE}


def same(one: Content, other: Content) -> bool:
    """Whether two contents are one, but for the rounding of degrees."""
    if one.words() != other.words() or one.geom is None or other.geom is None:
        return False
    return one.geom.equals_exact(other.geom, SAME_M)


def stale(edition: Edition, fid: int, touch: Touch | None) -> VersionStale:
    """The refusal that says which feature is no longer what it was, and whose doing that is."""
    names = [*edition.changes.filter(fid=fid), *published(edition.layer).filter(fid=fid)]
    named = next((row.name for row in names if getattr(row, "name", "")), "")
    who = User.objects.filter(pk=touch.by_id).first() if touch and touch.by_id else None
    return VersionStale(
        details={
            "fid": fid,
            "name": named or f"#{fid}",
            "who": who.name if who else str(_("an import")),
            "at": touch.at.isoformat() if touch and touch.at else None,
        }
    )


def last_touch(edition: Edition, fid: int) -> Touch | None:
    """Who changed a feature last: by a step in this change set, else by publishing."""
    if fid > BigIntegerField.MAX_BIGINT:
        return None
    if row := edition.steps.filter(fids__contains=[fid]).order_by("-pk").first():
        return by_step(row)
    ever = TABLES[edition.layer.kind == LayerKind.ADDRESS][0].objects.filter(fid=fid)
    ends = ever.filter(layer=edition.layer).values_list("since", "until")
    numbers = [number for pair in ends for number in pair if number]
    last = edition.layer.editions.filter(number__in=numbers).order_by("-number").first()
    return Touch(last.published_by_id, last.published_at) if last else None


def by_step(row: EditStep) -> Touch:
    return Touch(row.by_id, row.at)
