"""The web server's own connections for tiles: prepared once, replaced when cut."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection

from gis_layers import tile_query, tile_revisions
from gis_layers.revisions import raise_revision
from gis_layers.tiles import Tileset, tile
from tests.builders import at, line, make_gmina, make_street
from tests.emulator import free_port
from tests.gis_layers.test_tiles import ask_before_django, tile_of, url_of

# Another connection sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gmina():
    made = make_gmina()
    make_street(made, "Główna", geom=line((4000, 4000), (4200, 4040)))
    raise_revision([made])
    made.refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def web_server(monkeypatch):
    for module in (tile_query, tile_revisions):
        monkeypatch.setattr(module, "is_web_server", lambda: True)
    yield
    tile_revisions.forget()
    if tile_query._own.link:
        tile_query._own.link.pgconn.finish()
        tile_query._own.link = None


@pytest.fixture
def ask(gmina):
    zxy = tile_of(at(4100, 4020), 15)
    return lambda: tile(gmina.slug, Tileset.PUBLIC, gmina.revision, *zxy)


def test_the_tile_is_the_one_that_djangos_connection_gives(ask, monkeypatch):
    own = ask()
    monkeypatch.setattr(tile_query, "is_web_server", lambda: False)
    tile_revisions.forget()
    assert own == ask()
    assert own


def test_the_statement_is_prepared_once_and_then_planned_no_more(ask):
    for _ in range(8):
        ask()
    counted = tile_query._own.link.pgconn.exec_(
        b"SELECT name, generic_plans, custom_plans FROM pg_prepared_statements ORDER BY name"
    )
    rows = [[counted.get_value(n, column) for column in range(3)] for n in range(counted.ntuples)]
    # The revision is remembered after the first.
    assert rows == [[b"map_revision", b"1", b"0"], [b"tile_features", b"8", b"0"]]


def test_a_connection_that_was_cut_is_replaced_unnoticed(ask):
    before = ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [tile_query._own.link.pgconn.backend_pid])
    assert ask() == before


def test_each_thread_asks_on_its_own_connection(ask):
    def pid():
        ask()
        return tile_query._own.link.pgconn.backend_pid

    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(pid).result()
    assert theirs != pid()


def test_a_database_that_is_away_is_503_and_told_from_no_tile(gmina, ask, monkeypatch):
    params = connection.get_connection_params() | {"host": "127.0.0.1", "port": free_port()}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)
    tile_revisions.forget()
    with pytest.raises(DatabaseError):
        ask()
    status, headers, _body = ask_before_django(url_of(gmina, *tile_of(at(4100, 4020), 15)))
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
