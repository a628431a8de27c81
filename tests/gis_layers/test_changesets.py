"""Change sets by hand: what they show, whom they refuse, and the way back."""

import threading
from math import inf

import pytest
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from gis_layers import changesets, editions
from gis_layers.content import ATTRS_MAX
from gis_layers.errors import (
    EditionConflict,
    EditionNotStaged,
    EditionPlanned,
    FeatureUnknown,
    GeometryRefused,
    NothingToUndo,
    OutsideCountry,
    TextRefused,
    VersionStale,
)
from gis_layers.models import AddressPoint, Edition, Feature, Layer, LayerKind, StepState
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
    replacing,
    square,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return make_user("anna@example.org")


@pytest.fixture
def bartek() -> User:
    return make_user("bartek@example.org")


@pytest.fixture
def district() -> Feature:
    return make_district(make_gmina(), "Centrum", geom=square(0, 0, 100))


@pytest.fixture
def edition(district, anna) -> Edition:
    return changesets.open_changeset(district.layer, anna)


def put(edition: Edition, fid: int | None, by: User | None = None, **fields) -> int:
    """Put a district; its former content where nothing else is said."""
    now = {"name": "Nowe", "geom": square(200, 0, 100), "expected": None}
    if fid is not None:
        content = changesets.state_of(edition, fid)[0].content
        now |= {"name": content.name, "geom": content.geom}
    return changesets.put(edition, fid, by=by, **(now | fields)).fid


def names(edition: Edition) -> dict[int, str]:
    return {state.fid: state.content.name for state in changesets.shown(edition)}


def test_one_change_set_is_open_for_all_officers_until_it_is_published(edition, bartek):
    assert changesets.open_changeset(edition.layer, bartek) == edition
    editions.publish(edition, bartek)
    assert changesets.open_changeset(edition.layer, bartek) != edition


def test_nothing_published_changes_while_the_change_set_grows(edition, district):
    new = put(edition, None)
    put(edition, district.fid, name="Śródmieście")
    assert names(edition) == {district.fid: "Śródmieście", new: "Nowe"}
    assert [row.name for row in Feature.objects.filter(layer=edition.layer)] == ["Centrum"]


def test_publishing_makes_the_layer_show_what_the_change_set_showed(edition, district):
    new = put(edition, None)
    changesets.remove(edition, district.fid, None, None)
    expected = names(edition)
    editions.publish(edition, None)
    rows = Feature.objects.filter(layer=edition.layer, until=None)
    assert {row.fid: row.name for row in rows} == expected == {new: "Nowe"}
    assert rows[0].search_name == "nowe"


def test_a_change_meant_for_an_older_state_is_refused_and_names_who_was_quicker(
    edition, district, anna, bartek
):
    _state, seen = changesets.state_of(edition, district.fid)
    put(edition, district.fid, anna, name="Stare Miasto", expected=seen)
    with pytest.raises(VersionStale) as refused:
        put(edition, district.fid, bartek, name="Rynek", expected=seen)
    told = refused.value.details
    assert (told["name"], told["who"], told["fid"]) == ("Stare Miasto", "Anna", district.fid)
    assert names(edition) == {district.fid: "Stare Miasto"}


def test_a_feature_published_meanwhile_is_another_state(edition, district, bartek):
    _state, seen = changesets.state_of(edition, district.fid)
    other = editions.stage(edition.layer, [replacing(district)], bartek, "plik")
    editions.publish(other, bartek)
    with pytest.raises(VersionStale) as refused:
        changesets.remove(edition, district.fid, None, seen)
    assert refused.value.details["who"] == "Bartek"


def test_a_change_made_in_sight_of_a_newer_publication_can_be_published(edition, district):
    put(edition, district.fid, name="Rynek")
    rival = replacing(district)
    editions.publish(editions.stage(edition.layer, [rival], None, "plik"), None)
    with pytest.raises(EditionConflict):
        editions.publish(edition, None)
    _state, seen = changesets.state_of(edition, district.fid)
    put(edition, district.fid, name="Rynek Główny", expected=seen)
    editions.publish(edition, None)
    assert Feature.objects.get(layer=edition.layer, until=None).name == "Rynek Główny"


def test_a_removed_feature_is_unknown_and_whoever_still_saw_it_is_told(edition, district, anna):
    _state, seen = changesets.state_of(edition, district.fid)
    changesets.remove(edition, district.fid, anna, seen)
    with pytest.raises(FeatureUnknown):
        changesets.state_of(edition, district.fid)
    with pytest.raises(VersionStale) as refused:
        changesets.remove(edition, district.fid, None, seen)
    assert refused.value.details["who"] == "Anna"


def test_a_feature_of_another_layer_is_unknown(edition, district):
    street = make_street(district.layer.gmina, "Główna", geom=line((0, 0), (10, 0)))
    with pytest.raises(FeatureUnknown):
        changesets.remove(edition, street.fid, None, None)


def test_a_feature_put_back_as_it_is_published_is_no_change(edition, district):
    put(edition, district.fid, name="Rynek")
    nearly = square(0.0004, 0, 100)  # degrees come rounded
    put(edition, district.fid, name="Centrum", geom=nearly)
    assert not edition.changes.exists()
    assert changesets.state_of(edition, district.fid)[0].op == ""


def test_removing_what_the_change_set_added_leaves_no_trace_in_it(edition):
    changesets.remove(edition, put(edition, None), None, None)
    assert not edition.changes.exists()


def test_a_published_change_set_takes_no_more_changes(edition, district):
    editions.publish(edition, None)
    with pytest.raises(EditionNotStaged):
        changesets.remove(edition, district.fid, None, None)


def test_what_is_planned_for_a_day_stays_as_it_was_agreed(edition, district, anna):
    put(edition, district.fid, anna, name="Rynek")
    Edition.objects.filter(pk=edition.pk).update(publish_on="2099-01-01")
    for change in (lambda: put(edition, None, anna), lambda: changesets.undo(edition, anna)):
        with pytest.raises(EditionPlanned):
            change()
    assert changesets.open_changeset(edition.layer, anna) != edition


def test_undo_brings_each_state_back_to_the_bit_and_redo_repeats_it(edition, district, anna):
    original = changesets.state_of(edition, district.fid)
    put(edition, district.fid, anna, geom=square(0, 0, 120))
    moved = edition.changes.get().geom
    changesets.remove(edition, district.fid, anna, None)
    assert changesets.undo(edition, anna) == [district.fid]
    assert edition.changes.get().geom.equals_exact(moved)
    changesets.undo(edition, anna)
    assert changesets.state_of(edition, district.fid) == original
    changesets.redo(edition, anna)
    assert edition.changes.get().geom.equals_exact(moved)
    changesets.redo(edition, anna)
    assert names(edition) == {}
    with pytest.raises(NothingToUndo):
        changesets.redo(edition, anna)


def test_each_takes_back_their_own_steps_and_none_that_another_built_on(
    edition, district, anna, bartek
):
    put(edition, district.fid, anna, name="Rynek")
    new = put(edition, None, bartek)
    put(edition, district.fid, bartek, name="Stare Miasto")
    with pytest.raises(VersionStale) as refused:
        changesets.undo(edition, anna)
    assert refused.value.details["who"] == "Bartek"
    changesets.undo(edition, bartek)
    changesets.undo(edition, anna)
    assert names(edition) == {district.fid: "Centrum", new: "Nowe"}


def test_a_new_step_ends_what_could_be_done_again(edition, district, anna):
    put(edition, district.fid, anna, name="Rynek")
    changesets.undo(edition, anna)
    put(edition, district.fid, anna, name="Stare Miasto")
    with pytest.raises(NothingToUndo):
        changesets.redo(edition, anna)


def test_publishing_keeps_who_did_what_and_drops_the_way_back(edition, district, anna):
    put(edition, district.fid, anna, name="Rynek")
    editions.publish(edition, None)
    assert [(row.by_id, row.fids) for row in edition.steps.all()] == [(anna.pk, [district.fid])]
    assert not StepState.objects.exists()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(["add", "rename", "remove", "undo", "redo"]), max_size=8))
def test_undoing_everything_leaves_the_published_layer(anna, acts):
    layer = make_layer(
        None, f"l{Layer.objects.count()}", kind=LayerKind.DISTRICT, geometry_type="polygon"
    )
    feature = make_feature(layer, geom=square(0, 0, 10), name="A")
    edition = changesets.open_changeset(layer, anna)
    for n, act in enumerate(acts):
        fids = sorted(names(edition))
        try:
            if act == "add":
                put(edition, None, anna)
            elif act == "rename" and fids:
                put(edition, fids[0], anna, name=f"N{n}")
            elif act == "remove" and fids:
                changesets.remove(edition, fids[-1], anna, None)
            elif act in ("undo", "redo"):
                getattr(changesets, act)(edition, anna)
        except NothingToUndo:
            continue
    while edition.steps.filter(undone=False).exists():
        changesets.undo(edition, anna)
    assert not edition.changes.exists()
    assert names(edition) == {feature.fid: "A"}


def test_shown_reads_only_what_touches_a_box(edition, district):
    far = put(edition, None, geom=square(5_000, 5_000, 10))
    box = square(4_990, 4_990, 50)
    assert [state.fid for state in changesets.shown(edition, box)] == [far]


def test_an_address_keeps_its_columns(anna):
    gmina = make_gmina()
    street = make_street(gmina, "Główna", geom=line((0, 0), (10, 0)))
    address = make_address(gmina, "7", at=at(1, 1), street=street)
    edition = changesets.open_changeset(address.layer, anna)
    content = changesets.state_of(edition, address.fid)[0].content
    attrs = {**content.attrs, "number": "7a"}
    changesets.put(
        edition, address.fid, attrs=attrs, simc="0144259", geom=at(2, 1), by=anna, expected=None
    )
    editions.publish(edition, anna)
    now = AddressPoint.objects.get(fid=address.fid, until=None)
    assert (now.number, now.street_fid, now.geom.coords) == ("7a", street.fid, at(2, 1).coords)


BOWTIE = Polygon([at(*p).coords for p in [(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]], srid=2180)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"name": ""}, TextRefused),
        ({"name": "x" * 201}, TextRefused),
        ({"name": "a\x00b"}, TextRefused),
        ({"simc": "1234567"}, TextRefused),
        ({"attrs": {"n": float("nan")}}, TextRefused),
        ({"attrs": {"n": [1]}}, TextRefused),
        ({"attrs": {str(n): 1 for n in range(ATTRS_MAX + 1)}}, TextRefused),
        ({"geom": BOWTIE}, GeometryRefused),
        ({"geom": Polygon(srid=2180)}, GeometryRefused),
        ({"geom": at(0, 0)}, GeometryRefused),
        ({"geom": GEOSGeometry("POLYGON((0 0,0 1,1 1,0 0))", srid=4326)}, OutsideCountry),
        ({"geom": Polygon([(0, 0), (0, inf), (1, 1), (0, 0)], srid=2180)}, OutsideCountry),
    ],
)
def test_what_cannot_be_kept_is_refused_and_changes_nothing(edition, fields, refusal):
    with pytest.raises(refusal):
        put(edition, None, **fields)
    assert not edition.changes.exists()
    assert not edition.steps.exists()


def test_heights_are_dropped_and_a_multi_shape_of_one_part_is_single(edition):
    high = GEOSGeometry(
        "MULTIPOLYGON Z(((500000 270000 5,500000 270010 5,500010 270010 5,500000 270000 5)))",
        srid=2180,
    )
    put(edition, None, geom=high)
    kept = edition.changes.get().geom
    assert (kept.geom_type, kept.hasz) == ("Polygon", False)


@pytest.mark.parametrize(("code", "simc"), [("0005678/1", ""), ("x/00001", ""), ("0000001", "")])
def test_a_streets_code_is_simc_and_sym_ul(code, simc, anna):
    layer = make_layer(make_gmina(), "ulice", kind=LayerKind.STREET, geometry_type="line")
    edition = changesets.open_changeset(layer, anna)
    with pytest.raises(TextRefused):
        put(edition, None, code=code, simc=simc, geom=line((0, 0), (5, 0)))


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_of_them_is_refused(anna, bartek):
    district = make_district(make_gmina(), "Centrum", geom=square(0, 0, 100))
    edition = changesets.open_changeset(district.layer, anna)
    _state, seen = changesets.state_of(edition, district.fid)
    start, outcomes = threading.Barrier(2), []

    def change(by: User) -> None:
        start.wait()
        try:
            put(edition, district.fid, by, name=by.name, expected=seen)
            outcomes.append("kept")
        except VersionStale as refused:
            outcomes.append(refused.details["who"])
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=[by]) for by in (anna, bartek)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = edition.changes.get().name
    assert sorted(outcomes) == sorted(["kept", winner])
