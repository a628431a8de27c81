"""The statements of tiles, prepared and asked through libpq itself.

Under Django's settings psycopg prepares nothing, so that PostgreSQL would plan the statement for
each tile (0.5 ms of 1.7); cursor and pool would take another 0.2 ms of the web server's processor.
A blocking call of libpq also lets the interpreter go once, not for each 8 kB that arrives.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult


@dataclass(frozen=True)
class Statement:
    """Of sql/; `parameters` in the order of their first use, as $1, $2, …."""

    name: bytes
    sql: bytes
    parameters: tuple[str, ...]
    # How libpq gives them.
    columns: Format


def prepared_form(name: str, named: str, columns: Format) -> Statement:
    """The statement of SQL with parameters as %(name)s."""
    parameters = tuple(dict.fromkeys(re.findall(r"%\((\w+)\)s", named)))
    sql = re.sub(r"%\((\w+)\)s", lambda found: f"${parameters.index(found[1]) + 1}", named)
    return Statement(name.encode(), sql.encode(), parameters, columns)


# What Django gives psycopg beside libpq's own words.
NOT_OF_LIBPQ = {"context", "cursor_factory", "prepare_threshold"}


@dataclass
class _Link:
    """A connection that asks nothing but tiles, and the statements prepared on it."""

    pgconn: PGconn
    prepared: set[bytes] = field(default_factory=set)


class _Own(threading.local):
    """The thread's own; closed when the thread ends."""

    link: _Link | None = None


_own = _Own()


def first_row(statement: Statement, given: Mapping[str, object]) -> list[bytes | None] | None:
    """The columns of the statement's first row, null as None; None where there is no row.

    Raises psycopg.OperationalError.
    """
    values = [_as_text(given[name]) for name in statement.parameters]
    ask = _ask_prepared if is_web_server() else _ask_in_djangos
    result = ask(statement, values)
    if result.status != ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
    if not result.ntuples:
        return None
    return [result.get_value(0, column) for column in range(result.nfields)]


def is_web_server() -> bool:
    """Only there is a pool (config/wsgi.py), and threads that live to ask again."""
    return bool(getattr(connection, "pool", None))


def _ask_prepared(statement: Statement, values: list[bytes]) -> PGresult:
    """On the thread's own connection; once more where that one was cut since the last tile."""
    if _own.link:
        result = _ask_on(_own.link, statement, values)
        if _own.link.pgconn.status == ConnStatus.OK:
            return result
    _own.link = _Link(_connected())
    return _ask_on(_own.link, statement, values)


def _ask_on(link: _Link, statement: Statement, values: list[bytes]) -> PGresult:
    if statement.name not in link.prepared:
        result = link.pgconn.prepare(statement.name, statement.sql)
        if result.status != ExecStatus.COMMAND_OK:
            return result
        link.prepared.add(statement.name)
    return link.pgconn.exec_prepared(statement.name, values, result_format=statement.columns)


def _ask_in_djangos(statement: Statement, values: list[bytes]) -> PGresult:
    """On Django's connection, and so in its transaction: outside the web server, as in tests."""
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    result: PGresult = pgconn.exec_params(statement.sql, values, result_format=statement.columns)
    return result


def _connected() -> PGconn:
    given: dict[str, Any] = connection.get_connection_params()
    words = {name: value for name, value in given.items() if name not in NOT_OF_LIBPQ}
    pgconn = pq.PGconn.connect(make_conninfo(**words).encode())
    if pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(pgconn.error_message.decode(errors="replace"))
    # One plan serves every tile, by the index of layer and box: no five others before it.
    pgconn.exec_(b"SET plan_cache_mode = force_generic_plan")
    return pgconn


def _as_text(value: object) -> bytes:
    return str(value).encode()  # PostgreSQL reads True and False too
