"""What reading a file finds, written down as it goes: a broken file may have a million findings."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from gis_layers.cases import Case
from gis_layers.crs import STORED
from gis_layers.imports.staging import streamed

Shape = GEOSGeometry | None
BUFFERED = 1_000  # findings in memory
BUFFERED_VERTICES = 1_000_000  # of their geometries
COPY_CASES = """
    COPY import_case (code, place, "row", details, geom, before, after) FROM STDIN
"""


class Notes:
    """Findings on their way to the temporary table import_case."""

    def __init__(self) -> None:
        self.buffer: list[tuple[Any, ...]] = []
        self.vertices = 0

    def add(
        self,
        code: str,
        where: object,
        *,
        row: int | None = None,
        geom: Shape = None,
        before: Shape = None,
        after: Shape = None,
        **details: Any,
    ) -> None:
        """A case of a code of finding_kinds.KINDS; geometries in EPSG:2180."""
        shapes = (geom, before, after)
        self.buffer.append((code, str(where), row, json.dumps(details), shapes))
        self.vertices += sum(shape.num_coords for shape in shapes if shape)
        if len(self.buffer) >= BUFFERED or self.vertices >= BUFFERED_VERTICES:
            self.flush()

    def flush(self) -> None:
        if not self.buffer:
            return
        with connection.cursor() as cursor, cursor.copy(COPY_CASES) as copy:
            for *words, shapes in self.buffer:
                copy.write_row((*words, *(shape and shape.hexewkb.decode() for shape in shapes)))
        self.buffer, self.vertices = [], 0

    def cases(self) -> Iterator[Case]:
        """Everything that was noted, in its order."""
        self.flush()
        with streamed("imports/cases") as rows:
            for code, where, row, details, *shapes in rows:
                geom, before, after = map(geometry, shapes)
                told = {"row": row, "geom": geom, "before": before, "after": after}
                yield Case(code, where, json.loads(details), **told)


def geometry(wkb: bytes | None) -> Shape:
    return GEOSGeometry(memoryview(wkb), srid=STORED) if wkb else None
