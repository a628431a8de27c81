"""Lines to streets: all lines of one (SIMC, SYM_UL), else of one exact name in one locality."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import shapely
from django.conf import settings
from shapely import LineString, MultiLineString

from gis_layers.imports import staging
from gis_layers.imports.drafts import Draft
from gis_layers.imports.notes import Notes


def group(notes: Notes) -> None:
    """Make one row a street of the rows there are, which are single lines."""
    [(_rows, _left_out, last)] = staging.rows("imports/totals")
    with staging.streamed("imports/pieces") as lines:
        streets = enumerate(groupby(lines, key=itemgetter(0)), start=last + 1)
        staging.add_all(joined(some, n, notes) for n, (_key, some) in streets)
    staging.run("imports/drop_pieces", last=last)


@dataclass
class Pieces:
    """What is known of a street after some of its lines; bounded, however many there are."""

    code: str = ""
    simc: str = ""
    names: Counter[str] = field(default_factory=Counter)
    attrs: dict[str, Counter[Any]] = field(default_factory=lambda: defaultdict(Counter))
    lines: list[LineString] = field(default_factory=list)
    vertices: int = 0

    def add(self, name: str, code: str, simc: str, attrs: str, wkb: bytes | None) -> None:
        """One line, `attrs` as JSON. Code and locality are alike in all."""
        self.code, self.simc = code, simc
        self.names[name] += 1
        for column, value in json.loads(attrs).items():
            self.attrs[column][value] += 1
        shape = shapely.from_wkb(wkb)
        self.vertices += int(shapely.get_num_coordinates(shape))
        if shape is not None and self.vertices <= settings.IMPORT_MAX_VERTICES:
            self.lines += lines_of(shape)


def joined(rows: Iterable[Sequence[Any]], row: int, notes: Notes) -> Draft:
    """One draft for all lines of a street; attributes are those of most lines."""
    pieces = Pieces()
    for _street, *piece in rows:
        pieces.add(*piece)
    name = pieces.names.most_common(1)[0][0]
    if len(pieces.names) > 1:
        notes.add("code_names_differ", pieces.code, names=", ".join(sorted(pieces.names)))
    attrs = {column: commonest(values) for column, values in pieces.attrs.items()}
    draft = Draft(row, name, name, pieces.code, pieces.simc, attrs)
    if pieces.vertices > settings.IMPORT_MAX_VERTICES:
        notes.add("too_many_vertices", name, vertices=pieces.vertices)
    elif pieces.lines:
        draft.geom = multi_line(pieces.lines)
    return draft


def commonest(values: Counter[Any]) -> Any:
    """The value most lines have, of those that have one; None: none has."""
    there = Counter({value: count for value, count in values.items() if value not in (None, "")})
    return there.most_common(1)[0][0] if there else None


def multi_line(lines: Sequence[LineString]) -> MultiLineString:
    """All lines, those that meet joined to one: a street's name needs a long line to stand along.

    In an order of their own, so that the order in the file makes no difference.
    """
    merged = shapely.line_merge(MultiLineString(ordered(lines)))
    return MultiLineString(ordered(lines_of(merged)))


def lines_of(shape: shapely.Geometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, LineString)]


def ordered(lines: Sequence[LineString]) -> list[LineString]:
    """By their coordinates."""

    def coords(line: LineString) -> list[tuple[float, ...]]:
        return list(line.coords)

    found: list[LineString] = sorted(lines, key=coords)
    return found
