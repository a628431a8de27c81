"""The statistics page: tables first, a bar beside a figure; the same as CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.access import StaffRequest, staff_view
from accounts.models import Gmina
from dispatch import reports
from dispatch.models import Severity
from dispatch.overview import CATEGORY_NAMES
from dispatch.reports import Line, Period, Report

PERIOD_NAMES = {
    Period.MONTH: gettext_lazy("by month"),
    Period.QUARTER: gettext_lazy("by quarter"),
    Period.YEAR: gettext_lazy("the whole year"),
}
QUARTERS = ("I", "II", "III", "IV")
# A cell that begins so would be a formula in a spreadsheet.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class ChoiceForm(forms.Form):
    """Which year, cut how; what cannot be read is this year by month."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int, required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("Rows"), choices=list(PERIOD_NAMES.items()), required=False
    )

    def __init__(self, data: Mapping[str, Any], years: list[int]) -> None:
        super().__init__({"year": years[0], "period": Period.MONTH} | dict(data.items()))
        self.fields["year"].choices = [(year, str(year)) for year in years]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Row:
    """A line as the table shows it: its name, and the bar of its people against the longest."""

    name: str
    line: Line
    bar: int  # percent

    @property
    def bar_start(self) -> int:
        """Bars end at the right, below their figures."""
        return 100 - self.bar


@dataclass(frozen=True)
class Table:
    id: str
    title: str
    head: str  # of the first column
    rows: list[Row]


@staff_view("alert.read")
def statistics(request: StaffRequest, gmina: Gmina) -> HttpResponse:
    years = reports.years(gmina)
    form = ChoiceForm(request.GET, years)
    wanted = form.cleaned_data if form.is_valid() else {}
    period = Period(wanted.get("period") or Period.MONTH)
    found = reports.report(gmina, wanted.get("year") or years[0], period)
    tables = [table for table in _tables(gmina, found) if table.rows]
    if "csv" in request.GET:
        return _csv(gmina, found, tables)
    context = {"form": form, "report": found, "tables": tables, "shares": reports.SHARES}
    return render(request, "staff/statistics.html", context)


def _tables(gmina: Gmina, found: Report) -> list[Table]:
    title = "title_en" if get_language() == "en" else "title_pl"
    kinds = dict(gmina.kinds.values_list("code", title))
    when = _name_of_period(found)
    categories = {str(code): str(name) for code, name in CATEGORY_NAMES.items()}
    severities = {value: str(label) for value, label in Severity.choices}
    return [
        _table("period", _("Over time"), _("When"), found.by_period, when),
        _table("category", _("By category"), _("Category"), found.by_category, categories.get),
        _table("kind", _("By topic"), _("Topic"), found.by_kind, kinds.get),
        _table("severity", _("By severity"), _("Severity"), found.by_severity, severities.get),
        _table("drills", _("Drills"), _("When"), found.drills, when),
    ]


def _table(
    name: str, title: str, head: str, lines: Iterable[Line], named: Callable[[str], Any]
) -> Table:
    lines = list(lines)
    longest = max((line.people for line in lines), default=0)
    rows = [
        Row(str(named(line.key) or line.key), line, 100 * line.people // max(longest, 1))
        for line in lines
    ]
    return Table(name, title, head, rows)


def _name_of_period(found: Report) -> Callable[[str], str]:
    if found.period == Period.MONTH:
        return lambda key: str(MONTHS[int(key)])
    if found.period == Period.QUARTER:
        return lambda key: _("%(n)s quarter") % {"n": QUARTERS[int(key) - 1]}
    return lambda _key: str(found.year)


def _csv(gmina: Gmina, found: Report, tables: list[Table]) -> HttpResponse:
    """For a spreadsheet: semicolons as Polish ones expect, a mark that lets it read Polish."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Part"), _("Row"), *_heads()])
    for table in tables:
        for row in table.rows:
            writer.writerow([safe(table.title), safe(row.name), *reports.cells(row.line)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"statystyka-{gmina.slug}-{found.year}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _heads() -> list[str]:
    return [
        _("Alerts"),
        _("People, once an alert"),
        _("Alerts without figures"),
        _("Received, %"),
        _("Opened, %"),
        *(_("%(share)d %% after, s") % {"share": share} for share in reports.SHARES),
    ]


def safe(text: str) -> str:
    """The text as a spreadsheet takes it for text: staff write the names of topics."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
