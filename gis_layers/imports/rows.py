"""Features of a file to drafts: their texts and codes read, their geometries checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.contrib.gis.geos import Polygon
from shapely import from_wkb

from gis_layers.imports import check, envelopes
from gis_layers.imports.addresses import StreetBook
from gis_layers.imports.batch import LOSING, Batch
from gis_layers.imports.columns import AS_STORED, Columns
from gis_layers.imports.drafts import ID_ATTR, NAME_MAX, Draft, plain, text_of
from gis_layers.imports.notes import Notes
from gis_layers.models import LayerKind
from teryt.codes import parse_simc, parse_terc, parse_ulic
from teryt.errors import MalformedCode

ADDRESS_LIMITS = {"number": 20, "street_name": 100, "postcode": 6}  # AddressPoint's columns
TEXT_LIMITS = {"name": NAME_MAX, "code": 60}  # Feature's columns
CODES_KEPT = 10_000
FIDS = 2**53  # fids stay below (Feature)


@dataclass
class Rows:
    """What is known of a file when its rows are read."""

    kind: str
    geometry_type: str
    columns: Columns
    notes: Notes
    simc: str  # the locality of features that name none; "" where there are several
    expected: Polygon | None  # where features should lie (EPSG:2180); None: by their own code
    needs_name: bool
    keeps_id: bool
    streets: StreetBook  # of an address layer's gmina

    def drafts(self, batch: Batch) -> list[Draft]:
        """The batch's features; without geometry where one has to be left out."""
        make = self.address if self.kind == LayerKind.ADDRESS else self.feature
        of = {meaning: batch.values[column] for meaning, column in self.columns.of.items()}
        drafts = [
            make(batch.first_row + n, {meaning: column[n] for meaning, column in of.items()})
            for n in range(len(batch))
        ]
        if self.kind != LayerKind.ADDRESS:
            self.keep(drafts, batch)
        usable = np.array([not (self.incomplete(d) or self.too_long(d)) for d in drafts])
        usable[self.lost(drafts, batch)] = False
        check.place(
            drafts,
            batch,
            usable,
            boxes=self.boxes(drafts),
            geometry_type=self.geometry_type,
            notes=self.notes,
        )
        return drafts

    def keep(self, drafts: list[Draft], batch: Batch) -> None:
        """Take over the attributes that were asked for."""
        for attribute, column in self.columns.kept.items():
            for draft, value in zip(drafts, batch.values[column], strict=True):
                draft.attrs.setdefault(attribute, plain(value))

    def lost(self, drafts: list[Draft], batch: Batch) -> list[int]:
        """Note what the reader could not read; the positions of what has to be left out."""
        for n, flaws in batch.flaws.items():
            for flaw in flaws:
                self.notes.add(flaw.code, drafts[n].where, row=drafts[n].row, **flaw.details)
        return [n for n, flaws in batch.flaws.items() if any(f.code in LOSING for f in flaws)]

    def boxes(self, drafts: list[Draft]) -> check.Boxes:
        """Where each feature is to be expected."""
        boxes = np.empty(len(drafts), dtype=object)
        if self.expected:
            boxes[:] = from_wkb(bytes(self.expected.wkb))
        elif self.kind == LayerKind.TERYT_UNIT:
            boxes[:] = [voivodeship(draft.code[:2]) for draft in drafts]
        return boxes

    def feature(self, row: int, values: Mapping[str, object]) -> Draft:
        name = text_of(values.get("name"))
        draft = Draft(row, name or f"#{row}", name, said_fid=fid_of(values.get("fid")))
        draft.simc = self.simc_of(values, draft)
        draft.code = self.code_of(text_of(values.get("code")), draft)
        if self.keeps_id and (file_id := text_of(values.get("id"))):
            draft.attrs[ID_ATTR] = file_id
        return draft

    def address(self, row: int, values: Mapping[str, object]) -> Draft:
        number, street = text_of(values.get("number")), text_of(values.get("street"))
        where = " ".join(filter(None, (street, number))) or f"#{row}"
        draft = Draft(row, where, said_fid=fid_of(values.get("fid")))
        draft.simc = self.simc_of(values, draft)
        ulic = self.checked(parse_ulic, text_of(values.get("code")), draft)
        street_fid, draft.doubt = self.streets.find(
            draft.simc, ulic, street, fid_of(values.get("street_fid"))
        )
        draft.attrs = {
            "ulic": ulic,
            "street_fid": street_fid,
            "street_name": "" if street_fid else street,
            "number": number,
            "postcode": text_of(values.get("postcode")),
        }
        return draft

    def simc_of(self, values: Mapping[str, object], draft: Draft) -> str:
        """The locality it names, else the usual; as it stands where the feature was downloaded."""
        usual = "" if draft.said_fid else self.simc
        return self.checked(parse_simc, text_of(values.get("simc")), draft) or usual

    def code_of(self, value: str, draft: Draft) -> str:
        """A street's "SIMC/SYM_UL", a unit's TERC, else the code as it stands."""
        if self.columns.of.get("code") == AS_STORED:
            return value
        if self.kind == LayerKind.STREET:
            ulic = self.checked(parse_ulic, value, draft)
            return f"{draft.simc}/{ulic}" if ulic and draft.simc else ""
        if self.kind == LayerKind.TERYT_UNIT:
            return self.checked(parse_terc, value, draft)
        return value

    def checked(self, parse: Callable[[str], object], value: str, draft: Draft) -> str:
        """The code in its proper form; "" for none and, noted, for what is none."""
        code = parsed(parse, value)
        if code is None:
            self.notes.add("code_malformed", draft.where, row=draft.row, value=value)
        return code or ""

    def incomplete(self, draft: Draft) -> bool:
        """Whether the feature lacks what it is found by: its name, an address its number."""
        if self.kind == LayerKind.ADDRESS:
            missing = "" if draft.attrs["number"] else "number_missing"
        else:
            missing = "name_missing" if self.needs_name and not draft.name else ""
        if missing:
            self.notes.add(missing, draft.where, row=draft.row)
        return bool(missing)

    def too_long(self, draft: Draft) -> bool:
        if self.kind == LayerKind.ADDRESS:
            long = [name for name, most in ADDRESS_LIMITS.items() if len(draft.attrs[name]) > most]
        else:
            long = [name for name, most in TEXT_LIMITS.items() if len(getattr(draft, name)) > most]
        for name in long:
            where = draft.where[:NAME_MAX]
            self.notes.add("text_too_long", where, row=draft.row, field=name)
        if long:
            self.shorten(draft)
        return bool(long)

    def shorten(self, draft: Draft) -> None:
        """Cut the texts of a feature that is left out, so that they are no burden."""
        draft.where, draft.name = draft.where[:NAME_MAX], draft.name[:NAME_MAX]
        draft.code = draft.code[: TEXT_LIMITS["code"]]


@lru_cache(maxsize=CODES_KEPT)
def parsed(parse: Callable[[str], object], value: str) -> str | None:
    """The code as text, "" for none; None where it is none."""
    if not value:
        return ""
    try:
        return str(parse(value))
    except MalformedCode:
        return None


@lru_cache
def voivodeship(code: str) -> object:
    """The box (shapely, EPSG:2180) around a voivodeship; None where there is no such one."""
    box = envelopes.of_code(code)
    return from_wkb(bytes(box.wkb)) if box else None


def fid_of(value: object) -> int | None:
    """The fid that a file written by us says; None for anything else."""
    return value if isinstance(value, int) and 0 < value < FIDS else None
