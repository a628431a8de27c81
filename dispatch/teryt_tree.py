"""A gmina as TERYT has it: its localities with their parts and streets, and how many live there."""

from typing import Any

from django.conf import settings

from accounts.models import Gmina
from dispatch import queries
from dispatch.masking import Count
from dispatch.streets import Street, streets_of
from teryt.localities import localities_of


def tree(gmina: Gmina) -> list[dict[str, Any]]:
    """The localities by name, parts under `parent_simc`, each with its streets.

    Figures are rounded down to the limit of masking: the tree is to choose by, what an alert
    reaches is counted by its preview.
    """
    people = {
        (kind, key): count for kind, key, count in queries.tuples("teryt_counts", gmina=gmina.pk)
    }
    streets: dict[str, list[Street]] = {}
    for street in streets_of(gmina):
        streets.setdefault(street.simc, []).append(street)
    return [
        {
            "simc": row.simc,
            "name": row.name,
            "rm": row.rm,
            "parent_simc": "" if row.parent_simc == row.simc else row.parent_simc,
            "people": rounded(people.get(("locality", row.simc), 0)).to_json(),
            "streets": [described(street, people) for street in streets.get(row.simc, [])],
        }
        for row in localities_of(gmina.terc6)
    ]


def described(street: Street, people: dict[tuple[str, str], int]) -> dict[str, Any]:
    key = ("street", str(street.fid)) if street.fid else ("register", street.code)
    return {
        "fid": street.fid,
        "simc": street.simc,
        "ulic": street.ulic,
        "label": street.label,
        "addresses": street.addresses,
        "people": rounded(people.get(key, 0)).to_json(),
    }


def rounded(people: int) -> Count:
    """A figure to choose by: nought, below the limit, or a multiple of the limit."""
    limit = settings.MASK_BELOW
    if 0 < people < limit:
        return Count(None, limit)
    return Count(people - people % limit)
