"""The pages of layers: what they list, to whom, and what they let a GIS officer do."""

import pytest
from django.test import Client

from audit.models import Event
from gis_layers import changesets, editions
from gis_layers.models import Edition, Feature, FeatureChange, LayerKind
from tests.builders import (
    line,
    make_feature,
    make_gmina,
    make_layer,
    make_street,
    make_user,
    next_fid,
    sign_in,
)

pytestmark = pytest.mark.django_db
LAYERS = "/staff/testowo/layers/"
Op = FeatureChange.Op


@pytest.fixture
def gmina():
    return make_gmina()


@pytest.fixture
def street(gmina):
    return make_street(gmina, "Główna", geom=line((0, 0), (10, 0)))


@pytest.fixture
def anna(gmina):
    """The GIS officer."""
    return make_user("anna@a.example", "gis", gmina=gmina)


@pytest.fixture
def bartek(gmina):
    """Reads layers, changes none."""
    return make_user("bartek@a.example", "editor", gmina=gmina)


def at_desk(user):
    """The user's browser, in English: the catalogues are tested elsewhere."""
    client = sign_in(Client(), user)
    client.cookies["lang"] = "en"
    return client


def page(user, path=""):
    answer = at_desk(user).get(LAYERS + path)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def staged(street, by, name="Jasna", source="zmiany.gpkg"):
    """The street under another name, 5 m farther north."""
    change = FeatureChange(
        op=Op.REPLACE, fid=street.fid, name=name, simc=street.simc, geom=line((0, 5), (10, 5))
    )
    return editions.stage(street.layer, [change], by, source)


def names(layer):
    return [row.name for row in Feature.objects.filter(layer=layer, until=None)]


def test_the_list_has_the_layers_with_their_features_and_what_waits(gmina, street, anna):
    staged(street, anna)
    html = page(anna)
    assert f'href="{LAYERS}ulice/"' in html
    assert "zmiany.gpkg" in html
    assert 'aria-current="page">Layers' in html


def test_who_reads_layers_sees_nothing_of_what_waits(street, anna, bartek):
    edition = staged(street, anna)
    assert "zmiany.gpkg" not in page(bartek)
    assert "zmiany.gpkg" not in page(bartek, "ulice/")
    assert at_desk(bartek).get(f"{LAYERS}editions/{edition.pk}/").status_code == 404
    editions.publish(edition, anna)
    assert "zmiany.gpkg" in page(bartek, f"editions/{edition.pk}/")


@pytest.mark.parametrize("path", ["ulice/", "editions/{edition}/"])
@pytest.mark.parametrize("act", ["publish", "schedule", "discard"])
def test_who_only_reads_changes_nothing(street, anna, bartek, path, act):
    edition = editions.publish(staged(street, anna), anna)
    url = LAYERS + path.format(edition=edition.pk)
    answer = at_desk(bartek).post(url, {"act": act, "number": "1", "reason": "tak"})
    assert answer.status_code == 403
    assert names(street.layer) == ["Jasna"]


def test_an_edition_of_another_gmina_is_not_there(street, anna):
    edition = staged(street, anna)
    celina = make_user("celina@b.example", "gis", gmina=make_gmina("drugie"))
    url = f"/staff/drugie/layers/editions/{edition.pk}/"
    assert at_desk(celina).get(url).status_code == 404
    assert at_desk(celina).post(url, {"act": "discard"}).status_code == 404


def test_publishing_says_who_and_why_in_the_history(street, anna):
    edition = staged(street, anna)
    url = f"{LAYERS}editions/{edition.pk}/"
    answer = at_desk(anna).post(url, {"act": "publish", "reason": "Uchwała XII/3"}, follow=True)
    assert "Published." in answer.content.decode()
    assert names(street.layer) == ["Jasna"]
    html = page(anna, "ulice/")
    assert "Uchwała XII/3" in html
    assert "Anna" in html


@pytest.mark.parametrize("reason", ["", "   ", "a" * 301])
def test_nothing_is_published_without_a_reason(street, anna, reason):
    edition = staged(street, anna)
    url = f"{LAYERS}editions/{edition.pk}/"
    answer = at_desk(anna).post(url, {"act": "publish", "reason": reason}, follow=True)
    assert "Say in one sentence why the map changes" in answer.content.decode()
    assert names(street.layer) == ["Główna"]


def test_a_refused_publication_says_why_and_changes_nothing(street, anna):
    mine, theirs = staged(street, anna), staged(street, anna, "Ciemna")
    editions.publish(theirs, anna)
    url = f"{LAYERS}editions/{mine.pk}/"
    answer = at_desk(anna).post(url, {"act": "publish", "reason": "Nowa nazwa"}, follow=True)
    assert "changed by a newer edition" in answer.content.decode()
    assert names(street.layer) == ["Ciemna"]


def test_one_click_brings_an_earlier_state_back_as_a_new_edition(street, anna):
    editions.publish(staged(street, anna), anna)
    answer = at_desk(anna).post(f"{LAYERS}ulice/", {"number": "1"}, follow=True)
    html = answer.content.decode()
    assert "Brought back at" in html
    assert "back to the state of 1 January 2026" in html
    assert names(street.layer) == ["Główna"]
    later = Edition.objects.filter(layer=street.layer, number__gt=1).order_by("number")
    assert [edition.number for edition in later] == [2, 3]


@pytest.mark.parametrize("number", ["", "-1", "7", "x", "9" * 30])
def test_a_state_that_never_was_is_not_brought_back(street, anna, number):
    editions.publish(staged(street, anna), anna)
    at_desk(anna).post(f"{LAYERS}ulice/", {"number": number})
    assert names(street.layer) == ["Jasna"]


def test_thrown_away_changes_lead_back_to_the_layer(street, anna):
    edition = staged(street, anna)
    url = f"{LAYERS}editions/{edition.pk}/"
    assert at_desk(anna).post(url, {"act": "discard"}).url == f"{LAYERS}ulice/"
    assert at_desk(anna).get(url).status_code == 404
    assert not FeatureChange.objects.exists()


def test_an_act_that_does_not_exist_does_nothing(street, anna):
    edition = staged(street, anna)
    at_desk(anna).post(f"{LAYERS}editions/{edition.pk}/", {"act": "explode"})
    edition.refresh_from_db()
    assert edition.state == Edition.State.STAGED


def test_a_layer_without_any_edition_is_shown_to_gis_officers_only(gmina, anna, bartek):
    layer = make_layer(gmina, "nowa", kind=LayerKind.CUSTOM, geometry_type="line")
    Edition.objects.filter(layer=layer).delete()
    type(layer).objects.filter(pk=layer.pk).update(edition_number=0)
    assert "Nothing has been published yet" in page(anna, "nowa/")
    assert at_desk(bartek).get(f"{LAYERS}nowa/").status_code == 404


def test_the_words_of_a_file_are_no_html(street, anna):
    edition = staged(street, anna, source="<script>alert(1)</script>.gpkg")
    assert "<script>alert(1)" not in page(anna, f"editions/{edition.pk}/")


def test_planning_a_day_is_audited_and_can_be_taken_back(street, anna):
    edition = staged(street, anna)
    url = f"{LAYERS}editions/{edition.pk}/"
    plan = {"act": "schedule", "reason": "Nowe osiedle", "publish_on": "2999-01-01"}
    assert "1 January 2999" in at_desk(anna).post(url, plan, follow=True).content.decode()
    at_desk(anna).post(url, {"act": "unschedule"})
    edition.refresh_from_db()
    assert (edition.publish_on, edition.state) == (None, "staged")
    verbs = Event.objects.filter(target_id=str(edition.pk)).order_by("id")
    assert [act.verb for act in verbs][1:] == ["edition_scheduled", "edition_unscheduled"]


def test_new_features_of_a_first_edition_are_listed_by_their_layer(gmina, anna):
    layer = make_layer(gmina, "hydranty", kind=LayerKind.CUSTOM, geometry_type="line")
    make_feature(layer, geom=line((0, 0), (1, 0)))
    add = FeatureChange(op=Op.ADD, fid=next_fid(), geom=line((0, 0), (10, 0)))
    editions.stage(layer, [add], anna, "")
    assert "hydranty: changes" in page(anna)


def test_what_was_done_by_hand_is_told_step_by_step(street, anna):
    edition = changesets.open_changeset(street.layer, anna)
    _state, etag = changesets.state_of(edition, street.fid)
    common = {"geom": street.geom, "by": anna}
    changesets.put(edition, street.fid, name="Jasna", expected=etag, **common)
    changesets.put(edition, None, name="Nowa", expected=None, **common)
    changesets.undo(edition, anna)
    html = page(anna, f"editions/{edition.pk}/")
    assert html.count("Anna: changed (1 feature)") == 2
    assert html.count("(taken back)") == 1


def test_what_is_planned_is_not_edited_on_the_map(street, anna):
    edition = staged(street, anna)
    assert "Edit on the map" in page(anna, f"editions/{edition.pk}/")
    Edition.objects.filter(pk=edition.pk).update(publish_on="2999-01-01")
    assert "Edit on the map" not in page(anna, f"editions/{edition.pk}/")
