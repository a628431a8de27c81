"""Damaged files by the dozen: whatever they hold, the reader refuses or reads, and never harms.

The damage is drawn by Hypothesis from a fixed seed; each file is read by the real process.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_layers.imports.file_errors import LayerFileError
from gis_layers.imports.read import open_source
from tests.builders import line
from tests.gis_layers.layer_files import converted, feature, shapefile, write
from tests.gis_layers.raw_features import RawFeature, features

FORMATS = ("geojson", "gpkg", "fgb", "gml", "zip")
# What a file may be refused with once it is damaged; anything else is a fault of ours.
REFUSALS = {
    "not_a_layer",
    "no_geometry",
    "file_empty",
    "file_damaged",
    "file_too_large",
    "feature_too_large",
    "too_many_columns",
    "archive_unsafe",
    "archive_encrypted",
    "shapefile_incomplete",
    "xml_doctype",
    "encoding_unknown",
    "encoding_wrong",
    "several_layers",
    "crs_missing",
    "crs_unknown",
    "crs_linked",
    "reader_failed",
}


@pytest.fixture(scope="module")
def wholes(tmp_path_factory) -> dict[str, bytes]:
    """The same 20 streets in each format."""
    rows = [feature(line((0, 10 * n), (100, 10 * n)), nazwa=f"Źródlana {n}") for n in range(20)]
    plain = write(tmp_path_factory.mktemp("whole") / "s.geojson", *rows)
    made = [
        plain,
        converted(plain, "GPKG", ".gpkg"),
        converted(plain, "FlatGeobuf", ".fgb"),
        converted(plain, "GML", ".gml"),
        shapefile(plain, "-lco", "ENCODING=UTF-8"),
    ]
    return {path.suffix[1:]: path.read_bytes() for path in made}


# One wound: where (as a share of the file), how many bytes it covers, and what stands there then.
WOUNDS = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 40),
    st.one_of(
        st.binary(max_size=8), st.sampled_from([b"", bytes(64), b"\xff" * 8, b"1e999", b"<"])
    ),
)


def wounded(whole: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    content = bytearray(whole)
    for share, length, new in wounds:
        place = int(share * len(content))
        content[place : place + length] = new
    return bytes(content)


@pytest.mark.parametrize("form", FORMATS)
@settings(
    derandomize=True,
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wounds=st.lists(WOUNDS, min_size=1, max_size=4))
def test_a_damaged_file_is_refused_or_read_and_never_crashes_us(wholes, tmp_path, form, wounds):
    path = tmp_path / f"s.{form}"
    path.write_bytes(wounded(wholes[form], wounds))
    try:
        raws = read_all(path)
    except LayerFileError as refused:
        raws = []
        assert_known(refused)
    for raw in raws:
        assert_sane(raw)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def read_all(path: Path) -> list[RawFeature]:
    with open_source(path) as source:
        return list(features(source))


def assert_known(refused: LayerFileError) -> None:
    assert refused.code in REFUSALS
    assert refused.text


def assert_sane(raw: RawFeature) -> None:
    """A feature that was read can be stored: plain values, a finite shape or a reason."""
    json.dumps(raw.values, allow_nan=False)
    assert not any("\0" in value for value in raw.values.values() if isinstance(value, str))
    if raw.wkb:
        shape = shapely.from_wkb(raw.wkb)
        assert np.isfinite(shapely.get_coordinates(shape)).all()
    elif raw.place:
        assert raw.lost
