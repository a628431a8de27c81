"""One feature of a file to one draft: its texts and codes read, its geometry checked."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.gis.geos import Polygon

from gis_layers.imports import check, envelopes
from gis_layers.imports.columns import Columns
from gis_layers.imports.drafts import ID_ATTR, NAME_MAX, Draft, text_of
from gis_layers.imports.raw import RawFeature
from gis_layers.imports.report import Report
from gis_layers.models import LayerKind
from teryt.codes import parse_simc, parse_terc, parse_ulic
from teryt.errors import MalformedCode

ADDRESS_LIMITS = {"number": 20, "street_name": 100, "postcode": 6}  # AddressPoint's columns


@dataclass
class Rows:
    """What is known of a file when its rows are read."""

    kind: str
    geometry_type: str
    columns: Columns
    report: Report
    simc: str  # the locality of features that name none; "" where there are several
    expected: Polygon | None  # where features should lie (EPSG:2180); None: by their own code
    needs_name: bool
    keeps_id: bool

    def draft(self, raw: RawFeature) -> Draft:
        """One feature of the file; without geometry where it has to be left out."""
        draft = self.address(raw) if self.kind == LayerKind.ADDRESS else self.feature(raw)
        for flaw in raw.flaws:
            self.report.add(flaw.code, draft.where, **flaw.details)
        if raw.lost or self.incomplete(draft) or self.too_long(draft):
            return draft
        expected = self.expected or envelopes.of_code(draft.code)
        if not check.misplaced(raw, expected, draft.where, self.report):
            draft.geom = check.shape(raw, self.geometry_type, draft.where, self.report)
        return draft

    def feature(self, raw: RawFeature) -> Draft:
        name = self.value(raw, "name")
        where = name or f"#{raw.row}"
        attrs = {column: plain(raw.values[column]) for column in self.columns.kept}
        if self.keeps_id and (file_id := self.value(raw, "id")):
            attrs[ID_ATTR] = file_id
        simc = self.simc_of(raw, where)
        return Draft(where, name, self.code_of(raw, simc, where), simc, attrs)

    def address(self, raw: RawFeature) -> Draft:
        """The street stands in street_name until addresses.attach finds its feature."""
        number, street = self.value(raw, "number"), self.value(raw, "street")
        where = " ".join(filter(None, [street, number])) or f"#{raw.row}"
        attrs = {
            "ulic": self.checked(parse_ulic, self.value(raw, "code"), where),
            "street_fid": None,
            "street_name": street,
            "number": number,
            "postcode": self.value(raw, "postcode"),
        }
        return Draft(where, simc=self.simc_of(raw, where), attrs=attrs)

    def value(self, raw: RawFeature, meaning: str) -> str:
        return text_of(raw.values.get(self.columns.of.get(meaning, "")))

    def simc_of(self, raw: RawFeature, where: str) -> str:
        return self.checked(parse_simc, self.value(raw, "simc"), where) or self.simc

    def code_of(self, raw: RawFeature, simc: str, where: str) -> str:
        """A street's "SIMC/SYM_UL", a unit's TERC, else the code as it stands."""
        value = self.value(raw, "code")
        if self.kind == LayerKind.STREET:
            ulic = self.checked(parse_ulic, value, where)
            return f"{simc}/{ulic}" if ulic and simc else ""
        return (
            self.checked(parse_terc, value, where) if self.kind == LayerKind.TERYT_UNIT else value
        )

    def checked(self, parse: Callable[[str], object], value: str, where: str) -> str:
        """The code in its proper form; "" for none and, reported, for what is none."""
        if not value:
            return ""
        try:
            return str(parse(value))
        except MalformedCode:
            self.report.add("code_malformed", where, value=value)
            return ""

    def incomplete(self, draft: Draft) -> bool:
        """Whether the feature lacks what it is found by: its name, an address its number."""
        if self.kind == LayerKind.ADDRESS:
            missing = "" if draft.attrs["number"] else "number_missing"
        else:
            missing = "name_missing" if self.needs_name and not draft.name else ""
        if missing:
            self.report.add(missing, draft.where)
        return bool(missing)

    def too_long(self, draft: Draft) -> bool:
        texts = {"name": (draft.name, NAME_MAX)}
        if self.kind == LayerKind.ADDRESS:
            texts = {name: (draft.attrs[name], most) for name, most in ADDRESS_LIMITS.items()}
        long = [name for name, (text, most) in texts.items() if len(text) > most]
        for name in long:
            self.report.add("text_too_long", draft.where[:NAME_MAX], field=name)
        return bool(long)


def plain(value: object) -> object:
    """A column's value as JSON can hold it."""
    return value if value is None or isinstance(value, int | float | str) else str(value)
