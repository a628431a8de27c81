"""Features as they stand in a file, by the batch and by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
class Batch:
    """Some features by column: as many items in each; `first_row` counts from 1.

    `wkb` is 2D in EPSG:2180, None where there is no geometry to be used. The rest are (n, 2)
    arrays, NaN where there is none: `centres` the middles of the features' boxes in the file's own
    coordinates, `places` those in EPSG:2180, `turned` the same with x and y exchanged.
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
