"""Rows of an address file: which street of the gmina's layer each belongs to."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Gmina
from gis_layers.imports.drafts import Draft
from gis_layers.imports.report import Report
from gis_layers.models import Feature, LayerKind
from teryt.names import street_label


@dataclass
class StreetBook:
    """A gmina's published streets by code and by name; counts the look-ups that failed."""

    by_code: dict[str, int] = field(default_factory=dict)
    # spelling -> (simc, fid) of each street spelled so
    by_name: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))
    unknown: Counter[str] = field(default_factory=Counter)
    ambiguous: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, gmina: Gmina) -> "StreetBook":
        book = cls()
        streets = Feature.objects.filter(
            layer__gmina=gmina, layer__kind=LayerKind.STREET, until=None
        )
        for fid, code, simc, name in streets.values_list("fid", "code", "simc", "name"):
            if code:
                book.by_code[code] = fid
            for spelling in spellings(name):
                book.by_name[spelling].add((simc, fid))
        return book

    def find(self, simc: str, ulic: str, name: str) -> int | None:
        """The fid of the one street meant: by (simc, ulic), else by exact name in the locality.

        A locality that either side doesn't know is any; where several streets remain, none is
        taken and the look-up is counted as ambiguous.
        """
        if fid := self.by_code.get(f"{simc}/{ulic}"):
            return fid
        for spelling in spellings(name):
            there = self.by_name.get(spelling, set())
            fids = {fid for where, fid in there if where == simc or not (where and simc)}
            if len(fids) == 1:
                return fids.pop()
            if fids:
                self.ambiguous[name] += 1
                return None
        if name:
            self.unknown[name] += 1
        return None

    def tell(self, report: Report) -> None:
        for code, failed in (
            ("street_unknown", self.unknown),
            ("street_ambiguous", self.ambiguous),
        ):
            for name, count in failed.most_common():
                report.add(code, name, addresses=count)


def spellings(name: str) -> tuple[str, ...]:
    """The name as it stands, then with its type as labels have it: "ul. Główna", "al. Główna"."""
    return (name, street_label(name)) if name else ()


def attach(drafts: Sequence[Draft], book: StreetBook) -> None:
    """Give every address its street; one that has no line keeps the street's name."""
    for draft in drafts:
        attrs = draft.attrs
        attrs["street_fid"] = book.find(draft.simc, attrs["ulic"], attrs["street_name"])
        if attrs["street_fid"]:
            attrs["street_name"] = ""
