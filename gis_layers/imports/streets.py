"""Lines to streets: all lines of one (SIMC, SYM_UL), else of one exact name in one locality."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiLineString

from gis_layers.imports.drafts import Draft
from gis_layers.imports.repair import simple_parts
from gis_layers.imports.report import Report


def grouped(pieces: Iterable[Draft], report: Report) -> list[Draft]:
    """One draft a street, its lines in one MultiLineString; attributes are those of most lines."""
    streets: dict[Hashable, list[Draft]] = defaultdict(list)
    for piece in pieces:
        streets[piece.code or (piece.simc, piece.name)].append(piece)
    return [joined(some, report) for some in streets.values()]


def joined(pieces: Sequence[Draft], report: Report) -> Draft:
    names = Counter(piece.name for piece in pieces)
    name = names.most_common(1)[0][0]
    if len(names) > 1:
        report.add("code_names_differ", pieces[0].code, names=", ".join(sorted(names)))
    fields = {field for piece in pieces for field in piece.attrs}
    attrs = {field: commonest(piece.attrs.get(field) for piece in pieces) for field in fields}
    lines = multi_line([piece.geom for piece in pieces if piece.geom])
    return Draft(name, name, pieces[0].code, pieces[0].simc, attrs, lines)


def commonest(values: Iterable[object]) -> object:
    """The value most lines have, of those that have one; None: none has."""
    there = [value for value in values if value not in (None, "")]
    return Counter(there).most_common(1)[0][0] if there else None


def multi_line(geoms: Sequence[GEOSGeometry]) -> MultiLineString | None:
    """All lines, those that meet joined to one: a street's name needs a long line to stand along.

    In an order of their own, so that the order in the file makes no difference.
    """
    lines = lines_of(geoms)
    joined_up = lines_of([MultiLineString(*lines).merged]) if lines else []
    return MultiLineString(*joined_up, srid=lines[0].srid) if lines else None


def lines_of(geoms: Sequence[GEOSGeometry]) -> list[LineString]:
    lines = [part for geom in geoms for part in simple_parts(geom) if isinstance(part, LineString)]
    return sorted(lines, key=lambda line: line.coords)
