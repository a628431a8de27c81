"""What changed in TERYT for one gmina, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Gmina
from teryt.models import Difference, Locality, StreetName, Unit
from teryt.streets import label_of

# Columns that change without the name, as GUS calls them.
COLUMNS = {"kind_name": "NAZWA_DOD", "rodz": "RODZ", "rm": "RM", "parent_simc": "SYMPOD"}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One difference: `what` happened to the entry `key`; `name` is "before → after" if renamed."""

    on: date
    register: str
    what: str
    key: str
    name: str
    locality: str


def codes_of(gmina: Gmina) -> set[str]:
    """The gmina's six digits, now and in former times."""
    former = gmina.former_codes.values_list("terc", flat=True)
    return {gmina.terc6, *(terc[:6] for terc in former)}


def changes_of(gmina: Gmina, since: date) -> QuerySet[Difference]:
    """Differences that releases of that day or later brought to the gmina; newest first."""
    codes = codes_of(gmina)
    found = Difference.objects.filter(Q(terc6__in=codes) | Q(terc6_before__in=codes))
    found = found.filter(release__state_on__gte=since).select_related("release")
    return found.order_by("-release__state_on", "release__register", "op", "key")


def told(gmina: Gmina, differences: Iterable[Difference]) -> list[Change]:
    found, codes = list(differences), codes_of(gmina)
    others = {code for one in found for code in (one.terc6, one.terc6_before)} - codes
    gminas = dict(Unit.objects.filter(terc6__in=others).values_list("terc6", "name"))
    simcs = {(one.after or one.before or {}).get("simc") for one in found}
    localities = dict(Locality.objects.filter(simc__in=simcs - {None}).values_list("simc", "name"))
    return [
        Change(
            on=one.release.state_on,
            register=one.release.register,
            what=happened(one, codes, gminas),
            key=f"{one.key_before} → {one.key}" if one.key_before else one.key,
            name=names(one.before, one.after),
            locality=localities.get(one.key.partition("/")[0], "") if "/" in one.key else "",
        )
        for one in found
    ]


def happened(one: Difference, codes: set[str], gminas: Mapping[str, str]) -> str:
    """ "renamed", "came from Bytom", "changed otherwise (RM: 01 → 96)"."""
    if one.op == Difference.Op.MOVED and not {one.terc6, one.terc6_before} <= codes:
        if one.terc6 in codes:
            other = gminas.get(one.terc6_before, one.terc6_before)
            return _("came from %(gmina)s") % {"gmina": other}
        return _("went to %(gmina)s") % {"gmina": gminas.get(one.terc6, one.terc6)}
    label = str(Difference.Op(one.op).label)
    if one.op != Difference.Op.CHANGED:
        return label
    return f"{label} ({', '.join(columns(one.before or {}, one.after or {}))})"


def columns(before: Row, after: Row) -> list[str]:
    return [
        f"{column}: {before.get(name) or '–'} → {after.get(name) or '–'}"
        for name, column in COLUMNS.items()
        if before.get(name) != after.get(name)
    ]


def names(before: Row | None, after: Row | None) -> str:
    """What the entry is called, before and after where that differs."""
    return " → ".join(dict.fromkeys(name_of(row) for row in (before, after) if row is not None))


def name_of(row: Row) -> str:
    if "name_1" not in row:
        return str(row["name"])
    parts = {column: row[column] for column in ("cecha", "name_1", "name_2")}
    return label_of(StreetName(**parts))
