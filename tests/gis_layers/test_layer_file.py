"""A layer as a GeoPackage: what stands in it, and who gets it."""

import sqlite3
from pathlib import Path

import pyogrio
import pytest
from django.test import Client
from shapely import from_wkb

from accounts.models import Gmina
from gis_layers import changesets
from gis_layers.layer_file import write_layer
from gis_layers.models import Feature, Layer
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_feature,
    make_gmina,
    make_layer,
    make_street,
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gmina() -> Gmina:
    return make_gmina("testowo")


@pytest.fixture
def district(gmina) -> Feature:
    return make_district(gmina, "Zachód", geom=square(0, 0, 100), id="7", ha=1.5, Name="x")


def rows(path: Path, table: str) -> list[dict[str, object]]:
    info, _fids, _geoms, columns = pyogrio.raw.read(path, layer=table)
    cells = [column.tolist() for column in columns]
    return [dict(zip(info["fields"], row, strict=True)) for row in zip(*cells, strict=True)]


def test_every_feature_goes_along_with_its_number_and_its_shape_to_the_bit(district, tmp_path):
    write_layer(tmp_path / "a.gpkg", district.layer)
    [row] = rows(tmp_path / "a.gpkg", "osiedla")
    assert row == {
        "sao_fid": district.fid,
        "name": "Zachód",
        "simc": "",
        "sao_code": "",
        "id": "7",
        "ha": 1.5,
        "Name_2": "x",
    }
    shape = from_wkb(pyogrio.raw.read(tmp_path / "a.gpkg", layer="osiedla")[2][0])
    assert list(shape.geoms[0].exterior.coords) == list(district.geom.coords[0])


def test_a_change_set_is_written_as_it_would_show_the_layer(district, tmp_path):
    edition = changesets.open_changeset(district.layer, None)
    changesets.put(
        edition, None, name="Nowe", attrs={"ha": 2}, geom=square(200, 0, 5), by=None, expected=None
    )
    changesets.remove(edition, district.fid, None, None)
    write_layer(tmp_path / "a.gpkg", district.layer, edition)
    assert [row["name"] for row in rows(tmp_path / "a.gpkg", "osiedla")] == ["Nowe"]


def test_attributes_of_several_kinds_share_a_column_that_holds_them(gmina, tmp_path):
    layer = make_layer(gmina, "strefy", kind="custom", geometry_type="polygon")
    for n, value in enumerate([1, 2.5, None]):
        make_feature(layer, geom=square(n * 10, 0, 5), number=value, mixed=[3, "a", True][n])
    write_layer(tmp_path / "a.gpkg", layer)
    found = rows(tmp_path / "a.gpkg", "strefy")
    assert [row["number"] for row in found][:2] == [1.0, 2.5]
    assert [row["mixed"] for row in found] == ["3", "a", "True"]
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        assert file.execute("SELECT number FROM strefy").fetchall()[2] == (None,)


def test_addresses_have_their_own_columns(gmina, tmp_path):
    street = make_street(gmina, "Główna", geom=line((0, 0), (9, 0)))
    address = make_address(gmina, "7a", at=at(1, 1), street=street, postcode="46-320")
    write_layer(tmp_path / "a.gpkg", address.layer)
    assert rows(tmp_path / "a.gpkg", "adresy") == [
        {
            "sao_fid": address.fid,
            "simc": "0000001",
            "ulic": "",
            "street_fid": street.fid,
            "street_name": "",
            "number": "7a",
            "postcode": "46-320",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "geometry_type", "symbol"),
    [
        ("street", "line", "SimpleLine"),
        ("district", "polygon", "SimpleFill"),
        ("custom", "point", "SimpleMarker"),
    ],
)
def test_the_layers_look_goes_along_as_qgis_style(gmina, tmp_path, kind, geometry_type, symbol):
    style = {"colour": "#102030"}
    layer = make_layer(gmina, "x", kind=kind, geometry_type=geometry_type, style=style)
    write_layer(tmp_path / "a.gpkg", layer)
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        (qml,) = file.execute("SELECT styleQML FROM layer_styles").fetchone()
    assert symbol in qml
    assert "16,32,48,255" in qml
    assert 'fieldName="name"' in qml


class TestDownload:
    URL = "/staff/testowo/layers/osiedla/download"

    def read(self, client: Client, tmp_path: Path, url: str = URL) -> list[dict[str, object]]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert "testowo-osiedla" in answer["Content-Disposition"]
        (tmp_path / "got.gpkg").write_bytes(b"".join(answer.streaming_content))
        return rows(tmp_path / "got.gpkg", "osiedla")

    def test_whoever_reads_layers_gets_what_is_published(self, gmina, district, tmp_path):
        editor = sign_in(Client(), make_user("e@a.example", "editor", gmina=gmina))
        assert [row["name"] for row in self.read(editor, tmp_path)] == ["Zachód"]

    def test_a_staged_edition_is_for_gis_officers(self, gmina, district, tmp_path):
        edition = changesets.open_changeset(district.layer, None)
        changesets.remove(edition, district.fid, None, None)
        url = f"{self.URL}?edition={edition.pk}"
        officer = sign_in(Client(), make_user("g@a.example", "gis", gmina=gmina))
        assert self.read(officer, tmp_path, url) == []
        editor = sign_in(Client(), make_user("e@a.example", "editor", gmina=gmina))
        assert editor.get(url).status_code == 404
        assert officer.get(f"{self.URL}?edition=x").status_code == 404

    def test_a_layer_without_a_published_edition_is_for_gis_officers(self, gmina):
        Layer.objects.create(gmina=gmina, slug="osiedla", kind="district", geometry_type="polygon")
        editor = sign_in(Client(), make_user("e@a.example", "editor", gmina=gmina))
        assert editor.get(self.URL).status_code == 404

    def test_nothing_is_left_in_the_folder_of_temporary_files(
        self, gmina, district, tmp_path, monkeypatch
    ):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        officer = sign_in(Client(), make_user("g@a.example", "gis", gmina=gmina))
        assert b"".join(officer.get(self.URL).streaming_content)
        assert not list(tmp_path.iterdir())


def test_the_editors_page_is_for_gis_officers(gmina, district):
    officer = sign_in(Client(), make_user("g@a.example", "gis", gmina=gmina))
    answer = officer.get("/staff/testowo/layers/osiedla/edit/")
    assert answer.context["island"]["shares_borders"]
    editor = sign_in(Client(), make_user("e@a.example", "editor", gmina=gmina))
    assert editor.get("/staff/testowo/layers/osiedla/edit/").status_code == 403
    assert officer.get("/staff/testowo/layers/nie-ma/edit/").status_code == 404
