"""Streets of a gmina's map against ULIC: what to draw, to code anew, to rename.

The map is taken as its open change sets would show it, so that what an officer has done is done.
Only a code that is certain is offered to be taken without looking; all others are asked about.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from accounts.models import Gmina
from gis_layers.changesets import State, current_changeset, shown_of
from gis_layers.checks.register import agree
from gis_layers.models import Layer, LayerKind
from teryt.localities import localities_of
from teryt.matching import Match, Method, match
from teryt.models import Difference, RegisterName
from teryt.streets import RegisterStreet, register_streets

SURE = frozenset({Method.EXACT, Method.NORMALISED, Method.PART})
RECODED = "recoded"  # GUS's file of changes says which code took the place of the old one
WORDS = {
    Method.EXACT: gettext_lazy("the same name"),
    Method.NORMALISED: gettext_lazy("the same name, spelled otherwise"),
    Method.PART: gettext_lazy("the same surname"),
    Method.FUZZY: gettext_lazy("a similar name"),
    RECODED: gettext_lazy("its new code by GUS"),
}


@dataclass(frozen=True)
class MapStreet:
    """A street of one layer, as its open change set would show it."""

    layer: Layer
    state: State

    @property
    def fid(self) -> int:
        return self.state.fid

    @property
    def name(self) -> str:
        return self.state.content.name

    @property
    def code(self) -> str:
        return self.state.content.code


@dataclass(frozen=True)
class Proposal:
    """The register's streets that a street of the map may be, best first.

    `is_sure`: there is only one, and nothing else lays claim to it. `score` is a likeness (0–1).
    """

    street: MapStreet
    options: Sequence[RegisterStreet]
    method: str
    score: float
    is_sure: bool

    @property
    def words(self) -> str:
        return str(WORDS[self.method])


class Renamed(NamedTuple):
    """A street whose name the register has otherwise."""

    street: MapStreet
    register: RegisterStreet

    @property
    def name(self) -> str:
        return name_on_map(self.register)


@dataclass(frozen=True)
class StreetWork:
    """`undrawn`: in ULIC, not on the map; `unknown`: on the map, with no counterpart in ULIC."""

    proposals: Sequence[Proposal]
    renamed: Sequence[Renamed]
    undrawn: Sequence[RegisterStreet]
    unknown: Sequence[MapStreet]

    @property
    def sure(self) -> list[Proposal]:
        return [proposal for proposal in self.proposals if proposal.is_sure]

    @property
    def asked(self) -> list[Proposal]:
        return [proposal for proposal in self.proposals if not proposal.is_sure]


def street_work(gmina: Gmina) -> StreetWork | None:
    """None where ULIC has no street of this gmina: then there is nothing to compare with."""
    parents = dict(localities_of(gmina.terc6).values_list("simc", "parent_simc"))
    register = {street.code: street for street in register_streets(list(parents))}
    if not register:
        return None
    streets = map_streets(gmina)
    held = {street.code for street in streets}
    lost = [street for street in streets if street.code not in register]
    missing = [street for code, street in register.items() if code not in held]
    found = proposals(missing, lost, parents)
    offered = {option.code for proposal in found for option in proposal.options}
    answered = {proposal.street.fid for proposal in found}
    return StreetWork(
        proposals=found,
        renamed=renamed(streets, register),
        undrawn=[street for street in missing if street.code not in offered],
        unknown=[street for street in lost if street.fid not in answered],
    )


def map_streets(gmina: Gmina) -> list[MapStreet]:
    layers = Layer.objects.filter(gmina=gmina, kind=LayerKind.STREET).order_by("pk")
    return [
        MapStreet(layer, state)
        for layer in layers
        for state in shown_of(layer, current_changeset(layer))
    ]


def renamed(streets: Iterable[MapStreet], register: Mapping[str, RegisterStreet]) -> list[Renamed]:
    pairs = [
        Renamed(street, register[street.code]) for street in streets if street.code in register
    ]
    return [pair for pair in pairs if not agree(pair.street.name, pair.register.label)]


def proposals(
    missing: Sequence[RegisterStreet],
    lost: Sequence[MapStreet],
    parents: Mapping[str, str],
) -> list[Proposal]:
    """For streets whose code is none in force: by GUS's own word, then by name; by name sorted.

    `parents`: the gmina's localities and what they are parts of.
    """
    free = {street.code: street for street in missing}
    found = list(successions(free, lost))
    taken = {proposal.options[0].code for proposal in found}
    answered = {proposal.street.fid for proposal in found}
    rest = [street for street in lost if street.fid not in answered]
    claims = by_name([street for street in missing if street.code not in taken], rest, parents)
    for street in rest:
        if street.fid in claims:
            is_placed = street.state.content.simc in parents
            found.append(proposal_of(street, claims[street.fid], free, is_placed=is_placed))
    return sorted(found, key=lambda proposal: (proposal.street.name, proposal.street.fid))


def successions(
    free: Mapping[str, RegisterStreet], lost: Sequence[MapStreet]
) -> Iterable[Proposal]:
    """Streets whose code GUS changed into one that nobody has yet."""
    recodes = Difference.objects.filter(
        op=Difference.Op.RECODED,
        release__register=RegisterName.ULIC,
        key_before__in={street.code for street in lost if street.code},
    )
    now = dict(recodes.order_by("release_id").values_list("key_before", "key"))
    for street in lost:
        if option := free.get(now.get(street.code, "")):
            yield Proposal(street, [option], RECODED, 1.0, is_sure=True)


def by_name(
    missing: Iterable[RegisterStreet], lost: Iterable[MapStreet], parents: Mapping[str, str]
) -> dict[int, list[Match[str, int]]]:
    """Which entries of the register fit a street of the map, or fit it among others; by fid.

    Compared within a locality with its parts; a street of no known locality with all of them.
    """
    entries: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in missing:
        entries[parents[entry.simc]][entry.code] = name_on_map(entry)
    on_map: dict[str, dict[int, str]] = defaultdict(dict)
    for street in lost:
        on_map[parents.get(street.state.content.simc, "")][street.fid] = street.name
    claims: dict[int, list[Match[str, int]]] = defaultdict(list)
    for locality, names in entries.items():
        for found in match(names, on_map[locality] | on_map[""]):
            for fid in found.rivals if found.key is None else (found.key,):
                claims[fid].append(found)
    return claims


def proposal_of(
    street: MapStreet,
    claims: Sequence[Match[str, int]],
    register: Mapping[str, RegisterStreet],
    *,
    is_placed: bool,
) -> Proposal:
    best = sorted(claims, key=lambda claim: -claim.score)
    first = best[0]
    is_only = len(best) == 1 and first.key is not None
    return Proposal(
        street=street,
        options=[register[claim.code] for claim in best],
        method=first.method,
        score=first.score,
        is_sure=is_only and is_placed and first.method in SURE,
    )


def name_on_map(street: RegisterStreet) -> str:
    """As layers have names: "Główna", "al. Wojska Polskiego"."""
    return street.label.removeprefix("ul. ")
