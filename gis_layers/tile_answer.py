"""What HTTP says of a tile: status, headers, bytes; the same from Django's view and past it."""

from dataclasses import dataclass
from http import HTTPStatus

from gis_layers.tile_revisions import find_revision
from gis_layers.tiles import Tileset, encode, in_grid

MVT = "application/vnd.mapbox-vector-tile"
YEAR_S = 31_536_000
REVISION_MAX = 2**63 - 1  # PostgreSQL's bigint
# Who may keep a tile: any cache, or the officer's own browser.
KEPT_BY = {Tileset.PUBLIC: "public", Tileset.STAFF: "private"}


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    headers: dict[str, str]
    body: bytes = b""


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND, {"Cache-Control": "no-store"})


def tile_answer(slug: str, tileset: Tileset, revision: int, z: int, x: int, y: int) -> Answer:
    """200 with MVT, 204 where nothing is, 410 past the grace time of a superseded revision.

    A URL's bytes never change, nor does a tile that is gone come back: all may be kept for a year.
    404 where there is no such gmina, revision or tile, which may be there tomorrow.
    """
    is_possible = in_grid(z, x, y) and revision <= REVISION_MAX
    known = find_revision(slug, revision) if is_possible else None
    if known is None:
        return NOT_FOUND
    headers = {"Cache-Control": f"{KEPT_BY[tileset]}, max-age={YEAR_S}, immutable"}
    if tileset is Tileset.PUBLIC:
        # Any page of any site may show them.
        headers["Access-Control-Allow-Origin"] = "*"
    if known.is_gone:
        return Answer(HTTPStatus.GONE, headers)
    data = encode(known, tileset, z, x, y)
    if not data:
        return Answer(HTTPStatus.NO_CONTENT, headers)
    return Answer(HTTPStatus.OK, headers | {"Content-Type": MVT}, data)
