"""What an edition changes: kinds, names, metres, conflicts."""

import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gis_layers import diff, editions
from gis_layers.difference_kinds import count
from gis_layers.hausdorff import hausdorff_m
from gis_layers.models import FeatureChange
from tests.builders import (
    at,
    line,
    make_address,
    make_district,
    make_gmina,
    make_locality,
    make_street,
    make_user,
    next_fid,
    publish,
    replacing,
    sign_in,
    square,
)

Op = FeatureChange.Op
database = pytest.mark.django_db


def staged(layer, *changes):
    return editions.stage(layer, changes, None, "test")


def listed(edition, kind=""):
    return diff.rows(edition, kind, after=0, limit=100)


@pytest.fixture
def gmina(db):
    return make_gmina()


@pytest.fixture
def streets(gmina):
    return [
        make_street(gmina, name, geom=line((0, y), (100, y)))
        for y, name in enumerate(["Jasna", "Ciemna", "Krótka", "Długa"])
    ]


@pytest.fixture
def edition(streets):
    """Each kind of change once, and one change that is two kinds at once."""
    jasna, ciemna, krotka, dluga = streets
    return staged(
        jasna.layer,
        FeatureChange(op=Op.ADD, fid=next_fid(), name="Nowa", geom=line((0, 50), (9, 50))),
        FeatureChange(op=Op.REMOVE, fid=jasna.fid),
        replacing(ciemna, name="Aleja Jasna", geom=line((0, 1), (100, 31))),
        replacing(krotka, name="Krótsza"),
        replacing(dluga, attrs={"class": "main"}),
    )


def test_changes_are_counted_by_all_that_they_do(edition):
    assert count(edition) == {"added": 1, "removed": 1, "moved": 1, "renamed": 2, "other": 1}


def test_the_list_says_what_each_change_does_and_how_far_a_shape_moved(edition):
    rows = listed(edition)
    assert [(row.kinds, row.label_before, row.label) for row in rows] == [
        (["added"], "", "ul. Nowa"),
        (["removed"], "", "ul. Jasna"),
        (["moved", "renamed"], "ul. Ciemna", "al. Jasna"),
        (["renamed"], "ul. Krótka", "ul. Krótsza"),
        (["other"], "", "ul. Długa"),
    ]
    assert [row.hausdorff_m for row in rows] == [None, None, pytest.approx(30), None, None]


def test_the_list_is_asked_for_by_kind_and_in_pieces(edition):
    assert [row.label for row in listed(edition, "renamed")] == ["al. Jasna", "ul. Krótsza"]
    first, second = diff.rows(edition, "", after=0, limit=2)
    assert [row.label for row in diff.rows(edition, "", after=second.id, limit=1)] == ["al. Jasna"]
    assert first.id < second.id


def test_publishing_keeps_the_counts_and_the_list_stays_the_same(edition):
    before = listed(edition)
    published = publish(edition)
    assert published.summary == {"added": 1, "removed": 1, "moved": 1, "renamed": 2, "other": 1}
    assert listed(published) == before
    publish(staged(edition.layer, FeatureChange(op=Op.REMOVE, fid=before[3].fid)))
    assert listed(published) == before


def test_a_replacement_by_the_same_is_of_no_kind(streets):
    edition = staged(streets[0].layer, replacing(streets[0]))
    assert count(edition) == {}
    assert [row.kinds for row in listed(edition)] == [[]]


def test_a_change_of_what_a_newer_edition_changed_is_marked(streets):
    mine = staged(
        streets[0].layer, replacing(streets[0], name="A"), replacing(streets[1], name="B")
    )
    assert diff.conflicts(mine) == []
    publish(staged(streets[0].layer, replacing(streets[0], name="C")))
    assert diff.conflicts(mine) == [streets[0].fid]
    assert [row.label for row in listed(mine, diff.CONFLICT)] == ["ul. A"]
    assert listed(mine)[0].kinds == ["renamed", "conflict"]
    # Seen against what is shown now.
    assert listed(mine)[0].label_before == "ul. C"


def test_addresses_are_called_by_street_and_number_or_by_locality(gmina, streets):
    make_locality(gmina, "Kowale", "0000001")
    point = make_address(gmina, "12", at=at(5, 5), street=streets[0])
    attrs = {"street_fid": streets[0].fid, "street_name": "", "ulic": "", "postcode": ""}
    common = {"simc": "0000001", "op": Op.REPLACE}
    edition = staged(
        point.layer,
        FeatureChange(fid=point.fid, geom=at(8, 9), attrs=attrs | {"number": "12a"}, **common),
        FeatureChange(
            op=Op.ADD, fid=next_fid(), simc="0000001", geom=at(0, 0), attrs={"number": "7"}
        ),
    )
    moved, added = listed(edition)
    assert (moved.label_before, moved.label) == ("Jasna 12", "Jasna 12a")
    assert (moved.kinds, moved.hausdorff_m) == (["moved", "renamed"], pytest.approx(5))
    assert (added.label, added.kinds) == ("Kowale 7", ["added"])


def test_an_address_that_goes_to_another_street_is_another_attribute(gmina, streets):
    point = make_address(gmina, "12", at=at(5, 5), street=streets[0])
    attrs = {"street_fid": streets[1].fid, "number": "12"}
    change = FeatureChange(
        op=Op.REPLACE, fid=point.fid, simc=point.simc, geom=at(5, 5), attrs=attrs
    )
    assert count(staged(point.layer, change)) == {"other": 1}


def test_the_box_is_around_old_and_new_shapes(gmina):
    district = make_district(gmina, "Rynek", geom=square(0, 0, 100))
    edition = staged(district.layer, replacing(district, geom=square(900, 0, 100)))
    west, south, east, north = diff.extent(edition)
    box = at(0, 0).transform(4326, clone=True), at(1000, 100).transform(4326, clone=True)
    assert (west, east) == (pytest.approx(box[0].x, abs=1e-5), pytest.approx(box[1].x, abs=1e-5))
    assert (south, north) == (pytest.approx(box[0].y, abs=1e-5), pytest.approx(box[1].y, abs=1e-5))
    assert diff.extent(staged(district.layer)) is None


def ask(user, gmina, edition, query=""):
    url = f"/api/v1/gminas/{gmina.slug}/editions/{edition.pk}/differences{query}"
    return sign_in(Client(), user).get(url)


@pytest.fixture
def anna(gmina):
    return make_user("anna@a.example", "gis", gmina=gmina)


def test_the_answer_has_counts_rows_and_where_to_go_on(gmina, anna, edition, monkeypatch):
    monkeypatch.setattr("gis_layers.edition_api.ROWS", 2)
    first = ask(anna, gmina, edition).json()
    assert len(first["rows"]) == 2
    assert (first["overview"]["counts"]["renamed"], first["overview"]["total"]) == (2, 5)
    last = ask(anna, gmina, edition, f"?after={first['next']}&kind=other").json()
    assert ([row["label"] for row in last["rows"]], last["next"]) == (["ul. Długa"], None)
    assert last["overview"] is None


@pytest.mark.parametrize("query", ["?kind=x", "?after=-1", "?after=x"])
def test_nonsense_is_refused(gmina, anna, edition, query):
    assert ask(anna, gmina, edition, query).status_code == 400


def test_what_is_not_published_is_seen_by_gis_officers_only(gmina, edition):
    bartek = make_user("bartek@a.example", "editor", gmina=gmina)
    assert ask(bartek, gmina, edition).status_code == 404
    assert ask(bartek, gmina, publish(edition)).status_code == 200


numbers = st.integers(0, 50)
points = st.tuples(numbers, numbers)
lines = st.lists(points, min_size=2, max_size=8, unique=True).map(shapely.LineString)
boxes = st.tuples(points, st.integers(1, 9)).map(
    lambda given: shapely.box(*given[0], given[0][0] + given[1], given[0][1] + given[1])
)
shapes = st.one_of(
    lines,
    boxes,
    st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString),
    points.map(shapely.Point),
)


@given(shapes, shapes)
def test_the_distance_is_that_of_geos(one, other):
    """GEOS compares every vertex with every side; areas by their borders."""
    border = [shape.boundary if shape.geom_type == "Polygon" else shape for shape in (one, other)]
    ours = hausdorff_m(*(GEOSGeometry(shape.wkt) for shape in (one, other)))
    assert ours == pytest.approx(shapely.hausdorff_distance(*border), abs=1e-9)
