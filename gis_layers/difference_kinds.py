"""The kinds of what changes do, and how many of each an edition has."""

from collections.abc import Mapping

from django.db.models import Count, Q

from gis_layers.models import Difference, Edition, FeatureChange

# Several of the last three may be true of one change, or none: then it keeps all as it is.
KINDS: Mapping[str, Q] = {
    "added": Q(op=FeatureChange.Op.ADD),
    "removed": Q(op=FeatureChange.Op.REMOVE),
    "moved": Q(is_moved=True),
    "renamed": Q(is_renamed=True),
    "other": Q(is_other=True),
}


def count(edition: Edition) -> dict[str, int]:
    """How many changes of each kind; kinds without any are left out."""
    asked = {kind: Count("pk", filter=condition) for kind, condition in KINDS.items()}
    found = Difference.objects.filter(edition=edition).aggregate(**asked)
    return {kind: number for kind, number in found.items() if number}
