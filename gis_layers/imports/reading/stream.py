"""A table's features in frames of a batch each."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

import pyarrow as pa

from gis_layers.imports.reading import wire
from gis_layers.imports.reading.crs import Projection
from gis_layers.imports.reading.layer import Layer
from gis_layers.imports.reading.shapes import Limits, Shapes, shaped
from gis_layers.imports.reading.values import Flaws, cleaned
from gis_layers.imports.reading.wire import Request

# Columns of a frame beside the file's own, which are called by their number.
OWN = ("fid", "wkb", "x", "y", "turned_x", "turned_y", "middle_x", "middle_y", "flaws")


def stream(
    layer: Layer, way: Projection, columns: Sequence[str], request: Request, target: BinaryIO
) -> None:
    """Send every feature, then how many geometries were changed without loss, by what."""
    changed: Counter[str] = Counter()
    for batch in layer.batches():
        shapes = shapes_of(layer, batch, way, request)
        changed += shapes.changed
        frame = framed(layer, batch, shapes, columns, request.max_text)
        wire.send(target, wire.BATCH, packed(frame))
    wire.send(target, wire.END, wire.dumped(changed))


def shapes_of(layer: Layer, batch: pa.RecordBatch, way: Projection, request: Request) -> Shapes:
    fids = layer.fids(batch)
    raw = layer.geometries(batch).to_pylist()
    limits = Limits(request.max_vertices, request.country)
    return shaped(raw, way, limits, lambda rows: layer.linear([fids[row].as_py() for row in rows]))


def framed(
    layer: Layer,
    batch: pa.RecordBatch,
    shapes: Shapes,
    columns: Sequence[str],
    max_text: int,
) -> pa.RecordBatch:
    flaws: Flaws = shapes.flaws
    cells = []
    for name, array in zip(columns, layer.values(batch, columns), strict=True):
        clean, found = cleaned(name, array, max_text)
        cells.append(clean)
        for row, some in found.items():
            flaws.setdefault(row, []).extend(some)
    told = [json.dumps(flaws[row]) if row in flaws else None for row in range(batch.num_rows)]
    points = [*shapes.places.T, *shapes.turned.T, *shapes.middles.T]
    own = [
        layer.fids(batch),
        pa.array(shapes.wkb, pa.large_binary()),
        *(pa.array(numbers) for numbers in points),
        pa.array(told, pa.string()),
    ]
    names = [*OWN, *(str(n) for n in range(len(columns)))]
    return pa.RecordBatch.from_arrays([*own, *cells], names=names)


def packed(frame: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, frame.schema) as writer:
        writer.write_batch(frame)
    return bytes(sink.getvalue())
