"""Which collections there are for whom: published layers, and the working copies of officers.

A collection's id is `{gmina}.{layer}`, or `{layer}` alone for a national one; no slug holds a dot.
`{gmina}.{layer}.staged` is the working copy (RFC 5829): the layer as its open change set would
show it. Changes go there, so that what was written can be read back at once while the published
collection stays as it is until somebody publishes.
"""

from dataclasses import dataclass, replace

from django.core import validators
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import gminas_of
from accounts.api_keys import READS, WRITES, allows
from accounts.models import AppKey, User
from gis_layers.changesets import current_changeset
from gis_layers.models import Edition, Layer

STAGED = "staged"


@dataclass(frozen=True)
class Caller:
    """Who asks: nobody (None), or a member of staff, perhaps by a key that allows less."""

    user: User | None
    key: AppKey | None

    def gminas(self, action: str) -> list[int]:
        """Ids of the gminas in which the caller may do this."""
        if self.user is None:
            return []
        own = gminas_of(self.user)
        return [gmina.pk for gmina in own if allows(self.user, self.key, action, gmina)]


@dataclass(frozen=True)
class Collection:
    layer: Layer
    is_staged: bool = False

    @property
    def id(self) -> str:
        gmina = [self.layer.gmina.slug] if self.layer.gmina else []
        return ".".join([*gmina, self.layer.slug, *([STAGED] if self.is_staged else [])])

    @property
    def layer_title(self) -> str:
        return self.layer.title_en if get_language() == "en" else self.layer.title_pl

    @property
    def place(self) -> str:
        """The gmina's name; of a national layer the country's."""
        return self.layer.gmina.name if self.layer.gmina else str(_("Poland"))

    @property
    def title(self) -> str:
        what = f"{self.place}: {self.layer_title}"
        return _("%(layer)s (changes being prepared)") % {"layer": what} if self.is_staged else what

    @property
    def source(self) -> str:
        in_english = get_language() == "en"
        return (self.layer.source_en if in_english else "") or self.layer.source

    @property
    def is_open(self) -> bool:
        """Whether strangers see it too."""
        return self.layer.public and not self.is_staged

    def edition(self) -> Edition | None:
        """The change set whose state is shown; None where what is published is."""
        return current_changeset(self.layer) if self.is_staged else None

    def twin(self) -> "Collection":
        """Of a published layer the working copy, and the other way round."""
        return replace(self, is_staged=not self.is_staged)


def visible(caller: Caller) -> list[Collection]:
    """Everything the caller may read, by gmina and kind, each working copy after its layer."""
    writable = set(caller.gminas(WRITES))
    found = []
    for layer in readable(caller).order_by("gmina__name", "kind", "slug"):
        if layer.edition_number:
            found.append(Collection(layer))
        if layer.gmina_id in writable:
            found.append(Collection(layer, is_staged=True))
    return found


def find(collection_id: str, caller: Caller) -> Collection:
    """The collection of that id. Raises Http404 where the caller may not read it either."""
    parts = collection_id.split(".")
    is_staged = len(parts) == 3 and parts[2] == STAGED
    parts = parts[:2] if is_staged else parts
    if len(parts) > 2 or not all(validators.slug_re.fullmatch(part) for part in parts):
        raise Http404
    owner = Q(gmina__slug=parts[0]) if len(parts) == 2 else Q(gmina=None)
    layer = readable(caller).filter(owner, slug=parts[-1]).first()
    if layer is None or not (is_staged or layer.edition_number):
        raise Http404
    if is_staged and layer.gmina_id not in caller.gminas(WRITES):
        raise Http404
    return Collection(layer, is_staged)


def has_working_copy(collection: Collection, caller: Caller) -> bool:
    """Whether the caller may prepare changes to the layer."""
    return collection.layer.gmina_id in caller.gminas(WRITES)


def readable(caller: Caller) -> QuerySet[Layer]:
    """Public layers; the caller's gminas' own; national ones that only staff see."""
    seen = Q(public=True, edition_number__gt=0) | Q(gmina__in=caller.gminas(READS))
    if caller.user is not None:
        seen |= Q(gmina=None, edition_number__gt=0)
    return Layer.objects.filter(seen).select_related("gmina")
