"""What staff read about an edition: where its changes come from, who and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import User
from gis_layers.editions import REVERT
from gis_layers.models import Edition, Layer

# What a change does, by the names that difference_kinds.py counts them under.
DIFFERENCES = {
    "added": gettext_lazy("newly added"),
    "removed": gettext_lazy("taken away"),
    "moved": gettext_lazy("another shape"),
    "renamed": gettext_lazy("another name"),
    "other": gettext_lazy("other attributes"),
}


@dataclass(frozen=True)
class EditionRow:
    """One edition with the names of its people; empty where the system or nobody acted."""

    edition: Edition
    created_by: str
    published_by: str
    scheduled_by: str

    @property
    def source(self) -> str:
        return source_words(self.edition)

    @property
    def refused_on(self) -> date | None:
        """The day of the planned publication that was refused."""
        day = self.edition.refusal.get("on")
        return date.fromisoformat(day) if day else None

    @property
    def refusal(self) -> str:
        """Why its planned publication did not happen, in the reader's language; "" if it did."""
        said = self.edition.refusal.get("text", {})
        return said.get(get_language(), "")

    @property
    def summary(self) -> str:
        """ "newly added: 12, another name: 3"; "" where nothing was counted."""
        counts = [(word, self.edition.summary.get(name)) for name, word in DIFFERENCES.items()]
        return ", ".join(
            f"{word}: {number_format(count, use_l10n=True, force_grouping=True)}"
            for word, count in counts
            if count
        )

    @property
    def layer_title(self) -> str:
        return layer_title(self.edition.layer)


def rows(editions: Iterable[Edition]) -> list[EditionRow]:
    """The editions in their order; one query for all names."""
    found = list(editions)
    ids = {pk for edition in found for pk in _people(edition) if pk is not None}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        EditionRow(edition, *(names.get(pk, "") if pk else "" for pk in _people(edition)))
        for edition in found
    ]


def _people(edition: Edition) -> tuple[int | None, int | None, int | None]:
    return edition.created_by_id, edition.published_by_id, edition.scheduled_by_id


def layer_title(layer: Layer) -> str:
    return layer.title_en if get_language() == "en" else layer.title_pl


def source_words(edition: Edition) -> str:
    """Where the changes come from: the file's name, the map, or the state that they bring back."""
    if edition.by_hand:
        return _("edits on the map")
    if not edition.source_name.startswith(REVERT):
        return edition.source_name
    number = int(edition.source_name.removeprefix(REVERT))
    back_to = Edition.objects.filter(layer=edition.layer_id, number=number).first()
    if back_to is None or back_to.published_at is None:
        return _("back to the empty layer")
    when = date_format(timezone.localtime(back_to.published_at), "j E Y, H:i")
    return _("back to the state of %(when)s") % {"when": when}
