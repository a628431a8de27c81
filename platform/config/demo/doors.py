"""The addresses of a gmina as columns, with how many people live and work behind each."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accounts.models import Gmina
from config.demo.files import FIXTURES, read_rows
from gis_layers.models import AddressPoint, Feature
from teryt.models import Locality

# What stands behind an address that no demo file knows: one flat, now and then a work place.
UNKNOWN_HOUSE = (1, 0.25)


class NoAddresses(Exception):
    """The gmina has no published addresses: nobody can live there."""


Key = tuple[str, str, str]  # SIMC, name of the street or "", number


@dataclass(frozen=True)
class Doors:
    """One element an address, in the order of what it is called: no database changes that."""

    gmina_id: int
    fid: NDArray[np.int64]
    simc: list[str]
    street_fid: list[int | None]
    street: NDArray[np.str_]
    label: list[str]  # "Główna 12a", "Tokary 7"
    xy: NDArray[np.float64]  # EPSG:2180, metres
    flats: NDArray[np.float64]
    jobs: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.fid)

    def without(self, street: str) -> "Doors":
        """The same doors, with nobody behind those of one street."""
        away = self.street != street
        return replace(self, flats=self.flats * away, jobs=self.jobs * away)


def doors_of(gmina: Gmina) -> Doors:
    """The published addresses of the gmina. Raises NoAddresses."""
    found = _published(gmina)
    if not found:
        raise NoAddresses(f"{gmina.slug} has no published addresses")
    houses = _houses(FIXTURES / gmina.slug / "adresy.geojson.gz")
    names = dict(Locality.objects.filter(terc6=gmina.terc6).values_list("simc", "name"))
    keys = sorted(found)
    points = [found[key] for key in keys]
    inside = np.array([houses.get(key, UNKNOWN_HOUSE) for key in keys], dtype=float)
    return Doors(
        gmina_id=gmina.pk,
        fid=np.array([point.fid for point in points]),
        simc=[point.simc for point in points],
        street_fid=[point.street_fid for point in points],
        street=np.array([street for _, street, _ in keys]),
        label=[f"{street or names.get(simc, simc)} {number}" for simc, street, number in keys],
        xy=np.array([(point.geom.x, point.geom.y) for point in points]),
        flats=inside[:, 0],
        jobs=inside[:, 1],
    )


def _published(gmina: Gmina) -> dict[Key, AddressPoint]:
    shown = AddressPoint.objects.filter(layer__gmina=gmina, until=None)
    fids = shown.exclude(street_fid=None).values("street_fid")
    names: dict[int | None, str] = dict(
        Feature.objects.filter(fid__in=fids, until=None).values_list("fid", "name")
    )
    return {
        (point.simc, names.get(point.street_fid, point.street_name), point.number): point
        for point in shown
    }


def _houses(path: Path) -> dict[Key, tuple[float, float]]:
    """Flats and work places of each address of a demo gmina's file; nothing for other gminas."""
    if not path.is_file():
        return {}
    columns = [row.columns for row in read_rows(path)]
    return {
        (each["simc"], each["ulica"], each["numer"]): (each["mieszkania"], each["miejsca_pracy"])
        for each in columns
    }
