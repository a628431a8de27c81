"""Which column of a file means what: named by the officer, else guessed from common names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis_layers.imports.file_errors import FieldMissing
from gis_layers.models import LayerKind

# Meaning -> columns that carry it in files of GUGiK, GUS, OpenStreetMap and offices; lower case.
GUESSES: Mapping[str, Sequence[str]] = {
    # Only what names a feature for good: an "id" or "fid" often counts the rows of one export.
    "id": ("lokalnyid", "lokalny_id", "id_iip", "uuid", "@id"),
    "name": ("name", "nazwa", "naz_glowna", "jpt_nazwa_", "nazwa_ulicy", "nazwa_pelna"),
    "simc": ("simc", "sym", "teryt_simc", "teryt_simc_code", "identyfikatorsimc"),
    "street": ("street", "addr:street", "ulica", "nazwa_ulicy", "ulica_nazwa"),
    "number": ("number", "housenumber", "addr:housenumber", "numer", "nr", "numerporzadkowy"),
    "postcode": ("postcode", "addr:postcode", "kod", "kod_pocztowy", "kodpocztowy", "pna"),
}
# Further names of a kind's own names, for files without any of the above.
NAMES: Mapping[str, Sequence[str]] = {
    LayerKind.STREET: ("ulica", "nazwapelna", "nazwaglownaczesc"),
    LayerKind.DISTRICT: ("osiedle", "dzielnica", "solectwo", "sołectwo"),
}
ULIC = ("ulic", "sym_ul", "teryt_ulic", "teryt_ulic_code", "id_ulic", "identyfikatorulic")
CODES: Mapping[str, Sequence[str]] = {
    LayerKind.STREET: ULIC,
    LayerKind.ADDRESS: ULIC,
    LayerKind.TERYT_UNIT: ("terc", "teryt", "jpt_kod_je", "kod_teryt"),
}
WANTED: Mapping[str, Sequence[str]] = {
    LayerKind.ADDRESS: ("id", "street", "number", "postcode", "simc", "code"),
}
WANTED_ELSE = ("id", "name", "simc", "code")


@dataclass(frozen=True)
class Columns:
    """Meaning -> column, and the further columns that features keep as attributes."""

    of: Mapping[str, str]
    kept: Sequence[str]

    def all(self) -> list[str]:
        return list(dict.fromkeys([*self.of.values(), *self.kept]))


def choose(
    kind: str, there: Sequence[str], named: Mapping[str, str], kept: Sequence[str]
) -> Columns:
    """The columns of a file for a layer of this kind. Raises FieldMissing for a name it lacks."""
    for name in [*named.values(), *kept]:
        if name not in there:
            raise FieldMissing(details={"name": name, "columns": ", ".join(there)})
    lower = {name.lower(): name for name in reversed(there)}
    found = dict(named)
    for meaning in WANTED.get(kind, WANTED_ELSE):
        guess = next((lower[name] for name in names_of(meaning, kind) if name in lower), None)
        if guess and meaning not in named:
            found[meaning] = guess
    return Columns(found, tuple(kept))


def names_of(meaning: str, kind: str) -> Sequence[str]:
    """Columns that carry a meaning in files for layers of this kind, likeliest first."""
    if meaning == "code":
        return CODES.get(kind, ())
    own = NAMES.get(kind, ()) if meaning == "name" else ()
    return (*GUESSES.get(meaning, ()), *own)
