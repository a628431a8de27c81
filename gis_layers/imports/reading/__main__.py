"""The reader's process: a request comes in, what the file holds goes out (wire.py)."""

import json
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from gis_layers.imports.reading import wire
from gis_layers.imports.reading.archives import unpacked
from gis_layers.imports.reading.crs import projection
from gis_layers.imports.reading.describe import about, looked_at
from gis_layers.imports.reading.layer import Layer, Table, tables
from gis_layers.imports.reading.refusals import Refused
from gis_layers.imports.reading.stream import stream
from gis_layers.imports.reading.wire import Request


def main(source: BinaryIO, target: BinaryIO) -> None:
    request = Request.loads(source.readline())
    limit(request)
    try:
        if request.inspect:
            inspect(request, target)
        else:
            serve(request, source, target)
    except Refused as refused:
        told = wire.dumped({"code": refused.code, "details": refused.details})
        wire.send(target, wire.REFUSAL, told)


def limit(request: Request) -> None:
    """What the process may use: memory, time, the size of a file it writes."""
    for what, most in (
        (resource.RLIMIT_DATA, request.max_memory),
        (resource.RLIMIT_CPU, request.max_seconds),
        (resource.RLIMIT_FSIZE, 2 * request.max_bytes),  # a text grows when rewritten to UTF-8
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def inspect(request: Request, target: BinaryIO) -> None:
    """Tell of every table of the file."""
    found = []
    for table in files(request):
        with Layer(table, request.max_columns) as layer:
            found.append(looked_at(layer, request))
    wire.send(target, wire.HEADER, wire.dumped(found))


def serve(request: Request, source: BinaryIO, target: BinaryIO) -> None:
    """Tell of the table chosen, wait for the columns wanted, send the features."""
    table = chosen(files(request), request.table)
    with Layer(table, request.max_columns) as layer:
        layer.refuse_empty()
        way = projection(layer.meta["crs"], request.srid, swap_axes=request.swap_axes)
        wire.send(target, wire.HEADER, wire.dumped(about(layer) | {"srid": way.srid}))
        if asked := source.readline():
            stream(layer, way, json.loads(asked), request, target)


def files(request: Request) -> list[Table]:
    paths = unpacked(Path(request.path), Path(request.folder), request.max_bytes)
    return tables(paths, request.encoding)


def chosen(found: list[Table], name: str) -> Table:
    """The table asked for, or the only one."""
    if name:
        found = [table for table in found if table.title == name]
        if not found:
            raise Refused("not_a_layer")
    if len(found) > 1:
        raise Refused("several_layers", layers=", ".join(table.title for table in found))
    return found[0]


if __name__ == "__main__":
    # Frames go to a copy of standard output: nothing a library prints gets between them.
    with os.fdopen(os.dup(1), "wb") as frames:
        os.dup2(2, 1)
        main(sys.stdin.buffer, frames)
