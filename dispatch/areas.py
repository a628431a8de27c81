"""What an officer chose, found on the gmina's published map and cut into pieces."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.models import Gmina
from dispatch import edges, parts, queries
from dispatch.errors import EmptySelection, OutlineMissing
from dispatch.identify import identify
from dispatch.models import Alert, AreaPiece
from dispatch.parts import Kind, PartSpec, Reach
from gis_layers.models import SRID, AddressPoint, Layer
from gis_layers.outlines import OWN_SLUG, Outline, gmina_outline
from teryt.localities import with_parts


@dataclass(frozen=True)
class Piece:
    """A single geometry of a part (WKB, EPSG:2180); `reach_m` null: only to be drawn."""

    part: int
    wkb: bytes
    reach_m: float | None


@dataclass(frozen=True)
class Area:
    """Where an alert aims: pieces and attachments, each with the position of its part.

    `editions` are {layer id: edition number}; `hash` changes with anything that is here.
    """

    parts: tuple[PartSpec, ...]
    pieces: tuple[Piece, ...]
    streets: tuple[tuple[int, int], ...]  # position, fid
    localities: tuple[tuple[int, str], ...]  # position, simc
    editions: Mapping[int, int]
    addresses: tuple[tuple[int, int], ...] = ()  # position, fid
    warnings: tuple[Mapping[str, Any], ...] = ()

    @property
    def whole_parts(self) -> list[int]:
        """Positions of the parts that are the whole gmina."""
        return [n for n, part in enumerate(self.parts) if part.kind == Kind.GMINA]

    @property
    def is_whole(self) -> bool:
        return bool(self.whole_parts)

    @property
    def choice(self) -> str:
        """What was chosen, as text; says nothing of how the map stood."""
        return json.dumps([part.choice for part in self.parts], sort_keys=True)

    @property
    def focus(self) -> str | None:
        """The middle of what is on the map (EPSG:2180, hexadecimal WKB); None for localities."""
        shapes = shapely.GeometryCollection(shapely.from_wkb([piece.wkb for piece in self.pieces]))
        return shapely.set_srid(shapes.centroid, SRID).wkb_hex if self.pieces else None

    @property
    def hash(self) -> str:
        """SHA-256 over the area as it is on the map now."""
        reached = [(p.wkb.hex(), p.reach_m) for p in self.pieces if p.reach_m is not None]
        streets, simcs = {fid for _n, fid in self.streets}, {simc for _n, simc in self.localities}
        addresses = sorted({fid for _n, fid in self.addresses})
        text = json.dumps(
            [self.is_whole, sorted(reached), sorted(streets), sorted(simcs), addresses]
        )
        return hashlib.sha256(text.encode()).hexdigest()


def parse_parts(gmina: Gmina, data: object) -> list[PartSpec]:
    """The parts of a request's JSON, found among the gmina's published features and localities.

    Raises AreaRefused or SwappedAxes with the field ("parts.0.fid").
    """
    return identify(gmina, parts.read(data))


def chosen_parts(alert: Alert) -> list[PartSpec]:
    """The alert's own parts as the map shows them now. Raises UnknownFeature where one is gone."""
    return identify(alert.gmina, [parts.from_row(row) for row in alert.parts.all()])


def aims_at_everyone(alert: Alert) -> bool:
    """Whether a part is the whole gmina: chosen as such, or by the feature of its own outline."""
    outlines = Layer.objects.filter(gmina=alert.gmina, slug=OWN_SLUG, kind=Layer.Kind.TERYT_UNIT)
    whole = Q(kind=Kind.GMINA) | Q(layer_id__in=outlines.values("pk"))
    return alert.parts.filter(whole).exists()


def resolve(gmina: Gmina, chosen: Sequence[PartSpec]) -> Area:
    """The identified parts as pieces and attachments, checked against the gmina's outline.

    Raises EmptySelection, AreaOutsideGmina, DrawnOutside or OutlineMissing; a feature or a reach
    that crosses the edge is a warning.
    """
    if not chosen:
        raise EmptySelection(field="parts")
    outline = gmina_outline(gmina)
    if outline is None:
        raise OutlineMissing
    return Area(
        parts=tuple(chosen),
        pieces=tuple(_pieces(chosen, outline)),
        streets=_streets(chosen),
        localities=_localities(chosen),
        addresses=_addresses(chosen),
        editions={
            part.layer_id: part.edition_number
            for part in chosen
            if part.layer_id is not None and part.edition_number is not None
        },
        warnings=(*edges.check(gmina, chosen, outline), *_numbers_missing(chosen)),
    )


def as_frozen(alert: Alert) -> Area:
    """The area of a running alert as its newest message was aimed, whatever the map shows now."""
    chosen = [_with_localities(parts.from_row(row)) for row in alert.parts.all()]
    drawn = AreaPiece.objects.filter(message__alert=alert)
    latest = drawn.aggregate(latest=Max("message_id"))["latest"]
    return Area(
        parts=tuple(chosen),
        pieces=tuple(
            Piece(row.part_position, bytes(row.geom.wkb), row.reach_m)
            for row in drawn.filter(message_id=latest).order_by("pk")
        ),
        streets=_streets(chosen),
        localities=_localities(chosen),
        addresses=_addresses(chosen),
        editions={},
    )


def _with_localities(part: PartSpec) -> PartSpec:
    if part.kind != Kind.LOCALITY:
        return part
    simcs = with_parts([part.simc]) if part.include_parts else {part.simc}
    return replace(part, simcs=tuple(sorted(simcs)))


def _streets(chosen: Sequence[PartSpec]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (n, part.fid)
        for n, part in enumerate(chosen)
        if part.fid is not None and part.reach == Reach.ADDRESSES and not part.numbers
    )


def _numbers_missing(chosen: Sequence[PartSpec]) -> Iterator[Mapping[str, Any]]:
    """House numbers that were named and are not on the map: a warning for each part."""
    for position, part in enumerate(chosen):
        if part.missing_numbers:
            numbers = ", ".join(part.missing_numbers)
            message = _("Not on the map: {numbers}.").format(numbers=numbers)
            told = {"code": "numbers_missing", "message": message, "part": position}
            yield told | {"label": part.label}


def _localities(chosen: Sequence[PartSpec]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (n, simc) for n, part in enumerate(chosen) if not part.numbers for simc in part.simcs
    )


def _addresses(chosen: Sequence[PartSpec]) -> tuple[tuple[int, int], ...]:
    return tuple((n, fid) for n, part in enumerate(chosen) for fid in part.address_fids)


def _pieces(chosen: Sequence[PartSpec], outline: Outline) -> list[Piece]:
    """Pieces of every part but whole localities, in order of the parts. At most two queries."""
    shapes = {Kind.GMINA: bytes(outline.geom.wkb)}
    located = [
        (n, part)
        for n, part in enumerate(chosen)
        if part.kind != Kind.LOCALITY and not part.is_of_addresses
    ]
    rows = queries.rows(
        "area_pieces",
        parts=[n for n, _part in located],
        fids=[part.fid for _n, part in located],
        wkbs=[part.wkb or shapes.get(Kind(part.kind)) for _n, part in located],
    )
    found = [Piece(row["part"], bytes(row["wkb"]), chosen[row["part"]].distance_m) for row in rows]
    return sorted([*found, *_address_pieces(chosen)], key=lambda piece: piece.part)


def _address_pieces(chosen: Sequence[PartSpec]) -> list[Piece]:
    """The houses of parts that are single addresses: to be drawn, nobody is told by distance."""
    wanted = _addresses(chosen)
    if not wanted:
        return []
    shown = AddressPoint.objects.filter(fid__in={fid for _n, fid in wanted}, until=None)
    points = dict(shown.values_list("fid", "geom"))
    return [Piece(n, bytes(points[fid].wkb), None) for n, fid in wanted if fid in points]
