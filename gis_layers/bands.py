"""Bands of zooms that share one generalised copy of the geometry, and what each leaves out."""

from dataclasses import dataclass

from gis_layers.grid import pixel_m

# Deepest zoom of each band, finest first; tiles of deeper zooms are drawn from the features.
BANDS = (15, 13, 12, 11, 10, 9)
LABELS = 0  # the "band" of the points where polygons are named, at every zoom
# At the band's deepest zoom: how far a drawn line may be from the true one, and the side of the
# largest square that a corner cut off a border may be worth.
LINE_TOLERANCE_PX, BORDER_TOLERANCE_PX = 0.5, 1.0
# A street that is drawn shorter than this is left out, unless it is a main one.
SHORTEST_PX = {15: 0.0, 13: 4.0, 12: 8.0, 11: 16.0, 10: 24.0, 9: 32.0}
# Values of the attribute `class`: our own demonstration's, and OpenStreetMap's.
MAIN_CLASSES = ("main", "motorway", "trunk", "primary", "secondary")


@dataclass(frozen=True)
class Band:
    """Lengths are metres of EPSG:3857."""

    deepest_zoom: int
    line_tolerance_m: float
    border_tolerance_m: float
    shortest_m: float


def all_bands() -> list[Band]:
    """Finest first."""
    return [
        Band(
            z,
            line_tolerance_m=LINE_TOLERANCE_PX * pixel_m(z),
            border_tolerance_m=BORDER_TOLERANCE_PX * pixel_m(z),
            shortest_m=SHORTEST_PX[z] * pixel_m(z),
        )
        for z in BANDS
    ]


def band_of(z: int) -> int:
    """The band that tiles of zoom `z` are drawn from; 0: from the features as they are stored."""
    return min((band for band in BANDS if band >= z), default=0)
