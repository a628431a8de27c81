"""Which street of the gmina's layer an address belongs to."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from accounts.models import Gmina
from gis_layers.models import Feature, LayerKind
from teryt.names import street_label


@dataclass
class StreetBook:
    """A gmina's published streets by number, code and name."""

    fids: set[int] = field(default_factory=set)
    by_code: dict[str, int] = field(default_factory=dict)
    # spelling -> (simc, fid) of each street spelled so
    by_name: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, gmina: Gmina) -> "StreetBook":
        book = cls()
        streets = Feature.objects.filter(
            layer__gmina=gmina, layer__kind=LayerKind.STREET, until=None
        )
        for fid, code, simc, name in streets.values_list("fid", "code", "simc", "name"):
            book.fids.add(fid)
            if code:
                book.by_code[code] = fid
            for spelling in spellings(name):
                book.by_name[spelling].add((simc, fid))
        return book

    def find(
        self, simc: str, ulic: str, name: str, said_fid: int | None = None
    ) -> tuple[int | None, str]:
        """The fid of the one street meant: the one that a file of ours says, else by (simc, ulic),
        else by exact name in the locality.

        A locality that either side doesn't know is any. None with the code of the finding where
        several streets remain, or none; without a code where no street is named.
        """
        if said_fid in self.fids:
            return said_fid, ""
        if fid := self.by_code.get(f"{simc}/{ulic}"):
            return fid, ""
        for spelling in spellings(name):
            there = self.by_name.get(spelling, set())
            fids = {fid for where, fid in there if where == simc or not (where and simc)}
            if len(fids) == 1:
                return fids.pop(), ""
            if fids:
                return None, "street_ambiguous"
        return None, "street_unknown" if name else ""


@lru_cache(maxsize=10_000)
def spellings(name: str) -> tuple[str, ...]:
    """The name as it stands, then with its type as labels have it: "ul. Główna", "al. Główna"."""
    return (name, street_label(name)) if name else ()
