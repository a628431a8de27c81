"""What HTTP says of a tile: status, headers, bytes; the same from Django's view and past it."""

import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from gis_layers.tile_cache import Body, tile_cache
from gis_layers.tile_revisions import Known, find_revision
from gis_layers.tiles import Tileset, encode, in_grid

MVT = "application/vnd.mapbox-vector-tile"
YEAR_S = 31_536_000
REVISION_MAX = 2**63 - 1  # PostgreSQL's bigint
TAG = re.compile(r'"[^"]*"')  # weak ones compare by the same text
NOUGHT = re.compile(r"q=0(\.0*)?")
# Who may keep a tile: any cache, or the officer's own browser.
KEPT_BY = {Tileset.PUBLIC: "public", Tileset.STAFF: "private"}


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    headers: dict[str, str]
    body: bytes = b""


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND, {"Cache-Control": "no-store"})


@dataclass(frozen=True)
class Wish:
    """What the client can read, and the tiles that it has (the header If-None-Match)."""

    takes_gzip: bool = False
    has: str = ""


def wish(accept_encoding: str, if_none_match: str) -> Wish:
    """From the two headers, empty where they are absent."""
    return Wish(takes_gzip=_takes_gzip(accept_encoding), has=if_none_match)


def _takes_gzip(accepted: str) -> bool:
    """RFC 9110, 12.5.3: named and not refused by a weight of nought."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        if coding in {"gzip", "*"}:
            return not NOUGHT.fullmatch(weight)
    return False


def tile_answer(
    slug: str, tileset: Tileset, revision: int, z: int, x: int, y: int, wish: Wish
) -> Answer:
    """200 with MVT, 204 where nothing is, 304 for who has it, 410 past a revision's grace time.

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
    body = kept_tile(known, tileset, z, x, y)
    if body.is_empty:
        return Answer(HTTPStatus.NO_CONTENT, headers)
    return _with_body(body, wish, headers | {"Content-Type": MVT, "Vary": "Accept-Encoding"})


def kept_tile(known: Known, tileset: Tileset, z: int, x: int, y: int) -> Body:
    """The tile from the cache, into which it goes where it was not there."""
    key = f"tile:{known.key}:{tileset}:{z}/{x}/{y}"
    return tile_cache().get(key, partial(encode, known, tileset, z, x, y))


def _with_body(body: Body, wish: Wish, headers: dict[str, str]) -> Answer:
    """The two forms have names of their own: a range of one is no range of the other."""
    tag = f'"{body.name}-gzip"' if wish.takes_gzip else f'"{body.name}"'
    headers["ETag"] = tag
    if wish.has and (wish.has.strip() == "*" or tag in TAG.findall(wish.has)):
        return Answer(HTTPStatus.NOT_MODIFIED, headers)
    if not wish.takes_gzip:
        return Answer(HTTPStatus.OK, headers, body.as_plain())
    return Answer(HTTPStatus.OK, headers | {"Content-Encoding": "gzip"}, body.as_gzip())
