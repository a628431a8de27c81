"""Units of TERYT: outlines of gminas, and codes that have changed since the file was made."""

from collections import defaultdict
from collections.abc import Sequence

from accounts.models import Gmina
from gis_layers.imports.drafts import Draft
from gis_layers.imports.report import Report
from teryt.codes import WHOLE_GMINA
from teryt.models import Unit


def own_outline(drafts: Sequence[Draft], gmina: Gmina, report: Report) -> list[Draft]:
    """The gmina's outline under its own name and code, whatever the file calls it.

    Of a file of many gminas it is the one with the gmina's code; else the file must hold just one.
    """
    own = [draft for draft in drafts if draft.code[:6] == gmina.terc6] or list(drafts)
    if len(own) != 1:
        report.add("outline_not_one", f"{len(own)}")
        return own
    own[0].name = own[0].where = gmina.name
    own[0].code = gmina.terc
    return own


def settle_codes(drafts: Sequence[Draft], report: Report) -> None:
    """Give every polygon the code that TERC has for it today, and report who has none.

    Codes join on their first six digits: the seventh, RODZ, changes when a village becomes a town.
    A gmina that was numbered anew is found by its name in its powiat.
    """
    units = Unit.objects.filter(closed_on=None, terc__regex=rf"^\d{{6}}[{WHOLE_GMINA}]$")
    if not units:
        report.add("no_register", "TERC")
        return
    by_six = {unit.terc6: unit for unit in units}
    in_powiat = defaultdict(list)
    for row in units:
        in_powiat[row.terc[:4], row.name].append(row)
    for draft in drafts:
        namesakes = in_powiat[draft.code[:4], draft.name]
        unit = by_six.get(draft.code[:6]) or (namesakes[0] if len(namesakes) == 1 else None)
        if unit is None:
            report.add("code_unknown", draft.where, value=draft.code)
        elif unit.terc != draft.code:
            report.add("code_changed", draft.where, value=draft.code, today=unit.terc)
            draft.code = unit.terc
    for terc6 in sorted(by_six.keys() - {draft.code[:6] for draft in drafts}):
        report.add("unit_without_polygon", by_six[terc6].name, value=by_six[terc6].terc)
