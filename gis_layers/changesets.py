"""Change sets that grow by hand: on the map, by OGC API Features.

A layer has one open change set for all its officers, so that each sees what the others changed.
Nothing that is published is touched (editions.py). Every state of a feature has an ETag; a change
says which state it is meant for and is refused where that is no longer the one (VersionStale).
"""

from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from accounts.models import User
from gis_layers import editions
from gis_layers.content import Content
from gis_layers.models import Edition, EditStep, FeatureChange, Layer
from gis_layers.states import State, shown, shown_of, state_of
from gis_layers.steps import redo, step, undo

__all__ = [
    "State",
    "current_changeset",
    "open_changeset",
    "put",
    "redo",
    "remove",
    "shown",
    "shown_of",
    "state_of",
    "undo",
]

SOURCE = "by hand"  # Edition.source_name of an open change set


@transaction.atomic
def open_changeset(layer: Layer, by: User | None) -> Edition:
    """The layer's change set for edits by hand, begun where there is none."""
    layer = Layer.objects.select_for_update().get(pk=layer.pk)
    edition = current_changeset(layer)
    if edition is None:
        edition = editions.stage(layer, [], by, SOURCE)
        edition.by_hand = True
        edition.save(update_fields=["by_hand"])
    return edition


def current_changeset(layer: Layer) -> Edition | None:
    """The layer's open change set, if one was begun; one planned for a day is closed."""
    staged = layer.editions.filter(by_hand=True, state=Edition.State.STAGED, publish_on=None)
    return staged.order_by("-pk").first()


def put(
    edition: Edition,
    fid: int | None,
    *,
    name: str = "",
    code: str = "",
    simc: str = "",
    attrs: dict[str, Any] | None = None,
    geom: GEOSGeometry,
    by: User | None,
    expected: str | None,
) -> FeatureChange:
    """Make a feature so in the change set; without `fid` it is a new one.

    `expected` is the ETag of the state that the change is meant for; None takes any. The answer
    is kept in the database unless the feature is now as it is published.
    Raises FeatureUnknown, VersionStale, EditionNotStaged and what content.checked raises.
    """
    with step(edition, by, EditStep.Kind.PUT) as now:
        return now.put(fid, Content(name, code, simc, attrs or {}, geom), expected)


def remove(edition: Edition, fid: int, by: User | None, expected: str | None) -> None:
    """Take a feature away in the change set. Raises FeatureUnknown, VersionStale."""
    with step(edition, by, EditStep.Kind.REMOVE) as now:
        now.remove(fid, expected)
