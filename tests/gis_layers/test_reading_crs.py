"""Ways to EPSG:2180: any system PROJ knows, and no way from one it doesn't."""

import numpy as np
import pyproj
import pytest

from gis_layers.imports.reading.crs import Projection, fitting, projection
from gis_layers.imports.reading.refusals import Refused

PLACE = np.array([[500_000.0, 270_000.0]])  # in EPSG:2180
POLAND = (160_000, 120_000, 870_000, 785_000)


def turned_round(crs: pyproj.CRS) -> np.ndarray:
    """PLACE as pairs of another system, easting or longitude first."""
    way = pyproj.Transformer.from_crs(2180, crs, always_xy=True)
    return np.column_stack(way.transform(PLACE[:, 0], PLACE[:, 1]))


@pytest.mark.parametrize("srid", [2176, 2177, 2178, 2179, 3857, 4326, 4258, 25834, 32634, 3120])
def test_any_system_leads_to_the_same_place(srid):
    pairs = turned_round(pyproj.CRS.from_epsg(srid))
    found = projection(None, srid, swap_axes=False).project(pairs)
    assert found == pytest.approx(PLACE, abs=0.001)  # m


def test_pairs_are_read_the_other_way_round_when_asked():
    way = projection("EPSG:2180", None, swap_axes=True)
    assert way.project(PLACE[:, ::-1]).tolist() == PLACE.tolist()
    assert way.turned().project(PLACE).tolist() == PLACE.tolist()


@pytest.mark.parametrize(
    ("named", "srid"),
    [("EPSG:2180", 2180), ("OGC:CRS84", 4326), (pyproj.CRS.from_epsg(2178).to_wkt(), 2178)],
)
def test_the_number_is_known_however_a_file_names_it(named, srid):
    assert projection(named, None, swap_axes=False).srid == srid


def test_esris_name_of_the_polish_system_is_known():
    esri = pyproj.CRS.from_epsg(2180).to_wkt("WKT1_ESRI")
    found = projection(esri, None, swap_axes=False)
    assert found.project(PLACE) == pytest.approx(PLACE, abs=0.001)  # m


def test_heights_of_a_system_do_not_matter():
    found = projection("EPSG:2180+9651", None, swap_axes=False)
    assert found.project(PLACE) == pytest.approx(PLACE, abs=0.001)  # m


@pytest.mark.parametrize(
    ("named", "srid", "code"),
    [
        (None, None, "crs_missing"),
        ("", None, "crs_missing"),
        ("EPSG:5773", None, "crs_missing"),  # heights only
        ('ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
         'LENGTHUNIT["metre",1]]', None, "crs_missing"),
        ("EPSG:999999", None, "crs_unknown"),
        ("nonsense", None, "crs_unknown"),
        (None, 999_999, "crs_unknown"),
        (None, -1, "crs_unknown"),
    ],
)  # fmt: skip
def test_a_system_without_a_place_on_earth_is_refused(named, srid, code):
    with pytest.raises(Refused, match=code):
        projection(named, srid, swap_axes=False)


def test_places_off_the_earth_are_not_finite():
    found = projection(None, 4326, swap_axes=False).project(np.array([[1e9, 1e9], [np.nan, 0]]))
    assert not np.isfinite(found).any(axis=1).any()


def test_systems_that_put_a_file_into_the_country_are_named():
    lonlat = turned_round(pyproj.CRS.from_epsg(4326))
    assert fitting(lonlat, POLAND) == [(4326, False)]
    assert fitting(lonlat[:, ::-1], POLAND) == [(4326, True)]


def test_where_both_ways_lie_in_the_country_both_are_named():
    assert {(2180, False), (2180, True)} <= set(fitting(PLACE, POLAND))


def test_a_projection_is_made_once():
    way = Projection(pyproj.CRS.from_epsg(4326))
    assert way.transformer is way.transformer
