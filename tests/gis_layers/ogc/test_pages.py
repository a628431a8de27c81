"""The same resources as pages for people: /conf/html/content, /conf/html/definition."""

import pytest
from django.test import Client

from tests.builders import make_feature, sign_in, square
from tests.gis_layers.ogc.conftest import COLLECTIONS, Land

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def page(client: Client, path: str) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    return answer.content.decode()


def test_a_browser_gets_pages_and_a_program_json(land: Land, client: Client) -> None:
    for path in ("/ogc/", COLLECTIONS, f"{COLLECTIONS}/testowo.ulice"):
        assert "<!doctype html>" in page(client, path)
        assert client.get(path)["Content-Type"] == "application/json"
        assert client.get(path, {"f": "json"}, headers=HTML)["Content-Type"] == "application/json"
        assert client.get(path, {"f": "html"})["Content-Type"].startswith("text/html")


def test_the_landing_page_lists_layers_by_gmina(land: Land, client: Client, gis) -> None:
    text = page(client, "/ogc/")
    assert f"{COLLECTIONS}/testowo.ulice?f=html" in text
    assert "testowo.adresy" not in text
    assert "testowo.adresy" in page(sign_in(Client(), gis), "/ogc/")


def test_every_link_of_the_pages_leads_somewhere(land: Land, client: Client) -> None:
    for path in (
        "/ogc/api",
        "/ogc/conformance",
        f"{COLLECTIONS}/testowo.hydranty/queryables",
        f"{COLLECTIONS}/testowo.hydranty/items",
        f"{COLLECTIONS}/testowo.hydranty/items/{land.hydrants[0].fid}",
    ):
        text = page(client, path)
        assert 'href="/ogc/?f=html"' in text
        assert "f=json" in text


def test_features_stand_in_a_table_and_on_a_map(land: Land, client: Client) -> None:
    client.cookies["lang"] = "en"
    text = page(client, f"{COLLECTIONS}/testowo.hydranty/items?limit=2&filter=lanes>1")
    assert "4 features found." in text
    for hydrant in land.hydrants[1:3]:
        assert f"/items/{hydrant.fid}?f=html" in text
    assert land.hydrants[3].attrs["note"] not in text
    assert 'data-island="features"' in text
    following = f"cursor={land.hydrants[2].fid}"
    assert following in text
    last = page(client, f"{COLLECTIONS}/testowo.hydranty/items?limit=2&filter=lanes>1&{following}")
    assert land.hydrants[4].attrs["note"] in last
    assert 'rel="next"' not in last


def test_one_feature_in_words(land: Land, client: Client) -> None:
    client.cookies["lang"] = "en"
    text = page(client, f"{COLLECTIONS}/testowo.hydranty/items/{land.hydrants[0].fid}")
    assert "<h1>H1</h1>" in text
    assert "<dt>works</dt><dd>yes</dd>" in text


def test_an_address_is_called_by_its_street(land: Land, gis) -> None:
    client = sign_in(Client(), gis)
    text = page(client, f"{COLLECTIONS}/testowo.adresy/items/{land.address.fid}")
    assert "<h1>Główna 12a</h1>" in text


def test_names_are_text_and_no_markup(land: Land, client: Client) -> None:
    name = "<script>alert(1)</script>"
    feature = make_feature(land.zachod.layer, geom=square(0, 0, 10), name=name, attr="<b>")
    for path in ("", f"/{feature.fid}"):
        text = page(client, f"{COLLECTIONS}/testowo.osiedla/items{path}")
        assert name not in text
        assert "<b>" not in text


@pytest.mark.parametrize("path", [f"{COLLECTIONS}/testowo.adresy", f"{COLLECTIONS}/x/items/1"])
def test_what_is_not_there_has_a_page_that_says_so(land: Land, client: Client, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "<!doctype html>" in answer.content.decode()
