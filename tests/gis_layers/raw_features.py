"""What a source holds, feature by feature, as tests like to look at it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry

from gis_layers.imports.batch import LOSING, Batch, Flaw
from gis_layers.imports.read import Source

Pair = tuple[float, float]


@dataclass(frozen=True)
class RawFeature:
    """One feature of a Batch; pairs are None where there is none."""

    values: dict[str, object]
    wkb: bytes | None
    centre: Pair | None
    place: Pair | None
    flaws: Sequence[Flaw]

    @property
    def geom(self) -> GEOSGeometry | None:
        return GEOSGeometry(memoryview(self.wkb), srid=2180) if self.wkb else None

    @property
    def lost(self) -> bool:
        return any(flaw.code in LOSING for flaw in self.flaws)


def features(source: Source, columns: Sequence[str] | None = None) -> Iterator[RawFeature]:
    """All features, with all values or those of `columns`."""
    for batch in source.batches(list(source.columns) if columns is None else columns):
        yield from (feature(batch, n) for n in range(len(batch)))


def feature(batch: Batch, n: int) -> RawFeature:
    return RawFeature(
        values={name: column[n] for name, column in batch.values.items()},
        wkb=batch.wkb[n],
        centre=pair(batch.centres[n].tolist()),
        place=pair(batch.places[n].tolist()),
        flaws=batch.flaws.get(n, ()),
    )


def pair(numbers: list[float]) -> Pair | None:
    x, y = numbers
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None
