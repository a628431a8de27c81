"""Values of a column: what comes out, a database and JSON can hold."""

import datetime
import json
import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.imports.reading.values import Flaws, cleaned

MAX = 100  # bytes of a text


def clean(array: pa.Array) -> tuple[list[object], Flaws]:
    column, flaws = cleaned("pole", array, MAX)
    return column.to_pylist(), flaws


def as_text(values: list[bytes | None]) -> pa.Array:
    """A column as GDAL hands it over: said to be UTF-8, not looked at."""
    raw = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), raw.buffers())


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (pa.array([1, None], pa.int32()), [1, None]),
        (pa.array([2**40]), [2**40]),
        (pa.array([True, None]), [True, None]),
        (pa.array([1.5, math.nan, None]), [1.5, None, None]),
        (pa.array(["Żółć", None]), ["Żółć", None]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array([["Polska", None, "lubuskie"], None, []]), ["Polska, lubuskie", None, ""]),
        (pa.array([datetime.date(2026, 1, 1)]), ["2026-01-01"]),
        (pa.array([b"\0\1"]), [None]),
    ],
)
def test_every_type_becomes_a_plain_value(array, values):
    assert clean(array) == (values, {})


def test_an_endless_number_is_left_empty_and_told():
    values, flaws = clean(pa.array([math.inf, 1.0, -math.inf]))
    assert values == [None, 1.0, None]
    assert flaws == {n: [{"code": "value_unusable", "field": "pole"}] for n in (0, 2)}


def test_bytes_that_are_no_text_are_replaced_and_told():
    values, flaws = clean(as_text([b"ok", b"\xff\xfe", None]))
    assert values == ["ok", "��", None]
    assert flaws == {1: [{"code": "text_damaged", "field": "pole"}]}


def test_a_nul_which_postgresql_cannot_hold_is_dropped_and_told():
    assert clean(pa.array(["a\0b"])) == (["ab"], {0: [{"code": "text_damaged", "field": "pole"}]})


def test_a_text_above_the_limit_is_not_taken():
    values, flaws = clean(pa.array(["x" * MAX, "ż" * MAX]))
    assert values == ["x" * MAX, None]
    assert flaws == {1: [{"code": "text_too_long", "field": "pole"}]}


@pytest.mark.parametrize("text", ["'; DROP TABLE x; --", "<script>alert(1)</script>", "%s {x}"])
def test_sql_and_html_are_texts_like_any_other(text):
    assert clean(pa.array([text])) == ([text], {})


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=MAX + 20)), max_size=5))
def test_whatever_the_bytes_a_text_is_kept_whole_or_told(raw):
    values, flaws = clean(as_text(raw))
    json.dumps(values)
    for row, (was, now) in enumerate(zip(raw, values, strict=True)):
        assert now is None or "\0" not in now
        assert (now.encode() if now is not None else None) == was or row in flaws
