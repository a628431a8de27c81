"""Features as they stand in a file, one by one or by the batch."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from django.contrib.gis.geos import GEOSGeometry
from numpy.typing import NDArray

from gis_layers.crs import STORED

Pair = tuple[float, float]
# Flaws after which a feature is left out, whatever of it could be read.
LOSING = frozenset(
    {
        "geometry_unreadable",
        "geometry_not_finite",
        "not_in_country",
        "too_many_vertices",
        "text_too_long",
    }
)


@dataclass(frozen=True)
class Flaw:
    """Something of a feature that was not read as it stands: a code of the report, details."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RawFeature:
    """A feature as it stands in the file; `wkb` 2D in EPSG:2180, None where there is none.

    `row` counts from 1. `centre` is the middle of its box in the file's own coordinates, `place`
    that middle in EPSG:2180, `turned` the same with x and y exchanged; None: there is none.
    """

    row: int
    file_id: int
    values: dict[str, object]
    wkb: bytes | None
    centre: Pair | None
    place: Pair | None
    turned: Pair | None
    flaws: Sequence[Flaw] = ()

    @cached_property
    def geom(self) -> GEOSGeometry | None:
        return GEOSGeometry(memoryview(self.wkb), srid=STORED) if self.wkb else None

    @property
    def lost(self) -> bool:
        """Whether one of the flaws says that the feature has to be left out."""
        return any(flaw.code in LOSING for flaw in self.flaws)


@dataclass(frozen=True)
class Batch:
    """Some features by column: as many items in each.

    `places`, `turned` and `centres` are (n, 2) arrays, NaN where there is none; see RawFeature.
    """

    first_row: int
    fids: Sequence[int]
    wkb: Sequence[bytes | None]
    places: NDArray[np.float64]
    turned: NDArray[np.float64]
    centres: NDArray[np.float64]
    values: Mapping[str, Sequence[object]]
    flaws: Mapping[int, Sequence[Flaw]]  # by position in the batch

    def __len__(self) -> int:
        return len(self.fids)

    def features(self) -> Iterator[RawFeature]:
        names = tuple(self.values)
        cells = zip(*self.values.values(), strict=True) if names else iter([()] * len(self))
        for n, row in enumerate(cells):
            yield RawFeature(
                row=self.first_row + n,
                file_id=self.fids[n],
                values=dict(zip(names, row, strict=True)),
                wkb=self.wkb[n],
                centre=pair(self.centres[n]),
                place=pair(self.places[n]),
                turned=pair(self.turned[n]),
                flaws=self.flaws.get(n, ()),
            )


def pair(numbers: NDArray[np.float64]) -> Pair | None:
    x, y = float(numbers[0]), float(numbers[1])
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None
