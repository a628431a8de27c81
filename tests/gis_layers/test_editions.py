"""Change sets: staged, published, discarded, taken back."""

import threading

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Gmina
from audit.models import Event
from gis_layers import editions
from gis_layers.errors import (
    ChangeDoesNotFit,
    EditionConflict,
    EditionNotStaged,
    EditionUnknown,
    ReportBlocksPublishing,
)
from gis_layers.models import AddressPoint, Edition, Feature, FeatureChange, Layer, LayerKind
from gis_layers.signals import edition_published
from tests.builders import (
    at,
    line,
    make_address,
    make_feature,
    make_gmina,
    make_layer,
    make_user,
    next_fid,
    publish,
    square,
)

pytestmark = pytest.mark.django_db
Op = FeatureChange.Op


@pytest.fixture
def layer() -> Layer:
    return make_layer(make_gmina(), "ulice", kind=LayerKind.STREET, geometry_type="line")


def change(op: str = Op.ADD, fid: int | None = None, *, x: float = 0, **fields) -> FeatureChange:
    """A change to a street 10 m long that starts at (x, 0)."""
    geom = None if op == Op.REMOVE else line((x, 0), (x + 10, 0))
    fields = {"name": f"Ulica {next_fid()}", "simc": "0144259", "geom": geom} | fields
    return FeatureChange(op=op, fid=fid or next_fid(), **fields)


def published(layer: Layer, *changes: FeatureChange) -> Edition:
    return publish(editions.stage(layer, changes, None, "test"))


def shown(layer: Layer) -> dict[int, Feature]:
    return {row.fid: row for row in Feature.objects.filter(layer=layer, until=None)}


def test_a_staged_edition_has_no_number_and_shows_nothing(layer):
    edition = editions.stage(layer, [change(name="Główna")], None, "test")
    assert (edition.state, edition.number, edition.base_number) == ("staged", None, 1)
    assert shown(layer) == {}


def test_publication_numbers_the_edition_and_raises_the_map_revision(layer):
    before = layer.gmina.revision
    edition = published(layer, change(name="Główna", search_name="glowna"))
    layer.refresh_from_db()
    assert edition.number == layer.edition_number == 2
    assert Gmina.objects.get(pk=layer.gmina_id).revision == before + 1
    assert [(row.name, row.search_name, row.since) for row in shown(layer).values()] == [
        ("Główna", "glowna", 2)
    ]


def test_publishing_a_national_layer_raises_every_gminas_revision():
    gminas = [make_gmina("a"), make_gmina("b")]
    national = make_layer(None, "gminy", kind=LayerKind.TERYT_UNIT, geometry_type="polygon")
    published(national, change(geom=square(0, 0, 10)))
    assert [Gmina.objects.get(pk=g.pk).revision for g in gminas] == [g.revision + 1 for g in gminas]


def test_replacing_keeps_the_fid_and_closes_the_old_row(layer):
    old = make_feature(layer, geom=line((0, 0), (10, 0)), name="Główna")
    published(layer, change(Op.REPLACE, old.fid, x=5, name="Główna"))
    rows = Feature.objects.filter(fid=old.fid).order_by("since")
    assert [(row.since, row.until) for row in rows] == [(1, 2), (2, None)]


def test_removing_closes_the_row(layer):
    old = make_feature(layer, geom=line((0, 0), (10, 0)))
    published(layer, change(Op.REMOVE, old.fid))
    assert shown(layer) == {}
    assert Feature.objects.get(fid=old.fid).until == 2


def test_address_points_are_published_from_their_attributes():
    layer = make_layer(make_gmina(), "adresy", kind=LayerKind.ADDRESS, geometry_type="point")
    attrs = {"ulic": "06012", "street_fid": 7, "number": "12a", "postcode": "41-500"}
    row = FeatureChange(op=Op.ADD, fid=next_fid(), simc="0938887", geom=at(1, 2), attrs=attrs)
    published(layer, row)
    address = AddressPoint.objects.get(layer=layer)
    assert (address.simc, address.ulic, address.street_fid, address.street_name) == (
        "0938887",
        "06012",
        7,
        "",
    )
    assert (address.number, address.postcode, address.geom.coords) == (
        "12a",
        "41-500",
        at(1, 2).coords,
    )


def test_an_edition_on_an_old_base_is_published_when_it_touches_other_features(layer):
    one, two = change(name="Jasna"), change(name="Ciemna")
    first = editions.stage(layer, [one], None, "first")
    second = editions.stage(layer, [two], None, "second")
    assert publish(second).number == 2
    assert publish(first).number == 3
    assert {row.name: row.since for row in shown(layer).values()} == {"Ciemna": 2, "Jasna": 3}


@pytest.mark.parametrize("newer", [Op.REPLACE, Op.REMOVE])
def test_an_edition_is_refused_when_a_newer_one_changed_its_feature(layer, newer):
    old = make_feature(layer, geom=line((0, 0), (10, 0)))
    stale = editions.stage(layer, [change(Op.REPLACE, old.fid, x=5)], None, "stale")
    published(layer, change(newer, old.fid, x=7))
    with pytest.raises(EditionConflict) as refused:
        editions.publish(stale, None)
    assert refused.value.details == {"count": 1, "fids": [old.fid]}
    layer.refresh_from_db()
    assert layer.edition_number == 2


def test_adding_a_feature_that_is_shown_is_refused(layer):
    old = make_feature(layer, geom=line((0, 0), (10, 0)))
    with pytest.raises(ChangeDoesNotFit):
        editions.stage(layer, [change(Op.ADD, old.fid)], None, "test")
    assert not Edition.objects.filter(layer=layer, state="staged").exists()


@pytest.mark.parametrize("op", [Op.REPLACE, Op.REMOVE])
def test_a_feature_of_another_layer_cannot_be_changed(layer, op):
    foreign = make_layer(make_gmina("obca"), "ulice", kind=LayerKind.STREET, geometry_type="line")
    theirs = make_feature(foreign, geom=line((0, 0), (10, 0)))
    with pytest.raises(ChangeDoesNotFit):
        editions.stage(layer, [change(op, theirs.fid)], None, "test")


def test_blocking_findings_block_publishing(layer):
    both = [change(code="0144259/06012"), change(x=50, code="0144259/06012")]
    edition = editions.stage(layer, both, None, "test")
    with pytest.raises(ReportBlocksPublishing) as refused:
        editions.publish(edition, None)
    assert refused.value.details == {"codes": "code_twice"}
    assert shown(layer) == {}


def test_a_discarded_edition_leaves_no_changes_and_cannot_be_published(layer):
    edition = editions.stage(layer, [change()], None, "test")
    assert editions.discard(edition, None).state == "discarded"
    assert FeatureChange.objects.count() == 0
    with pytest.raises(EditionNotStaged):
        editions.publish(edition, None)


def test_an_edition_is_published_once(layer):
    edition = published(layer, change())
    with pytest.raises(EditionNotStaged):
        editions.publish(edition, None)


def test_staging_and_publishing_are_audited_with_their_actor(layer):
    anna = make_user("anna@a.example", "gis", gmina=layer.gmina)
    publish(editions.stage(layer, [change()], anna, "ulice.geojson"), anna)
    acts = Event.objects.filter(gmina_id=layer.gmina_id).order_by("id")
    assert [(act.verb, act.actor) for act in acts] == [
        ("edition_staged", "anna@a.example"),
        ("edition_published", "anna@a.example"),
    ]


def test_a_receiver_that_fails_takes_the_publication_with_it(layer):
    def refuse(**_kwargs):
        raise RuntimeError("not re-attached")

    edition = editions.stage(layer, [change()], None, "test")
    edition_published.connect(refuse)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            editions.publish(edition, None)
    finally:
        edition_published.disconnect(refuse)
    edition.refresh_from_db()
    assert (edition.state, shown(layer)) == ("staged", {})


def test_a_layer_cannot_go_back_to_an_edition_it_never_had(layer):
    with pytest.raises(EditionUnknown):
        editions.revert_to(layer, 5, None)


def test_reverting_is_itself_an_edition_that_can_be_reverted(layer):
    old = make_feature(layer, geom=line((0, 0), (10, 0)), name="Główna")
    published(layer, change(Op.REMOVE, old.fid))
    back = editions.publish(editions.revert_to(layer, 1, None), None)
    assert back.number == 3
    assert [row.name for row in shown(layer).values()] == ["Główna"]
    editions.publish(editions.revert_to(layer, 2, None), None)
    assert shown(layer) == {}


def test_addresses_come_back_with_all_their_columns():
    gmina = make_gmina()
    old = make_address(gmina, "12a", at=at(1, 2), ulic="06012", postcode="41-500")
    gone = make_address(gmina, "7", at=at(3, 4), street_name="Osiedle Zacisze")
    attrs = {"number": "12b"}
    published(
        old.layer,
        FeatureChange(op=Op.REPLACE, fid=old.fid, simc=old.simc, geom=at(9, 9), attrs=attrs),
        FeatureChange(op=Op.REMOVE, fid=gone.fid),
        FeatureChange(op=Op.ADD, fid=next_fid(), simc=old.simc, geom=at(5, 5), attrs=attrs),
    )
    back = editions.roll_back(old.layer, 1, None)
    columns = ("fid", "simc", "ulic", "street_fid", "street_name", "number", "postcode", "geom")
    shown_now = AddressPoint.objects.filter(layer=old.layer, until=None).values_list(*columns)
    before = AddressPoint.objects.filter(layer=old.layer, since=1).values_list(*columns)
    assert set(shown_now) == set(before)
    assert back.summary == {"added": 1, "removed": 1, "moved": 1, "renamed": 1, "other": 1}


@pytest.mark.django_db(transaction=True)
def test_two_publications_at_once_get_two_numbers(layer):
    staged = [editions.stage(layer, [change(x=x)], None, "test") for x in (0, 90)]
    ready = threading.Barrier(2)
    numbers = []

    def run(edition):
        ready.wait()
        numbers.append(publish(edition).number)
        connection.close()

    threads = [threading.Thread(target=run, args=[edition]) for edition in staged]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [2, 3]


coordinate = st.floats(0, 10_000, allow_nan=False)
edits = st.lists(
    st.lists(st.tuples(st.sampled_from(list(Op)), st.integers(0, 4), coordinate), max_size=5),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits)
def test_every_earlier_edition_comes_back_exactly(layer, history):
    """Random editions, then back through all of them: the same fids with the same WKB."""
    with transaction.atomic():
        fids = [next_fid() for _ in range(5)]
        states = {1: {}}
        layer.refresh_from_db()
        for batch in history:
            present = shown(layer)
            by_fid = {fids[slot]: (op, x) for op, slot, x in batch}
            fitting = [
                change(op, fid, x=x)
                for fid, (op, x) in by_fid.items()
                if (op == Op.ADD) != (fid in present)
            ]
            number = published(layer, *fitting).number
            states[number] = {fid: row.geom.wkb for fid, row in shown(layer).items()}
        for number, state in states.items():
            editions.publish(editions.revert_to(layer, number, None), None)
            assert {fid: row.geom.wkb for fid, row in shown(layer).items()} == state
        transaction.set_rollback(True)
