"""The gmina's map as a MapLibre style: valid, the tokens' colours, nothing that is not for all."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from gis_layers.looks import Line, Look, look_of, style_of, usual_look
from gis_layers.map_style import PALETTES, map_style
from gis_layers.models import Layer
from gis_layers.revisions import raise_revision
from gis_layers.tile_answer import Wish, tile_answer
from gis_layers.tiles import Tileset
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
from tests.gis_layers.test_tiles import tile_of

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
TOKENS = FRONTEND / "shared" / "ui" / "tokens.css"
# Palette's names that are called otherwise among the tokens.
TOKEN_NAMES = {"edge": "--line-strong", "casing": "--surface"}


@pytest.fixture
def gmina(db):
    gmina = make_gmina("testowo")
    make_street(gmina, "Główna", geom=line((4000, 4000), (4100, 4050)))
    make_district(gmina, "Stare", geom=square(3900, 3900, 400))
    make_address(gmina, "12", at=at(4050, 4010))
    for geometry_type in Layer.GeometryType.values:
        make_layer(gmina, f"wlasne-{geometry_type}", kind="custom", geometry_type=geometry_type)
    return gmina


def style_parts(gmina, tileset=Tileset.STAFF, **options):
    style = map_style(gmina, tileset, tilejson_url="https://example.org/t.json", **options)
    return {part["id"]: part for part in style["layers"]}


def paint(layer, **look):
    layer.style = style_of(layer, Look(**look))
    layer.save()


def validated(*styles):
    """Faults that MapLibre's own validator finds in the styles."""
    script = (
        "import {validateStyleMin} from '@maplibre/maplibre-gl-style-spec';"
        "import {readFileSync} from 'node:fs';"
        "const styles = JSON.parse(readFileSync(0));"
        "console.log(JSON.stringify(styles.flatMap((s) => validateStyleMin(s).map(String))));"
    )
    node = ["node", "--input-type=module", "--eval", script]
    found = subprocess.run(
        node, cwd=FRONTEND, input=json.dumps(styles), capture_output=True, text=True, check=True
    )
    return json.loads(found.stdout)


def test_every_look_makes_a_style_that_maplibre_accepts(gmina):
    styles = []
    for kind_of_line in Line.values:
        for colour in ("", "#aa0033"):
            for layer in gmina.layers.all():
                paint(layer, colour=colour, line=kind_of_line, width=3.5, fill=0.4, label=True)
            styles.append(
                map_style(gmina, Tileset.STAFF, tilejson_url="https://example.org/t.json")
            )
    assert validated(*styles) == []
    assert validated(styles[0] | {"version": 7})  # the validator does look


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_palettes_are_the_pages_tokens(scheme):
    light, _, dark = TOKENS.read_text(encoding="utf-8").partition("@media (prefers-color-scheme")
    tokens = dict(re.findall(r"(--[a-z-]+):\s*(#[0-9a-f]{6})", dark if scheme == "dark" else light))
    for name, colour in vars(PALETTES[scheme]).items():
        token = TOKEN_NAMES.get(name, f"--map-{name.replace('_', '-')}")
        assert (name, tokens[token]) == (name, colour)


def test_a_layer_without_a_look_follows_the_scheme_and_one_with_a_colour_keeps_it(gmina):
    paint(gmina.layers.get(slug="osiedla"), colour="#aa0033", line="solid", width=2, fill=0.2)
    light, dark = style_parts(gmina), style_parts(gmina, scheme="dark")
    for part in ("osiedla:fill", "osiedla:line"):
        assert light[part]["paint"] == dark[part]["paint"]
    assert light["ulice:line"]["paint"] != dark["ulice:line"]["paint"]
    assert dark["land"]["paint"]["fill-color"] == PALETTES["dark"].land


def test_the_public_style_names_public_layers_only(gmina):
    sources = {part.get("source-layer") for part in style_parts(gmina, Tileset.PUBLIC).values()}
    assert sources == {None, "ulice", "osiedla:label", "osiedla"}


def test_without_a_public_outline_everything_is_land(gmina):
    ground = style_parts(gmina, Tileset.PUBLIC)["outside"]
    assert ground["paint"]["background-color"] == PALETTES["light"].land


def test_a_higher_layer_is_drawn_above_a_lower_one_and_names_above_all(gmina):
    low = make_layer(gmina, "a-niska", kind="custom", geometry_type="polygon", position=1)
    high = make_layer(gmina, "b-wysoka", kind="custom", geometry_type="polygon", position=2)
    low.position, high.position = 5, 2
    low.save()
    high.save()
    order = list(style_parts(gmina))
    assert order.index("b-wysoka:fill") < order.index("a-niska:fill") < order.index("ulice:line")
    kinds = [part["type"] for part in style_parts(gmina).values()]
    assert "symbol" not in kinds[: kinds.index("symbol")]
    assert set(kinds[kinds.index("symbol") :]) == {"symbol"}


def test_a_layer_is_drawn_at_its_zooms_and_from_its_deepest_tile_on(gmina):
    layer = gmina.layers.get(slug="wlasne-line")
    layer.min_zoom, layer.max_zoom = 10, 13
    layer.save()
    parts = style_parts(gmina)
    assert (parts["wlasne-line:line"]["minzoom"], parts["wlasne-line:line"]["maxzoom"]) == (10, 14)
    assert "maxzoom" not in parts["ulice:line"]
    assert parts["adresy:point"]["minzoom"] == 16


def test_no_line_no_fill_and_no_names_leave_nothing_to_draw(gmina):
    paint(gmina.layers.get(slug="osiedla"), line="none", fill=0, label=False)
    assert not [part for part in style_parts(gmina) if part.startswith("osiedla:")]


def test_only_what_differs_from_the_usual_is_kept(gmina):
    layer = gmina.layers.get(slug="ulice")
    assert style_of(layer, usual_look(layer)) == {}
    paint(layer, line="solid", width=6)
    assert layer.style == {"width": 6}
    assert look_of(layer).line == "solid"


def test_the_style_is_open_to_any_page_and_fresh(gmina, client):
    answer = client.get("/tiles/testowo/style.json?scheme=dark")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert answer["Access-Control-Allow-Origin"] == "*"
    style = answer.json()
    assert style["layers"][0]["paint"]["background-color"] == PALETTES["dark"].land
    tilejson = client.get(style["sources"]["gmina"]["url"])
    assert tilejson["Access-Control-Allow-Origin"] == "*"
    assert tilejson.json()["name"] == gmina.name


def test_an_unknown_scheme_is_light_and_an_unknown_gmina_is_404(gmina, client):
    light = client.get("/tiles/testowo/style.json").content
    assert client.get("/tiles/testowo/style.json?scheme=%3Cscript%3E").content == light
    assert client.get("/tiles/nigdzie/style.json").status_code == 404
    assert client.post("/tiles/testowo/style.json").status_code == 405


def test_the_staff_style_is_for_those_who_read_layers(gmina, client):
    sign_in(client, make_user("anna@example.org", "editor", gmina=gmina))
    answer = client.get("/tiles/testowo/staff/style.json")
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Access-Control-Allow-Origin" not in answer
    assert "wlasne-polygon" in {part.get("source-layer") for part in answer.json()["layers"]}
    assert answer.json()["sources"]["gmina"]["url"].endswith("/tiles/testowo/staff.json")


def test_the_style_tells_nobody_about_a_feature(gmina):
    """Names and codes are in the tiles only, behind their own rights."""
    make_feature(gmina.layers.get(slug="wlasne-point"), geom=at(1, 1), name="Tajny hydrant")
    style = map_style(gmina, Tileset.STAFF, tilejson_url="https://example.org/t.json")
    assert "Tajny" not in json.dumps(style, ensure_ascii=False)


def test_other_sites_pages_may_read_public_tiles_and_no_staff_ones(gmina):
    raise_revision([gmina])
    gmina.refresh_from_db()
    zxy = tile_of(at(4100, 4020), 15)
    public, staff = (
        tile_answer(gmina.slug, tileset, gmina.revision, *zxy, Wish()).headers
        for tileset in Tileset
    )
    assert public["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in staff
