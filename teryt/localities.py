"""Localities of a gmina and their parts."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from teryt.models import Locality


def localities_of(terc6: str) -> QuerySet[Locality]:
    """The localities in force of a gmina (WOJ+POW+GMI), their parts included; by name.

    Joined on six digits: what SIMC registers under the kinds 4 and 5 (town and country part)
    belongs to the gmina of kind 3.
    """
    return Locality.objects.filter(terc6=terc6, closed_on=None).order_by("name", "simc")


def whole_localities_of(terc6: str) -> QuerySet[Locality]:
    """Of these, the ones that are no part of another."""
    return localities_of(terc6).filter(simc=F("parent_simc"))


def with_parts(simcs: Iterable[str]) -> set[str]:
    """The localities and their parts in force (SYMPOD; the register has no parts of parts)."""
    asked = set(simcs)
    parts = Locality.objects.filter(Q(parent_simc__in=asked), closed_on=None)
    return asked | set(parts.values_list("simc", flat=True))
