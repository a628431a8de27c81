"""Who sees which collection: open ones everybody, others by role and gmina, by key or session."""

import pytest
from django.test import Client

from accounts.models import Membership, User
from gis_layers.models import Layer
from tests.builders import make_feature, make_gmina, make_layer, make_user, sign_in, square
from tests.gis_layers.ogc.conftest import COLLECTIONS, Land, Program, ids

OPEN = {"testowo.hydranty", "testowo.osiedla", "testowo.ulice"}
OWN = OPEN | {"testowo.adresy", "testowo.granica"}
ADDRESSES = f"{COLLECTIONS}/testowo.adresy"


def seen(client: Client) -> set[str]:
    return {one["id"] for one in client.get(COLLECTIONS).json()["collections"]}


def staged(names: set[str]) -> set[str]:
    return {f"{name}.staged" for name in names}


def test_strangers_see_what_is_public(land: Land, client: Client) -> None:
    assert seen(client) == OPEN


@pytest.mark.parametrize("tail", ["", "/items", "/queryables", "/items/{fid}"])
def test_what_is_not_public_is_not_there_for_strangers(
    land: Land, client: Client, tail: str
) -> None:
    for name in ("testowo.adresy", "testowo.ulice.staged"):
        path = f"{COLLECTIONS}/{name}{tail}".format(fid=land.address.fid)
        for form in ("json", "html"):
            assert client.get(path, {"f": form}).status_code == 404


@pytest.mark.parametrize("role", ["editor", "approver", "crisis", "admin"])
def test_who_reads_layers_sees_all_of_the_own_gmina(land: Land, role: str) -> None:
    user = make_user("anna@a.example", role, gmina=land.gmina)
    assert seen(Program(user).client) == OWN
    (address,) = Program(user).get(f"{ADDRESSES}/items").json()["features"]
    assert address["properties"]["street"] == "Główna"
    assert address["properties"]["number"] == "12a"


def test_the_gis_officer_sees_the_working_copies_too(land: Land, officer: Program) -> None:
    assert seen(officer.client) == OWN | staged(OWN)


@pytest.mark.parametrize("role", ["hotline", "auditor"])
def test_who_reads_no_layers_is_a_stranger(land: Land, role: str) -> None:
    assert seen(Program(make_user("iga@a.example", role, gmina=land.gmina)).client) == OPEN


def test_staff_of_another_gmina_are_strangers(land: Land) -> None:
    celina = make_user("celina@a.example", *Membership.Role.values, gmina=make_gmina("obok"))
    assert seen(Program(celina).client) == OPEN | {"obok.granica", "obok.granica.staged"}
    assert Program(celina).get(ADDRESSES).status_code == 404


def test_a_key_that_only_reads_has_no_working_copies(land: Land, gis: User) -> None:
    assert seen(Program(gis, may_write=False).client) == OWN


def test_a_key_of_one_gmina_opens_no_other(land: Land, gis: User) -> None:
    obok = make_gmina("obok")
    gis.memberships.create(gmina=obok, role="gis")
    assert seen(Program(gis, gmina=obok).client) == OPEN | {"obok.granica", "obok.granica.staged"}


def test_a_session_with_both_factors_does_as_well(land: Land, gis: User) -> None:
    client = Client()
    client.force_login(gis)
    assert seen(client) == OPEN
    assert seen(sign_in(client, gis)) == OWN | staged(OWN)


@pytest.mark.parametrize("path", ["/ogc/", COLLECTIONS, f"{COLLECTIONS}/testowo.ulice/items"])
def test_a_wrong_key_is_told_even_where_all_is_open(land: Land, path: str) -> None:
    answer = Client(headers={"X-API-Key": "sao_wrong"}).get(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic")


def test_what_needs_a_key_is_kept_by_no_shared_cache(land: Land, officer: Program) -> None:
    answer = officer.get(f"{ADDRESSES}/items")
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(answer["Vary"].split(", "))


def test_national_layers_have_a_name_of_their_own(land: Land, client: Client, gis: User) -> None:
    layer = make_layer(None, "gminy", kind=Layer.Kind.TERYT_UNIT, geometry_type="polygon")
    unit = make_feature(layer, geom=square(0, 0, 100), code="2400011")
    assert "gminy" not in seen(client)
    officer = Program(gis)
    assert ids(officer.get(f"{COLLECTIONS}/gminy/items")) == [unit.fid]
    assert officer.get(f"{COLLECTIONS}/gminy.staged").status_code == 404
    layer.public = True
    layer.save()
    assert ids(client.get(f"{COLLECTIONS}/gminy/items")) == [unit.fid]


def test_a_layer_that_was_never_published_has_a_working_copy_only(
    land: Land, officer: Program
) -> None:
    layer = Layer.objects.create(
        gmina=land.gmina, slug="nowa", kind="custom", geometry_type="point", public=True
    )
    assert layer.edition_number == 0
    assert officer.get(f"{COLLECTIONS}/testowo.nowa").status_code == 404
    assert ids(officer.get(f"{COLLECTIONS}/testowo.nowa.staged/items")) == []
    document = officer.get(f"{COLLECTIONS}/testowo.nowa.staged").json()
    assert "extent" not in document
    assert not [link for link in document["links"] if link["rel"] == "working-copy-of"]


def test_a_layer_and_its_working_copy_name_one_another(land: Land, officer: Program) -> None:
    for name, rel, other in (
        ("testowo.ulice", "working-copy", "testowo.ulice.staged"),
        ("testowo.ulice.staged", "working-copy-of", "testowo.ulice"),
    ):
        links = officer.get(f"{COLLECTIONS}/{name}").json()["links"]
        assert [link["href"] for link in links if link["rel"] == rel] == [
            f"http://testserver{COLLECTIONS}/{other}"
        ]
