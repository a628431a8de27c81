"""From a file's coordinate system to EPSG:2180: any that PROJ knows, easting first."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from gis_layers.imports.reading.refusals import Refused

STORED = 2180
# What Polish layers come in, likeliest first: tried on a file that lies elsewhere as it is read.
CANDIDATES = (2180, 4326, 2177, 2178, 2176, 2179, 3857, 3120, 2171, 2172, 2173, 2174, 2175)
Floats = NDArray[np.float64]


class Projection:
    """A way to EPSG:2180; `swap_axes`: the file's pairs stand the other way round."""

    def __init__(self, crs: pyproj.CRS, *, swap_axes: bool = False) -> None:
        self.crs = crs
        self.swap_axes = swap_axes

    @cached_property
    def srid(self) -> int | None:
        """The EPSG number; that of 4326 for CRS84, which is the same with longitude first."""
        if self.crs.to_authority() == ("OGC", "CRS84"):
            return 4326
        return self.crs.to_epsg(min_confidence=70)

    @cached_property
    def transformer(self) -> pyproj.Transformer | None:
        if self.srid == STORED:
            return None
        return pyproj.Transformer.from_crs(self.crs, STORED, always_xy=True)

    def project(self, pairs: Floats) -> Floats:
        """Pairs of the file as easting, northing in metres; not finite where there is no place."""
        x, y = (pairs[:, 1], pairs[:, 0]) if self.swap_axes else (pairs[:, 0], pairs[:, 1])
        if self.transformer is None:
            return np.column_stack([x, y])
        return np.column_stack(self.transformer.transform(x, y))

    def turned(self) -> "Projection":
        """The same system with the pairs read the other way round."""
        return Projection(self.crs, swap_axes=not self.swap_axes)


def projection(named: str | None, srid: int | None, *, swap_axes: bool) -> Projection:
    """By the officer's `srid`, else by what the file names (WKT or "EPSG:2180").

    Raises Refused: crs_missing where there is none with a place on Earth, crs_unknown.
    """
    if not (srid or named):
        raise Refused("crs_missing")
    try:
        crs = pyproj.CRS.from_epsg(srid) if srid else pyproj.CRS.from_user_input(named)
        crs = flat(crs)
        if not (crs.is_geographic or crs.is_projected):
            raise Refused("crs_missing")
        found = Projection(crs, swap_axes=swap_axes)
        _made_now = found.transformer
    except CRSError as error:
        raise Refused("crs_unknown", crs=str(srid or named)[:100]) from error
    return found


def flat(crs: pyproj.CRS) -> pyproj.CRS:
    """The horizontal part of a system with heights."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs:
        return crs
    return crs.to_2d()


def fitting(pairs: Floats, country: Sequence[float]) -> list[tuple[int, bool]]:
    """The systems, each with whether axes are swapped, in which all pairs lie in the country."""
    found = []
    for srid in CANDIDATES:
        way = Projection(pyproj.CRS.from_epsg(srid))
        for swap_axes, there in ((False, pairs), (True, pairs[:, ::-1])):
            if within(way.project(there), country).all():
                found.append((srid, swap_axes))
    return found


def within(places: Floats, box: Sequence[float]) -> NDArray[np.bool_]:
    west, south, east, north = box
    x, y = places[:, 0], places[:, 1]
    return (west <= x) & (x <= east) & (south <= y) & (y <= north)
