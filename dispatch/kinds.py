"""Kinds of alerts under the three national categories; residents mute by a kind's code."""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.models import Gmina
from dispatch.errors import KindOfOtherCategory, UnknownCategory, UnknownKind
from dispatch.models import Category, Kind


class DefaultKind(NamedTuple):
    code: str
    category: Category
    title_pl: str
    title_en: str


DEFAULT_KINDS = (
    DefaultKind("woda", Category.FAILURE, "Woda", "Water"),
    DefaultKind("prad", Category.FAILURE, "Prąd", "Electricity"),
    DefaultKind("cieplo", Category.FAILURE, "Ciepło", "Heating"),
    DefaultKind("gaz", Category.FAILURE, "Gaz", "Gas"),
    DefaultKind("drogi", Category.FAILURE, "Drogi", "Roads"),
    DefaultKind("odpady", Category.FAILURE, "Odpady", "Waste"),
    DefaultKind("komunikacja", Category.FAILURE, "Komunikacja", "Public transport"),
    DefaultKind("kultura", Category.EVENT, "Kultura", "Culture"),
    DefaultKind("sport", Category.EVENT, "Sport", "Sport"),
    DefaultKind("konsultacje", Category.EVENT, "Konsultacje", "Consultations"),
    DefaultKind("inne-wydarzenie", Category.EVENT, "Inne wydarzenie", "Other event"),
    DefaultKind("burza", Category.WARNING, "Burza i wiatr", "Storm and wind"),
    DefaultKind("powodz", Category.WARNING, "Powódź", "Flood"),
    DefaultKind("smog", Category.WARNING, "Smog", "Smog"),
    DefaultKind("upal-mroz", Category.WARNING, "Upał i mróz", "Heat and frost"),
    DefaultKind("skazenie", Category.WARNING, "Skażenie", "Contamination"),
    DefaultKind("inne-zagrozenie", Category.WARNING, "Inne zagrożenie", "Other threat"),
)


def create_default_kinds(gmina: Gmina) -> None:
    """Give a gmina the usual kinds; those it has already stay as they are."""
    Kind.objects.bulk_create(
        [
            Kind(gmina=gmina, position=position, **kind._asdict())
            for position, kind in enumerate(DEFAULT_KINDS)
        ],
        ignore_conflicts=True,
    )


def chosen(gmina: Gmina, data: Mapping[str, object]) -> Kind:
    """The gmina's active kind named by `kind`; `category`, where given, must be its own.

    Raises UnknownCategory, UnknownKind or KindOfOtherCategory.
    """
    category, code = data.get("category"), data.get("kind")
    if category is not None and category not in Category.values:
        raise UnknownCategory(field="category", details={"category": category})
    kind = Kind.objects.filter(gmina=gmina, active=True, code=str(code)).first()
    if kind is None:
        raise UnknownKind(field="kind", details={"kind": code})
    if category not in (None, kind.category):
        raise KindOfOtherCategory(field="category", details={"kind": code, "category": category})
    return kind
