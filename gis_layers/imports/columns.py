"""Which column of a file means what: named by the officer, else guessed from common names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis_layers.geopackage import column_names
from gis_layers.imports.file_errors import FieldMissing
from gis_layers.models import LayerKind

# Meaning -> columns that carry it in files of GUGiK, GUS, OpenStreetMap and offices; lower case.
GUESSES: Mapping[str, Sequence[str]] = {
    # Only what names a feature for good: an "id" or "fid" often counts the rows of one export.
    "id": ("lokalnyid", "lokalny_id", "id_iip", "uuid", "@id"),
    "name": ("name", "nazwa", "naz_glowna", "jpt_nazwa_", "nazwa_ulicy", "nazwa_pelna"),
    "simc": ("simc", "sym", "teryt_simc", "teryt_simc_code", "identyfikatorsimc"),
    "fid": ("sao_fid",),
    "street": ("street_name", "street", "addr:street", "ulica", "nazwa_ulicy", "ulica_nazwa"),
    "number": ("number", "housenumber", "addr:housenumber", "numer", "nr", "numerporzadkowy"),
    "postcode": ("postcode", "addr:postcode", "kod", "kod_pocztowy", "kodpocztowy", "pna"),
}
# Further names of a kind's own names, for files without any of the above.
NAMES: Mapping[str, Sequence[str]] = {
    LayerKind.STREET: ("ulica", "nazwapelna", "nazwaglownaczesc"),
    LayerKind.DISTRICT: ("osiedle", "dzielnica", "solectwo", "sołectwo"),
}
ULIC = ("ulic", "sym_ul", "teryt_ulic", "teryt_ulic_code", "id_ulic", "identyfikatorulic")
# What a file that was downloaded here says beside: the feature's number, its code as it stands, the
# number of an address's street.
OWN_FID, AS_STORED, STREET_FID = "sao_fid", "sao_code", "street_fid"
OWN = (OWN_FID, AS_STORED, "name", "simc")
CODES: Mapping[str, Sequence[str]] = {
    LayerKind.STREET: ULIC,
    LayerKind.ADDRESS: ULIC,
    LayerKind.TERYT_UNIT: ("terc", "teryt", "jpt_kod_je", "kod_teryt"),
}
WANTED: Mapping[str, Sequence[str]] = {
    LayerKind.ADDRESS: ("fid", "id", "street", "number", "postcode", "simc", "code"),
}
WANTED_ELSE = ("fid", "id", "name", "simc", "code")


@dataclass(frozen=True)
class Columns:
    """Meaning -> column, and attribute -> column of what features keep besides."""

    of: Mapping[str, str]
    kept: Mapping[str, str]

    def all(self) -> list[str]:
        return list(dict.fromkeys([*self.of.values(), *self.kept.values()]))


def choose(
    kind: str,
    there: Sequence[str],
    named: Mapping[str, str],
    kept: Sequence[str],
    attributes: Sequence[str] = (),
) -> Columns:
    """The columns of a file for a layer of this kind. Raises FieldMissing for a name it lacks.

    `attributes`: what the layer's features have now. A file that was downloaded here brings them
    back without being told.
    """
    for name in [*named.values(), *kept]:
        if name not in there:
            raise FieldMissing(details={"name": name, "columns": ", ".join(there)})
    found = guesses(kind, there) | dict(named)
    columns = {name: name for name in kept}
    if OWN_FID in there:
        found |= own(kind, there, named)
        names = column_names(sorted(attributes), taken=OWN).items()
        columns = columns or {key: column for key, column in names if column in there}
    return Columns(found, columns)


def guesses(kind: str, there: Sequence[str]) -> dict[str, str]:
    """Meaning -> column, by the usual names."""
    lower = {name.lower(): name for name in reversed(there)}
    found = {}
    for meaning in WANTED.get(kind, WANTED_ELSE):
        if guess := next((lower[name] for name in names_of(meaning, kind) if name in lower), None):
            found[meaning] = guess
    return found


def names_of(meaning: str, kind: str) -> Sequence[str]:
    """Columns that carry a meaning in files for layers of this kind, likeliest first."""
    if meaning == "code":
        return CODES.get(kind, ())
    of_kind = NAMES.get(kind, ()) if meaning == "name" else ()
    return (*GUESSES.get(meaning, ()), *of_kind)


def own(kind: str, there: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """Columns by which a file that was downloaded here says more than others do."""
    ours = {"street_fid": STREET_FID} if kind == LayerKind.ADDRESS else {"code": AS_STORED}
    return {
        meaning: column
        for meaning, column in ours.items()
        if column in there and meaning not in named
    }
