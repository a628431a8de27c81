"""Whose a point is: own outlines before the national layer, and the choice near an edge."""

import pytest
from django.contrib.gis.geos import GEOSGeometry

from accounts.models import Gmina, GminaCode
from gis_layers.models import Layer, LayerKind
from gis_layers.outlines import gmina_outline, gminas_at
from tests.builders import at, make_feature, make_gmina, make_layer, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def national() -> Layer:
    return make_layer(
        None, "gminy", kind=LayerKind.TERYT_UNIT, geometry_type="polygon", accuracy_m=800
    )


def tenant(slug: str, terc6: str, **fields) -> Gmina:
    """A gmina without an outline of its own."""
    return Gmina.objects.create(
        slug=slug, name=slug, office=slug, kind="rural", terc6=terc6, rodz="2", **fields
    )


def found(point: GEOSGeometry, accuracy_m: float = 0) -> list[tuple[str, bool]]:
    return [(c.gmina.slug, c.certain) for c in gminas_at(point, accuracy_m)]


def test_inside_its_own_outline_a_gmina_is_certain():
    make_gmina("a")
    assert found(at(5_000, 5_000)) == [("a", True)]


def test_its_own_outline_is_certain_up_to_the_edge():
    make_gmina("a")
    assert found(at(1, 5_000)) == [("a", True)]


def test_outside_all_there_is_no_gmina():
    make_gmina("a")
    assert found(at(-6, 5_000)) == []


def test_just_outside_an_own_outline_the_gmina_is_offered_only():
    make_gmina("a")
    assert found(at(-4, 5_000)) == [("a", False)]


def test_of_two_neighbours_the_one_that_holds_the_point_is_certain():
    make_gmina("a")
    make_gmina("b", outline=square(10_000, 0, 10_000))
    assert found(at(10_003, 5_000)) == [("b", True)]


def test_an_inaccurate_point_near_two_own_outlines_offers_both_holder_first():
    make_gmina("a")
    make_gmina("b", outline=square(10_000, 0, 10_000))
    assert found(at(10_003, 5_000), accuracy_m=20) == [("b", False), ("a", False)]


def test_deep_inside_its_national_polygon_a_gmina_is_certain(national):
    tenant("a", "100101")
    make_feature(national, geom=square(0, 0, 10_000), code="1001012")
    assert found(at(5_000, 5_000)) == [("a", True)]


def test_nearer_to_the_national_edge_than_its_accuracy_both_are_offered(national):
    tenant("a", "100101")
    tenant("b", "100102")
    make_feature(national, geom=square(0, 0, 10_000), code="1001012")
    make_feature(national, geom=square(10_000, 0, 10_000), code="1001022")
    assert found(at(9_300, 5_000)) == [("a", False), ("b", False)]
    assert found(at(10_700, 5_000)) == [("b", False), ("a", False)]


def test_an_own_outline_beats_a_national_polygon_that_claims_the_point(national):
    make_gmina("a")
    tenant("b", "100102")
    make_feature(national, geom=square(9_000, 0, 10_000), code="1001022")
    assert found(at(9_500, 5_000)) == [("a", True)]


def test_the_national_polygon_of_a_gmina_with_its_own_outline_counts_for_nothing(national):
    gmina = make_gmina("a")
    make_feature(national, geom=square(0, 0, 12_000), code=gmina.terc)
    assert found(at(11_000, 5_000)) == []


def test_a_national_polygon_with_another_seventh_digit_is_the_gminas(national):
    tenant("a", "100101")
    make_feature(national, geom=square(0, 0, 10_000), code="1001013")
    assert found(at(5_000, 5_000)) == [("a", True)]


def test_a_national_polygon_with_a_former_code_is_the_gminas(national):
    gmina = tenant("a", "100101")
    GminaCode.objects.create(gmina=gmina, terc="0999992", until="2024-12-31")
    make_feature(national, geom=square(0, 0, 10_000), code="0999992")
    assert found(at(5_000, 5_000)) == [("a", True)]
    assert gmina_outline(gmina).accuracy_m == 800


def test_the_own_outline_comes_before_the_national_one(national):
    gmina = make_gmina("a")
    make_feature(national, geom=square(0, 0, 12_000), code=gmina.terc)
    outline = gmina_outline(gmina)
    assert (outline.geom.area, outline.accuracy_m) == (10_000**2, 5)
    assert outline.geom.srid == 2180


def test_without_any_polygon_there_is_no_outline():
    assert gmina_outline(tenant("a", "100101")) is None


def test_an_outline_taken_back_no_longer_counts():
    gmina = make_gmina("a")
    gmina.layers.get(slug="granica").features.update(until=2)
    assert gmina_outline(gmina) is None
    assert found(at(5_000, 5_000)) == []
