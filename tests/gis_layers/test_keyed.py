"""Staff's tiles, TileJSON and style by a key, as QGIS and other programs ask for them."""

import base64

import pytest
from django.test import Client

from accounts.api_keys import make_key
from accounts.models import Gmina
from gis_layers.revisions import raise_revision
from tests.builders import at, line, make_gmina, make_street, make_user
from tests.gis_layers.test_tiles import tile_of, url_of


@pytest.fixture
def gmina(db) -> Gmina:
    gmina = make_gmina("testowo")
    make_street(gmina, "Główna", geom=line((4000, 4000), (4200, 4040)))
    raise_revision([gmina])
    return gmina


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def paths(gmina: Gmina) -> list[str]:
    tile = url_of(gmina, *tile_of(at(4100, 4020), 15), staff=True)
    return [tile, "/tiles/testowo/staff.json", "/tiles/testowo/staff/style.json"]


def secret_of(user, gmina: Gmina | None = None) -> str:
    _key, secret = make_key(user=user, name="QGIS", gmina=gmina, may_write=False, days=30)
    return secret


def statuses(gmina: Gmina, **headers: str) -> set[int]:
    return {Client().get(path, headers=headers).status_code for path in paths(gmina)}


def test_a_key_opens_them_in_each_of_its_forms(gmina, anna):
    secret = secret_of(anna)
    basic = base64.b64encode(f"anna@a.example:{secret}".encode()).decode()
    assert statuses(gmina, Authorization=f"Basic {basic}") == {200}
    assert statuses(gmina, **{"X-API-Key": secret}) == {200}


def test_no_shared_cache_may_keep_what_a_key_opened(gmina, anna):
    secret = secret_of(anna)
    for path in paths(gmina):
        assert "private" in Client().get(path, headers={"X-API-Key": secret})["Cache-Control"]


def test_an_unknown_key_is_told_how_to_show_one(gmina):
    for path in paths(gmina):
        answer = Client().get(path, headers={"X-API-Key": "sao_unknown"})
        assert (answer.status_code, answer["WWW-Authenticate"][:5]) == (401, "Basic")


def test_a_stranger_with_a_key_learns_nothing(gmina):
    other = make_gmina("obcowo")
    celina = make_user("celina@b.example", "gis", gmina=other)
    assert statuses(gmina, **{"X-API-Key": secret_of(celina)}) == {404}


def test_a_key_of_another_gmina_or_role_opens_nothing(gmina, anna):
    other = make_gmina("obcowo")
    hotline = make_user("bartek@a.example", "hotline", gmina=gmina)
    assert statuses(gmina, **{"X-API-Key": secret_of(hotline)}) == {403}
    assert statuses(gmina, **{"X-API-Key": secret_of(anna, other)}) == {403}
