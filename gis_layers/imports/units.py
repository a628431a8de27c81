"""Units of TERYT: outlines of gminas, and codes that have changed since the file was made."""

from collections import defaultdict
from dataclasses import dataclass

from accounts.models import Gmina
from gis_layers.imports import staging
from gis_layers.imports.notes import Notes
from teryt.codes import WHOLE_GMINA
from teryt.models import Unit
from teryt.names import normal_form


def own_outline(gmina: Gmina, notes: Notes) -> None:
    """The gmina's outline under its own name and code, whatever the file calls it.

    Of a file of many gminas it is the one with the gmina's code; else the file must hold just one.
    """
    staging.run("imports/outline", six=gmina.terc6)
    name, search_name = gmina.name, normal_form(gmina.name)
    named = staging.run("imports/name_outline", name=name, search_name=search_name, code=gmina.terc)
    if named != 1:
        [(count, _left_out, _last)] = staging.rows("imports/totals")
        notes.add("outline_not_one", str(count))


@dataclass(frozen=True)
class Polygon:
    """One unit of the file, without its geometry."""

    n: int
    place: str
    name: str
    code: str


def settle_codes(notes: Notes) -> None:
    """Give every polygon the code that TERC has for it today, and note who has none.

    Codes join on their first six digits: the seventh, RODZ, changes when a village becomes a town.
    A gmina that was numbered anew is found by its name in its powiat.
    """
    units = list(Unit.objects.filter(closed_on=None, terc__regex=rf"^\d{{6}}[{WHOLE_GMINA}]$"))
    if not units:
        notes.add("no_register", "TERC")
        return
    today = Today(units)
    polygons = [Polygon(*row) for row in staging.rows("imports/units")]
    codes = {polygon.n: settled(polygon, today.unit_of(polygon), notes) for polygon in polygons}
    staging.run("imports/set_code", ns=list(codes), codes=list(codes.values()))
    there = {code[:6] for code in codes.values()}
    for terc6, unit in sorted(today.by_six.items()):
        if terc6 not in there:
            notes.add("unit_without_polygon", unit.name, value=unit.terc)


class Today:
    """The gminas of TERC by six digits, and by powiat and name."""

    def __init__(self, units: list[Unit]) -> None:
        self.by_six = {unit.terc6: unit for unit in units}
        self.namesakes = defaultdict(list)
        for unit in units:
            self.namesakes[unit.terc[:4], unit.name].append(unit)

    def unit_of(self, polygon: Polygon) -> Unit | None:
        namesakes = self.namesakes[polygon.code[:4], polygon.name]
        only = namesakes[0] if len(namesakes) == 1 else None
        return self.by_six.get(polygon.code[:6]) or only


def settled(polygon: Polygon, unit: Unit | None, notes: Notes) -> str:
    """The polygon's code of today; its own where TERC doesn't know it."""
    if unit is None:
        notes.add("code_unknown", polygon.place, row=polygon.n, value=polygon.code)
        return polygon.code
    if unit.terc != polygon.code:
        today = unit.terc
        notes.add("code_changed", polygon.place, row=polygon.n, value=polygon.code, today=today)
    return unit.terc
