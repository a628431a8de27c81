"""What an officer takes over from TERYT, into the open change sets of the street layers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from django.db import transaction

from accounts.models import Gmina, User
from gis_layers.changesets import open_changeset
from gis_layers.content import Content
from gis_layers.models import Edition, EditStep
from gis_layers.register.streets import MapStreet, StreetWork, street_work
from gis_layers.steps import step

Wish = tuple[MapStreet, Content]


@transaction.atomic
def accept(
    gmina: Gmina, *, codes: Mapping[int, str], names: Collection[int], by: User
) -> list[Edition]:
    """Give streets (by fid) these codes, and streets the names that the register has for them.

    Only what the list of work still offers is done; a step that can be taken back in each layer.
    Answers with the change sets that grew. Raises VersionStale where another officer was quicker.
    """
    work = street_work(gmina)
    if work is None:
        return []
    by_layer = defaultdict(list)
    for street, content in [*coded(work, codes), *called(work, names)]:
        by_layer[street.layer.pk].append((street, content))
    return [put(by_layer[pk], by) for pk in sorted(by_layer)]


def coded(work: StreetWork, codes: Mapping[int, str]) -> list[Wish]:
    wishes = []
    for proposal in work.proposals:
        chosen = codes.get(proposal.street.fid)
        for option in proposal.options:
            if option.code == chosen:
                content = proposal.street.state.content
                wish = replace(content, code=option.code, simc=option.simc)
                wishes.append((proposal.street, wish))
    return wishes


def called(work: StreetWork, names: Collection[int]) -> list[Wish]:
    return [
        (pair.street, replace(pair.street.state.content, name=pair.name))
        for pair in work.renamed
        if pair.street.fid in names
    ]


def put(wishes: list[Wish], by: User) -> Edition:
    edition = open_changeset(wishes[0][0].layer, by)
    with step(edition, by, EditStep.Kind.PUT) as now:
        for street, content in wishes:
            now.put(street.fid, content, street.state.etag)
    return edition
