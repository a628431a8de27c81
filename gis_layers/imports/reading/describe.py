"""What a table is before it is read: for the officer who chooses, and for the import."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis_layers.imports.reading.crs import Floats, Projection, fitting, projection, within
from gis_layers.imports.reading.layer import Layer
from gis_layers.imports.reading.refusals import Refused
from gis_layers.imports.reading.shapes import kind_of
from gis_layers.imports.reading.values import cleaned
from gis_layers.imports.reading.wire import Request

SAMPLE = 5  # rows an officer is shown to recognise a column by
SAMPLE_CHARACTERS = 100  # of a text among them
# Codes of curves and surfaces in WKB -> dimension.
CURVED = {8: 1, 9: 1, 10: 2, 11: 1, 12: 2, 15: 2, 16: 2, 17: 2}
PROBED = 100  # features that tell where a table lies


def about(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.table.title,
        "driver": layer.table.kind,
        "columns": layer.columns,
        "dimension": dimension(layer),
        "encoding": layer.table.encoded.encoding,
        "encoding_guessed": layer.table.encoded.guessed,
        "count": layer.count(),
    }


def looked_at(layer: Layer, request: Request) -> dict[str, Any]:
    """A table as the chooser shows it: also some rows, and where it would lie read how.

    `refused` is the code of what the officer has to settle, such as a missing SRID.
    """
    said: dict[str, Any] = {"srid": None, "refused": "", "places": [], "turned": []}
    pairs = middles(layer)
    try:
        way = projection(layer.meta["crs"], request.srid, swap_axes=request.swap_axes)
        said |= {
            "srid": way.srid,
            "places": finite(way, pairs),
            "turned": finite(way.turned(), pairs),
        }
    except Refused as refused:
        said["refused"] = refused.code
    said["fitting"] = alternatives(pairs, said["places"], request.country)
    return about(layer) | said | {"sample": sample(layer, request.max_text)}


def alternatives(
    pairs: Floats, places: list[list[float]], country: Sequence[float] | None
) -> list[tuple[int, bool]]:
    """Systems that put a table into the country whose own does not."""
    if country is None or not len(pairs):
        return []
    at_home = len(places) == len(pairs) and within(np.array(places), country).all()
    return [] if at_home else fitting(pairs, country)


def finite(way: Projection, pairs: Floats) -> list[list[float]]:
    places = way.project(pairs) if len(pairs) else pairs
    return places[np.isfinite(places).all(axis=1)].tolist()


def dimension(layer: Layer) -> int | None:
    """0 point, 1 line, 2 polygon, of the first feature that has a geometry."""
    if layer.first is None:
        return None
    for raw in layer.geometries(layer.first).to_pylist():
        shape = plain(raw)
        if shape is not None and not shape.is_empty:
            return int(shapely.get_dimensions(shape))
        if raw and (found := CURVED.get(kind_of(raw))):
            return found
    return None


def plain(raw: bytes | None) -> Any:
    """The geometry, None where it is none or has curves."""
    try:
        return shapely.from_wkb(raw, on_invalid="ignore")
    except NotImplementedError:
        return None


def middles(layer: Layer) -> Floats:
    """The middles of the first features' boxes, in the file's own coordinates."""
    raws = layer.geometries(layer.first)[:PROBED].to_pylist() if layer.first is not None else []
    boxes = shapely.bounds([plain(raw) for raw in raws]).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def sample(layer: Layer, max_text: int) -> list[dict[str, Any]]:
    """The first rows' values, long texts cut."""
    if layer.first is None:
        return []
    names: Sequence[str] = list(layer.columns)
    arrays = layer.values(layer.first.slice(0, SAMPLE), names)
    cells = [cleaned(name, array, max_text)[0] for name, array in zip(names, arrays, strict=True)]
    rows = zip(*(array.to_pylist() for array in cells), strict=True)
    return [dict(zip(names, map(shortened, row), strict=True)) for row in rows]


def shortened(value: object) -> object:
    return value[:SAMPLE_CHARACTERS] if isinstance(value, str) else value
