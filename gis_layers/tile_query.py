"""The tile statement, prepared and asked through libpq itself.

Under Django's settings psycopg prepares nothing, so that PostgreSQL would plan the statement for
each tile (0.5 ms of 1.7); cursor and pool would take another 0.2 ms of the web server's processor.
A blocking call of libpq also lets the interpreter go once, not for each 8 kB that arrives.
"""

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

NAMED = (files("gis_layers") / "sql" / "tile.sql").read_text(encoding="utf-8")
# In the order of their first use, as $1, $2, ….
PARAMETERS = tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", NAMED)))
SQL = re.sub(r"%\((\w+)\)s", lambda found: f"${PARAMETERS.index(found[1]) + 1}", NAMED).encode()
NAME = b"tile"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's, from which binary instants count µs
# What Django gives psycopg beside libpq's own words.
NOT_OF_LIBPQ = {"context", "cursor_factory", "prepare_threshold"}


class _Own(threading.local):
    """The thread's connection, which does nothing else; closed when the thread ends."""

    pgconn: PGconn | None = None


_own = _Own()


def tile_row(parameters: Mapping[str, object]) -> tuple[datetime | None, bytes] | None:
    """The row of sql/tile.sql for its parameters by name; None where there is none.

    Raises psycopg.OperationalError.
    """
    values = [_as_text(parameters[name]) for name in PARAMETERS]
    result = _ask_prepared(values) if _is_web_server() else _ask_in_djangos(values)
    if result.status != ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
    if not result.ntuples:
        return None
    return _instant(result.get_value(0, 0)), result.get_value(0, 1) or b""


def _is_web_server() -> bool:
    """Only there is a pool (config/wsgi.py), and threads that live to ask again."""
    return bool(getattr(connection, "pool", None))


def _ask_prepared(values: list[bytes]) -> PGresult:
    """On the thread's own connection; once more where that one was cut since the last tile."""
    if _own.pgconn:
        result = _own.pgconn.exec_prepared(NAME, values, result_format=Format.BINARY)
        if _own.pgconn.status == ConnStatus.OK:
            return result
    _own.pgconn = _connected()
    return _own.pgconn.exec_prepared(NAME, values, result_format=Format.BINARY)


def _ask_in_djangos(values: list[bytes]) -> PGresult:
    """On Django's connection, and so in its transaction: outside the web server, as in tests."""
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    result: PGresult = pgconn.exec_params(SQL, values, result_format=Format.BINARY)
    return result


def _connected() -> PGconn:
    given: dict[str, Any] = connection.get_connection_params()
    words = {name: value for name, value in given.items() if name not in NOT_OF_LIBPQ}
    pgconn = pq.PGconn.connect(make_conninfo(**words).encode())
    if pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(pgconn.error_message.decode(errors="replace"))
    # One plan serves every tile, by the index of layer and box: no five others before it.
    pgconn.exec_(b"SET plan_cache_mode = force_generic_plan")
    pgconn.prepare(NAME, SQL)
    return pgconn


def _as_text(value: object) -> bytes:
    return str(value).encode()  # PostgreSQL reads True and False too


def _instant(binary: bytes | None) -> datetime | None:
    """A timestamptz as libpq gives it in binary."""
    if binary is None:
        return None
    return EPOCH + timedelta(microseconds=int.from_bytes(binary, "big", signed=True))
