"""Public tiles before Django: they need no session, no user, no form token and no policy.

Django's handler and middleware cost as much processor time as PostGIS takes for a small tile
(make bench ONLY=tile_uncached_8). Everything else, staff tiles among it, is Django's.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db import DatabaseError

from gis_layers.tile_answer import Answer, Wish, tile_answer, wish
from gis_layers.tiles import Tileset

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# As gis_layers/tile_urls.py has it.
PATH = re.compile(
    r"/tiles/([-a-zA-Z0-9_]+)/([0-9]{1,19})/([0-9]{1,2})/([0-9]{1,6})/([0-9]{1,6})\.mvt"
)
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
AWAY = Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store", "Retry-After": "5"})


def with_public_tiles(application: "WSGIApplication") -> "WSGIApplication":
    """The application with the public tiles answered before it is asked."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        found = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if found is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return application(environ, start_response)
        wished = wish(
            environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        )
        tile = _answer(wished, found[1], *map(int, found.groups()[1:]))
        headers = [*tile.headers.items(), ("X-Content-Type-Options", "nosniff")]
        if tile.status not in BODILESS:
            headers.append(("Content-Length", str(len(tile.body))))
        start_response(f"{tile.status.value} {tile.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [tile.body]

    return answer


def _answer(wish: Wish, slug: str, revision: int, z: int, x: int, y: int) -> Answer:
    try:
        return tile_answer(slug, Tileset.PUBLIC, revision, z, x, y, wish)
    except DatabaseError:
        return AWAY
