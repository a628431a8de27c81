"""Layers made by hand and their settings: who may, what counts at once, what is refused."""

import json

import pytest
from django.test import Client

from accounts.models import Gmina
from audit.models import Event
from gis_layers import layer_settings
from gis_layers.errors import AddressesStayInside, LayerNotEmpty
from gis_layers.layer_forms import NewLayerForm, SettingsForm, initial, slug_of
from gis_layers.models import Layer
from tests.builders import (
    at,
    make_address,
    make_district,
    make_gmina,
    make_layer,
    make_user,
    sign_in,
    square,
)

pytestmark = pytest.mark.django_db
LAYERS = "/staff/testowo/layers/"


@pytest.fixture
def gmina() -> Gmina:
    gmina = make_gmina()
    make_district(gmina, "Stare", geom=square(3900, 3900, 400))
    return gmina


@pytest.fixture
def officer(gmina) -> Client:
    client = sign_in(Client(), make_user("anna@a.example", "gis", gmina=gmina))
    client.cookies["lang"] = "en"
    return client


def districts(gmina) -> Layer:
    return gmina.layers.get(slug="osiedla")


def filled(layer, **fields):
    """The settings form as a browser sends it, with some fields changed; False unticks a box."""
    form = SettingsForm(layer)
    values = {name: form.initial[name] for name in form.fields} | fields
    return {name: value for name, value in values.items() if value is not False}


def verbs(gmina):
    return list(
        Event.objects.filter(gmina_id=gmina.pk, target_kind="layer")
        .order_by("pk")
        .values_list("verb", flat=True)
    )


def revision_of(gmina):
    """As it is now: the gmina in hand still has that of the beginning."""
    return Gmina.objects.get(pk=gmina.pk).revision


def test_a_layer_is_made_empty_named_after_its_title_and_audited(gmina, officer):
    given = {"title_pl": "Strefy zasilania w wodę", "sort": "areas", "seen_by": "everybody"}
    answer = officer.post(LAYERS + "new/", given)
    assert answer["Location"] == LAYERS + "strefy-zasilania-w-wode/"
    made = gmina.layers.get(slug="strefy-zasilania-w-wode")
    assert (made.kind, made.geometry_type, made.public, made.edition_number) == (
        "custom",
        "polygon",
        True,
        0,
    )
    assert made.title_en == "Strefy zasilania w wodę"
    assert verbs(gmina) == ["layer_created"]
    assert "Strefy zasilania" in officer.get(LAYERS).content.decode()


def test_an_empty_layer_is_seen_by_gis_officers_only(gmina, officer):
    officer.post(
        LAYERS + "new/", {"title_pl": "Hydranty", "sort": "points", "seen_by": "everybody"}
    )
    editor = sign_in(Client(), make_user("b@a.example", "editor", gmina=gmina))
    assert "Hydranty" not in editor.get(LAYERS).content.decode()
    assert editor.get(LAYERS + "hydranty/").status_code == 404
    assert "hydranty" not in Client().get("/tiles/testowo/style.json").content.decode()


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("Osiedla", "a layer of this name already"),
        ("New", "makes no address"),  # layers/new/ is another page
        ("!!!", "makes no address"),
        ("x" * 81, "at most 80"),
        ("", "required"),
    ],
)
def test_a_title_that_makes_no_address_of_its_own_is_refused(gmina, officer, title, fault):
    before = gmina.layers.count()
    answer = officer.post(LAYERS + "new/", {"title_pl": title, "sort": "areas", "seen_by": "staff"})
    assert fault in answer.content.decode()
    assert gmina.layers.count() == before


def test_a_long_title_makes_a_short_slug():
    slug = slug_of("Gospodarka " * 7)
    assert len(slug) <= 40
    assert not slug.endswith("-")


def test_two_officers_who_take_one_name_get_one_layer(gmina, officer, monkeypatch):
    make_layer(gmina, "hydranty", kind="custom", geometry_type="point")
    monkeypatch.setattr(NewLayerForm, "clean_title_pl", lambda form: form.cleaned_data["title_pl"])
    answer = officer.post(
        LAYERS + "new/", {"title_pl": "Hydranty", "sort": "points", "seen_by": "staff"}
    )
    assert "a layer of this name already" in answer.content.decode()


def test_a_look_counts_at_once_in_the_style_and_leaves_the_tiles(gmina, officer):
    layer = districts(gmina)
    given = filled(layer, own_colour="on", colour="#aa0033", line="solid", width="3", fill="20")
    answer = officer.post(LAYERS + "osiedla/settings/", given)
    assert answer["Location"] == LAYERS + "osiedla/settings/"
    layer.refresh_from_db()
    assert layer.style == {"colour": "#aa0033", "line": "solid", "width": 3.0, "fill": 0.2}
    style = Client().get("/tiles/testowo/style.json").json()
    fill = next(part for part in style["layers"] if part["id"] == "osiedla:fill")
    assert fill["paint"] == {"fill-color": "#aa0033", "fill-opacity": 0.2}
    assert revision_of(gmina) == gmina.revision
    assert verbs(gmina) == ["layer_changed"]


def test_the_usual_look_is_kept_as_none(gmina, officer):
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), line="dashed"))
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), line="dotted"))
    assert districts(gmina).style == {}


@pytest.mark.parametrize("changed", [{"seen_by": "staff"}, {"min_zoom": "12"}, {"max_zoom": "14"}])
def test_what_changes_tiles_raises_the_revision(gmina, officer, changed):
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), **changed))
    assert revision_of(gmina) == gmina.revision + 1


def test_hiding_a_layer_is_audited_as_such(gmina, officer):
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), seen_by="staff"))
    assert verbs(gmina) == ["layer_changed", "layer_visibility_set"]
    assert "osiedla" not in Client().get("/tiles/testowo/style.json").content.decode()


def test_saving_what_is_there_already_changes_nothing(gmina, officer):
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), title_en="osiedla"))
    assert verbs(gmina) == []


@pytest.mark.parametrize(
    "field",
    [
        {"colour": "red"},
        {"colour": "#aa0033;}</style>"},
        {"colour": "", "own_colour": "on"},
        {"line": "wavy"},
        {"width": "1e9"},
        {"width": "nan"},
        {"fill": "81"},
        {"min_zoom": "15", "max_zoom": "9"},
        {"min_zoom": "-1"},
        {"position": "1000"},
        {"seen_by": "nobody"},
        {"title_pl": ""},
    ],
)
def test_odd_settings_are_refused_and_nothing_is_kept(gmina, officer, field):
    before = vars(districts(gmina))
    answer = officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), **field))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    after = vars(districts(gmina))
    assert {k: v for k, v in after.items() if k != "_state"} == {
        k: v for k, v in before.items() if k != "_state"
    }


def test_a_title_with_markup_is_shown_as_text(gmina, officer):
    title = "<script>alert(1)</script>"
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina), title_pl=title))
    page = officer.get(LAYERS + "osiedla/settings/").content.decode()
    assert title not in page
    assert "&lt;script&gt;" in page


def test_addresses_are_never_for_everybody(gmina, officer):
    make_address(gmina, "1", at=at(1, 1))
    layer = gmina.layers.get(slug="adresy")
    given = filled(layer) | {"seen_by": "everybody"}
    officer.post(LAYERS + "adresy/settings/", given)
    layer.refresh_from_db()
    assert not layer.public
    with pytest.raises(AddressesStayInside):
        layer_settings.change(layer, {"public": True}, None)


def test_each_sort_of_layer_is_asked_for_what_it_has(gmina):
    make_address(gmina, "1", at=at(1, 1))
    point = make_layer(gmina, "punkty", kind="custom", geometry_type="point")
    assert {"fill", "own_colour", "seen_by", "line"} <= set(SettingsForm(districts(gmina)).fields)
    assert not {"fill", "line", "own_colour"} & set(SettingsForm(point).fields)
    assert "seen_by" not in SettingsForm(gmina.layers.get(slug="adresy")).fields


def test_the_form_begins_with_what_is_drawn_now(gmina):
    for layer in gmina.layers.all():
        form = SettingsForm(layer, filled(layer))
        assert form.is_valid(), form.errors
        assert form.settings["style"] == layer.style
    assert initial(districts(gmina))["width"] == 1.2


def test_the_preview_is_the_style_that_saving_would_give(gmina, officer):
    given = filled(districts(gmina), own_colour="on", colour="#aa0033", line="solid")
    preview = officer.get(LAYERS + "osiedla/preview.json", given)
    assert preview["Cache-Control"] == "no-store"
    assert "#aa0033" not in officer.get("/tiles/testowo/staff/style.json").content.decode()
    officer.post(LAYERS + "osiedla/settings/", given)
    assert preview.json() == officer.get("/tiles/testowo/staff/style.json").json()


def test_a_preview_of_what_cannot_be_saved_names_the_faults(gmina, officer):
    answer = officer.get(LAYERS + "osiedla/preview.json", filled(districts(gmina), width="-1"))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["width"]


def test_only_an_empty_layer_can_be_removed(gmina, officer):
    officer.post(LAYERS + "new/", {"title_pl": "Hydranty", "sort": "points", "seen_by": "staff"})
    assert b"Remove this empty layer" in officer.get(LAYERS + "hydranty/settings/").content
    officer.post(LAYERS + "hydranty/settings/", {"act": "remove"})
    assert not gmina.layers.filter(slug="hydranty").exists()
    assert verbs(gmina)[-1] == "layer_removed"
    officer.post(LAYERS + "osiedla/settings/", {"act": "remove"})
    assert gmina.layers.filter(slug="osiedla").exists()
    with pytest.raises(LayerNotEmpty):
        layer_settings.remove(districts(gmina), None)


def test_settings_are_for_gis_officers_of_the_gmina_alone(gmina):
    other = make_gmina("inna")
    for user, status in (
        (make_user("b@a.example", "editor", gmina=gmina), 403),
        (make_user("c@b.example", "gis", gmina=other), 404),
    ):
        client = sign_in(Client(), user)
        for path in ("new/", "osiedla/settings/", "osiedla/preview.json"):
            assert client.get(LAYERS + path).status_code == status
            assert client.post(LAYERS + path).status_code == status
    assert Client().get(LAYERS + "new/").status_code == 302


def test_a_style_is_json_of_known_words_only(gmina, officer):
    officer.post(LAYERS + "osiedla/settings/", filled(districts(gmina)) | {"style": '{"x": 1}'})
    assert json.dumps(districts(gmina).style) == "{}"
